import type { Origin } from "../../gate/event.ts";
import type { PolicyText } from "../../gate/facts.ts";
import type { Policy } from "../../policy/schema.ts";
import { beforeOf } from "../../rollout/before.ts";
import type { Seated } from "../../rollout/members.ts";
import type { LaneState, Stage } from "../../rollout/state.ts";
import { deadlineOf } from "../../rollout/terms.ts";
import type { Log } from "../ports/log.ts";
import type { Lease } from "../ports/lease.ts";
import { asKnown, type Watched } from "./observe.ts";
import { digestOf } from "../besides.ts";
import { together } from "./prediction.ts";
import type { Prediction, RolloutJudge, RolloutSite, RolloutStore } from "../ports/rollout.ts";

export interface PreparePorts {
  store: RolloutStore;
  judge: RolloutJudge;
  site: Pick<RolloutSite, "reports" | "catalogs">;
  now: () => Date;
  log: Log;
}

export interface PrepareAround {
  origin: Origin;
  lease: Lease;
  signal: AbortSignal;
  organisation: PolicyText | null;
}

export interface Given {
  policy: Policy;
  seated: readonly Seated[];
}

export interface ToPrepare extends Pick<Stage, "before" | "release" | "way" | "baseline" | "readyAt"> {
  lane: string;
  environment: string;
  /** What was found good in the lane last. */
  verified: string;
}

/** A lane whose release stands still has nodes with it and nodes without it: where another one follows, they come from either. */
const startsOf = ({ before, verified, way }: Pick<ToPrepare, "before" | "verified" | "way">): string[] =>
  way === "back" ? [before] : [...new Set([before, verified])];

/** Nodes of the first lane whose real catalogs are compared: each takes about 100 KiB of the database for each release. */
const mostCompared = 20;

/** Always the same ones, and no kind of node before another. */
const byChance = (one: string, other: string): number => (digestOf([one]) < digestOf([other]) ? -1 : 1);

/** What a release will be judged by is kept before it is let in; null where all is there, else why not. */
export async function prepare(
  { store, judge, site, now }: PreparePorts,
  { origin, lease, signal, organisation }: PrepareAround,
  { lane, environment, before, verified, release, way, baseline: name, readyAt }: ToPrepare,
  { policy, seated }: Given,
): Promise<string | null> {
  const { id } = origin.repository;
  for (const from of startsOf({ before, verified, way })) {
    if ((await store.records.predictionOf(id, { before: from, release })) !== null) continue;
    // What going forth changes, going back changes too; the other way around the two would merge to what is there already.
    const pair = way === "back" ? { before: release, release: from } : { before: from, release };
    const prediction = await judge.predict({ origin, ...pair, organisation }, signal);
    await store.records.savePrediction(id, { before: from, release, prediction }, now());
  }
  if ((await store.records.baselineOf(id, { lane, name })) !== null) return null;
  const deadline = deadlineOf(policy.rollout);
  const asked = await site.reports.since(environment, (readyAt ?? now().getTime()) - 2 * deadline);
  if (!asked.known) return asked.reason;
  const { runs, now: at } = asked.value;
  const ownRuns = Object.groupBy(runs, ({ certname }) => certname);
  const of = certnamesIn(seated, lane);
  const taken = Object.fromEntries(of.map((certname) => [certname, beforeOf(ownRuns[certname] ?? [], readyAt ?? at, deadline)]));
  if (way === "forward" && lane === policy.lanes[0]?.name && site.catalogs) {
    const catalogs = await site.catalogs.of(of.toSorted(byChance).slice(0, mostCompared));
    if (!catalogs.known) return catalogs.reason;
    const starts = startsOf({ before, verified, way });
    for (const [certname, catalog] of catalogs.value) {
      const own = taken[certname];
      if (own !== undefined && starts.some((start) => catalog.version.endsWith(start))) own.catalog = catalog;
    }
  }
  await store.held(lease, (records) => records.saveBaseline(id, { lane, name, before: taken }, now()));
  return null;
}

/**
 * What a lane's stage is judged by. A lane that a person had return before its branch was moved was never prepared for that: it is made up for here, because
 * without it nobody could ever tell that it is good.
 */
export async function watchedOf(
  ports: PreparePorts,
  around: PrepareAround,
  { lane, environment, verified, stage, halt }: LaneState,
  given: Given,
): Promise<Watched> {
  const { records } = ports.store;
  const { id } = around.origin.repository;
  const certnames = certnamesIn(given.seated, lane);
  if (stage === null) return { certnames, baseline: null, prediction: null };
  if (halt === null && stage.phase !== "intended") {
    const ready = await asKnown(() => prepare(ports, around, { ...stage, lane, environment, verified }, given));
    const why = ready.known ? ready.value : ready.reason;
    if (why !== null) ports.log.warn({ repository: around.origin.repository, lane }, `what the lane is judged by is not known yet: ${why}`);
  }
  const predictions: (Prediction | null)[] = [];
  for (const before of startsOf({ ...stage, verified }))
    predictions.push((await records.predictionOf(id, { before, release: stage.release })) as Prediction | null);
  return {
    certnames,
    baseline: await records.baselineOf(id, { lane, name: stage.baseline }),
    prediction: predictions.reduce((one, other) => (one === null || other === null ? null : together(one, other))),
  };
}

const certnamesIn = (seated: readonly Seated[], lane: string): readonly string[] =>
  seated.find((one) => one.lane.name === lane)?.certnames ?? [];
