import { z } from "zod";

/**
 * The parts of the report that say what a change does: findings, nodes, effect groups and blast radius. They are zod schemas because
 * the report's JSON Schema is published (`gate/report.ts` puts the whole together); their types are the words of this room.
 */
const certname = z.string().describe("a node's certname");
const value = z.json().describe("JSON, or {sha256, size} for binary or above 64 KiB; null for a secret or where there is none");

export const severitySchema = z.enum(["error", "warning", "notice"]);

export const findingSchema = z.strictObject({
  check: z.string().describe("what looked: merge, config, facts, lint, syntax, compile, modules"),
  severity: severitySchema,
  path: z.string().nullable().describe("relative to the tree, quoted as git does where it is not UTF-8"),
  line: z.int().positive().nullable(),
  column: z.int().positive().nullable(),
  code: z.string(),
  message: z.string(),
  onChangedLine: z.boolean(),
});

export const nodeSchema = z.strictObject({
  certname,
  outcome: z.enum(["unchanged", "changed", "broken", "fixed", "pre-existing", "not-analysable"]),
  reason: z.string().nullable(),
  old: z.literal(true).optional().describe("base does not compile either, or could not be analysed"),
  services: z.array(z.string()),
  datacentre: z.string().nullable(),
  cached: z.boolean(),
});

export const groupSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  attribute: z.string().nullable().describe("null for a whole resource"),
  change: z.enum(["added", "removed", "changed", "renamed"]),
  kind: z.enum(["system", "class-parameter", "ordering", "type-only", "secret"]),
  before: value,
  after: value,
  nodes: z.array(certname).min(1),
  source: z.strictObject({ path: z.string(), line: z.int().positive().nullable() }).nullable(),
});

export const radiusSchema = z.strictObject({
  nodes: z.int().nonnegative().describe("nodes whose system would change"),
  share: z.number().min(0).max(1).describe("of all nodes that were asked for"),
  services: z.array(z.string()),
  datacentres: z.array(z.string()),
  restarts: z.array(z.strictObject({ type: z.string(), title: z.string(), nodes: z.int().positive(), cause: z.string() })),
  size: z.enum(["none", "small", "medium", "large", "fleet"]),
});

export type Finding = z.infer<typeof findingSchema>;
export type NodeOutcome = z.infer<typeof nodeSchema>;
export type EffectGroup = z.infer<typeof groupSchema>;
export type Radius = z.infer<typeof radiusSchema>;
