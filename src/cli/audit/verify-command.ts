import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { plain } from "../plain.ts";
import { Problem } from "../../problem.ts";
import { wrongWith } from "./prove.ts";
import { type Anchors, lastWords, verifyBundle, type Verdict } from "./verify.ts";

interface Output {
  write(text: string): unknown;
}

/** `puppet-gate audit verify`: 0 where nothing is wrong with the bundle. Throws a Problem where it or a checkpoint can't be read. */
export function verifyCommand(
  folder: string,
  { keys, checkpoints, json }: { keys: readonly string[]; checkpoints: readonly string[]; json: boolean },
  output: Output,
): 0 | 1 {
  if (isFile(folder)) return verifyProof(readFileSync(folder, "utf8"), keys, json, output);
  if (!isFolder(folder) || !isFile(join(folder, "manifest.json"))) throw noBundle(folder);
  const anchors: Anchors = { keys, checkpoints: checkpoints.map(readCheckpoint) };
  const verdict = verifyBundle(folder, anchors);
  output.write(json ? `${JSON.stringify({ schema: "puppet-gate/audit-verdict@1", ...verdict }, null, 2)}\n` : rendered(verdict, anchors));
  return verdict.problems.length === 0 ? 0 : 1;
}

function verifyProof(text: string, keys: readonly string[], json: boolean, output: Output): 0 | 1 {
  const { why, entry } = wrongWith(text, keys);
  const words = why === null ? `VERIFIED  this entry is in the log:\n${plain(entry, 70_000)}` : `NOT VERIFIED  ${plain(why, 400)}`;
  output.write(json ? `${JSON.stringify({ schema: "puppet-gate/audit-proof@1", problem: why, entry }, null, 2)}\n` : `${words}\n`);
  return why === null ? 0 : 1;
}

function rendered(verdict: Verdict, anchors: Anchors): string {
  const { problems, notes, origin, size, root, first, count, from, to, key, blobs, forgotten } = verdict;
  const period = from === null && to === null ? "the whole log" : `${from ?? "its beginning"} to ${to ?? "its end"}`;
  // Without a checkpoint that can be read there is nothing to sum up.
  const summary = [
    `log         ${origin}`,
    `checkpoint  ${size} entries, root ${root}`,
    `key         ${key ?? "none that can be trusted"}`,
    `period      ${period}`,
    `entries     ${count}, the first at ${first}`,
    `evidence    ${blobs} texts${forgotten === 0 ? "" : `; ${forgotten} were forgotten, and entries say so`}`,
  ];
  const rows = [
    ...(root === "" || origin === "" ? [] : summary),
    ...notes.map((note) => `note        ${note}`),
    ...problems.map((problem) => `WRONG       ${problem}`),
  ];
  return `${rows.map((row) => plain(row, 400)).join("\n")}\n\n${lastWords(verdict, anchors)}\n`;
}

function readCheckpoint(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new Problem({ code: "checkpoint", text: `${path} can't be read.`, hint: "Give the file of a published checkpoint." }, { cause });
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const noBundle = (folder: string): Problem =>
  new Problem({
    code: "no-bundle",
    text: `${folder} is neither a folder with an audit bundle nor a proof.`,
    hint: "Give the folder that `puppet-gate audit export` made, unpacked, or what `audit prove` wrote.",
  });
