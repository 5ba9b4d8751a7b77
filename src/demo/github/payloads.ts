import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import { isOutdated } from "./line-comments.ts";
import { must } from "./lookup.ts";
import type { Account, App, CheckRun, Comment, Installation, Label, LineComment, Pull, Repo, Review, Team } from "./state.ts";
import { installationShape, nodeId, userShape } from "./shapes/account.ts";
import { checkRunShape } from "./shapes/check-run.ts";
import { commentShape, issueShape, labelShape } from "./shapes/issue.ts";
import { lineCommentShape } from "./shapes/line-comment.ts";
import { organizationShape, teamShape } from "./shapes/team.ts";
import { pullShape, pullSimpleShape, reviewShape } from "./shapes/pull.ts";
import { repositoryShape } from "./shapes/repository.ts";
import type { World } from "./world.ts";

/** What webhooks say, each checked by the compiler against the types that @octokit/webhooks gives its receivers. */

type Payload<E extends EmitterWebhookEventName> = EmitterWebhookEvent<E>["payload"];

/** What every event of a repository carries. */
export function commonPart(world: World, repo: Repo, sender: Account, installation: Installation) {
  const owner = must(world.state.accounts, repo.ownerId);
  return {
    repository: repositoryShape(world, repo),
    ...(owner.type === "Organization" ? { organization: organizationShape(world, owner) } : {}),
    sender: userShape(world, sender),
    installation: { id: installation.id, node_id: nodeId("MDIz", installation.id) },
  };
}

type Common = ReturnType<typeof commonPart>;

export type PullChange =
  | { action: "opened" | "reopened" | "closed" | "converted_to_draft" | "ready_for_review" }
  | { action: "synchronize"; before: string; after: string }
  | {
      action: "edited";
      changes: { title?: { from: string }; body?: { from: string }; base?: { ref: { from: string }; sha: { from: string } } };
    }
  | { action: "labeled" | "unlabeled"; label: Label }
  | { action: "review_requested" | "review_request_removed"; requested_reviewer: Account }
  | { action: "review_requested" | "review_request_removed"; requested_team: Team };

export async function pullPayload(world: World, pull: Pull, change: PullChange): Promise<(common: Common) => object> {
  const repo = must(world.state.repos, pull.repoId);
  const part = { number: pull.number, pull_request: await pullShape(world, pull) };
  return (common): object => {
    const all = { ...part, ...common };
    if ("label" in change) {
      const label = labelShape(world, repo, change.label);
      if (change.action === "labeled") return { action: "labeled", label, ...all } satisfies Payload<"pull_request.labeled">;
      return { action: "unlabeled", label, ...all } satisfies Payload<"pull_request.unlabeled">;
    }
    if (change.action === "review_requested" || change.action === "review_request_removed") return requestPayload(world, change, all);
    if (change.action === "synchronize") return { ...change, ...all } satisfies Payload<"pull_request.synchronize">;
    if (change.action === "edited") return { ...change, ...all } satisfies Payload<"pull_request.edited">;
    if (change.action === "opened") return { action: "opened", ...all } satisfies Payload<"pull_request.opened">;
    if (change.action === "reopened") return { action: "reopened", ...all } satisfies Payload<"pull_request.reopened">;
    if (change.action === "closed") return { action: "closed", ...all } satisfies Payload<"pull_request.closed">;
    if (change.action === "ready_for_review")
      return { action: "ready_for_review", ...all } satisfies Payload<"pull_request.ready_for_review">;
    return { action: "converted_to_draft", ...all } satisfies Payload<"pull_request.converted_to_draft">;
  };
}

type ReviewRequest = Extract<PullChange, { action: "review_requested" | "review_request_removed" }>;
type PullPart = Common & { number: number; pull_request: Awaited<ReturnType<typeof pullShape>> };

function requestPayload(world: World, change: ReviewRequest, all: PullPart): object {
  const { action } = change;
  if ("requested_team" in change) {
    const requested_team = teamShape(world, change.requested_team);
    if (action === "review_requested") return { action, requested_team, ...all } satisfies Payload<"pull_request.review_requested">;
    return { action, requested_team, ...all } satisfies Payload<"pull_request.review_request_removed">;
  }
  const requested_reviewer = userShape(world, change.requested_reviewer);
  if (action === "review_requested") return { action, requested_reviewer, ...all } satisfies Payload<"pull_request.review_requested">;
  return { action, requested_reviewer, ...all } satisfies Payload<"pull_request.review_request_removed">;
}

export type ReviewChange = { action: "submitted" | "dismissed" } | { action: "edited"; changes: { body: { from: string } } };

export function reviewPayload(world: World, pull: Pull, review: Review, change: ReviewChange): (common: Common) => object {
  const { action } = change;
  const shape = { ...reviewShape(world, pull, review), updated_at: review.submittedAt };
  const pull_request = pullSimpleShape(world, pull);
  // The state is in lower case in webhooks and in upper case in the REST API: GitHub's own inconsistency.
  return (common) => {
    if (action === "dismissed") {
      return {
        action,
        review: { ...shape, state: "dismissed" },
        pull_request,
        ...common,
      } satisfies Payload<"pull_request_review.dismissed">;
    }
    if (action === "edited") {
      return {
        ...change,
        review: { ...shape, state: shape.state.toLowerCase() },
        pull_request,
        ...common,
      } satisfies Payload<"pull_request_review.edited">;
    }
    return {
      action,
      review: { ...shape, state: shape.state.toLowerCase() },
      pull_request,
      ...common,
    } satisfies Payload<"pull_request_review.submitted">;
  };
}

