import type { ChangedFile } from "../engine/ports/repository.ts";
import { startStream } from "../process/stream.ts";
import { type Place, failure, requireObjectId } from "./git.ts";
import { LineSet } from "./lines.ts";
import { PatchReader, type RawChange } from "./patch.ts";
import { shownPath } from "./tree.ts";

const SECONDS = 120;

/**
 * What differs between two trees, in git's order, with the lines that are new. Renames are found as git finds them by default (half of the
 * content alike). All files are compared as text, whatever a .gitattributes in them or a NUL byte says: a manifest can't hide its changed lines.
 */
export async function changesBetween(place: Place, fromTree: string, toTree: string): Promise<ChangedFile[]> {
  const options = ["-r", "-M", "-l1000", "--no-rename-empty", "-z", "--raw", "-p", "-U0", "--text", "--full-index"];
  const safety = ["--no-color", "--no-ext-diff", "--no-textconv", "--diff-algorithm=default", "--end-of-options"];
  const args = ["diff-tree", ...options, ...safety, requireObjectId(fromTree), requireObjectId(toTree)];
  const stream = startStream({ file: "git", args, env: place.env, cwd: place.cwd }, { seconds: SECONDS });
  stream.stdin.end();
  const reader = new PatchReader();
  try {
    for await (const chunk of stream.stdout as AsyncIterable<Buffer>) reader.push(chunk);
    const end = await stream.ended;
    if (!end.ok) throw failure(place, args, end, SECONDS);
  } finally {
    await stream.end();
  }
  reader.end();
  return toChangedFiles(reader);
}

function toChangedFiles({ changes, sections }: PatchReader): ChangedFile[] {
  let at = 0;
  const files = changes.map((change) => {
    // A file that became a link is shown as a removal and an addition.
    at += change.letter === "T" ? 2 : 1;
    return toChangedFile(change, sections[at - 1] ?? new LineSet());
  });
  if (at !== sections.length) throw new Error(`git listed ${changes.length} changes and showed ${sections.length} patches`);
  return files;
}

function toChangedFile({ oldMode, newMode, letter, paths }: RawChange, lines: LineSet): ChangedFile {
  const [first = Buffer.alloc(0), second] = paths;
  const mode = letter === "D" ? oldMode : newMode;
  const isRegular = letter !== "D" && mode.startsWith("100");
  return {
    path: shownPath(second ?? first),
    oldPath: second ? shownPath(first) : null,
    status: STATUS[letter] ?? "modified",
    mode,
    added: isRegular ? lines : new LineSet(),
  };
}

const STATUS: Record<string, ChangedFile["status"]> = { A: "added", D: "removed", R: "renamed" };
