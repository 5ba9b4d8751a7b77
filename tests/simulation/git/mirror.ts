import { createHash } from "node:crypto";
import type { GateMirror, MergeCommit, PushOutcome } from "../../../src/engine/ports/mirror.ts";
import type { Carry } from "../../../src/gate/facts.ts";
import { Problem } from "../../../src/problem.ts";
import { commitsOf, differences, isAncestor, mergeBases, mergeTrees, patchOf } from "./history.ts";
import { emptyTree, type KnownObjects, type Objects } from "./objects.ts";

/** What the mirror asks of the remote; each may fail, and each waits for the simulation. */
export interface Remote {
  /** Rejects with a Problem where it can't be reached. */
  fetch<T>(label: string, work: () => T): Promise<T>;
  refs(): ReadonlyMap<string, string>;
  push(move: { branch: string; expected: string; commit: string }): Promise<PushOutcome>;
}

/** The gate's copy of a repository, as `src/git/mirror.ts` offers it, on objects in memory. */
export function memoryMirror(objects: Objects, remote: Remote): GateMirror {
  const tip = (branch: string): string => {
    const found = remote.refs().get(`refs/heads/${branch}`);
    if (found === undefined) throw new Problem({ code: "unknown-ref", text: `There is no branch ${branch}.`, hint: "It was deleted." });
    return found;
  };
  const none = (): never => {
    throw new Error("nothing of the gate asks its mirror for this");
  };
  return {
    workTree: null,
    defaultBranch: none,
    merge: none,
    readObject: none,
    export: none,
    close: async () => undefined,
    revertsOf: async () => [],
    resolve: async (ref) => ({ ref, sha: ref, oid: ref }),
    treeOf: async ({ oid }) => objects.commit(oid).tree,
    list: async (tree) =>
      [...objects.files(tree)].map(([path, { mode, blob }]) => ({ path, mode, oid: blob, size: objects.blob(blob).length })),
    read: async (tree, path) => {
      const file = objects.files(tree).get(path);
      return file === undefined ? null : objects.blob(file.blob);
    },
    changes: async (from, to) =>
      differences(objects, from, to).map(({ path, before, after }) => ({
        path,
        oldPath: null,
        status: before === undefined ? "added" : after === undefined ? "removed" : "modified",
        mode: (after ?? before)?.mode ?? "",
        added: new Set<number>(),
      })),
    patch: async (base, head) => {
      const patch = patchOf(objects, base, head);
      return patch === null ? null : createHash("sha256").update(patch).digest("hex");
    },
    keep: (number, commits) => remote.fetch(`fetch for #${number}`, () => commits.filter((sha) => objects.typeOf(sha) !== "commit")),
    compare: async (from, to) => compare(objects, from, to),
    makeMerge: async (merge) => makeMerge(objects, merge),
    push: (move) => remote.push(move),
    isReachable: (commit, branch) => remote.fetch(`fetch ${branch}`, () => isAncestor(objects, commit, tip(branch))),
    tipOf: (branch) => remote.fetch(`fetch ${branch}`, () => tip(branch)),
    lineOf: (branch, after) =>
      remote.fetch(`fetch ${branch}`, () => {
        const end = tip(branch);
        if (!isAncestor(objects, after, end)) return { tip: end, steps: null };
        const steps = commitsOf(objects, [end], [after], true).reverse();
        return { tip: end, steps: steps.map((sha) => ({ sha, parents: [...objects.commit(sha).parents] })) };
      }),
  };
}

function makeMerge(
  objects: Objects,
  { base, head, message, author, committer, date }: MergeCommit,
): { commit: string; tree: string } | null {
  const tree = mergeTrees(objects, base, head);
  if (tree === null) return null;
  const at = Math.floor(Date.parse(date) / 1000);
  const commit = objects.addCommit({
    tree,
    parents: [base, head],
    message: `${message.trimEnd()}\n`,
    author: { ...author, at },
    committer: { ...committer, at },
  });
  return { commit, tree };
}

interface Pair {
  base: string;
  head: string;
}

const changed = (why: string): Carry => ({ kind: "changed", why });

/** The kinds of `src/git/carry.ts`, whose own tests are on real git. */
function compare(objects: Objects, from: Pair, to: Pair): Carry {
  const [bases, newBases] = [mergeBases(objects, from.base, from.head), mergeBases(objects, to.base, to.head)];
  const [[base], [newBase]] = [bases, newBases];
  if (base === undefined || newBase === undefined) return changed("it has no commit in common with the base branch");
  if (bases.length > 1 || newBases.length > 1) return changed("it has more than one merge base");
  const [tree, newTree] = [objects.commit(from.head).tree, objects.commit(to.head).tree];
  if (base === newBase && tree === newTree) {
    const messages = (head: string): string =>
      commitsOf(objects, [head], [base])
        .map((sha) => objects.commit(sha).message)
        .join("\0");
    return { kind: messages(from.head) === messages(to.head) ? "NO_CHANGE" : "MESSAGE_ONLY" };
  }
  if (from.head === to.head) return changed("the merge base moved, and with it what the change adds");
  if (isAncestor(objects, from.head, to.head)) {
    if (!isAncestor(objects, base, to.base)) return changed("the base branch went back behind where the change began");
    return onlyMerged(objects, from.head, to) ? { kind: "CLEAN_BASE_MERGE" } : changed("commits came on top of it");
  }
  if (patchOf(objects, from.base, from.head) !== patchOf(objects, to.base, to.head)) return changed("the patch is another one");
  return mergeTrees(objects, newBase, from.head) === newTree ? { kind: "TRIVIAL_REBASE" } : changed("it has other files");
}

/** Whether nothing but merges of base, as git makes them, came on top of a head. */
function onlyMerged(objects: Objects, head: string, to: Pair): boolean {
  const steps = commitsOf(objects, [to.head], [head, to.base]);
  const ours = new Set([head, ...steps]);
  return (
    steps.length > 0 &&
    steps.every((sha) => {
      const { parents, tree } = objects.commit(sha);
      const [one = "", other = ""] = parents;
      const theirs = ours.has(one) ? other : one;
      const isOfBase = parents.length === 2 && ours.has(theirs === other ? one : other) && isAncestor(objects, theirs, to.base);
      return isOfBase && !ours.has(theirs) && mergeTrees(objects, one, other) === tree;
    })
  );
}

/** The files of a commit's tree that a path names. */
export const fileOf = (objects: KnownObjects, commit: string, path: string): string | null => {
  const file = objects.files(commit === "" ? emptyTree : objects.commit(commit).tree).get(path);
  return file === undefined ? null : objects.blob(file.blob).toString();
};
