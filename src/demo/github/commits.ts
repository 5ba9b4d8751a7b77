import { git, runGit } from "./git.ts";
import { readCommit, readCommits, type Identity } from "./history.ts";

/** Writing commits straight into a bare repository. Nothing here moves a branch but `moveRef`. */

export interface NewCommit {
  tree: string;
  parents: readonly string[];
  message: string;
  author: Identity;
  committer: Identity;
}

export async function writeCommit(folder: string, commit: NewCommit): Promise<string> {
  const parents = commit.parents.flatMap((parent) => ["-p", parent]);
  return git(folder, ["commit-tree", commit.tree, ...parents], {
    input: commit.message,
    env: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_AUTHOR_DATE: commit.author.date,
      GIT_COMMITTER_NAME: commit.committer.name,
      GIT_COMMITTER_EMAIL: commit.committer.email,
      GIT_COMMITTER_DATE: commit.committer.date,
    },
  });
}

/** Moves a ref from the value it must have (null: it must not exist). False: somebody else moved it first. */
export async function moveRef(folder: string, ref: string, to: string, from: string | null): Promise<boolean> {
  return (await runGit(folder, ["update-ref", ref, to, from ?? "0".repeat(40)], { accept: [1, 128] })).code === 0;
}

/** Removes a ref that has this value. False: it has another. */
export async function dropRef(folder: string, ref: string, from: string): Promise<boolean> {
  return (await runGit(folder, ["update-ref", "-d", ref, from], { accept: [1, 128] })).code === 0;
}

/** The tree of merging two commits, or null where they conflict. */
export async function mergeTree(folder: string, ours: string, theirs: string): Promise<string | null> {
  const merged = await runGit(folder, ["merge-tree", "--write-tree", "--allow-unrelated-histories", ours, theirs], { accept: [1] });
  return merged.code === 0 ? (merged.stdout.toString("utf8").split("\n")[0] ?? null) : null;
}

/**
 * Replays the commits of `head` that `base` has not, one on top of the other, and gives the last; null where one conflicts.
 * Each is merged as if it and the tip had its parent as common ancestor, which is what a cherry-pick is; merges are left out,
 * as `git rebase` does.
 */
export async function replay(folder: string, base: string, head: string, committer: Identity): Promise<string | null> {
  let tip = base;
  for (const commit of await readCommits(folder, ["--reverse", "--topo-order", "--no-merges", `${base}..${head}`])) {
    const { tree } = await readCommit(folder, tip);
    const parents = commit.parents.slice(0, 1);
    const pretended = await writeCommit(folder, { tree, parents, message: "tip", author: committer, committer });
    const merged = await mergeTree(folder, pretended, commit.sha);
    if (merged === null) return null;
    tip = await writeCommit(folder, { tree: merged, parents: [tip], message: commit.message, author: commit.author, committer });
  }
  return tip;
}
