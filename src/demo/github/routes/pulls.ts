import { z } from "zod";
import { bringCommit, closePull, findHead, keepHead } from "../branches.ts";
import { askMergeability } from "../comparison.ts";
import { pullChanged } from "../events.ts";
import { commitOf, isAncestor } from "../git.ts";
import { accountOf, demand } from "../http/actor.ts";
import { Refusal, created, ok, paginate, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { land } from "../landing.ts";
import { must, same } from "../lookup.ts";
import { newPull } from "../new-pull.ts";
import { pullShape, pullSimpleShape } from "../shapes/pull.ts";
import type { Schemas } from "../shapes/schemas.ts";
import type { Account, Pull, Repo } from "../state.ts";
import { stamp } from "../world.ts";

/** Pull requests. https://docs.github.com/en/rest/pulls/pulls */

export const pullRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/pulls", ["pull_requests:read"], "read", list),
  forRepo("POST /repos/{owner}/{repo}/pulls", ["pull_requests:write"], "read", async (call) =>
    call.world.exclusively(call.repo, async () => open(call)),
  ),
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}", ["pull_requests:read"], "read", async (call) => {
    const pull = pullOf(call);
    return ok(await pullShape(call.world, pull, await askMergeability(call.world, pull)));
  }),
  forRepo("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", ["pull_requests:write"], "read", async (call) =>
    call.world.exclusively(call.repo, async () => update(call)),
  ),
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/merge", ["contents:read"], "read", async (call) => {
    if (pullOf(call).merged === null) throw new Refusal(404, "Not Found");
    return { status: 204, body: null };
  }),
  forRepo("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", ["contents:write"], "write", merge),
];

async function list({ world, repo, url }: RepoCall): Promise<Answer> {
  const asked = (name: string, otherwise: string): string => url.searchParams.get(name) ?? otherwise;
  const state = asked("state", "open");
  const head = asked("head", "");
  const base = asked("base", "");
  const label = (pull: Pull): string =>
    `${must(world.state.accounts, must(world.state.repos, pull.head.repoId).ownerId).login}:${pull.head.ref}`;
  const found = [...repo.pulls.values()]
    .filter((pull) => state === "all" || pull.state === state)
    .filter((pull) => (head === "" || same(label(pull), head)) && (base === "" || pull.base.ref === base));
  const key = asked("sort", "created") === "updated" ? "updatedAt" : "createdAt";
  found.sort((a, b) => (a[key] === b[key] ? a.number - b.number : a[key] < b[key] ? -1 : 1));
  if (asked("direction", key === "createdAt" ? "desc" : "asc") === "desc") found.reverse();
  const page = paginate(found, url);
  return { ...ok(page.items.map((pull) => pullSimpleShape(world, pull))), headers: page.headers };
}

const openRequest = z.object({
  title: z.string(),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().default(false),
});

async function open({ world, repo, actor, body }: RepoCall): Promise<Answer> {
  const request = take(openRequest, body);
  const by = accountOf(actor);
  const base = repo.refs.get(request.base);
  if (base === undefined) throw validationFailed({ resource: "PullRequest", field: "base", code: "invalid" });
  const head = await findHead(world, repo, request.head);
  if (head === null) throw validationFailed({ resource: "PullRequest", field: "head", code: "invalid" });
  const owner = must(world.state.accounts, head.repo.ownerId).login;
  if (hasTwin(repo, { repoId: head.repo.id, ref: head.ref }, request.base))
    throw validationFailed({ resource: "PullRequest", code: "custom", message: `A pull request already exists for ${owner}:${head.ref}.` });
  await bringCommit(repo, head.repo, head.sha);
  if (await isAncestor(repo.folder, head.sha, base)) {
    throw validationFailed({ resource: "PullRequest", code: "custom", message: `No commits between ${request.base} and ${request.head}` });
  }
  const number = repo.nextNumber++;
  await keepHead(repo, head.repo, number, head.sha);
  const pull = newPull(world, repo, by, {
    number,
    title: request.title,
    body: request.body ?? null,
    draft: request.draft,
    head: { repoId: head.repo.id, ref: head.ref, sha: head.sha },
    base: { ref: request.base, sha: base },
  });
  repo.pulls.set(number, pull);
  await pullChanged(world, pull, by, { action: "opened" });
  return created(await pullShape(world, pull));
}

