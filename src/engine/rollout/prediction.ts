import { createHash } from "node:crypto";
import type { Report } from "../../gate/report.ts";
import { stayingsOf } from "../../rollout/going-back.ts";
import type { Predicted } from "../../rollout/runs.ts";
import { trailsOf } from "../../rollout/trail.ts";
import type { Prediction } from "../ports/rollout.ts";

/** Nodes of which nobody can say what changes: a class of their own, so that one of them has to be seen. */
const notCompared = "not compared";
/** Nodes whose catalogs stay as they are, while what agents run changes: the same. */
const otherCode = "code that runs on nodes";

/** What agents fetch and run themselves: facts, types, providers, functions of `Deferred`, lenses. A catalog says nothing of them. */
const onNodes = /(?:^|\/)(?:lib\/|facts\.d\/)/u;

/** Whether agents may do something else with the same catalog, by the paths that change, and by modules whose content nobody could see. */
export const changesAgents = (paths: readonly string[], modules: NonNullable<Report["modules"]>): boolean =>
  paths.some((path) => onNodes.test(path)) ||
  modules.some(({ files, moreFiles, unseen }) => unseen !== undefined || moreFiles > 0 || files.some(({ path }) => onNodes.test(path)));

/**
 * The report of a check as what to expect of agents: nodes that share all their effect groups are one class, and what these groups and the restarts that
 * follow from them are about may change. A group that touches no system (a class's parameter, an order) makes no class. `isBlind`: what agents run
 * themselves changes, so that no node counts as one that stays as it is.
 */
export function predictionOf({ groups, nodes, radius, findings = [], causes, coverage }: Foreseen, isBlind = false): Prediction {
  const touched = new Map<string, Set<string>>();
  const seen = new Map<string, string[]>();
  const touch = (certname: string, resource: string): void => {
    touched.set(certname, (touched.get(certname) ?? new Set()).add(resource));
  };
  for (const { nodes: certnames, ...group } of groups) {
    if (!touchesSystem(group)) continue;
    for (const certname of certnames) {
      touch(certname, `${group.type}[${group.title}]`);
      seen.set(certname, [...(seen.get(certname) ?? []), JSON.stringify(group)]);
    }
  }
  for (const { type, title, certnames = [] } of radius.restarts) for (const certname of certnames) touch(certname, `${type}[${title}]`);
  const classes = new Map<string, { certnames: string[]; touched: string[] }>();
  for (const { certname, outcome } of nodes) {
    const effects = seen.get(certname);
    const name = effects === undefined ? unseen(outcome, isBlind) : digestOf(effects);
    if (name === null) continue;
    const own = [...(touched.get(certname) ?? [])].sort();
    const found = classes.get(name);
    if (found === undefined) classes.set(name, { certnames: [certname], touched: own });
    else {
      found.certnames.push(certname);
      found.touched = [...new Set([...found.touched, ...own])].sort();
    }
  }
  const classOf = new Map([...classes].flatMap(([name, { certnames }]) => certnames.map((certname) => [certname, name] as const)));
  // A catalog that does not compile with the release reached nobody: there is nothing to take back.
  const reached = nodes.filter(({ outcome }) => outcome !== "broken" && outcome !== "pre-existing");
  const blind = reached.filter(({ outcome }) => isBlind || outcome === "not-analysable" || outcome === "fixed");
  const besides = groups.filter((group) => !touchesSystem(group) || group.change === "renamed");
  return {
    classes: [...classes].map(([name, found]) => ({ name, ...found })),
    ...(leavesOut(coverage) ? {} : { besides: besides.flatMap(besidesOf) }),
    trails: trailsOf({ groups, findings, causes, radius }),
    stayings: stayingsOf({
      groups,
      radius,
      classOf: (certname) => classOf.get(certname) ?? null,
      unseen: blind.map(({ certname }) => certname),
    }),
  };
}

type Foreseen = Pick<Report, "groups" | "nodes" | "radius"> & Partial<Pick<Report, "findings" | "causes" | "coverage">>;

/** Under both its names, where it has a new one. */
const besidesOf = ({ type, title, before, change, nodes }: Report["groups"][number]): NonNullable<Prediction["besides"]> =>
  [title, ...(change === "renamed" && typeof before === "string" ? [before] : [])].map((each) => ({
    resource: `${type}[${each}]`,
    certnames: nodes,
  }));

/** Whether there are differences that the report does not name. */
const leavesOut = (coverage: Report["coverage"]): boolean => coverage?.unseen.some(({ what }) => what === "ignored") === true;

const touchesSystem = ({ kind }: Pick<Report["groups"][number], "kind">): boolean => kind === "system" || kind === "secret";

/** One that base could not compile is all new. */
const unseen = (outcome: Report["nodes"][number]["outcome"], isBlind: boolean): string | null =>
  outcome !== "unchanged" && outcome !== "changed" ? notCompared : isBlind ? otherCode : null;

const digestOf = (effects: readonly string[]): string =>
  createHash("sha256").update(effects.toSorted().join("\n"), "utf8").digest("hex").slice(0, 12);

/**
 * What to expect where nodes may come from either of two commits: one that stands still in their lane, and what was good before it. Nodes that are
 * alike in both are one class, and whatever changes from either may change.
 */
export function together(one: Prediction, other: Prediction): Prediction {
  const [ofOne, ofOther] = [expectedOf(one), expectedOf(other)];
  const certnames = [...new Set([...one.classes, ...other.classes].flatMap((each) => each.certnames))].sort();
  const classes = new Map<string, { name: string; certnames: string[]; touched: string[] }>();
  for (const certname of certnames) {
    const both = [ofOne(certname), ofOther(certname)];
    const name = both.map(({ diffClass }) => diffClass ?? "unchanged").join("+");
    const touched = new Set(both.flatMap((each) => [...each.touched]));
    const found = classes.get(name) ?? { name, certnames: [], touched: [...touched].sort() };
    found.certnames.push(certname);
    classes.set(name, found);
  }
  const besides = one.besides === undefined || other.besides === undefined ? {} : { besides: [...one.besides, ...other.besides] };
  return { classes: [...classes.values()], ...besides };
}

/**
 * All that may differ in a node's catalogs, by certname; null where that is not known of it, so that its real catalogs say nothing. What restarts is among it,
 * which does no harm.
 */
export function differsOf({ classes, besides }: Prediction): (certname: string) => ReadonlySet<string> | null {
  if (besides === undefined) return () => null;
  const also = Map.groupBy(
    besides.flatMap(({ resource, certnames }) => certnames.map((certname) => ({ resource, certname }))),
    ({ certname }) => certname,
  );
  const touched = new Map(classes.flatMap((one) => one.certnames.map((certname) => [certname, one] as const)));
  return (certname) => {
    const own = touched.get(certname);
    if (own?.name.split("+").includes(notCompared) === true) return null;
    return new Set([...(own?.touched ?? []), ...(also.get(certname) ?? []).map(({ resource }) => resource)]);
  };
}

/** The same by certname; of a node that is in no class nothing is expected. */
export function expectedOf({ classes }: Prediction): (certname: string) => Predicted {
  const byName = new Map(
    classes.flatMap(({ name, certnames, touched }) => {
      const expected: Predicted = { diffClass: name, touched: new Set(touched) };
      return certnames.map((certname) => [certname, expected] as const);
    }),
  );
  const nothing: Predicted = { diffClass: null, touched: new Set() };
  return (certname) => byName.get(certname) ?? nothing;
}
