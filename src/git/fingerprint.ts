import type { Fingerprint } from "../rollout/copies.ts";
import { type Place, git, requireObjectId } from "./git.ts";
import { commitsBetween, hasCommit, treeOf } from "./history.ts";
import { patchId } from "./patch-id.ts";

/** A pull request of more commits is compared as a whole alone. */
const mostParts = 50;
/** What a commit does never changes, in whatever repository it is: remembered from look to look. */
const known = new Map<string, Fingerprint>();
const mostKnown = 5_000;

/** What a commit of a branch's own line does to the commit before it there, and each of those that it brought. Null for one that is not here. */
export async function fingerprintOf(place: Place, commit: string): Promise<Fingerprint | null> {
  const before = known.get(commit);
  if (before !== undefined) return before;
  if (!(await hasCommit(place, commit))) return null;
  const made = await make(place, requireObjectId(commit));
  known.set(commit, made);
  for (const oldest of known.keys()) if (known.size > mostKnown) known.delete(oldest);
  return made;
}

async function make(place: Place, commit: string): Promise<Fingerprint> {
  const { stdout } = await git(place, ["rev-list", "--parents", "-1", "--end-of-options", commit]);
  const [, parent] = stdout.toString().trim().split(" ");
  const tree = await treeOf(place, commit);
  // The first commit of all has nothing before it, and nobody picks it.
  if (parent === undefined) return { tree, whole: null, parts: [] };
  const brought = await commitsBetween(place, { head: commit, without: [parent], firstParent: false });
  // A merge of the base branch into the pull request's brings nothing of its own.
  const single = brought.filter(({ sha, parents }) => sha !== commit && parents.length === 1);
  const parts: string[] = [];
  if (single.length <= mostParts)
    for (const { sha, parents } of single) {
      const part = await patchId(place, parents[0] ?? "", sha);
      if (part !== null) parts.push(part);
    }
  return { tree, whole: await patchId(place, parent, commit), parts };
}
