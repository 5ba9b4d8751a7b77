import { readFileSync } from "node:fs";
import { patchSources } from "../../../simulation/patching.ts";
import type { Patch } from "../../../simulation/plants.ts";

/** Loaded before the product by `node --import`: what the JSON file says is exchanged in its text. */
patchSources(JSON.parse(readFileSync(process.env["PUPPET_GATE_TEST_PATCHES"] ?? "", "utf8")) as Patch[]);
