import { isDeepStrictEqual } from "node:util";
import { checkRunChanged, pullChanged } from "./events.ts";
import type { Handler } from "./http/handler.ts";
import type { LineCommentRequest } from "./line-comments.ts";
import { repoByName } from "./lookup.ts";
import { pushBranch, pushCommit, type CommitRequest } from "./pushing.ts";
import { applySuggestions } from "./suggestions.ts";
import type { Schemas } from "./shapes/schemas.ts";
import type { Account, App, Pull, Repo, Via } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** A person at work. What they do goes through the REST API with their own token, so that GitHub's rules bind them too. */

/** GitHub's refusal of something a person tried. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown, route: string) {
    super(`${route}: ${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export interface Person {
  readonly account: Account;
  /** A personal access token, for the API and for git. */
  readonly token: string;
  /** Any route of the API: `request("GET /repos/acme/control/labels")`. Rejects with a {@link RefusedError}. */
  request<T = unknown>(route: string, body?: object): Promise<T>;
  /** Writes a commit on a branch and pushes it; gives its sha. */
  commit(repo: string, commit: CommitRequest): Promise<string>;
  /** Points a branch at a commit, as a push with force does; null removes it. */
  moveBranch(repo: string, branch: string, to: string | null): Promise<void>;
  openPull(
    repo: string,
    pull: { head: string; base?: string; title: string; body?: string; draft?: boolean },
  ): Promise<Schemas["pull-request"]>;
  editPull(repo: string, number: number, change: { title?: string; body?: string; base?: string }): Promise<Schemas["pull-request"]>;
  closePull(repo: string, number: number): Promise<Schemas["pull-request"]>;
  reopenPull(repo: string, number: number): Promise<Schemas["pull-request"]>;
  /** What GitHub's pages and GraphQL do; its REST API can't. */
  setDraft(repo: string, number: number, draft: boolean): Promise<void>;
  review(
    repo: string,
    number: number,
    review: { event: "APPROVE" | "REQUEST_CHANGES" | "COMMENT"; body?: string; commit_id?: string; comments?: LineCommentRequest[] },
  ): Promise<Schemas["pull-request-review"]>;
  editReview(repo: string, number: number, reviewId: number, body: string): Promise<Schemas["pull-request-review"]>;
  /** A comment on lines of the diff at the pull request's head. */
  commentOnLines(repo: string, number: number, comment: LineCommentRequest): Promise<Schemas["pull-request-review-comment"]>;
  /** Commits what comments on lines suggest, to the pull request's head branch; gives the commit. Only GitHub's pages can. */
  applySuggestion(repo: string, number: number, ...commentIds: number[]): Promise<string>;
  requestReview(repo: string, number: number, reviewers: { reviewers?: string[]; team_reviewers?: string[] }): Promise<unknown>;
  dismissReview(repo: string, number: number, reviewId: number, message: string): Promise<Schemas["pull-request-review"]>;
  /** @param via `"email"`: as a reply to a mail; an App: through that App, which acts for the person */
  comment(repo: string, number: number, body: string, via?: "email" | App): Promise<Schemas["issue-comment"]>;
  editComment(repo: string, id: number, body: string): Promise<Schemas["issue-comment"]>;
  deleteComment(repo: string, id: number): Promise<void>;
  /** Merges base into the pull request's branch; gives the new head. */
  updateBranch(repo: string, number: number): Promise<string>;
  merge(
    repo: string,
    number: number,
    options?: { sha?: string; merge_method?: "merge" | "squash" | "rebase" },
  ): Promise<Schemas["pull-request-merge-result"]>;
  addLabels(repo: string, number: number, labels: string[]): Promise<Schemas["label"][]>;
  removeLabel(repo: string, number: number, label: string): Promise<void>;
  rerequestCheck(repo: string, checkRunId: number): Promise<void>;
  /** Presses a button that a check run offers, which only GitHub's pages can. */
  pressAction(repo: string, checkRunId: number, identifier: string): void;
}

