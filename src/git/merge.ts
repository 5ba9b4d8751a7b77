import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Commit, MergeResult } from "../engine/ports/repository.ts";
import { failure, git, requireObjectId, splitNul } from "./git.ts";
import { problem, shallowMerge, unrelated } from "./problems.ts";
import type { Scratch } from "./scratch.ts";
import type { Source } from "./source.ts";
import { shownPath } from "./tree.ts";

/**
 * The merge of head into base, as git's own strategy computes it, on objects alone. Renamed folders are left as conflicts where git is not
 * sure (its default). Throws a Problem for histories without a common commit, or cut off before it.
 */
export async function mergeCommits(source: Source, scratch: Scratch, base: Commit, head: Commit): Promise<MergeResult> {
  const sides = [requireObjectId(base.oid), requireObjectId(head.oid)];
  if (source.shallow && (await isCutOff(scratch, sides))) throw problem(shallowMerge(base.ref, head.ref));
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--messages", "--end-of-options", ...sides];
  const result = await git(scratch, args, { answers: [0, 1, 128] });
  const { exitCode, stdout } = result;
  if (exitCode === 0) return { ok: true, tree: requireObjectId(splitNul(stdout)[0]?.toString() ?? "") };
  if (exitCode === 1) return { ok: false, conflicts: conflictsOf(splitNul(stdout)) };
  if (result.stderr.includes("unrelated histories")) throw problem(unrelated(base.ref, head.ref));
  throw failure(scratch, args, result);
}

/**
 * The tree, the paths left in conflict up to an empty record, then messages: a count, so many paths, a kind, a sentence. Some conflicts (of
 * renamed folders) leave no path behind and stand only there.
 */
function conflictsOf([, ...records]: Buffer[]): string[] {
  const end = records.findIndex(({ length }) => length === 0);
  const paths = end === -1 ? records : records.slice(0, end);
  const messages = end === -1 ? [] : records.slice(end + 1);
  for (let at = 0; at < messages.length;) {
    const count = Number(messages[at]?.toString());
    const kind = messages[at + 1 + count]?.toString() ?? "";
    if (kind.startsWith("CONFLICT")) paths.push(...messages.slice(at + 1, at + 1 + count));
    at += count + 3;
  }
  return [...new Set(paths.map(shownPath))].sort();
}

/**
 * Whether a shallow history might hide where the two parted. It does not when nothing between the merge bases and the two tips is a
 * commit whose parents were left out: then a better merge base can't be behind it.
 */
async function isCutOff(scratch: Scratch, sides: string[]): Promise<boolean> {
  const bases = await git(scratch, ["merge-base", "--all", "--end-of-options", ...sides], { answers: [0, 1] });
  if (bases.exitCode === 1) return true;
  const known = bases.stdout.toString().trim().split("\n");
  const between = await git(scratch, ["rev-list", "--end-of-options", ...sides, ...known.map((oid) => `^${oid}`)]);
  const ends = new Set((await readFile(join(scratch.gitDir, "shallow"), "utf8")).trim().split("\n"));
  return between.stdout
    .toString()
    .trim()
    .split("\n")
    .some((oid) => ends.has(oid));
}
