import { recordChange, recordDismissal } from "./issue-events.ts";
import { covers, must } from "./lookup.ts";
import {
  checkRunPayload,
  commentPayload,
  commonPart,
  lineCommentPayload,
  pullPayload,
  reviewPayload,
  type CheckRunChange,
  type CommentChange,
  type PullChange,
  type ReviewChange,
} from "./payloads.ts";
import type { Account, CheckRun, Comment, LineComment, Pull, Repo, Review } from "./state.ts";
import type { World } from "./world.ts";

/** Tells Apps what happened: those installed on the repository and subscribed to the event. */

/** Events an App can subscribe to here, with the permissions of which it needs one to do so. No `merge_group` ever comes: there is no queue. */
export const subscribable: Readonly<Record<string, readonly string[]>> = {
  pull_request: ["pull_requests"],
  pull_request_review: ["pull_requests"],
  pull_request_review_comment: ["pull_requests"],
  issue_comment: ["issues", "pull_requests"],
  push: ["contents"],
  check_run: ["checks"],
  check_suite: ["checks"],
  workflow_run: ["actions"],
  status: ["statuses"],
  deployment: ["deployments"],
  deployment_status: ["deployments"],
  member: ["members"],
  membership: ["members"],
  organization: ["members"],
  team: ["members"],
  merge_group: ["merge_queues"],
};

/** Everything that can be delivered: what Apps subscribe to, and what they are told without. */
export const eventNames: ReadonlySet<string> = new Set([...Object.keys(subscribable), "installation", "installation_repositories", "ping"]);

type Build = (common: ReturnType<typeof commonPart>) => object;

/** @param only the one App to tell, where it is not for all */
export function emit(world: World, repo: Repo, sender: Account, event: string, build: Build, only?: number): void {
  const { state, deliveries } = world;
  for (const installation of state.installations.values()) {
    if (!covers(installation, repo) || installation.suspendedAt !== null || !installation.events.includes(event)) continue;
    if (only !== undefined && only !== installation.appId) continue;
    deliveries.send(must(state.apps, installation.appId), event, build(commonPart(world, repo, sender, installation)));
  }
}

const repoOf = (world: World, pull: Pull): Repo => must(world.state.repos, pull.repoId);

export async function pullChanged(world: World, pull: Pull, sender: Account, change: PullChange): Promise<void> {
  await recordChange(world, pull, sender, change);
  emit(world, repoOf(world, pull), sender, "pull_request", await pullPayload(world, pull, change));
}

export function reviewChanged(world: World, pull: Pull, review: Review, sender: Account, change: ReviewChange): void {
  if (change.action === "dismissed") recordDismissal(world, pull, review, sender);
  emit(world, repoOf(world, pull), sender, "pull_request_review", reviewPayload(world, pull, review, change));
}

export async function lineCommentChanged(
  world: World,
  pull: Pull,
  comment: LineComment,
  sender: Account,
  change: CommentChange,
): Promise<void> {
  emit(world, repoOf(world, pull), sender, "pull_request_review_comment", await lineCommentPayload(world, pull, comment, change));
}

export function commentChanged(world: World, pull: Pull, comment: Comment, sender: Account, change: CommentChange): void {
  emit(world, repoOf(world, pull), sender, "issue_comment", commentPayload(world, pull, comment, change));
}

/** What a person asks of a run goes to the App that made it; what a run did goes to everybody. */
export function checkRunChanged(world: World, repo: Repo, run: CheckRun, sender: Account, change: CheckRunChange): void {
  const asked = change.action === "rerequested" || change.action === "requested_action";
  emit(world, repo, sender, "check_run", checkRunPayload(world, repo, run, change), asked ? run.appId : undefined);
}
