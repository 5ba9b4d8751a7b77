import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withData, withRecords } from "../../src/wiring/ledger-database.ts";

it("a folder in which no server kept anything is no log without entries, and stays as it is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-no-log-"));
  try {
    const asked = withRecords({ env: withData({}, join(folder, "mistyped")), cwd: () => folder }, (records) => records.logSize());
    await expect(asked).rejects.toMatchObject({ code: "no-database", hint: expect.stringContaining("--data DIR") as unknown });
    expect(existsSync(join(folder, "mistyped"))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});
