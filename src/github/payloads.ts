import { z } from "zod";
import { Problem } from "../problem.ts";

/** Webhook payloads as far as they mean something to us. https://docs.github.com/en/webhooks/webhook-events-and-payloads */

const sha = z.string().regex(/^[0-9a-f]{40,64}$/u);
/** What a database can keep: any text but for one with a NUL. */
const text = z.string().refine((value) => !value.includes("\0"), "has a NUL");
/** Of the years that everybody writes with four digits. */
const instant = z.string().refine((value) => /^\d{4}-/u.test(value) && Number.isFinite(Date.parse(value)), "is no instant");
const secondsSince1970 = z.int().nonnegative().max(253_402_300_799);
/** Of a pull request: GitHub counts in 32 bits. */
const number = z
  .int()
  .positive()
  .max(2 ** 31 - 1);
const account = z.object({ id: z.int(), login: text, type: z.string().optional() });
const app = z.object({ id: z.int() }).nullish();
const installation = z.object({ installation: z.object({ id: z.int() }) });
const origin = installation.extend({
  repository: z.object({ id: z.int(), name: text, owner: z.object({ login: text }) }),
});
/** A repository where GitHub names many: without its owner, but for the full name. */
const named = z.object({ id: z.int(), full_name: text.regex(/^[^/]+\/[^/]+$/u) });

export type RawOrigin = z.infer<typeof origin>;
export type NamedRepository = z.infer<typeof named>;

export const schemas = {
  pull_request: origin.extend({
    action: z.string(),
    sender: account.nullish(),
    label: z.object({ name: z.string() }).nullish(),
    pull_request: z.object({
      number,
      updated_at: instant,
      user: account.nullish(),
      head: z.object({ sha, repo: z.object({ id: z.int() }).nullish() }),
    }),
  }),
  pull_request_review: origin.extend({
    action: z.string(),
    pull_request: z.object({ number }),
    review: z.object({
      id: z.int(),
      user: account.nullish(),
      state: z.string(),
      commit_id: sha.nullish(),
      submitted_at: instant.nullish(),
    }),
  }),
  issue_comment: origin.extend({
    action: z.string(),
    sender: account.nullish(),
    issue: z.object({ number, pull_request: z.object({}).nullish() }),
    comment: z.object({ id: z.int(), body: z.string().nullish(), user: account.nullish() }),
    changes: z.object({ body: z.object({ from: z.string() }).nullish() }).nullish(),
  }),
  push: origin.extend({
    ref: text,
    before: sha.nullish(),
    after: sha,
    deleted: z.boolean().optional(),
    forced: z.boolean().optional(),
    sender: account.nullish(),
    repository: origin.shape.repository.extend({ pushed_at: z.union([secondsSince1970, instant]).nullish() }),
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
