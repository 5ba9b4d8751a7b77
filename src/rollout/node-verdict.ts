import { type Before, beganAfter, isOf, type Predicted, type Run } from "./runs.ts";

/** What the runs of one node say of a release. */
export interface NodeVerdict {
  certname: string;
  kind: NodeVerdictKind;
  /** Runs of this release that count. */
  runs: number;
  /** Resources that it is about: those that fail, or change again and again. */
  resources: readonly string[];
  /** Whether one of them is a resource that the release changes. */
  touched: boolean;
  /** Resources that changed although the release does not change them. */
  unexpected: readonly string[];
  /** The compiler that served something else. */
  producer: string | null;
}

export type NodeVerdictKind =
  /** Not active any more. */
  | "excluded"
  /** Silent since long before. */
  | "absent-before"
  /** Ran without effect before, too. */
  | "noop-before"
  | "waiting"
  | "newly-silent"
  | "compile-failed"
  | "no-catalog"
  /** Keeps to a catalog by its own configuration. */
  | "pinned-cache"
  | "stale-compiler"
  | "noop"
  /** Failed once at what did not fail before. */
  | "suspected"
  | "newly-failed"
  | "still-failing"
  | "partial-noop"
  | "flapping"
  /** So far good, but it has not run often enough. */
  | "running"
  | "pass";

export interface NodeToJudge {
  certname: string;
  active: boolean;
  before: Before;
  predicted: Predicted;
  /** Runs of the lane's environment since the baseline, in any order. */
  runs: readonly Run[];
}

/** What a stage is judged by. Times are milliseconds, by the server's clock. */
export interface Watch {
  release: string;
  /** When the last compiler proved to serve it. */
  readyAt: number;
  now: number;
  runsPerNode: number;
  /** After so long without a report a node counts as silent. */
  deadline: number;
}

/**
 * The first that applies, of what the latest run says. A failure of a resource counts once it failed on two runs one after the other, because agents
 * fail by chance, too; a catalog that can't be compiled counts at once.
 */
export function judgeNode({ certname, active, before, predicted, runs }: NodeToJudge, watch: Watch): NodeVerdict {
  const since = runs.filter((run) => beganAfter(run, watch.readyAt)).sort((a, b) => a.producedAt - b.producedAt);
  const counted = since.filter((run) => isOf(run, watch.release, watch.readyAt) && run.cached === "not_used" && !run.noop);
  const unexpected = unexpectedIn(counted, before, predicted);
  const verdict = (kind: NodeVerdictKind, resources: readonly string[] = [], producer: string | null = null): NodeVerdict => {
    const touched = resources.some((resource) => predicted.touched.has(resource));
    return { certname, kind, runs: counted.length, resources, touched, unexpected, producer };
  };
  if (!active) return verdict("excluded");
  const latest = since.at(-1);
  if (latest === undefined) {
    if (!before.reported) return verdict("absent-before");
    return verdict(watch.now - watch.readyAt < watch.deadline ? "waiting" : "newly-silent");
  }
  if (latest.cached === "on_failure") return verdict("compile-failed");
  if (latest.status === "failed" && latest.version === "") return verdict("no-catalog");
  if (latest.cached === "explicitly_requested") return verdict("pinned-cache");
  if (!latest.version.endsWith(watch.release)) return verdict("stale-compiler", [], latest.producer);
  if (latest.noop) return verdict(before.noop ? "noop-before" : "noop");
  const [last, previous] = [counted.at(-1), counted.at(-2)];
  const failing = last?.failed ?? [];
  const fresh = failing.filter((resource) => !before.failed.includes(resource));
  const confirmed = fresh.filter((resource) => previous?.failed.includes(resource) === true);
  if (confirmed.length > 0) return verdict("newly-failed", confirmed);
  if (fresh.length > 0) return verdict("suspected", fresh);
  if (failing.length > 0) return verdict("still-failing", failing);
  if (latest.noopPending && !before.noopPending) return verdict("partial-noop");
  const restless = changedTwice(last, previous).filter((resource) => !before.restless.includes(resource));
  if (restless.length > 0) return verdict("flapping", restless);
  return verdict(counted.length < watch.runsPerNode ? "running" : "pass");
}

function unexpectedIn(runs: readonly Run[], before: Before, { touched }: Predicted): string[] {
  const changed = new Set(runs.flatMap((run) => run.changed.map(({ resource }) => resource)));
  return [...changed].filter(
    (resource) => !touched.has(resource) && !before.failed.includes(resource) && !before.restless.includes(resource),
  );
}

/** Resources of which the same property changed on both runs. */
export function changedTwice(last: Run | undefined, previous: Run | undefined): string[] {
  if (last === undefined || previous === undefined) return [];
  const earlier = new Set(previous.changed.map(({ resource, property }) => JSON.stringify([resource, property])));
  const again = last.changed.filter(({ resource, property }) => earlier.has(JSON.stringify([resource, property])));
  return [...new Set(again.map(({ resource }) => resource))];
}