export function createPerson(world: World, handler: Handler, account: Account): Person {
  const token = tokenOf(world, account, { kind: "self" });
  const request = async <T>(route: string, body?: object, by = token): Promise<T> => {
    const [method = "", path = ""] = route.split(" ");
    const headers = { authorization: `Bearer ${by}`, "content-type": "application/json" };
    const response = await handler(
      new Request(`${world.urls.api}${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) }),
    );
    const answer: unknown = response.status === 204 ? null : await response.json();
    if (!response.ok) throw new RefusedError(response.status, answer, route);
    return answer as T;
  };
  const pull = (repo: string, number: number): string => `/repos/${repo}/pulls/${number}`;
  const issue = (repo: string, number: number): string => `/repos/${repo}/issues/${number}`;
  return {
    account,
    token,
    request: async (route, body) => request(route, body),
    commit: async (name, commit) => pushCommit(world, findRepo(world, name), account, commit),
    moveBranch: async (name, branch, to) => pushBranch(world, findRepo(world, name), account, branch, to),
    openPull: async (repo, { base, ...rest }) =>
      request(`POST /repos/${repo}/pulls`, { base: base ?? findRepo(world, repo).defaultBranch, ...rest }),
    editPull: async (repo, number, change) => request(`PATCH ${pull(repo, number)}`, change),
    closePull: async (repo, number) => request(`PATCH ${pull(repo, number)}`, { state: "closed" }),
    reopenPull: async (repo, number) => request(`PATCH ${pull(repo, number)}`, { state: "open" }),
    setDraft: async (repo, number, draft) => setDraft(world, findPull(world, repo, number), account, draft),
    review: async (repo, number, review) => request(`POST ${pull(repo, number)}/reviews`, review),
    editReview: async (repo, number, id, body) => request(`PUT ${pull(repo, number)}/reviews/${id}`, { body }),
    commentOnLines: async (repo, number, comment) =>
      request(`POST ${pull(repo, number)}/comments`, { commit_id: findPull(world, repo, number).head.sha, ...comment }),
    applySuggestion: async (repo, number, ...ids) => applySuggestions(world, findPull(world, repo, number), account, ids),
    requestReview: async (repo, number, reviewers) => request(`POST ${pull(repo, number)}/requested_reviewers`, reviewers),
    dismissReview: async (repo, number, id, message) =>
      request(`PUT ${pull(repo, number)}/reviews/${id}/dismissals`, { message, event: "DISMISS" }),
    comment: async (repo, number, body, via) =>
      request(`POST ${issue(repo, number)}/comments`, { body }, tokenOf(world, account, viaOf(via))),
    editComment: async (repo, id, body) => request(`PATCH /repos/${repo}/issues/comments/${id}`, { body }),
    deleteComment: async (repo, id) => request(`DELETE /repos/${repo}/issues/comments/${id}`),
    updateBranch: async (repo, number) => {
      await request(`PUT ${pull(repo, number)}/update-branch`, {});
      return findPull(world, repo, number).head.sha;
    },
    merge: async (repo, number, options = {}) => request(`PUT ${pull(repo, number)}/merge`, options),
    addLabels: async (repo, number, labels) => request(`POST ${issue(repo, number)}/labels`, { labels }),
    removeLabel: async (repo, number, label) => request(`DELETE ${issue(repo, number)}/labels/${encodeURIComponent(label)}`),
    rerequestCheck: async (repo, id) => request(`POST /repos/${repo}/check-runs/${id}/rerequest`),
    pressAction: (repo, id, identifier) => pressAction(world, findRepo(world, repo), account, id, identifier),
  };
}

function viaOf(via: "email" | App | undefined): Via {
  if (via === undefined) return { kind: "self" };
  return via === "email" ? { kind: "email" } : { kind: "app", appId: via.id };
}

/** A person has one token for each way of asking, which never expires. */
function tokenOf({ state }: World, account: Account, via: Via): string {
  const known = state.tokens
    .values()
    .find(({ holder }) => holder.kind === "user" && holder.accountId === account.id && isDeepStrictEqual(holder.via, via));
  if (known !== undefined) return known.token;
  const token = `${via.kind === "app" ? "ghu" : "ghp"}_${state.ids.secret()}`;
  state.tokens.set(token, { token, holder: { kind: "user", accountId: account.id, via }, expiresAt: null });
  return token;
}

export function findRepo(world: World, name: string): Repo {
  const [owner = "", repo = ""] = name.split("/");
  const found = repoByName(world.state, owner, repo);
  if (found === undefined) throw new Error(`The stand-in has no repository ${name}.`);
  return found;
}

function findPull(world: World, name: string, number: number): Pull {
  const found = findRepo(world, name).pulls.get(number);
  if (found === undefined) throw new Error(`${name} has no pull request #${number}.`);
  return found;
}

async function setDraft(world: World, pull: Pull, by: Account, draft: boolean): Promise<void> {
  if (pull.draft === draft) return;
  Object.assign(pull, { draft, updatedAt: stamp(world) });
  await pullChanged(world, pull, by, { action: draft ? "converted_to_draft" : "ready_for_review" });
}

function pressAction(world: World, repo: Repo, by: Account, id: number, identifier: string): void {
  const run = repo.checkRuns.get(id);
  if (run?.actions.some((action) => action.identifier === identifier) !== true)
    throw new Error(`Check run ${id} offers no action "${identifier}".`);
  checkRunChanged(world, repo, run, by, { action: "requested_action", requested_action: { identifier } });
}
