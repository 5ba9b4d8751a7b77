import { z } from "zod";
import { parseCommands } from "../gate/command.ts";
import type { Event, Origin } from "../gate/event.ts";
import { Problem } from "../problem.ts";
import { checkRunName } from "./check-run.ts";
import { personOf } from "./people.ts";

/** Webhook payloads as far as they mean something to us. Everything else about a change is read from the API. */

const sha = z.string().regex(/^[0-9a-f]{40,64}$/u);
const account = z.object({ id: z.int(), login: z.string(), type: z.string().optional() });
const origin = z.object({
  installation: z.object({ id: z.int() }),
  repository: z.object({ id: z.int(), name: z.string(), owner: z.object({ login: z.string() }) }),
});
const pullRequest = origin.extend({
  action: z.string(),
  sender: account.nullish(),
  pull_request: z.object({
    number: z.int(),
    updated_at: z.string(),
    user: account.nullish(),
    head: z.object({ sha, repo: z.object({ id: z.int() }).nullish() }),
  }),
});
const review = origin.extend({ action: z.string(), pull_request: z.object({ number: z.int() }) });
const comment = origin.extend({
  action: z.string(),
  issue: z.object({ number: z.int(), pull_request: z.object({}).nullish() }),
  comment: z.object({ body: z.string().nullish(), user: account.nullish() }),
});
const push = origin.extend({
  ref: z.string(),
  after: sha,
  deleted: z.boolean().optional(),
  sender: account.nullish(),
  repository: origin.shape.repository.extend({ pushed_at: z.union([z.int(), z.string()]).nullish() }),
});
const checkRun = origin.extend({
  action: z.string(),
  check_run: z.object({ name: z.string(), head_sha: sha, app: z.object({ id: z.int() }).nullish() }),
});

/** What of a pull request changes a verdict. Labels do not, and the gate's own would wake it for ever. */
const pullActions = new Set(["opened", "reopened", "closed", "synchronize", "edited", "ready_for_review", "converted_to_draft"]);

/** Turns a payload into one of our events, or null when it means nothing to us. Throws a Problem where it is not what GitHub sends. */
export function readEvent(name: string, payload: unknown, appId: number): Event | null {
  const read = readers[name];
  return read === undefined ? null : read(payload, appId);
}

const readers: Record<string, (payload: unknown, appId: number) => Event | null> = {
  pull_request: (payload) => {
    const { action, sender, pull_request, ...rest } = take("pull_request", pullRequest, payload);
    if (!pullActions.has(action)) return null;
    const { number, user, head, updated_at } = pull_request;
    // Who opened a pull request need not be who pushed its commits, which a push tells. Pushes into forks are told to nobody: its opener answers.
    const isFork = head.repo?.id !== rest.repository.id;
    const by = action === "synchronize" ? personOf(sender) : isFork ? personOf(user) : null;
    const hasMoved = action === "synchronize" || action === "opened";
    return { kind: "change-touched", ...originOf(rest), number, push: hasMoved ? { sha: head.sha, by, at: instant(updated_at) } : null };
  },
  pull_request_review: (payload) => {
    const { pull_request, ...rest } = take("pull_request_review", review, payload);
    return { kind: "change-touched", ...originOf(rest), number: pull_request.number, push: null };
  },
  issue_comment: (payload) => {
    const { action, issue, comment: said, ...rest } = take("issue_comment", comment, payload);
    const isCommand = action === "created" && personOf(said.user)?.bot === false && parseCommands(said.body ?? "").length > 0;
    if (!isCommand || (issue.pull_request ?? null) === null) return null;
    return { kind: "change-touched", ...originOf(rest), number: issue.number, push: null };
  },
  push: (payload) => {
    const { ref, after, deleted, sender, ...rest } = take("push", push, payload);
    if (!ref.startsWith("refs/heads/") || deleted === true || /^0+$/u.test(after)) return null;
    const { pushed_at } = rest.repository;
    const at = pushed_at === null || pushed_at === undefined ? null : instant(pushed_at);
    return {
      kind: "branch-pushed",
      ...originOf(rest),
      branch: ref.slice("refs/heads/".length),
      push: { sha: after, by: personOf(sender), at },
    };
  },
  check_run: (payload, appId) => {
    const { action, check_run, ...rest } = take("check_run", checkRun, payload);
    const isOurs = check_run.name === checkRunName && check_run.app?.id === appId;
    return action === "rerequested" && isOurs ? { kind: "recheck-asked", ...originOf(rest), head: check_run.head_sha } : null;
  },
};

const originOf = ({ installation, repository }: z.infer<typeof origin>): Origin => ({
  installation: installation.id,
  repository: { id: repository.id, owner: repository.owner.login, name: repository.name },
});

/** GitHub writes instants as ISO 8601, and in pushes as seconds since 1970. */
const instant = (value: string | number): string => new Date(typeof value === "number" ? value * 1000 : value).toISOString();

function take<T>(name: string, schema: z.ZodType<T>, payload: unknown): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(
    {
      code: "webhook-payload",
      text: `A ${name} webhook is not of the form that GitHub documents: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
      hint: "Set the App's webhook to content type application/json, and see the delivery under the App's advanced settings.",
    },
    { cause: result.error },
  );
}
