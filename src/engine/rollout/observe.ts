import { unpredicted } from "../../rollout/catalog-check.ts";
import { type Known, known, unknown } from "../../policy/known.ts";
import { Problem } from "../../problem.ts";
import type { Fleet, LaneSeen } from "../../rollout/observation.ts";
import { judgeNode, type NodeVerdict, type Ran, ranOf } from "../../rollout/node-verdict.ts";
import type { Before, Run } from "../../rollout/runs.ts";
import type { SourcePlace } from "../../rollout/source-place.ts";
import type { LaneState, Stage } from "../../rollout/state.ts";
import { watchOf } from "../../rollout/terms.ts";
import { differsOf, expectedOf } from "./prediction.ts";
import type { Prediction, RolloutSite, RunReports, Served } from "../ports/rollout.ts";

/** Who was never looked at before: nothing is known of how it was. */
const unseen: Before = { reported: false, noop: false, noopPending: false, failed: [], restless: [] };

export interface Watched {
  certnames: readonly string[];
  baseline: Readonly<Record<string, Before>> | null;
  prediction: Prediction | null;
}

/** What compilers and agents of a lane say now. Of one in which nothing is under way nobody asks. */
export async function observe(
  site: RolloutSite,
  state: LaneState,
  tip: Known<string | null>,
  watched: Watched,
  said: (text: string, certname: string) => void,
): Promise<LaneSeen> {
  const { stage } = state;
  const idle = unknown("nothing is under way there");
  if (stage === null || state.halt !== null || stage.phase === "intended") return { tip, served: idle, fleet: idle };
  const { commit, behind } = await servedBy(site, state.environment);
  if (!commit.known) return { tip, served: commit, fleet: commit };
  const since = await site.reports.since(state.environment, stage.intendedAt);
  if (!since.known) return { tip, served: since, fleet: since };
  const own = new Set(watched.certnames);
  for (const [certname, why] of since.value.unread) if (own.has(certname)) said(`a report can't be read: ${why}`, certname);
  const served = known(commit.value === null ? null : { ...commit.value, at: since.value.now });
  const seen = { tip, served, ...(behind.length > 0 && { behind }) };
  if (stage.readyAt === null) return { ...seen, fleet: idle };
  const fleet = fleetOf(stage, since.value, watched);
  if (!fleet.known) return { ...seen, fleet };
  const catalogs = await unpredictedOn(site, stage, watched);
  return { ...seen, fleet: catalogs.known ? known({ ...fleet.value, ...catalogs.value }) : catalogs };
}

/** Where real catalogs are other than was said, of those nodes whose catalogs were kept before. */
async function unpredictedOn(
  { catalogs = null }: RolloutSite,
  { release, way }: Stage,
  { baseline, prediction }: Watched,
): Promise<Known<Pick<Fleet, "catalogs">>> {
  const kept = Object.entries(baseline ?? {}).flatMap(([certname, { catalog }]) =>
    catalog === undefined ? [] : [{ certname, before: catalog }],
  );
  if (catalogs === null || prediction === null || way === "back" || kept.length === 0) return known({});
  const asked = await catalogs.of(kept.map(({ certname }) => certname));
  if (!asked.known) return asked;
  const changes = differsOf(prediction);
  const found = kept.flatMap(({ certname, before }) => {
    const [after, own] = [asked.value.get(certname), changes(certname)];
    const one = after === undefined || own === null ? null : unpredicted({ certname, before, after, release }, own);
    return one === null ? [] : [one];
  });
  return known({ catalogs: found });
}

/** The commit that all of them serve, with the same modules; null while they differ; and why some serve none. */
async function servedBy(
  { compilers }: RolloutSite,
  environment: string,
): Promise<{ commit: Known<(Pick<Served, "modules"> & { commit: string }) | null>; behind: readonly string[] }> {
  const asked = await compilers.served(environment);
  if (!asked.known) return { commit: asked, behind: [] };
  const behind = asked.value.flatMap(({ compiler, why }) => (why === null ? [] : [`${compiler}: ${why}`]));
  const [first] = asked.value;
  const isSame = ({ commit, modules }: Served): boolean =>
    commit === first?.commit && JSON.stringify(modules) === JSON.stringify(first.modules);
  const commit = first !== undefined && asked.value.every(isSame) ? first.commit : null;
  return { commit: known(commit === null ? null : { commit, modules: first?.modules ?? [] }), behind };
}

type Answer = Extract<Awaited<ReturnType<RunReports["since"]>>, { known: true }>["value"];

function fleetOf(stage: Stage, { runs, active, now }: Answer, { certnames, baseline, prediction }: Watched): Known<Fleet> {
  const heardAt = runs.reduce((newest, { producedAt }) => Math.max(newest, producedAt), 0);
  const watch = watchOf(stage, now, heardAt);
  // All three are kept before a release enters: without them nobody could tell what is new, what was expected, and when it is enough.
  if (watch === null || baseline === null || prediction === null) return unknown("what the lane was like before is not known any more");
  const expected = expectedOf(prediction);
  const own = Map.groupBy(runs, ({ certname }) => certname);
  const toJudge = certnames.map((certname) => ({
    certname,
    active: active?.has(certname) ?? true,
    before: baseline[certname] ?? unseen,
    predicted: expected(certname),
    runs: own.get(certname) ?? [],
  }));
  const nodes = toJudge.map((node) => judgeNode(node, watch));
  const places = placesOf(nodes, own);
  const inLane = new Set(certnames);
  const classes = new Map(
    prediction.classes.flatMap(({ name, certnames: all }) => {
      const held = all.filter((certname) => inLane.has(certname));
      return held.length === 0 ? [] : [[name, held] as const];
    }),
  );
  const ran = toJudge.flatMap((node): [string, Ran][] => {
    const one = ranOf(node, watch);
    return one === null ? [] : [[node.certname, one]];
  });
  const touched = new Map(prediction.classes.map((one) => [one.name, one.touched]));
  const record = {
    ran: new Map(ran),
    classes: [...classes].map(([name, held]) => ({ nodes: held.length, touched: touched.get(name) ?? [] })),
  };
  return known({ nodes, classes, at: now, heardAt, ...(places.size > 0 && { places }), record });
}

/** A compiler's folder may be elsewhere than another's, and a define's resources come from many lines. */
const mostPlaces = 5;
/** Nodes whose runs are asked of one resource: where the first say the same, the others do. */
const mostAsked = 20;

/** Where the resources are declared that verdicts are about, as the runs of their nodes have it. */
function placesOf(nodes: readonly NodeVerdict[], runs: ReadonlyMap<string, readonly Run[]>): Map<string, SourcePlace[]> {
  const places = new Map<string, SourcePlace[]>();
  const asked = new Map<string, number>();
  for (const { certname, resources, unexpected } of nodes)
    for (const resource of [...resources, ...unexpected]) {
      const before = asked.get(resource) ?? 0;
      if (before >= mostAsked) continue;
      asked.set(resource, before + 1);
      for (const run of runs.get(certname) ?? []) {
        const declared = run.places?.find((one) => one.resource === resource);
        const place = declared === undefined ? undefined : { path: declared.path, line: declared.line };
        const own = places.get(resource) ?? [];
        if (place === undefined || own.length >= mostPlaces) continue;
        if (!own.some(({ path, line }) => path === place.path && line === place.line)) places.set(resource, [...own, place]);
      }
    }
  return places;
}

/** A Problem as a reason; anything else is a fault of the gate. */
export async function asKnown<T>(work: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await work());
  } catch (error) {
    if (error instanceof Problem) return unknown(error.text);
    throw error;
  }
}
