import { z } from "zod";
import { type Announce, announceSchema, toAnnounce } from "./announce-schema.ts";
import { condition, glob, name, owner, percent, treePath } from "./atoms.ts";
import { factsSchema, type FactsPolicy, toFacts } from "./facts-schema.ts";
import { defaultRules } from "./default-rules.ts";
import { breakGlassSchema, freezeSchema, nodeDebtSchema, toBreakGlass, toFreeze } from "./guard-schemas.ts";
import { type Lane, lanesSchema, type RolloutPolicy, rolloutSchema, toLanes, toRollout } from "./lanes-schema.ts";
import { type Preconditions, preconditionsSchema, toPreconditions } from "./preconditions.ts";
import { requirementSchema, toRequirement } from "./requirement-schema.ts";
import { differencesSchema, emptySchema, type Ignored, type MeantEmpty, toIgnored } from "./leniency.ts";
import type { BreakGlass, Freeze, NodeDebt, Requirement } from "./requirement.ts";

/**
 * `.github/puppet-gate.yml` as people write it, and the policy as code sees it. The written form is one strict zod schema: it gives the
 * checks, the defaults and the JSON Schema that editors complete from. `load.ts` makes a `Policy` of it and adds what a schema
 * can't say: conditions that type-check, names that are unique, sizes that rise.
 */

const serviceSchema = z
  .strictObject({
    name: name.describe("The service's name, as people say it."),
    owners: z.array(owner).default([]).describe("Who owns it: users and teams, as `@ann` and `@acme/web`."),
    lane_percent: percent
      .gt(0, "more than nothing")
      .optional()
      .describe(
        "Most percent of its nodes that one lane may hold, because they get a release at once. One is always allowed. Default: any.",
      ),
    runbook: z
      .string()
      .max(500)
      .regex(
        /^(?:https:\/\/[^\s<>"'`\\|]+|(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[A-Za-z0-9_./-]+)$/u,
        "an https address, or a path inside the repository, like `docs/playlist.md`",
      )
      .optional()
      .describe("What to do when the service is in trouble: told to whoever is called because a release failed on its nodes."),
    match: condition.describe(
      "CEL over `certname`, `trusted` {certname, hostname, domain, extensions, external, authenticated}, `enc` {classes, parameters, environment} and `classes` (of base's catalog): the nodes that carry the service. A trusted extension or ENC parameter that a node does not have makes the match false.",
    ),
  })
  .describe("A service and the nodes that carry it.");

const sizesSchema = z
  .strictObject({
    small: percent.default(2).describe("Up to and including this share of the fleet, in percent, a change is small."),
    medium: percent.default(10).describe("The same for medium."),
    large: percent.default(40).describe("The same for large; above it a change is fleet-wide."),
  })
  .describe("Thresholds of the blast radius, in percent of the nodes that were looked at.");

const radiusSchema = z.strictObject({
  datacentre: condition
    .default("trusted.extensions.pp_datacenter")
    .describe(
      "CEL over `certname`, `trusted`, `enc` and `classes` that gives a node's datacentre; a node without the extension or parameter it reads has none.",
    ),
  sizes: sizesSchema.prefault({}),
});

const lintSchema = z.strictObject({
  disable: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9_]*$/u, "the name of a puppet-lint check, like `documentation` or `140chars`"))
    .default([])
    .describe("puppet-lint checks that do not run."),
  ignores: z
    .enum(["refuse", "allow"])
    .default("refuse")
    .describe("What becomes of a `lint:ignore` comment that a change adds: `refuse` makes it a finding of its own."),
});

const compileSchema = z.strictObject({
  environment: z
    .string()
    .regex(/^[a-z0-9_]+$/u, "an environment's name: lower-case letters, digits and `_`")
    .default("production")
    .describe("What Puppet's `$environment` is."),
  modulepath: z
    .array(treePath)
    .min(1)
    .optional()
    .describe("Module folders of the repository, in order. Default: what environment.conf says, else `modules`."),
  manifest: treePath.optional().describe("The main manifest, a file or a folder. Default: what environment.conf says, else `manifests`."),
  lost_percent: z
    .number()
    .min(0)
    .max(100)
    .default(50)
    .describe(
      "Percent of a node's resources that a change without manifests may take away. More blocks: that is how lost data looks. 100: any.",
    ),
  enc: treePath
    .optional()
    .describe(
      "Which classes and parameters each node has, as an ENC says: a file of nodes by certname, or a folder with one file a node. Nothing is run.",
    ),
  stand_ins: treePath
    .optional()
    .describe("Folder of stand-ins for what is private: `files/`, `dns.yaml`, `puppetdb.yaml` (docs/stand-ins.md)."),
  node_seconds: z.number().min(1).max(3600).default(60).describe("Seconds that one node's catalog may take."),
  start_seconds: z.number().min(1).max(3600).default(120).describe("Seconds that a worker may take to start."),
  memory_mib: z.int().min(256).max(65_536).default(2048).describe("MiB of address space for one worker."),
  processes: z.int().min(8).max(4096).default(64).describe("Processes that one sandbox may have."),
  output_mib: z.int().min(1).max(1024).default(64).describe("MiB of one node's catalog as JSON."),
  check_minutes: z
    .number()
    .min(1)
    .max(1440)
    .default(120)
    .describe("Minutes that a whole check may take, waiting for other checks included; then all that runs for it is killed."),
});

