import type { z } from "zod";
import { parseCommands } from "../gate/command.ts";
import type { Event, Origin, ReceivedReview } from "../gate/event.ts";
import { checkRunName } from "./check-run.ts";
import { schemas, take, type NamedRepository, type RawOrigin } from "./payloads.ts";
import { personOf } from "./people.ts";
import { stances } from "./reviews.ts";
import { marker } from "./words.ts";

/** What webhooks mean. Everything else about a change is read from the API. */

/** Turns a payload into one of our events, or null when it means nothing to us. Throws a Problem where it is not what GitHub sends. */
export function readEvent(name: string, payload: unknown, appId: number): Event | null {
  // By its own names alone: every object has a `constructor`.
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return read === undefined ? null : read(payload, appId);
}

/** Whether an event of this name is one of those that mean something here. */
export const isKnownEvent = (name: string): boolean => Object.hasOwn(readers, name);

/** What of a pull request changes a verdict. */
const pullActions = new Set(["opened", "reopened", "closed", "synchronize", "edited", "ready_for_review", "converted_to_draft"]);
/** The gate's own labels, which would wake it for ever; any other may be named in a rule. */
const ownLabels = /^(?:radius|service|restart)\//u;

const readers: Record<string, (payload: unknown, appId: number) => Event | null> = {
  pull_request: (payload) => {
    const { action, sender, label, pull_request, ...rest } = take("pull_request", schemas.pull_request, payload);
    const isLabel = (action === "labeled" || action === "unlabeled") && !ownLabels.test(label?.name ?? "");
    if (!isLabel && !pullActions.has(action)) return null;
    const { number, user, head, updated_at } = pull_request;
    // Who opened a pull request need not be who pushed its commits, which a push tells. Pushes into forks are told to nobody: its opener answers.
    const isFork = head.repo?.id !== rest.repository.id;
    const by = action === "synchronize" ? personOf(sender) : isFork ? personOf(user) : null;
    const hasMoved = action === "synchronize" || action === "opened";
    return { kind: "change-touched", ...originOf(rest), number, push: hasMoved ? { sha: head.sha, by, at: instant(updated_at) } : null };
  },
  pull_request_review: (payload) => {
    const { action, review, pull_request, ...rest } = take("pull_request_review", schemas.pull_request_review, payload);
    // The gate's own suggestions are a review too.
    if (personOf(review.user)?.bot === true && stances[review.state.toUpperCase()] === "commented") return null;
    const received = action === "submitted" ? receivedOf(review) : null;
    const touched = { kind: "change-touched", ...originOf(rest), number: pull_request.number, push: null } as const;
    return received === null ? touched : { ...touched, review: received };
  },
  issue_comment: (payload) => {
    const { issue, ...rest } = take("issue_comment", schemas.issue_comment, payload);
    if ((issue.pull_request ?? null) === null || !matters(rest)) return null;
    const touched = { kind: "change-touched", ...originOf(rest), number: issue.number, push: null } as const;
    if (rest.action === "created") return { ...touched, comment: rest.comment.id };
    const isOurs = personOf(rest.comment.user)?.bot === true;
    return rest.action === "edited" && !isOurs ? { ...touched, edited: { comment: rest.comment.id, by: personOf(rest.sender) } } : touched;
  },
  push: (payload) => {
    const { ref, before, after, deleted, forced, sender, ...rest } = take("push", schemas.push, payload);
    if (!ref.startsWith("refs/heads/") || deleted === true || isNull(after)) return null;
    const { pushed_at } = rest.repository;
    const at = pushed_at === null || pushed_at === undefined ? null : instant(pushed_at);
    return {
      kind: "branch-pushed",
      ...originOf(rest),
      branch: ref.slice("refs/heads/".length),
      push: { sha: after, by: personOf(sender), at },
      before: before === null || before === undefined || isNull(before) ? null : before,
      forced: forced === true,
    };
  },
  check_run: (payload, appId) => {
    const { action, check_run, ...rest } = take("check_run", schemas.check_run, payload);
    const head = check_run.head_sha;
    if (check_run.app?.id !== appId)
      return action === "created" || action === "completed" ? { kind: "head-touched", ...originOf(rest), head } : null;
    return action === "rerequested" && check_run.name === checkRunName ? { kind: "recheck-asked", ...originOf(rest), head } : null;
  },
  check_suite: (payload, appId) => {
    const { action, check_suite, ...rest } = take("check_suite", schemas.check_suite, payload);
    const head = check_suite.head_sha;
    if (check_suite.app?.id !== appId) return action === "completed" ? { kind: "head-touched", ...originOf(rest), head } : null;
    return action === "rerequested" ? { kind: "recheck-asked", ...originOf(rest), head } : null;
  },
  status: (payload) => {
    const { sha, ...rest } = take("status", schemas.status, payload);
    return { kind: "head-touched", ...originOf(rest), head: sha };
  },
  member: (payload) => ({ kind: "repository-touched", ...originOf(take("member", schemas.member, payload)) }),
  membership: (payload) => peopleChanged("membership", payload),
  team: (payload) => peopleChanged("team", payload),
  organization: (payload) => peopleChanged("organization", payload),
  merge_group: (payload) => {
    const { action, merge_group, ...rest } = take("merge_group", schemas.merge_group, payload);
    return action === "checks_requested" ? { kind: "merge-group", ...originOf(rest), head: merge_group.head_sha } : null;
  },
  installation: (payload) => {
    const { action, installation, repositories = [] } = take("installation", schemas.installation, payload);
    const { id } = installation;
    if (action === "created" || action === "unsuspend")
      return { kind: "installation", installation: id, state: "active", added: repositories.map(repositoryOf), removed: [] };
    if (action === "deleted" || action === "suspend") {
      const removed = repositories.map((repository) => repository.id);
      return { kind: "installation", installation: id, state: action === "deleted" ? "deleted" : "suspended", added: [], removed };
    }
    // What was refused for want of a permission may be granted now.
    return action === "new_permissions_accepted" ? { kind: "people-changed", installation: id } : null;
  },
  installation_repositories: (payload) => {
    const { installation, ...lists } = take("installation_repositories", schemas.installation_repositories, payload);
    const removed = lists.repositories_removed.map(({ id }) => id);
    const added = lists.repositories_added.map(repositoryOf);
    return { kind: "installation", installation: installation.id, state: "active", added, removed };
  },
};

