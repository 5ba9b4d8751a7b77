import type { RolloutPolicy, Tolerance } from "../policy/lanes-schema.ts";
import type { NodeVerdict, NodeVerdictKind } from "./node-verdict.ts";
import { unexpectedOn } from "./unexpected.ts";

export type TroubleKind =
  | "compile-failed"
  | "newly-failed"
  | "touched-failed"
  | "unexpected-change"
  | "newly-silent"
  /** Compilers gave nodes another catalog than the one that the release was looked at by. */
  | "catalog-differs";

/** Why a lane halts, each with the nodes that say so. */
export interface Trouble {
  kind: TroubleKind;
  certnames: readonly string[];
  /** Resources that it is about. */
  resources: readonly string[];
  /** More nodes than these are too many. */
  tolerated: number;
}

/** What is still missing for a lane to count as good. */
export type Missing =
  | { kind: "bake"; minutes: number }
  | { kind: "coverage"; ran: number; of: number; percent: number }
  | { kind: "class"; diffClass: string; certnames: readonly string[] }
  | { kind: "unconfirmed"; certnames: readonly string[]; resources: readonly string[] }
  | { kind: "no-pass" };

export type StageVerdict = { counts: Readonly<Partial<Record<NodeVerdictKind, number>>> } & (
  | { kind: "failed"; troubles: readonly Trouble[] }
  /** `unchanged`: of a lane in which the release changes no node, so that there is nothing to watch. */
  | { kind: "passed"; unchanged?: true }
  | { kind: "watching"; missing: readonly Missing[] }
  /** The deadline is over, and it is neither. */
  | { kind: "undecided"; missing: readonly Missing[] }
);

export interface StageToJudge {
  nodes: readonly NodeVerdict[];
  /** Certnames of the lane by how their catalogs differ: nodes that don't change are in none. */
  classes: ReadonlyMap<string, readonly string[]>;
  policy: Pick<RolloutPolicy, "newlyFailed" | "unexpectedChange" | "newlySilent" | "compileFailed" | "coveragePercent">;
  bakeMinutes: number;
  runsPerNode: number;
  /** Minutes for which the fleet could be observed since the release was ready there. */
  observedMinutes: number;
  isOverdue: boolean;
  /** Nodes whose real catalogs differ in resources that the release was said to leave alone. Default: none. */
  catalogs?: ReadonlyArray<{ certname: string; resources: readonly string[] }>;
}

/** These say nothing of a release, whatever happens: they are listed, and nobody waits for them. */
const outOfSight: ReadonlySet<NodeVerdictKind> = new Set([
  "excluded",
  "absent-before",
  "noop-before",
  "pinned-before",
  "uncompiled-before",
]);
/** These ran the release as it is. */
const whole: ReadonlySet<NodeVerdictKind> = new Set(["pass", "still-failing", "newly-failed", "flapping", "partial-noop"]);

/**
 * Failed as soon as one kind of trouble is beyond what is tolerated. Passed once something passed, enough of the nodes that can be observed
 * have run it often enough, it was observed for long enough, no failure that would be too much waits for its confirmation, and of every class of nodes
 * that change in the same way one has passed: of 2 percent of nodes that break, ten random ones miss 82 times in 100. Else undecided at the deadline.
 */
export function judgeStage(stage: StageToJudge): StageVerdict {
  const { nodes } = stage;
  const counts: Partial<Record<NodeVerdictKind, number>> = {};
  for (const { kind } of nodes) counts[kind] = (counts[kind] ?? 0) + 1;
  const troubles = troublesOf(stage);
  if (troubles.length > 0) return { kind: "failed", troubles, counts };
  const missing = missingOf(stage);
  if (missing.length === 0) return { kind: "passed", counts };
  return { kind: stage.isOverdue ? "undecided" : "watching", missing, counts };
}

const upTo = ({ count, percent }: Tolerance, of: readonly NodeVerdict[]): number =>
  Math.max(count, Math.floor((of.length * percent) / 100));

