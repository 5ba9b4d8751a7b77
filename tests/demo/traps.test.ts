import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SetTraps, setTraps } from "../../src/demo/traps.ts";

let folder: string;
let traps: SetTraps;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-traps-"));
  traps = await setTraps(join(folder, "traps"));
});
afterAll(async () => rm(folder, { recursive: true }));

describe("the traps of the hostile story", () => {
  it("have not sprung where nothing happened", async () => {
    expect(await traps.sprung(["a report", "and what was printed"])).toEqual([]);
  });

  it("spring on the host's file in an output", async () => {
    const [, secret] = /stolen: (\S+)/u.exec(await readFile(traps.secretFile, "utf8")) ?? [];
    expect(await traps.sprung(["a report", `with ${secret} in it`])).toEqual(["the host's file is in the output"]);
  });

  it("spring on the environment's token in an output", async () => {
    expect(await traps.sprung([`${process.env["PUPPET_GATE_DEMO_TOKEN"]}`])).toEqual(["the environment's token is in the output"]);
  });

  it("spring on a canary", async () => {
    await writeFile(traps.canary, "a function of lib/");
    const [wrong, ...more] = await traps.sprung([]);
    expect(wrong).toContain('it wrote "a function of lib/"');
    expect(more).toEqual([]);
  });
});
