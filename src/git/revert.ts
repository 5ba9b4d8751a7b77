import type { Signature } from "../engine/ports/mirror.ts";
import { type Environment } from "./environment.ts";
import { git, requireObjectId } from "./git.ts";
import { treeOf } from "./history.ts";
import { plain } from "./land.ts";
import { mergeCommits } from "./merge.ts";
import type { Scratch } from "./scratch.ts";
import type { Source } from "./source.ts";

/** A commit to take back what another one did, all of it given, so that the same request gives the same id each time. */
export interface RevertCommit {
  /** On top of which it is made. */
  base: string;
  /** What it takes back: of a merge, all that it brought to its first parent. */
  bad: string;
  message: string;
  signature: Signature;
  /** ISO 8601, to the second. */
  date: string;
}

export type Reverted = { kind: "made"; commit: string } | { kind: "conflict"; paths: string[] } | { kind: "nothing" };

/**
 * Takes back what a commit did, on top of another one, as `git revert -m 1` would: a merge of three, with the bad commit as what both come from, its
 * parent's tree on one side and the base on the other. Of git 2.38's `merge-tree`, which has no `--merge-base` yet, the same is had by a commit that is
 * made for it: the parent's tree with the bad commit as its parent. `nothing`: base has none of it any more.
 */
export async function makeRevert(source: Source, scratch: Scratch, revert: RevertCommit): Promise<Reverted> {
  const [base, bad] = [requireObjectId(revert.base), requireObjectId(revert.bad)];
  const before = requireObjectId((await git(scratch, ["rev-parse", "--verify", "--end-of-options", `${bad}^1`])).stdout.toString().trim());
  const env = signed(scratch.env, revert);
  const back = await commit({ ...scratch, env }, { tree: await treeOf(scratch, before), parent: bad, message: "as it was before" });
  const named = (oid: string): { ref: string; sha: string; oid: string } => ({ ref: oid, sha: oid, oid });
  const result = await mergeCommits(source, scratch, named(base), named(back));
  if (!result.ok) return { kind: "conflict", paths: result.conflicts };
  if (result.tree === (await treeOf(scratch, base))) return { kind: "nothing" };
  return { kind: "made", commit: await commit({ ...scratch, env }, { tree: result.tree, parent: base, message: revert.message }) };
}

async function commit(place: Scratch, { tree, parent, message }: { tree: string; parent: string; message: string }): Promise<string> {
  const input = `${message.replaceAll("\0", "").trimEnd()}\n`;
  const { stdout } = await git(place, ["commit-tree", "-p", parent, "-F", "-", tree], { input });
  return requireObjectId(stdout.toString().trim());
}

function signed(env: Environment, { signature, date }: Pick<RevertCommit, "signature" | "date">): Environment {
  const at = `@${Math.floor(Date.parse(date) / 1000)} +0000`;
  const [name, email] = [plain(signature.name), plain(signature.email)];
  const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: at };
  return { ...env, ...author, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: at };
}