const peopleChanged = (name: string, payload: unknown): Event => ({
  kind: "people-changed",
  installation: take(name, schemas.people, payload).installation.id,
});

/** The receipt of a review; null where it has no use, because nobody in particular gave it or it names no head. */
function receivedOf({
  id,
  user,
  state,
  commit_id,
  submitted_at,
}: z.infer<typeof schemas.pull_request_review>["review"]): ReceivedReview | null {
  const reviewer = personOf(user);
  const stance = stances[state.toUpperCase()];
  if (reviewer === null || reviewer.bot || stance === undefined || stance === "dismissed") return null;
  if (typeof commit_id !== "string" || typeof submitted_at !== "string") return null;
  return { id, reviewer: reviewer.id, commit: commit_id, submittedAt: instant(submitted_at), state: stance };
}

/**
 * A command that is new; one that was edited, into a comment or away from it, or deleted, for it may carry a wish; and the gate's own
 * comment when a person changed it.
 */
function matters({ action, comment, changes, sender }: Omit<z.infer<typeof schemas.issue_comment>, "issue">): boolean {
  const texts = [comment.body ?? "", changes?.body?.from ?? ""];
  const author = personOf(comment.user);
  if (author?.bot === true) return action !== "created" && personOf(sender)?.bot === false && texts.some((text) => text.includes(marker));
  return author !== null && texts.some((text) => parseCommands(text).length > 0);
}

const originOf = ({ installation, repository }: RawOrigin): Origin => ({
  installation: installation.id,
  repository: { id: repository.id, owner: repository.owner.login, name: repository.name },
});

function repositoryOf({ id, full_name }: NamedRepository): Origin["repository"] {
  const [owner = "", name = ""] = full_name.split("/");
  return { id, owner, name };
}

/** What git says for "no commit". */
const isNull = (sha: string): boolean => /^0+$/u.test(sha);

/** GitHub writes instants as ISO 8601, and in pushes as seconds since 1970. */
const instant = (value: string | number): string => new Date(typeof value === "number" ? value * 1000 : value).toISOString();