const hasTwin = (repo: Repo, head: Pick<Pull["head"], "repoId" | "ref">, base: string): boolean =>
  repo.pulls
    .values()
    .some((pull) => pull.state === "open" && pull.head.repoId === head.repoId && pull.head.ref === head.ref && pull.base.ref === base);

const updateRequest = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]).optional(),
  base: z.string().optional(),
});

async function update(call: RepoCall): Promise<Answer> {
  const { world, repo, actor, body } = call;
  const request = take(updateRequest, body);
  const pull = pullOf(call);
  const by = accountOf(actor);
  if (by.id !== pull.userId && actor.kind === "user") demand(world.state, repo, by, request.base === undefined ? "triage" : "write");
  if (request.base !== undefined && request.base !== pull.base.ref) refuseBase(call, pull, request.base);
  await edit(call, pull, by, request);
  if (request.state === "closed" && pull.state === "open") await closePull(world, pull, by);
  if (request.state === "open" && pull.state === "closed") await reopen(call, pull, by);
  return ok(await pullShape(world, pull));
}

/** Sentences of GitHub's API. What it says of a head without commits of its own is left out: no story has one. */
function refuseBase({ repo }: RepoCall, pull: Pull, base: string): void {
  const refuse = (message: string): Refusal => validationFailed({ resource: "PullRequest", field: "base", code: "invalid", message });
  if (pull.state === "closed") throw refuse("Cannot change the base branch of a closed pull request.");
  if (!repo.refs.has(base)) throw validationFailed({ resource: "PullRequest", field: "base", code: "invalid" });
  if (hasTwin(repo, pull.head, base))
    throw refuse(`A pull request already exists for base branch '${base}' and head branch '${pull.head.ref}'`);
}

async function edit({ world, repo }: RepoCall, pull: Pull, by: Account, request: z.infer<typeof updateRequest>): Promise<void> {
  const changes: { title?: { from: string }; body?: { from: string }; base?: { ref: { from: string }; sha: { from: string } } } = {};
  if (request.title !== undefined && request.title !== pull.title) {
    changes.title = { from: pull.title };
    pull.title = request.title;
  }
  if (request.body !== undefined && request.body !== pull.body) {
    changes.body = { from: pull.body ?? "" };
    pull.body = request.body;
  }
  if (request.base !== undefined && request.base !== pull.base.ref) {
    changes.base = { ref: { from: pull.base.ref }, sha: { from: pull.base.sha } };
    pull.base = { ref: request.base, sha: repo.refs.get(request.base) ?? pull.base.sha };
  }
  if (Object.keys(changes).length === 0) return;
  pull.updatedAt = stamp(world);
  await pullChanged(world, pull, by, { action: "edited", changes });
}

/** A branch that was rebuilt or removed while its pull request was closed leaves nothing to reopen. */
async function reopen({ world, repo }: RepoCall, pull: Pull, by: Account): Promise<void> {
  const head = must(world.state.repos, pull.head.repoId);
  const sha = await commitOf(head.folder, `refs/heads/${pull.head.ref}`);
  const refuse = (message: string): Refusal =>
    validationFailed({ resource: "PullRequest", field: "state", code: "invalid", message: `state cannot be changed. ${message}` });
  if (pull.merged !== null) throw refuse("The pull request was merged.");
  if (sha === null) throw refuse(`The ${pull.head.ref} branch has been deleted.`);
  if (!(await isAncestor(head.folder, pull.head.sha, sha))) throw refuse(`The ${pull.head.ref} branch was force-pushed or recreated.`);
  await keepHead(repo, head, pull.number, sha);
  Object.assign(pull, { state: "open", closedAt: null, updatedAt: stamp(world) });
  pull.head.sha = sha;
  pull.base.sha = repo.refs.get(pull.base.ref) ?? pull.base.sha;
  await pullChanged(world, pull, by, { action: "reopened" });
}

const mergeRequest = z.object({
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
  sha: z.string().optional(),
  merge_method: z.enum(["merge", "squash", "rebase"]).default("merge"),
});

async function merge(call: RepoCall): Promise<Answer> {
  const { world, actor, body } = call;
  const request = take(mergeRequest, body);
  const sha = await land(world, pullOf(call), actor, {
    method: request.merge_method,
    sha: request.sha ?? null,
    title: request.commit_title ?? null,
    message: request.commit_message ?? null,
  });
  return ok({ sha, merged: true, message: "Pull Request successfully merged" } satisfies Schemas["pull-request-merge-result"]);
}