function troublesOf({ nodes, policy, catalogs = [] }: StageToJudge): Trouble[] {
  const beyond = (kind: Trouble["kind"], about: ReadonlyArray<Pick<NodeVerdict, "certname" | "resources">>, tolerated: number): Trouble[] =>
    about.length <= tolerated
      ? []
      : [
          {
            kind,
            certnames: about.map(({ certname }) => certname),
            resources: unique(about.flatMap(({ resources }) => resources)),
            tolerated,
          },
        ];
  const of = (...kinds: NodeVerdictKind[]): NodeVerdict[] => nodes.filter(({ kind }) => kinds.includes(kind));
  const failed = of("newly-failed");
  return [
    ...beyond("compile-failed", of("compile-failed", "no-catalog"), policy.compileFailed),
    // Whoever told what the release changes was wrong, or lied: nothing of it can be relied on.
    ...beyond("catalog-differs", catalogs, 0),
    // A resource that the release changes, and that fails twice where it did not before: no chance does that.
    ...beyond(
      "touched-failed",
      failed.filter(({ touched }) => touched),
      0,
    ),
    ...beyond(
      "newly-failed",
      failed.filter(({ touched }) => !touched),
      upTo(policy.newlyFailed, nodes),
    ),
    ...unexpectedOn(nodes, upTo(policy.unexpectedChange, nodes)),
    ...beyond("newly-silent", of("newly-silent"), upTo(policy.newlySilent, nodes)),
  ];
}

function missingOf(stage: StageToJudge): Missing[] {
  const { nodes, policy, runsPerNode } = stage;
  const inSight = nodes.filter(({ kind }) => !outOfSight.has(kind));
  // So few that it is tolerated are silent now: nobody can wait for them.
  const reachable = inSight.filter(({ kind }) => kind !== "newly-silent");
  const ran = reachable.filter(({ kind, runs }) => whole.has(kind) && runs >= runsPerNode).length;
  const missing: Missing[] = [];
  if (stage.observedMinutes < stage.bakeMinutes) missing.push({ kind: "bake", minutes: stage.bakeMinutes - stage.observedMinutes });
  if (ran < (reachable.length * policy.coveragePercent) / 100)
    missing.push({ kind: "coverage", ran, of: reachable.length, percent: policy.coveragePercent });
  const unconfirmed = unconfirmedIn(stage);
  if (unconfirmed.length > 0)
    missing.push({
      kind: "unconfirmed",
      certnames: unconfirmed.map(({ certname }) => certname),
      resources: unique(unconfirmed.flatMap(({ resources }) => resources)),
    });
  if (!nodes.some(({ kind }) => kind === "pass")) missing.push({ kind: "no-pass" });
  const seen = new Map(inSight.map((node) => [node.certname, node]));
  for (const [diffClass, certnames] of stage.classes) {
    const held = certnames.flatMap((certname) => seen.get(certname) ?? []);
    if (!isCovered(held, runsPerNode)) missing.push({ kind: "class", diffClass, certnames: held.map(({ certname }) => certname) });
  }
  return missing;
}

/**
 * Failures that would be too much if they came again. In a large lane some agent always fails by chance: who waited for a moment in which none does
 * would wait for ever.
 */
function unconfirmedIn({ nodes, policy }: StageToJudge): readonly NodeVerdict[] {
  const suspected = nodes.filter(({ kind }) => kind === "suspected");
  const besides = nodes.filter(({ kind, touched }) => (kind === "suspected" || kind === "newly-failed") && !touched);
  return besides.length > upTo(policy.newlyFailed, nodes) ? suspected : suspected.filter(({ touched }) => touched);
}

/** One has passed, or there is none. Where all fail as they did before, at what the release does not change, more can't be had. */
const isCovered = (held: readonly NodeVerdict[], runsPerNode: number): boolean =>
  held.some(({ kind }) => kind === "pass") ||
  held.every(({ kind, touched, runs }) => kind === "still-failing" && !touched && runs >= runsPerNode);

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
