import { noticeBranches, closePull } from "./branches.ts";
import { baseTip, comparisonOf } from "./comparison.ts";
import { dropRef, mergeTree, moveRef, replay, writeCommit } from "./commits.ts";
import { git, isAncestor } from "./git.ts";
import type { CommitData } from "./history.ts";
import { accountOf, type Actor } from "./http/actor.ts";
import { Refusal } from "./http/answers.ts";
import { identityOf, webFlow } from "./identities.ts";
import { accountByEmail, must } from "./lookup.ts";
import { mergeViolations, mustBeUpToDate, ruleWords } from "./rules/violations.ts";
import { workflowRefusal } from "./rules/workflow-files.ts";
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
export async function land(world: World, pull: Pull, actor: Actor, request: MergeRequest): Promise<string> {
  const repo = must(world.state.repos, pull.repoId);
  const by = accountOf(actor);
  return world.exclusively(repo, async () => {
    if (pull.draft) throw new Refusal(405, "Pull Request is still a draft");
    if (pull.state === "closed") throw new Refusal(405, "Pull Request is not mergeable");
    if (request.sha !== null && request.sha !== pull.head.sha)
      throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
    if (!repo.mergeMethods.has(request.method)) throw new Refusal(405, notAllowed[request.method]);
    const base = baseTip(repo, pull);
    await demandRules(world, repo, pull, actor, request.method, base);
    const landed = await makeCommit(world, repo, pull, by, request, base);
    const moved = await moveRef(repo.folder, `refs/heads/${pull.base.ref}`, landed, base);
    if (!moved) throw new Refusal(405, "Base branch was modified. Review and try the merge again.");
    pull.base.sha = base;
    await closePull(world, pull, by, landed);
    await noticeBranches(world, repo, by, "pr_merge");
    if (repo.deleteBranchOnMerge) await removeHead(world, repo, pull, by);
    return landed;
  });
}

async function demandRules(world: World, repo: Repo, pull: Pull, actor: Actor, method: MergeMethod, base: string): Promise<void> {
  const refused = await workflowRefusal(repo, actor, { ref: `refs/heads/${pull.base.ref}`, before: base, after: pull.head.sha });
  if (refused !== null) throw new Refusal(403, refused);
  const found = mergeViolations(world, pull, actor, method);
  if (found.length > 0) throw new Refusal(405, ruleWords(found));
  if (mustBeUpToDate(world, pull, actor) && !(await isAncestor(repo.folder, base, pull.head.sha)))
    throw new Refusal(405, "Head branch is out of date. Review and try the merge again.");
}

/** The head branch goes, unless it is a fork's, the default one, or another open pull request lives of it. */
async function removeHead(world: World, repo: Repo, { head }: Pull, by: Account): Promise<void> {
  const used = repo.pulls.values().some((pull) => pull.state === "open" && (pull.base.ref === head.ref || pull.head.ref === head.ref));
  if (head.repoId !== repo.id || head.ref === repo.defaultBranch || used) return;
  if (!(await dropRef(repo.folder, `refs/heads/${head.ref}`, head.sha))) return;
  await noticeBranches(world, repo, by);
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
  const words = request.method === "merge" ? mergeWords(world, pull) : squashWords(world, pull, commits);
  const message = [request.title ?? words.title, request.message ?? words.body].filter((part) => part !== "").join("\n\n");
  // A squash is by the pull request's author, and a merge commit by whoever merges.
  const author = identityOf(request.method === "merge" ? by : must(world.state.accounts, pull.userId), world.now());
  const parents = request.method === "merge" ? [base, pull.head.sha] : [base];
  const sha = await writeCommit(repo.folder, { tree, parents, message: await cleanedUp(repo, message), author, committer });
  world.state.signed.add(sha);
  return sha;
}

function mergeWords({ state }: World, pull: Pull): { title: string; body: string } {
  const owner = must(state.accounts, must(state.repos, pull.head.repoId).ownerId);
  return { title: `Merge pull request #${pull.number} from ${owner.login}/${pull.head.ref}`, body: pull.title };
}

function squashWords(world: World, pull: Pull, commits: readonly CommitData[]): { title: string; body: string } {
  const [only] = commits;
  const trailers = coAuthors(world, pull, commits);
  if (only !== undefined && commits.length === 1) {
    const [title = "", ...rest] = only.message.split("\n");
    return { title: `${title} (#${pull.number})`, body: [rest.join("\n").trim(), trailers].filter((part) => part !== "").join("\n\n") };
  }
  const list = commits.map(({ message }) => `* ${message}`).join("\n\n");
  return { title: `${pull.title} (#${pull.number})`, body: trailers === "" ? list : `${list}\n\n---------\n\n${trailers}` };
}

/** Everybody but the pull request's author who wrote one of the commits, by the address that the commit bears. */
function coAuthors({ state }: World, pull: Pull, commits: readonly CommitData[]): string {
  const others = commits.map(({ author }) => author).filter(({ email }) => accountByEmail(state, email)?.id !== pull.userId);
  return [...new Set(others.map(({ name, email }) => `Co-authored-by: ${name} <${email}>`))].join("\n");
}

async function cleanedUp(repo: Repo, message: string): Promise<string> {
  return git(repo.folder, ["stripspace"], { input: message });
}
