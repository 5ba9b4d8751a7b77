import { readFileSync } from "node:fs";
import { lastWords, verifyBundle } from "./verify.ts";

/** `node verify.mjs BUNDLE`: what a bundle has behind its verifier, so that Node alone runs it. The imports are left out there. */
const [folder = ".", ...options] = process.argv.slice(2);
const given = (name: string): string[] => options.flatMap((one, at) => (one === name ? [options[at + 1] ?? ""] : []));
const anchors = { keys: given("--key"), checkpoints: given("--checkpoint").map((path) => readFileSync(path, "utf8")) };
const verdict = verifyBundle(folder, anchors);
process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n${lastWords(verdict, anchors)}\n`);
process.exitCode = verdict.problems.length > 0 ? 1 : 0;
