import { git, mergeBase } from "./git.ts";
import { mergeTree, writeCommit } from "./commits.ts";
import { readChanges, readCommits } from "./history.ts";
import { rollupOf } from "./check-standing.ts";
import { must } from "./lookup.ts";
import { mergeViolations, mustBeUpToDate } from "./rules/violations.ts";
import { webFlow } from "./identities.ts";
import type { Comparison, Pull, Repo } from "./state.ts";
import type { World } from "./world.ts";

/** What a pull request comes to: the commits and files that head adds to base, and whether the two merge. */

/** The base commit that an open pull request is compared with is the branch's tip now; a closed one's stays as it was. */
export function baseTip(repo: Repo, pull: Pull): string {
  return pull.state === "open" ? (repo.refs.get(pull.base.ref) ?? pull.base.sha) : pull.base.sha;
}

export async function comparisonOf(world: World, pull: Pull): Promise<Comparison> {
  const repo = must(world.state.repos, pull.repoId);
  const base = baseTip(repo, pull);
  const key = `${base}:${pull.head.sha}`;
  if (pull.comparison?.key !== key) pull.comparison = { key, value: compare(repo.folder, base, pull.head.sha) };
  return pull.comparison.value;
}

export async function compare(folder: string, base: string, head: string): Promise<Comparison> {
  const from = await mergeBase(folder, base, head);
  const commits = await readCommits(folder, ["--reverse", "--topo-order", `${base}..${head}`]);
  return { from, commits, files: await readChanges(folder, from, head) };
}

export interface Mergeability {
  /** Null: GitHub has not worked it out yet, and has begun to. */
  mergeable: boolean | null;
  state: "behind" | "blocked" | "clean" | "dirty" | "draft" | "unknown" | "unstable";
  /** The test merge commit. */
  sha: string | null;
}

/**
 * The first question after either branch moved is answered "unknown" and starts the test merge, as GitHub documents; the next has
 * the answer. https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-your-git-database#checking-mergeability-of-pull-requests
 */
export async function askMergeability(world: World, pull: Pull): Promise<Mergeability> {
  const repo = must(world.state.repos, pull.repoId);
  const known = knownMergeability(world, pull);
  if (pull.state === "open" && known.mergeable === null) {
    const key = `${baseTip(repo, pull)}:${pull.head.sha}`;
    const behind = (await mergeBase(repo.folder, baseTip(repo, pull), pull.head.sha)) !== baseTip(repo, pull);
    pull.test = { key, sha: await testMerge(world, repo, pull), behind };
  }
  return known;
}

/** What is known without asking git: what a webhook's payload can say. */
export function knownMergeability(world: World, pull: Pull): Mergeability {
  const repo = must(world.state.repos, pull.repoId);
  if (pull.state === "closed" || pull.test?.key !== `${baseTip(repo, pull)}:${pull.head.sha}`) {
    return { mergeable: null, state: "unknown", sha: pull.test?.sha ?? null };
  }
  const { sha } = pull.test;
  if (sha === null) return { mergeable: false, state: "dirty", sha };
  if (pull.draft) return { mergeable: true, state: "draft", sha };
  // Whoever may bypass the rules is told of them all the same.
  if (mergeViolations(world, pull, { kind: "nobody" }, null).length > 0) return { mergeable: true, state: "blocked", sha };
  if (pull.test.behind && mustBeUpToDate(world, pull, { kind: "nobody" })) return { mergeable: true, state: "behind", sha };
  const rollup = rollupOf(repo, pull.head.sha);
  return { mergeable: true, state: rollup === null || rollup === "SUCCESS" ? "clean" : "unstable", sha };
}

async function testMerge(world: World, repo: Repo, pull: Pull): Promise<string | null> {
  const base = baseTip(repo, pull);
  const tree = await mergeTree(repo.folder, base, pull.head.sha);
  if (tree === null) return null;
  const by = webFlow(world.now());
  const message = `Merge ${pull.head.sha} into ${base}`;
  const sha = await writeCommit(repo.folder, { tree, parents: [base, pull.head.sha], message, author: by, committer: by });
  await git(repo.folder, ["update-ref", `refs/pull/${pull.number}/merge`, sha]);
  return sha;
}
