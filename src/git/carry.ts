import type { Carry } from "../gate/facts.ts";
import { type Place, git, requireObjectId, splitNul } from "./git.ts";
import { commitsBetween, hasCommit, isAncestor, mergeBases, messagesOf, treeOf, type Step } from "./history.ts";
import { patchId } from "./patch-id.ts";

/** The base branch's tip and a head, as full object ids. */
export interface Pair {
  base: string;
  head: string;
}

/**
 * Whether anything that was reviewed at `from` is otherwise at `to`, recomputed from the commits themselves. The kinds are Gerrit's change
 * kinds (https://gerrit-review.googlesource.com/Documentation/config-labels.html), a merge of base besides. A squash of the same tree on
 * the same merge base changes messages only. Writes merge results into the place's own objects.
 */
export async function compareHeads(place: Place, from: Pair, to: Pair): Promise<Carry> {
  for (const oid of [from.head, from.base]) if (!(await hasCommit(place, oid))) return changed("the reviewed commit is no longer there");
  const [bases, newBases] = [await mergeBases(place, from.base, from.head), await mergeBases(place, to.base, to.head)];
  const [base, newBase] = [bases[0], newBases[0]];
  if (base === undefined || newBase === undefined) return changed("it has no commit in common with the base branch");
  if (bases.length > 1 || newBases.length > 1)
    return changed("it has more than one merge base, and what is new in it depends on which is taken");
  const [tree, newTree] = [await treeOf(place, from.head), await treeOf(place, to.head)];
  if (base === newBase && tree === newTree) return sameContent(place, base, from.head, to.head);
  if (from.head === to.head) return changed("the merge base moved, and with it what the change adds");
  if (await isAncestor(place, from.head, to.head)) {
    // What base lost since it was reviewed would come back with the change.
    if (!(await isAncestor(place, base, to.base))) return changed("the base branch went back behind where the change began");
    const merged = await mergesOfBase(place, from.head, to);
    return merged === null ? { kind: "CLEAN_BASE_MERGE" } : changed(merged);
  }
  return rebased(place, { base, head: from.head }, { base: newBase, head: to.head, tree: newTree });
}

const changed = (why: string): Carry => ({ kind: "changed", why });
const short = (oid: string): string => oid.slice(0, 10);

async function sameContent(place: Place, base: string, head: string, newHead: string): Promise<Carry> {
  const same = (await messagesOf(place, base, head)).equals(await messagesOf(place, base, newHead));
  return { kind: same ? "NO_CHANGE" : "MESSAGE_ONLY" };
}

/** Nothing but the place moved: one patch, context included, and git itself comes to the same tree without anybody's help. */
async function rebased(place: Place, from: Pair, to: Pair & { tree: string }): Promise<Carry> {
  if ((await patchId(place, from.base, from.head)) !== (await patchId(place, to.base, to.head)))
    return changed("the patch is not the one that was reviewed");
  const tree = await mergeTree(place, to.base, from.head);
  if (tree === null) return changed(`the reviewed commit does not merge cleanly onto ${short(to.base)}: somebody resolved conflicts`);
  if (tree !== to.tree) return changed("the new head has other files than the reviewed commit on the new base");
  return { kind: "TRIVIAL_REBASE" };
}

/** Why what came on top of `head` is more than merges of base that git makes by itself; null where it is not. */
async function mergesOfBase(place: Place, head: string, to: Pair): Promise<string | null> {
  const steps = await commitsBetween(place, { head: to.head, without: [head, to.base], firstParent: false });
  const ours = new Set([head, ...steps.map(({ sha }) => sha)]);
  // Base fast-forwarded over the reviewed commit: then nothing is left to review, or other things are.
  if (steps.length === 0) return "the base branch has the reviewed commit by now";
  if (steps.length > MOST_STEPS) return `more than ${MOST_STEPS} commits came on top of the reviewed one`;
  for (const step of steps) {
    const why = await mergeOfBase(place, step, ours, to.base);
    if (why !== null) return why;
  }
  return null;
}

async function mergeOfBase(place: Place, { sha, parents }: Step, ours: ReadonlySet<string>, base: string): Promise<string | null> {
  const [one, other] = parents;
  if (one === undefined || other === undefined || parents.length > 2) return `commit ${short(sha)} came on top of it`;
  const theirs = ours.has(one) ? other : one;
  if (!ours.has(ours.has(one) ? one : other) || ours.has(theirs) || !(await isAncestor(place, theirs, base)))
    return `${short(sha)} merges something else than the base branch`;
  const tree = await mergeTree(place, one, other);
  if (tree === null) return `the merge ${short(sha)} had conflicts that somebody resolved`;
  return tree === (await treeOf(place, sha)) ? null : `the merge ${short(sha)} has other files than git makes of it`;
}

const MOST_STEPS = 200;

/** The tree of a merge; null where it conflicts. */
async function mergeTree(place: Place, one: string, other: string): Promise<string | null> {
  const args = ["merge-tree", "--write-tree", "-z", "--no-messages", "--end-of-options", requireObjectId(one), requireObjectId(other)];
  const { exitCode, stdout } = await git(place, args, { answers: [0, 1] });
  return exitCode === 0 ? requireObjectId(splitNul(stdout)[0]?.toString() ?? "") : null;
}
