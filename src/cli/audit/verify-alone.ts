import { readFileSync } from "node:fs";
import { lastWords, verifyBundle } from "./verify.ts";

/**
 * `node verify.mjs BUNDLE`: what a bundle has behind its verifier, so that Node alone runs it. The imports are left out there. An option that is
 * mistyped is refused: without its key a bundle would only be verified against itself, and end as if all were well.
 */
try {
  const folders: string[] = [];
  const given = { "--key": [] as string[], "--checkpoint": [] as string[] };
  const words = process.argv.slice(2);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--key" || word === "--checkpoint") given[word].push(words.shift() ?? refuse(`${word} lacks its value`));
    else folders.push(word.startsWith("-") ? refuse(`there is no option ${JSON.stringify(word)}`) : word);
  }
  if (folders.length > 1) refuse(`there are ${folders.length} folders, and one bundle is verified at a time`);
  const anchors = { keys: given["--key"], checkpoints: given["--checkpoint"].map((path) => readFileSync(path, "utf8")) };
  const verdict = verifyBundle(folders[0] ?? ".", anchors);
  process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n${lastWords(verdict, anchors)}\n`);
  process.exitCode = verdict.problems.length > 0 ? 1 : 0;
} catch (error) {
  const why = (error instanceof Error ? error.message : String(error)).replaceAll(/\p{C}/gu, "?");
  process.stderr.write(
    `NOT VERIFIED  ${why}\n  node verify.mjs FOLDER --key KEY --checkpoint FILE, with the key and the checkpoint as you know them from elsewhere\n`,
  );
  process.exitCode = 1;
}

function refuse(why: string): never {
  throw new Error(why);
}
