import { z } from "zod";

/**
 * The parts of the report that say what a change does: findings, nodes, effect groups and blast radius. They are zod schemas because
 * the report's JSON Schema is published (`gate/report.ts` puts the whole together); their types are the words of this room.
 */
const count = z.int().nonnegative();
const certname = z.string().describe("a node's certname");
const value = z.json().describe("JSON, or {sha256, size} for binary or above 64 KiB; null for a secret or where there is none");

export const severitySchema = z.enum(["error", "warning", "notice"]);

export const findingSchema = z.strictObject({
  check: z.string().describe("what looked: merge, config, facts, lint, syntax, preconditions, compile, modules"),
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
  unplaced: z
    .array(z.enum(["services", "datacentre", "restarts"]))
    .min(1)
    .optional()
    .describe("what is not known of a node that the change reaches; the reason says why"),
  services: z.array(z.string()),
  datacentre: z.string().nullable(),
  cached: z.boolean().describe("base's catalog is of an earlier check"),
  reached: z.string().optional().describe("why it was compiled with the change: what differs that its catalog on base was seen to rest on"),
});

/** Of one node that was asked about: why it was compiled with the change, and what its catalog on base rests on. */
export const explainedSchema = z.strictObject({
  certname,
  compiled: z.string().nullable().describe("why; null where nothing differs that its catalog rests on"),
  rests: z
    .strictObject({
      names: count.describe("classes and defines that were asked for"),
      functions: count,
      types: count.describe("data types"),
      keys: count.describe("keys of the data"),
      data: z.array(z.string()).describe("data files, by path"),
      files: z.array(z.string()).describe("templates and other files that were read or looked for, by path"),
      facts: z.array(z.string()).describe("facts, by path"),
      sources: z.array(z.string()).describe("addresses of files that agents are served"),
    })
    .nullable()
    .describe("null where nobody can say"),
});

/** What deserves a second look, whatever else is said of a change: `concerns.ts` says when. */
const concernSchema = z
  .enum([
    "deletes",
    "unmanaged",
    "stops",
    "disarmed",
    "armed",
    "sudo",
    "firewall",
    "accounts",
    "ssh-keys",
    "login",
    "mounts",
    "root-cron",
    "setuid",
  ])
  .describe("why it deserves a second look");

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
  note: z.string().optional().describe("what the values alone don't tell, as a fragment of a sentence"),
  concerns: z.array(concernSchema).optional().describe("missing where there are none"),
});

const restartSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  nodes: z.int().positive(),
  cause: z.string(),
  certnames: z.array(certname).optional().describe("the nodes, sorted"),
});

export const capacitySchema = z.strictObject({
  service: z.string().nullable().describe("null: nodes that are of no service, or of none that is known"),
  datacentre: z.string().nullable(),
  nodes: count.describe("of this service in this datacentre, changed or not"),
  changing: count.describe("of these, nodes whose system would change"),
  restarting: count.describe("of these, nodes on which a service would restart"),
});

/** What several effects come from, as far as it is known. `groups` are indices into the report's. */
export const causeSchema = z.strictObject({
  kind: z.enum(["data", "manifest", "default", "template", "function", "served-file", "file"]),
  name: z.string().describe("a key of the data, a type's defaults, or a path"),
  places: z.array(z.strictObject({ path: z.string(), line: z.int().positive().nullable() })),
  certain: z.boolean().describe("false: likely, for the reason given"),
  reason: z.string().describe("what makes it the cause, as a clause"),
  groups: z.array(count).min(1),
  resources: z.int().positive().describe("distinct resources"),
  nodes: z.int().positive(),
});

export const radiusSchema = z.strictObject({
  nodes: z.int().nonnegative().describe("nodes whose system would change"),
  share: z.number().min(0).max(1).describe("of all nodes that were asked for"),
  services: z.array(z.string()),
  datacentres: z.array(z.string()),
  restarts: z.array(restartSchema),
  capacity: z.array(capacitySchema).optional().describe("of each service that is reached, by datacentre"),
  size: z.enum(["none", "small", "medium", "large", "fleet"]),
});

export const coverageSchema = z.strictObject({
  nodes: count.describe("nodes that were asked for"),
  plan: z
    .strictObject({
      kept: count.describe("nodes that were not compiled with the change, since nothing differs that their catalogs rest on"),
      reached: count.describe("nodes that were"),
      sampled: count.describe("of the former, nodes that were compiled all the same, to prove the plan"),
      missed: z.array(certname).describe("of these, nodes with another catalog: never, as far as anybody knows"),
    })
    .optional(),
  compared: count.describe("of these, nodes whose catalogs of both sides could be compared, or that are new"),
  unseen: z
    .array(
      z.strictObject({
        what: z
          .enum([
            "facts",
            "providers",
            "types",
            "sources",
            "encrypted",
            "stand-ins",
            "missing",
            "environments",
            "importers",
            "values",
            "ignored",
            "chance",
          ])
          .describe(
            "changed files of custom facts, providers or types; files served from outside the tree; values of hiera-eyaml; what lies outside; values that no type took; what the policy leaves out; changed classes that were compiled only once",
          ),
        count: z.int().positive(),
        text: z.string().describe("what can't be seen and why, as it stands behind the count"),
      }),
    )
    .describe("what no catalog shows, in order of weight"),
  missing: z
    .array(
      z.strictObject({
        kind: z.enum(["hiera", "file", "dns", "puppetdb"]),
        name: z.string().describe("the path, name or query, whole"),
        nodes: z.int().positive().describe("nodes that asked for it"),
      }),
    )
    .optional()
    .describe("all that was asked for outside the tree and has no stand-in, also by nodes that failed"),
});

export type Coverage = z.infer<typeof coverageSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type Explained = z.infer<typeof explainedSchema>;
export type NodeOutcome = z.infer<typeof nodeSchema>;
export type EffectGroup = z.infer<typeof groupSchema>;
export type Concern = z.infer<typeof concernSchema>;
export type Capacity = z.infer<typeof capacitySchema>;
export type Cause = z.infer<typeof causeSchema>;
export type Radius = z.infer<typeof radiusSchema>;