const modulesSchema = z.strictObject({
  sources: z
    .array(z.string().regex(/^https?:\/\/[^\s]+$/u, "a pattern of addresses, like `https://github.com/acme/*`"))
    .max(100)
    .default([])
    .describe(
      "Addresses that modules of the Puppetfile may be fetched from: patterns where `*` stands for a part between slashes and `**` for several, and a forge's own address. Default: none, and modules are taken as they lie.",
    ),
});

const mode = z.enum(["enforce", "observe"]).default("enforce");

const ruleSchema = z
  .strictObject({
    name: name.describe("The rule's name, as verdicts quote it."),
    mode: mode.describe("`observe`: the rule says what it would have done, and blocks nothing."),
    when: condition
      .default("true")
      .describe(
        'CEL over `change` {author, labels, paths, base, fork, policy, links}, `radius`, `groups` and `findings`: when the rule applies. A path is compared with a pattern by `path.glob("data/**")`. Default: always.',
      ),
    require: requirementSchema.describe("What must be so before the change may land."),
  })
  .describe("A rule of review.");

const reviewSchema = z.strictObject({
  suggestions: z
    .enum(["contribute", "stay-eligible"])
    .default("contribute")
    .describe("Whether a reviewer whose suggestion the author committed has contributed by that, and so can't approve, or stays eligible."),
});

const pagesSchema = z.strictObject({
  nodes: z
    .enum(["read", "write", "admin"])
    .default("read")
    .describe(
      "The permission in the repository that it takes to see names and values of nodes on the server's pages; whoever has less sees counts. The comment on GitHub shows some to everybody who reads the repository.",
    ),
});

export const policyFileSchema = z
  .strictObject({
    version: z.literal(1).describe("The version of this file's form."),
    mode: mode.describe("`enforce`: what the rules refuse does not land. `observe`: everything is said, and nothing is blocked."),
    observe_paths: z
      .array(glob)
      .max(200)
      .default([])
      .describe("Patterns of paths: a change that touches nothing else is observed, whatever `mode` says."),
    services: z.array(serviceSchema).default([]).describe("Services. Default: a node's service is its `role::` class."),
    radius: radiusSchema.prefault({}).describe("How far a change reaches."),
    facts: factsSchema.prefault({}).describe("Where node facts are."),
    lint: lintSchema.prefault({}).describe("How manifests are linted."),
    modules: modulesSchema.prefault({}).describe("Where modules that are not in the repository come from."),
    compile: compileSchema.prefault({}).describe("How catalogs are compiled."),
    rules: z
      .array(ruleSchema)
      .min(1)
      .prefault(defaultRules)
      .describe(
        "Rules of review. Default: those of policies/default, which ask for one approval by somebody else, and for an owner or administrator of what executes.",
      ),
    freezes: z.array(freezeSchema).max(100).default([]).describe("When nothing should land."),
    forks: z
      .enum(["ok-to-test", "run"])
      .default("ok-to-test")
      .describe(
        "What becomes of a change from a fork: nothing of it runs until somebody with write access says `/ok-to-test`, or it runs.",
      ),
    landing: z
      .enum(["exact", "api"])
      .default("exact")
      .describe("`exact` moves the branch to a merge commit of the tree that was checked; `api` asks GitHub to merge."),
    review: reviewSchema.prefault({}).describe("Whose approval counts."),
    break_glass: breakGlassSchema.optional(),
    debt: z.array(nodeDebtSchema).max(200).default([]).describe("What is broken on base already, whose it is, and until when."),
    empty: z.array(emptySchema).max(200).default([]).describe("Nodes that are meant to have an empty catalog, for good."),
    differences: differencesSchema.prefault({}).describe("What of the differences is told."),
    lanes: lanesSchema,
    rollout: rolloutSchema.prefault({}),
    preconditions: preconditionsSchema.prefault({}),
    announce: announceSchema,
    pages: pagesSchema.prefault({}).describe("What the server's pages show to whom."),
  })
  .meta({ title: "puppet-gate policy", description: ".github/puppet-gate.yml, read from the base branch." });

/** What the file says, with defaults filled in. */
export type PolicyFile = z.output<typeof policyFileSchema>;

export interface Service {
  name: string;
  owners: readonly string[];
  /** An https address, or a path of the repository: what to do when it is in trouble. */
  runbook?: string;
  /** Most percent of its nodes that one lane may hold; without it any. */
  lanePercent?: number;
  /** CEL, gives a boolean. */
  match: string;
}

/** Upper bounds, inclusive, in percent of the nodes that were looked at; above `large` is the fleet. They never fall. */
export interface Sizes {
  small: number;
  medium: number;
  large: number;
}

