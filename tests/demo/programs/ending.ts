import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeControlRepo } from "../../../src/demo/control-repo/make.ts";
import { interrupted, lookAround } from "../../../src/demo/ending.ts";
import { openGateStage } from "../../../src/demo/gate-stage.ts";

/** The demo's end without the stories before it: `node ending.ts FOLDER`. */
const [, , folder = ""] = process.argv;
const signal = interrupted();
await mkdir(join(folder, "control-repo"));
const repo = await makeControlRepo(join(folder, "control-repo"));
const stage = await openGateStage(folder, join(folder, "data"), repo);
try {
  await stage.quiet();
  await lookAround({ stage, kept: folder, say: (text) => void process.stdout.write(`${text}\n`), paint: (_, text) => text, signal });
} finally {
  await stage.close();
}
