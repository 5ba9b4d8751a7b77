import { z } from "zod";
import { condition, glob, name, percent } from "./atoms.ts";

/** Lanes, and how the fleet is watched while a release goes through them, as people write it and as code sees it. */

const datacentreName = z.string().min(1).max(100);

const membersSchema = z
  .strictObject({
    certnames: z.array(glob).min(1).max(1000).optional().describe("Patterns of certnames."),
    datacentres: z.array(datacentreName).min(1).max(100).optional().describe("Datacentres, as `radius.datacentre` names them."),
    percent: percent
      .gt(0, "more than nothing")
      .optional()
      .describe("So many of the nodes that no other lane names, always the same ones: by a digest of the certname."),
    match: condition.optional().describe("CEL over `certname`, `trusted` and `enc`, as of a service's `match`, but without `classes`."),
  })
  .describe("Which nodes are in it: exactly one of `certnames`, `datacentres`, `percent` and `match`.");

const gate = z.enum(["auto", "manual"]).default("auto");

const laneSchema = z
  .strictObject({
    name: name.describe("The lane's name, as people say it."),
    environment: z
      .string()
      .regex(/^[a-z0-9_]+$/u, "an environment's name: lower-case letters, digits and `_`")
      .optional()
      .describe(
        "Its Puppet environment, which is its branch too. Default: `production` for the last lane, `production_NAME` for the others.",
      ),
    members: membersSchema.optional(),
    bake_minutes: z.number().min(0).max(20_160).default(60).describe("Minutes for which it is observed before it counts as good."),
    runs_per_node: z.int().min(1).max(10).default(2).describe("Runs of the new code that every node has to show."),
    gate: gate.describe("`manual`: a release enters it on a person's word only."),
  })
  .describe(
    "One long-lived environment and its nodes. Releases go through the lanes in their order; the last has all nodes that no other has.",
  );

const tolerance = (count: number, share: number) =>
  z
    .strictObject({
      count: z.int().min(0).max(100_000).default(count).describe("So many nodes in any case."),
      percent: percent.default(share).describe("And so many of the lane's nodes, where that is more."),
    })
    .prefault({});

export const rolloutSchema = z
  .strictObject({
    newly_failed: tolerance(1, 1).describe(
      "Nodes that may fail, on two runs, where they did not before, at what the release does not change. One at what it changes halts.",
    ),
    unexpected_change: tolerance(3, 1).describe(
      "Nodes on which the same resource may change although the release does not change it: as drift does.",
    ),
    newly_silent: tolerance(1, 2).describe("Nodes that may fall silent."),
    compile_failed: z.int().min(0).max(100_000).default(0).describe("Nodes that may get no catalog of the release."),
    coverage_percent: percent.default(95).describe("Percent of the nodes that can be observed that have to have run the release."),
    run_minutes: z.number().min(1).max(10_080).default(30).describe("Minutes between an agent's runs."),
    deadline_runs: z
      .int()
      .min(1)
      .max(100)
      .default(4)
      .describe("Runs after which a node that sent nothing counts as silent, and a lane that is not good as undecided."),
    max_wait_minutes: z
      .number()
      .min(0)
      .max(20_160)
      .default(120)
      .describe(
        "Minutes after which a newer release may take the first lane from one that is still observed; never before that could have been good.",
      ),
    on_fail: z
      .enum(["halt", "return"])
      .default("halt")
      .describe("`return`: a lane that the fleet stops goes back by itself, where going back undoes all of it; else it stands still, too."),
  })
  .describe("How the fleet is watched, and what is taken for trouble.");

export const lanesSchema = z
  .array(laneSchema)
  .max(50)
  .default([])
  .describe("Lanes, the smallest first. Default: none, and nothing is rolled out.");

/** Exactly one of four ways, or the rest: what no other lane names. */
export type Members =
  | { certnames: readonly string[] }
  | { datacentres: readonly string[] }
  | { percent: number }
  /** CEL, gives a boolean. */
  | { match: string }
  | "rest";

/** One long-lived Puppet environment, which is a branch of the same name, and its nodes. */
export interface Lane {
  name: string;
  environment: string;
  members: Members;
  bakeMinutes: number;
  runsPerNode: number;
  gate: "auto" | "manual";
}

/** What is tolerated: the larger of a count and a share (percent) of the lane's nodes. */
export interface Tolerance {
  count: number;
  percent: number;
}

export interface RolloutPolicy {
  newlyFailed: Tolerance;
  unexpectedChange: Tolerance;
  newlySilent: Tolerance;
  /** Nodes. */
  compileFailed: number;
  coveragePercent: number;
  runMinutes: number;
  deadlineRuns: number;
  maxWaitMinutes: number;
  /** Missing in terms that were kept before there was a choice: `halt`. */
  onFail?: "halt" | "return";
}

type LaneFile = z.output<typeof laneSchema>;

/** That each names exactly one way, and the last none, `lane-faults.ts` has seen to. */
export function toLanes(file: readonly LaneFile[], production: string): Lane[] {
  return file.map(({ name: called, environment, members, bake_minutes, runs_per_node, gate: by }, at) => ({
    name: called,
    environment: environment ?? defaultEnvironment(called, production, at === file.length - 1),
    members: members === undefined ? "rest" : toMembers(members),
    bakeMinutes: bake_minutes,
    runsPerNode: runs_per_node,
    gate: by,
  }));
}

/** r10k makes `_` of whatever an environment's name can't hold. */
export const defaultEnvironment = (lane: string, production: string, isLast: boolean): string =>
  isLast ? production : `${production}_${lane.toLowerCase().replaceAll(/\W/gu, "_")}`;

function toMembers({ certnames, datacentres, percent: share, match }: z.output<typeof membersSchema>): Members {
  if (certnames !== undefined) return { certnames };
  if (datacentres !== undefined) return { datacentres };
  if (share !== undefined) return { percent: share };
  if (match !== undefined) return { match };
  throw new Error("members of no kind came past the policy's door");
}

export const toRollout = (file: z.output<typeof rolloutSchema>): RolloutPolicy => ({
  newlyFailed: file.newly_failed,
  unexpectedChange: file.unexpected_change,
  newlySilent: file.newly_silent,
  compileFailed: file.compile_failed,
  coveragePercent: file.coverage_percent,
  runMinutes: file.run_minutes,
  deadlineRuns: file.deadline_runs,
  maxWaitMinutes: file.max_wait_minutes,
  onFail: file.on_fail,
});
