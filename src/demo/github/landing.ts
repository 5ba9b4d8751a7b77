import { noticeBranches, closePull } from "./branches.ts";
import { baseTip, comparisonOf } from "./comparison.ts";
import { mergeTree, moveRef, replay, writeCommit } from "./commits.ts";
import { git } from "./git.ts";
import type { CommitData } from "./history.ts";
import { Refusal } from "./http/answers.ts";
import { identityOf, webFlow } from "./identities.ts";
import { must } from "./lookup.ts";
import type { Account, MergeMethod, Pull, Repo } from "./state.ts";
import type { World } from "./world.ts";

/** Merging a pull request, by GitHub's three methods. https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request */

export interface MergeRequest {
  method: MergeMethod;
  /** The head that the caller believes in; null: whatever it is. */
  sha: string | null;
  title: string | null;
  message: string | null;
}

const notAllowed: Record<MergeMethod, string> = {
  merge: "Merge commits are not allowed on this repository.",
  squash: "Squash merges are not allowed on this repository.",
  rebase: "Rebase merges are not allowed on this repository.",
};

/** Lands a pull request on its base branch and gives the commit that base now has. Throws GitHub's refusals. */
export async function land(world: World, pull: Pull, by: Account, request: MergeRequest): Promise<string> {
  const repo = must(world.state.repos, pull.repoId);
  return world.exclusively(repo, async () => {
    if (pull.draft) throw new Refusal(405, "Pull Request is still a draft");
    if (pull.state === "closed") throw new Refusal(405, "Pull Request is not mergeable");
    if (request.sha !== null && request.sha !== pull.head.sha)
      throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
    if (!repo.mergeMethods.has(request.method)) throw new Refusal(405, notAllowed[request.method]);
    const base = baseTip(repo, pull);
    const landed = await makeCommit(world, repo, pull, by, request, base);
    const moved = await moveRef(repo.folder, `refs/heads/${pull.base.ref}`, landed, base);
    if (!moved) throw new Refusal(405, "Base branch was modified. Review and try the merge again.");
    pull.base.sha = base;
    await closePull(world, pull, by, landed);
    await noticeBranches(world, repo, by);
    return landed;
  });
}

async function makeCommit(world: World, repo: Repo, pull: Pull, by: Account, request: MergeRequest, base: string): Promise<string> {
  const committer = webFlow(world.now());
  if (request.method === "rebase") {
    // "Rebase and merge" names the person who merges as committer, and not GitHub.
    const tip = await replay(repo.folder, base, pull.head.sha, identityOf(by, world.now()));
    if (tip === null) throw new Refusal(405, "This branch can't be rebased");
    return tip;
  }
  const tree = await mergeTree(repo.folder, base, pull.head.sha);
  if (tree === null) throw new Refusal(405, "Pull Request is not mergeable");
  const { commits } = await comparisonOf(world, pull);
  const words = request.method === "merge" ? mergeWords(world, pull) : squashWords(pull, commits);
  const message = [request.title ?? words.title, request.message ?? words.body].filter((part) => part !== "").join("\n\n");
  // A squash is by the pull request's author, and a merge commit by whoever merges.
  const author = identityOf(request.method === "merge" ? by : must(world.state.accounts, pull.userId), world.now());
  const parents = request.method === "merge" ? [base, pull.head.sha] : [base];
  return writeCommit(repo.folder, { tree, parents, message: await cleanedUp(repo, message), author, committer });
}

function mergeWords({ state }: World, pull: Pull): { title: string; body: string } {
  const owner = must(state.accounts, must(state.repos, pull.head.repoId).ownerId);
  return { title: `Merge pull request #${pull.number} from ${owner.login}/${pull.head.ref}`, body: pull.title };
}

function squashWords(pull: Pull, commits: readonly CommitData[]): { title: string; body: string } {
  const [only] = commits;
  if (only !== undefined && commits.length === 1) {
    const [title = "", ...rest] = only.message.split("\n");
    return { title: `${title} (#${pull.number})`, body: rest.join("\n").trim() };
  }
  return { title: `${pull.title} (#${pull.number})`, body: commits.map(({ message }) => `* ${message}`).join("\n\n") };
}

async function cleanedUp(repo: Repo, message: string): Promise<string> {
  return git(repo.folder, ["stripspace"], { input: message });
}