export interface Rule {
  name: string;
  /** `observe` says what the rule would have done, and blocks nothing. */
  mode: Mode;
  /** CEL, gives a boolean: when the rule applies. */
  when: string;
  require: Requirement;
}

export type Mode = "enforce" | "observe";

/** A policy that was loaded: every condition in it has been parsed and type-checked. */
export interface Policy {
  /** Of the whole repository. */
  mode: Mode;
  /** Globs: a change that touches nothing else is observed. */
  observePaths: readonly string[];
  /** Empty: a node's service is its `role::` class. */
  services: readonly Service[];
  /** `datacentre` is CEL that gives a string. */
  radius: { datacentre: string; sizes: Sizes };
  facts: FactsPolicy;
  /** `disable` names puppet-lint checks; `ignores` says whether a change may add `lint:ignore` comments. */
  lint: { disable: readonly string[]; ignores: "refuse" | "allow" };
  /** Patterns of addresses that modules may be fetched from. */
  modules: { sources: readonly string[] };
  compile: {
    environment: string;
    /** Folders of the tree, in order; null takes environment.conf's. */
    modulepath: readonly string[] | null;
    /** A file or folder of the tree; null takes environment.conf's. */
    manifest: string | null;
    /** Most percent of a node's resources that a change without manifests may take away. */
    lostPercent: number;
    /** A file or folder of the tree; null: there is no ENC. */
    enc: string | null;
    /** A folder of the tree; null: there are none. */
    standIns: string | null;
    /** Wall clock of a whole check. */
    checkMinutes: number;
    /** Has the form of the engine's `CompileLimits`. */
    limits: { nodeSeconds: number; startSeconds: number; memoryMib: number; processes: number; outputMib: number };
  };
  /** At least one. */
  rules: readonly Rule[];
  freezes: readonly Freeze[];
  /** Whether a change from a fork waits until somebody with write access says `/ok-to-test`. */
  forks: "ok-to-test" | "run";
  /** `exact` moves the branch to a merge commit of the checked tree; `api` asks GitHub to merge. */
  landing: "exact" | "api";
  /** Whether who suggested what the author committed is a contributor by that. */
  suggestions: "contribute" | "stay-eligible";
  /** Null: nobody may. */
  breakGlass: BreakGlass | null;
  debt: readonly NodeDebt[];
  /** Nodes whose catalog is meant to be empty. */
  empty: readonly MeantEmpty[];
  /** Differences that are left out. */
  ignore: readonly Ignored[];
  /** The smallest first; the last has the rest. Empty: nothing is rolled out. */
  lanes: readonly Lane[];
  rollout: RolloutPolicy;
  preconditions: Preconditions;
  /** Who hears of releases. */
  announce: readonly Announce[];
  /** Who sees names and values of nodes on pages, from which permission on. */
  pages: { nodes: "read" | "write" | "admin" };
}

/** The policy of what a file says. What the schema can't check is `loadPolicy`'s. */
export function toPolicy(file: PolicyFile): Policy {
  const { compile } = file;
  return {
    mode: file.mode,
    services: file.services.map(({ lane_percent, runbook, ...service }) => ({
      ...service,
      ...(runbook !== undefined && { runbook }),
      ...(lane_percent !== undefined && { lanePercent: lane_percent }),
    })),
    radius: file.radius,
    facts: toFacts(file.facts),
    lint: file.lint,
    modules: file.modules,
    compile: {
      environment: compile.environment,
      modulepath: compile.modulepath ?? null,
      manifest: compile.manifest ?? null,
      lostPercent: compile.lost_percent,
      enc: compile.enc ?? null,
      standIns: compile.stand_ins ?? null,
      checkMinutes: compile.check_minutes,
      limits: {
        nodeSeconds: compile.node_seconds,
        startSeconds: compile.start_seconds,
        memoryMib: compile.memory_mib,
        processes: compile.processes,
        outputMib: compile.output_mib,
      },
    },
    rules: file.rules.map(({ require, ...rule }) => ({ ...rule, require: toRequirement(require) })),
    observePaths: file.observe_paths,
    freezes: file.freezes.map(toFreeze),
    forks: file.forks,
    landing: file.landing,
    suggestions: file.review.suggestions,
    breakGlass: toBreakGlass(file.break_glass),
    debt: file.debt,
    empty: file.empty,
    ignore: file.differences.ignore.map(toIgnored),
    lanes: toLanes(file.lanes, compile.environment),
    rollout: toRollout(file.rollout),
    preconditions: toPreconditions(file.preconditions),
    announce: toAnnounce(file.announce),
    pages: file.pages,
  };
}

/** What holds where a repository has no policy file. `policies/default/puppet-gate.yml` says the same with comments. */
export const defaultPolicy: Policy = toPolicy(policyFileSchema.parse({ version: 1 }));

/** The JSON Schema of the file, for editors. */
export const policyJsonSchema = (): Record<string, unknown> => ({ ...z.toJSONSchema(policyFileSchema, { io: "input" }) });
