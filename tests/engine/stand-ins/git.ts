import { createHash } from "node:crypto";
import type { GateMirror, MergeCommit, OpenMirror } from "../../../src/engine/ports/mirror.ts";
import type { Pair } from "../../../src/engine/ports/changes.ts";
import type { Carry } from "../../../src/gate/facts.ts";
import { Problem } from "../../../src/problem.ts";

/** A repository of commits and branches in memory, as a mirror shows it. Files are none of its business. */
export interface MemoryGit {
  branches: Map<string, string>;
  commits: Map<string, { parents: readonly string[]; tree: string }>;
  /** Trees of merge results, `base..head`; null where the two conflict. */
  merges: Map<string, string | null>;
  /** What was asked for, by method: `keep 7`, `push main`. */
  asked: string[];
  made: MergeCommit[];
  kept: { number: number; commits: readonly string[]; seconds: number | undefined }[];
  /** Of what is asked for, by the same names: thrown before it is done. */
  failing: Map<string, Error>;
  /** The same, once it was done. */
  failingAfter: Map<string, Error>;
  /** What a rule of GitHub's says of a push; null where there is none. */
  rule: string | null;
  carry: (from: Pair, to: Pair) => Carry;
  /** Mirrors that were opened and not closed. */
  openNow: number;
  openMirror: OpenMirror;
  /** What commits take back, by what their messages say. */
  reverts: Map<string, string[]>;
  /** Makes a commit, and moves the branch there. */
  commit(branch: string, sha: string, parents?: readonly string[], tree?: string): void;
}

export const away = (text: string): Problem => new Problem({ code: "git", text, hint: "" });

export function memoryGit(): MemoryGit {
  const answer = <T>(name: string, work: () => T): T => {
    git.asked.push(name);
    const before = git.failing.get(name);
    if (before !== undefined) throw before;
    const done = work();
    const after = git.failingAfter.get(name);
    if (after !== undefined) throw after;
    return done;
  };
  const lineOf = (from: string | undefined): string[] => (from === undefined ? [] : [from, ...lineOf(git.commits.get(from)?.parents[0])]);
  const reachable = (from: string | undefined): string[] =>
    from === undefined ? [] : [from, ...(git.commits.get(from)?.parents ?? []).flatMap(reachable)];
  const tipOf = (branch: string): string => {
    const tip = git.branches.get(branch);
    if (tip === undefined) throw away(`There is no branch ${branch}.`);
    return tip;
  };
  const mirror = {
    keep: async (number: number, commits: readonly string[], seconds?: number) =>
      answer(`keep ${number}`, () => {
        git.kept.push({ number, commits, seconds });
        return commits.filter((sha) => !git.commits.has(sha));
      }),
    compare: async (from: Pair, to: Pair) => answer("compare", () => git.carry(from, to)),
    makeMerge: async (merge: MergeCommit) =>
      answer("makeMerge", () => {
        const tree = git.merges.get(`${merge.base}..${merge.head}`) ?? null;
        if (tree === null) return null;
        git.made.push(merge);
        const commit = createHash("sha1")
          .update(JSON.stringify([merge, tree]))
          .digest("hex");
        git.commits.set(commit, { parents: [merge.base, merge.head], tree });
        return { commit, tree };
      }),
    push: async ({ branch, expected, commit }: { branch: string; expected: string; commit: string }) =>
      answer(`push ${branch}`, () => {
        if (git.rule !== null) return { kind: "refused" as const, reason: "other" as const, text: git.rule };
        if (git.branches.get(branch) !== expected)
          return { kind: "refused" as const, reason: "base-moved" as const, text: `${branch} has moved` };
        git.branches.set(branch, commit);
        return { kind: "merged" as const, sha: commit };
      }),
    isReachable: async (commit: string, branch: string) => answer(`isReachable ${branch}`, () => reachable(tipOf(branch)).includes(commit)),
    revertsOf: async ({ sha }: { sha: string }) => git.reverts.get(sha) ?? [],
    lineOf: async (branch: string, after: string) =>
      answer(`lineOf ${branch}`, () => {
        const tip = tipOf(branch);
        const line = lineOf(tip);
        const since = line.slice(0, line.indexOf(after)).toReversed();
        const steps = since.map((sha) => ({ sha, parents: [...(git.commits.get(sha)?.parents ?? [])] }));
        return { tip, steps: line.includes(after) ? steps : null };
      }),
    tipOf: async (branch: string) => answer(`tipOf ${branch}`, () => tipOf(branch)),
    close: async () => {
      git.openNow -= 1;
    },
  };
  const git: MemoryGit = {
    branches: new Map(),
    reverts: new Map(),
    commits: new Map(),
    merges: new Map(),
    asked: [],
    made: [],
    kept: [],
    failing: new Map(),
    failingAfter: new Map(),
    rule: null,
    carry: () => ({ kind: "NO_CHANGE" }),
    openNow: 0,
    openMirror: async () => {
      git.openNow += 1;
      return mirror as unknown as GateMirror;
    },
    commit: (branch, sha, parents, tree = `tree of ${sha}`) => {
      const tip = git.branches.get(branch);
      git.commits.set(sha, { parents: parents ?? (tip === undefined ? [] : [tip]), tree });
      git.branches.set(branch, sha);
    },
  };
  return git;
}
