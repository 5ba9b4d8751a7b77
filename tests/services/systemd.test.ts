import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { variables } from "../../src/config.ts";

/** systemd's own program on the unit that is shipped, with this clone where the unit says that one is. */
const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
let folder: string;
let unit: string;
let text: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-systemd-"));
  unit = join(folder, "puppet-gate.service");
  text = await readFile(join(root, "docs", "systemd", "puppet-gate.service"), "utf8");
  await writeFile(unit, text.replaceAll("/opt/puppet-gate", root));
});
afterAll(async () => rm(folder, { recursive: true }));

it("the unit is one, and every word of it is known", async () => {
  const { stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", unit]);
  expect(stdout + stderr).not.toMatch(/puppet-gate\.service/u);
});

it("the unit gives the service no more than it did when each line of it was weighed", async () => {
  const { stdout } = await run("systemd-analyze", ["security", "--offline=yes", "--no-pager", unit]);
  const exposure = Number(/Overall exposure level for puppet-gate\.service: (\d+\.\d)/u.exec(stdout)?.[1]);
  // What is counted differs by systemd's version; 9.2 is a service that nothing is taken from.
  expect(exposure).toBeLessThanOrEqual(3.5);
});

it("the unit names variables that there are", () => {
  const named = [...text.matchAll(/\b(?:PUPPET_GATE_[A-Z_]+|PRIVATE_KEY_PATH)\b/gu)].map(([name]) => name);
  expect(named).toContain("PUPPET_GATE_DATA");
  expect(named.filter((name) => !(name in variables))).toEqual([]);
});
