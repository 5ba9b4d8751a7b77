import { type Before, beganAfter, failuresOf, inOrder, isUncompiled, type Predicted, type Run } from "./runs.ts";

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
  /** Resources that its runs changed before the release, and how many runs that were. */
  before: { changed: readonly string[]; runs: number };
}

export type NodeVerdictKind =
  /** Not active any more. */
  | "excluded"
  /** Silent since long before. */
  | "absent-before"
  /** Ran without effect before, too. */
  | "noop-before"
  /** Kept to an old catalog before, too. */
  | "pinned-before"
  /** Got no catalog before, either. */
  | "uncompiled-before"
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
  /** Runs of the lane's environment since its branch was to move, in any order. */
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
  /** Since when the fleet is observed without a gap, as `seenSince` has it: who could not be heard was not silent. Default: `readyAt`. */
  seenSince?: number;
}

/** What is worse than silence. */
const grave: ReadonlySet<NodeVerdictKind> = new Set(["compile-failed", "no-catalog", "newly-failed"]);

type Told = Pick<NodeVerdict, "kind"> & Partial<Pick<NodeVerdict, "resources" | "producer">>;

/**
 * The first that applies, of what the latest run says. A failure of a resource counts once it failed on two runs one after the other, because agents
 * fail by chance, too; a catalog that can't be compiled counts at once. Who ran the release and then fell silent is silent: the change may have
 * taken its agent away.
 */
export function judgeNode(node: NodeToJudge, watch: Watch): NodeVerdict {
  const { certname, active, before, predicted, runs } = node;
  const since = inOrder(runs.filter((run) => beganAfter(run, watch.readyAt)));
  const isOfRelease = (run: Run): boolean => isWhole(run, watch.release);
  const counted = since.filter(isOfRelease);
  const { kind, resources = [], producer = null } = tell(node, since.at(-1), counted, watch);
  return {
    certname,
    kind,
    runs: counted.length,
    resources,
    touched: resources.some((resource) => predicted.touched.has(resource)),
    unexpected: active ? unexpectedIn(runs.filter(isOfRelease), before, predicted) : [],
    producer,
    before: { changed: before.changed ?? [], runs: before.runs ?? 0 },
  };
}

/** The newest run of a node that ran the release as it is, and what its runs changed of what the release was said to change; null for none. */
export interface Ran {
  run: string;
  /** By the server's clock. */
  at: number;
  changed: readonly string[];
}

export function ranOf({ predicted, runs }: Pick<NodeToJudge, "predicted" | "runs">, { release }: Pick<Watch, "release">): Ran | null {
  const whole = inOrder(runs.filter((run) => isWhole(run, release)));
  const last = whole.at(-1);
  if (last === undefined) return null;
  const changed = new Set(whole.flatMap((run) => run.changed.map(({ resource }) => resource)));
  return { run: last.id, at: last.producedAt, changed: [...changed].filter((resource) => predicted.touched.has(resource)) };
}

const isWhole = ({ version, cached, noop }: Run, release: string): boolean => version.endsWith(release) && cached === "not_used" && !noop;

function tell({ active, before }: NodeToJudge, latest: Run | undefined, counted: readonly Run[], watch: Watch): Told {
  if (!active) return { kind: "excluded" };
  const told: Told = latest === undefined ? { kind: unheard(before) } : toldBy(latest, counted, before, watch);
  const heardAt = Math.max(watch.readyAt, watch.seenSince ?? watch.readyAt, latest?.producedAt ?? watch.readyAt);
  const isSilent = before.reported && watch.now - heardAt >= watch.deadline;
  return isSilent && !grave.has(told.kind) ? { kind: "newly-silent" } : told;
}

const unheard = ({ reported }: Before): NodeVerdictKind => (reported ? "waiting" : "absent-before");

function toldBy(latest: Run, counted: readonly Run[], before: Before, { release, runsPerNode }: Watch): Told {
  if (isUncompiled(latest)) {
    if (before.uncompiled === true) return { kind: "uncompiled-before" };
    return { kind: latest.cached === "on_failure" ? "compile-failed" : "no-catalog" };
  }
  if (latest.cached === "explicitly_requested") return { kind: before.pinned === true ? "pinned-before" : "pinned-cache" };
  if (!latest.version.endsWith(release)) return { kind: "stale-compiler", producer: latest.producer };
  if (latest.noop) return { kind: before.noop ? "noop-before" : "noop" };
  const previous = counted.at(-2);
  const failing = failuresOf(latest);
  const fresh = failing.filter((resource) => !before.failed.includes(resource));
  const confirmed = fresh.filter((resource) => previous !== undefined && failuresOf(previous).includes(resource));
  if (confirmed.length > 0) return { kind: "newly-failed", resources: confirmed };
  if (fresh.length > 0) return { kind: "suspected", resources: fresh };
  if (failing.length > 0) return { kind: "still-failing", resources: failing };
  if (latest.noopPending && !before.noopPending) return { kind: "partial-noop" };
  const restless = changedTwice(latest, previous).filter((resource) => !before.restless.includes(resource));
  if (restless.length > 0) return { kind: "flapping", resources: restless };
  return { kind: counted.length < runsPerNode ? "running" : "pass" };
}

/**
 * Who was away catches up with releases of long ago, and who is new with all of them: what changes there tells nothing of this one. Runs of before every
 * compiler served it prove nothing good, but what they changed they will not change again.
 */
function unexpectedIn(runs: readonly Run[], before: Before, { touched }: Predicted): string[] {
  if (!before.reported) return [];
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
