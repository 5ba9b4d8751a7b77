import { z } from "zod";
import { Problem } from "../problem.ts";

/** Webhook payloads as far as they mean something to us. https://docs.github.com/en/webhooks/webhook-events-and-payloads */

const sha = z.string().regex(/^[0-9a-f]{40,64}$/u);
const account = z.object({ id: z.int(), login: z.string(), type: z.string().optional() });
const app = z.object({ id: z.int() }).nullish();
const installation = z.object({ installation: z.object({ id: z.int() }) });
const origin = installation.extend({
  repository: z.object({ id: z.int(), name: z.string(), owner: z.object({ login: z.string() }) }),
});
/** A repository where GitHub names many: without its owner, but for the full name. */
const named = z.object({ id: z.int(), full_name: z.string().regex(/^[^/]+\/[^/]+$/u) });

export type RawOrigin = z.infer<typeof origin>;
export type NamedRepository = z.infer<typeof named>;

export const schemas = {
  pull_request: origin.extend({
    action: z.string(),
    sender: account.nullish(),
    label: z.object({ name: z.string() }).nullish(),
    pull_request: z.object({
      number: z.int(),
      updated_at: z.string(),
      user: account.nullish(),
      head: z.object({ sha, repo: z.object({ id: z.int() }).nullish() }),
    }),
  }),
  pull_request_review: origin.extend({
    action: z.string(),
    pull_request: z.object({ number: z.int() }),
    review: z.object({
      id: z.int(),
      user: account.nullish(),
      state: z.string(),
      commit_id: sha.nullish(),
      submitted_at: z.string().nullish(),
    }),
  }),
  issue_comment: origin.extend({
    action: z.string(),
    sender: account.nullish(),
    issue: z.object({ number: z.int(), pull_request: z.object({}).nullish() }),
    comment: z.object({ id: z.int(), body: z.string().nullish(), user: account.nullish() }),
    changes: z.object({ body: z.object({ from: z.string() }).nullish() }).nullish(),
  }),
  push: origin.extend({
    ref: z.string(),
    before: sha.nullish(),
    after: sha,
    deleted: z.boolean().optional(),
    forced: z.boolean().optional(),
    sender: account.nullish(),
    repository: origin.shape.repository.extend({ pushed_at: z.union([z.int(), z.string()]).nullish() }),
  }),
  check_run: origin.extend({ action: z.string(), check_run: z.object({ name: z.string(), head_sha: sha, app }) }),
  check_suite: origin.extend({ action: z.string(), check_suite: z.object({ head_sha: sha, app }) }),
  status: origin.extend({ sha }),
  member: origin,
  merge_group: origin.extend({ action: z.string(), merge_group: z.object({ head_sha: sha }) }),
  /** `membership`, `team` and `organization` alike. */
  people: installation,
  installation: installation.extend({ action: z.string(), repositories: z.array(named).optional() }),
  installation_repositories: installation.extend({
    repositories_added: z.array(named),
    repositories_removed: z.array(z.object({ id: z.int() })),
  }),
};

/** A payload as its schema has it. Throws a Problem where it is not what GitHub sends. */
export function take<T>(name: string, schema: z.ZodType<T>, payload: unknown): T {
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
