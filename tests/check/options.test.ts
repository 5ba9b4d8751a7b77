import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failureSchema } from "../../src/gate/report.ts";

const cli = join(import.meta.dirname, "..", "..", "src", "cli.ts");

describe("the options of check", () => {
  it("case 68: --json says JSON and nothing else, wherever it stands among the options", () => {
    const words = [
      ["--json", "--repo", "/nowhere/at/all", "--output", "/nowhere/out"],
      ["--output", "/nowhere/out", "--repo", "/nowhere/at/all", "--json"],
    ].map((options) => spawnSync(process.execPath, [cli, "check", ...options], { encoding: "utf8" }));
    expect(words.map(({ status }) => status)).toEqual([1, 1]);
    const [first, second] = words.map(({ stdout }) => failureSchema.parse(JSON.parse(stdout)));
    expect(first).toEqual(second);
    expect(first).toMatchObject({ schema: "puppet-gate/report@1", error: { text: expect.stringContaining("/nowhere/at/all") as string } });
  });
});
