import type { EmitterWebhookEvent } from "@octokit/webhooks";
import { isAncestor, lines, git } from "./git.ts";
import { readCommits, type CommitData, type Identity } from "./history.ts";
import { accountByEmail, must, noreply } from "./lookup.ts";
import type { commonPart } from "./payloads.ts";
import { userShape } from "./shapes/account.ts";
import { repoPage } from "./shapes/repository.ts";
import type { Account, Repo } from "./state.ts";
import type { World } from "./world.ts";

/** @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */

/** A branch that went from one commit to another; null: it did not exist, or does not any more. */
export interface Move {
  branch: string;
  before: string | null;
  after: string | null;
}

/** Commits that one push names at most, by GitHub's documentation. */
const mostCommits = 2048;
const nothing = "0".repeat(40);

export async function pushPayload(
  world: World,
  repo: Repo,
  by: Account,
  move: Move,
): Promise<(common: ReturnType<typeof commonPart>) => object> {
  const { branch, before, after } = move;
  const commits = after === null ? [] : await pushedCommits(repo, move, after);
  const shapes = commits.map((commit) => commitPart(world, repo, commit));
  const head = after === null ? undefined : shapes.find((shape) => shape.id === after);
  const forced = before !== null && after !== null && !(await isAncestor(repo.folder, before, after));
  const owner = must(world.state.accounts, repo.ownerId);
  const seconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000);
  return ({ repository, ...common }) =>
    ({
      ...common,
      ref: `refs/heads/${branch}`,
      before: before ?? nothing,
      after: after ?? nothing,
      base_ref: null,
      created: before === null,
      deleted: after === null,
      forced,
      compare: `${repoPage(world, repo)}/compare/${before ?? nothing}...${after ?? nothing}`,
      commits: shapes,
      head_commit: head ?? null,
      pusher: { name: by.login, email: by.emails[0] ?? noreply(by) },
      // In a push alone, the repository's times are seconds since 1970 and its owner has a name.
      repository: {
        ...repository,
        created_at: seconds(repo.createdAt),
        pushed_at: seconds(repo.pushedAt),
        owner: { ...userShape(world, owner), name: owner.login, email: null },
        url: repoPage(world, repo),
        stargazers: 0,
        master_branch: repo.defaultBranch,
      },
    }) satisfies EmitterWebhookEvent<"push">["payload"];
}

async function pushedCommits(repo: Repo, { before }: Move, after: string): Promise<CommitData[]> {
  const range =
    before === null ? [after, ...[...repo.refs.values()].filter((sha) => sha !== after).map((sha) => `^${sha}`)] : [`${before}..${after}`];
  const shas = lines(await git(repo.folder, ["rev-list", `--max-count=${mostCommits}`, "--topo-order", ...range]));
  const named = shas.includes(after) ? shas : [after];
  return readCommits(repo.folder, ["--no-walk=unsorted", ...named.reverse()]);
}

function commitPart(world: World, repo: Repo, commit: CommitData) {
  const person = ({ name, email, date }: Identity) => {
    const account = accountByEmail(world.state, email);
    return { name, email, date, ...(account === undefined ? {} : { username: account.login }) };
  };
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${repoPage(world, repo)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
  };
}
