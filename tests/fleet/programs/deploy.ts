import { createCompilers } from "../../../src/fleet/compilers.ts";
import type { Compiler } from "../../../src/fleet/site-schema.ts";

/** Has one compiler (JSON) deploy the environment `prod`; the second argument is the folder of locks. */
const [, , compiler = "", folder = ""] = process.argv;
await createCompilers({ compilers: [JSON.parse(compiler) as Compiler] }, folder).deploy("prod", new AbortController().signal);