export type CommentChange = { action: "created" | "deleted" } | { action: "edited"; changes: { body: { from: string } } };

export function commentPayload(world: World, pull: Pull, comment: Comment, change: CommentChange): (common: Common) => object {
  const repo = must(world.state.repos, pull.repoId);
  const part = { comment: commentShape(world, repo, comment), issue: issueShape(world, pull) };
  return (common): object => {
    const all = { ...part, ...common };
    if (change.action === "edited") return { ...change, ...all } satisfies Payload<"issue_comment.edited">;
    if (change.action === "created") return { action: "created", ...all } satisfies Payload<"issue_comment.created">;
    return { action: "deleted", ...all } satisfies Payload<"issue_comment.deleted">;
  };
}

export async function lineCommentPayload(
  world: World,
  pull: Pull,
  comment: LineComment,
  change: CommentChange,
): Promise<(common: Common) => object> {
  const repo = must(world.state.repos, pull.repoId);
  const shape = lineCommentShape(world, repo, pull, comment, await isOutdated(world, pull, comment));
  const part = { comment: shape, pull_request: pullSimpleShape(world, pull) };
  return (common): object => {
    const all = { ...part, ...common };
    if (change.action === "edited") return { ...change, ...all } satisfies Payload<"pull_request_review_comment.edited">;
    if (change.action === "created") return { action: "created", ...all } satisfies Payload<"pull_request_review_comment.created">;
    return { action: "deleted", ...all } satisfies Payload<"pull_request_review_comment.deleted">;
  };
}

export type CheckRunChange =
  | { action: "created" | "completed" | "rerequested" }
  | { action: "requested_action"; requested_action: { identifier: string } };

export function checkRunPayload(world: World, repo: Repo, run: CheckRun, change: CheckRunChange): (common: Common) => object {
  const check_run = checkRunShape(world, repo, run);
  return (common): object => {
    const all = { check_run, ...common };
    if (change.action === "requested_action") return { ...change, ...all } satisfies Payload<"check_run.requested_action">;
    if (change.action === "rerequested") return { action: "rerequested", ...all } satisfies Payload<"check_run.rerequested">;
    if (change.action === "created") return { action: "created", ...all } satisfies Payload<"check_run.created">;
    return { action: "completed", ...all } satisfies Payload<"check_run.completed">;
  };
}

function nameRepositories(world: World, repos: readonly Repo[]) {
  return repos.map((repo) => {
    const { id, node_id, name, full_name, private: hidden } = repositoryShape(world, repo);
    return { id, node_id, name, full_name, private: hidden };
  });
}

export function installationPayload(
  world: World,
  installation: Installation,
  repos: readonly Repo[],
  sender: Account,
  action: "created" | "deleted" | "suspend" | "unsuspend" = "created",
): object {
  const all = {
    installation: installationShape(world, installation),
    repositories: nameRepositories(world, repos),
    sender: userShape(world, sender),
  };
  if (action === "created") return { action, ...all } satisfies Payload<"installation.created">;
  if (action === "deleted") return { action, ...all } satisfies Payload<"installation.deleted">;
  const { suspended_at } = all.installation;
  if (action === "unsuspend") {
    const ended = { ...all.installation, suspended_at: null, suspended_by: null };
    return { action, ...all, installation: ended } satisfies Payload<"installation.unsuspend">;
  }
  const suspended = { ...all.installation, suspended_at: suspended_at ?? "", suspended_by: userShape(world, sender) };
  return { action, ...all, installation: suspended } satisfies Payload<"installation.suspend">;
}

export function installationRepositoriesPayload(
  world: World,
  installation: Installation,
  { added, removed }: { added: readonly Repo[]; removed: readonly Repo[] },
  sender: Account,
): object {
  const all = {
    installation: installationShape(world, installation),
    repository_selection: "selected" as const,
    repositories_added: nameRepositories(world, added),
    repositories_removed: nameRepositories(world, removed),
    requester: null,
    sender: userShape(world, sender),
  };
  if (added.length > 0) return { action: "added", ...all } satisfies Payload<"installation_repositories.added">;
  return { action: "removed", ...all } satisfies Payload<"installation_repositories.removed">;
}

export function pingPayload(world: World, app: App): object {
  return {
    zen: "Responsive is better than fast.",
    hook_id: app.id,
    hook: {
      type: "App",
      id: app.id,
      name: "web",
      active: true,
      app_id: app.id,
      events: app.events,
      config: { content_type: "json", insecure_ssl: "0", url: `${world.urls.html}/webhooks` },
      created_at: app.createdAt,
      updated_at: app.createdAt,
    },
  } satisfies Payload<"ping">;
}
