import { z } from "zod";
import { toldSchema } from "../catalog/expect/told.ts";
import { causeSchema, coverageSchema, explainedSchema, findingSchema, groupSchema, nodeSchema, radiusSchema } from "../catalog/effects.ts";

/**
 * The report's contract, `puppet-gate/report@1`: what `check --json` prints, what `--output` writes, and what the gate stores and
 * renders. One schema gives the type, the validation and the JSON Schema that `puppet-gate schema report` publishes.
 */
const sha = z.string().nullable().describe("full object id; null for the worktree");

export const reasonSchema = z.strictObject({
  rule: z.string(),
  outcome: z.enum(["pass", "fail", "pending", "unknown", "skipped"]),
  text: z.string(),
  passing: z
    .literal(true)
    .optional()
    .describe("whether the next check may know better, the commits being the same: `serve` tries again by itself"),
});

export const moduleChangeSchema = z.strictObject({
  name: z.string(),
  before: z.string().nullable().describe("version or commit, as pinned where it was not had; null where base has none"),
  after: z.string().nullable(),
  line: z.int().positive().nullable().describe("of the Puppetfile"),
  commits: z
    .strictObject({ ahead: z.int().nonnegative(), behind: z.int().nonnegative(), subjects: z.array(z.string()) })
    .nullable()
    .describe("null where it is not from git"),
  files: z.array(z.strictObject({ path: z.string(), status: z.enum(["added", "modified", "removed"]) })),
  moreFiles: z.int().nonnegative().describe("that `files` does not name"),
  published: z
    .boolean()
    .optional()
    .describe("whether a branch or tag of its upstream has the new commit; missing where it is not from git, or nobody asked"),
  unseen: z.string().optional().describe("why the content of one side is not known, so that files and commits are not told"),
});
export type ModuleChange = z.infer<typeof moduleChangeSchema>;

export const reportSchema = z.strictObject({
  schema: z.literal("puppet-gate/report@1"),
  base: z.strictObject({ ref: z.string(), sha }),
  head: z.strictObject({ ref: z.string(), sha }),
  tree: sha.describe("of the merge result; null when base and head conflict"),
  verdict: z.strictObject({ outcome: z.enum(["pass", "blocked", "unknown"]), reasons: z.array(reasonSchema) }),
  findings: z.array(findingSchema),
  suggestions: z
    .array(z.strictObject({ path: z.string(), line: z.int().positive(), endLine: z.int().positive(), text: z.string() }))
    .optional()
    .describe("puppet-lint's own mending of lines that the change touches, from `line` to `endLine`"),
  debt: z.strictObject({ lint: z.int().nonnegative() }).describe("lint findings in the changed files that base has too"),
  facts: z
    .strictObject({ from: z.enum(["folder", "puppetdb", "tree", "assumed"]), id: z.string(), standIns: z.string().optional() })
    .optional()
    .describe(
      "what was judged by: where the node facts are from, the digest of all that is known of the nodes (facts, trusted data, classification), and that of the stand-ins where there are any",
    ),
  nodes: z.array(nodeSchema),
  groups: z.array(groupSchema),
  modules: z.array(moduleChangeSchema).optional().describe("modules from elsewhere whose content changes"),
  causes: z.array(causeSchema).optional().describe("root causes that are known, the one with the most effects first"),
  radius: radiusSchema,
  coverage: coverageSchema.optional().describe("how much was looked at; missing where nothing was, and in reports of before"),
  expectations: z
    .array(toldSchema)
    .optional()
    .describe("what became of what reviewers look for; missing where there is nothing of the kind"),
  explained: explainedSchema.optional().describe("a node that was asked about"),
  timing: z.record(z.string(), z.number().nonnegative()).describe("milliseconds by step; `total` is the whole"),
});

/** What `--json` prints instead when the check could not begin. */
export const failureSchema = z.strictObject({
  schema: z.literal("puppet-gate/report@1"),
  error: z.strictObject({ code: z.string(), text: z.string(), hint: z.string() }),
});

export type Report = z.infer<typeof reportSchema>;
