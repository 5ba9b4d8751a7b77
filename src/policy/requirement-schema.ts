import { z } from "zod";
import { condition, team, treePath, user } from "./atoms.ts";
import type { Approvers, RequiredCheck, Requirement } from "./requirement.ts";

/** What a rule asks for, as people write it: a tree, in which each mapping says one thing. `rule-faults.ts` has what a schema can't say. */
export interface RequirementFile {
  all?: RequirementFile[] | undefined;
  any?: RequirementFile[] | undefined;
  not?: RequirementFile | undefined;
  approvals?: z.output<typeof approvalsSchema> | undefined;
  check?: z.output<typeof checkSchema> | undefined;
  condition?: string | undefined;
}

const fromSchema = z.strictObject({
  users: z.array(user).max(100).default([]).describe("Logins. Users and teams are one set: each of them may approve."),
  teams: z.array(team).max(100).default([]).describe("Teams with their organisation, like `acme/sre`."),
  permission: z
    .enum(["write", "admin"])
    .default("write")
    .describe("The access to the repository that an approver needs, whoever else is asked for."),
  owners: z
    .literal("affected-services")
    .optional()
    .describe("Each service that the change affects needs so many approvals of its owners; one person may count for several."),
  codeowners: z
    .enum(["every-path", "named-paths"])
    .optional()
    .describe(
      "Each changed path needs so many approvals of its owners by base's CODEOWNERS. `every-path` is not content with a path that has no owner; `named-paths` leaves such paths.",
    ),
});

const approvalsSchema = z.strictObject({
  count: z.int().min(1).max(10).describe("How many. Nobody who contributed to the change counts."),
  from: fromSchema.prefault({}).describe("By whom. Default: anybody with write access."),
});

const checkSchema = z.strictObject({
  name: z.string().min(1).max(255).describe("The check run's name, as the pull request shows it."),
  app_id: z.int().min(1).describe("The id of the GitHub App that reports it: any App may use any name. GitHub Actions is 15368."),
  accept: z
    .array(z.enum(["success", "neutral", "skipped"]))
    .min(1)
    .max(3)
    .default(["success"])
    .describe("The conclusions that are good enough."),
  workflow: treePath
    .regex(/^\.github\/workflows\/[^/]+\.ya?ml$/u, "the path of a workflow file, like `.github/workflows/ci.yml`")
    .optional()
    .describe("The workflow file that has to have reported it. Default: any of that App's."),
  timeout_minutes: z.int().min(1).max(10_080).default(60).describe("Minutes after which a check that did not report is called missing."),
});

const branches = (what: string): z.ZodOptional<z.ZodArray<z.ZodType<RequirementFile>>> =>
  z
    .array(z.lazy(() => requirementSchema))
    .min(1)
    .max(20)
    .optional()
    .describe(what);

export const requirementSchema: z.ZodType<RequirementFile> = z
  .strictObject({
    all: branches("Every one of these."),
    any: branches("One of these. One that could not be learnt does not hide another that holds."),
    not: z
      .lazy(() => requirementSchema)
      .optional()
      .describe("The opposite, of conditions only: the absence of an approval or a check is nothing to wait for."),
    approvals: approvalsSchema.optional().describe("Approvals of what would land now."),
    check: checkSchema.optional().describe("A check that somebody else reports on the head."),
    condition: condition.optional().describe("CEL over the same as `when`: what must be true of the change."),
  })
  .meta({ id: "requirement", minProperties: 1, maxProperties: 1, description: "What must be so: one key, and the tree below it." });

/** The kinds of requirement, as a mapping names them. */
export const requirementKinds = ["all", "any", "not", "approvals", "check", "condition"] as const;

/** The requirement of a written one. That it says exactly one thing, `rule-faults.ts` has seen to. */
export function toRequirement(file: RequirementFile): Requirement {
  if (file.all !== undefined) return { all: file.all.map(toRequirement) };
  if (file.any !== undefined) return { any: file.any.map(toRequirement) };
  if (file.not !== undefined) return { not: toRequirement(file.not) };
  if (file.approvals !== undefined) return { approvals: { count: file.approvals.count, from: toApprovers(file.approvals.from) } };
  if (file.check !== undefined) return { check: toCheck(file.check) };
  if (file.condition !== undefined) return { condition: file.condition };
  throw new Error("a requirement without a kind came past the policy's door");
}

const toApprovers = ({ users, teams, permission, owners, codeowners }: z.output<typeof fromSchema>): Approvers => ({
  users: users.map(withoutAt),
  teams: teams.map(withoutAt),
  permission,
  owners: owners ?? null,
  codeowners: codeowners ?? null,
});

const toCheck = ({ name, app_id, accept, workflow, timeout_minutes }: z.output<typeof checkSchema>): RequiredCheck => ({
  name,
  appId: app_id,
  accept,
  workflow: workflow ?? null,
  timeoutMinutes: timeout_minutes,
});

export const withoutAt = (written: string): string => written.replace(/^@/u, "");
