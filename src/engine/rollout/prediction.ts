import { createHash } from "node:crypto";
import type { Report } from "../../gate/report.ts";
import type { Predicted } from "../../rollout/runs.ts";
import type { Prediction } from "./rollout-ports.ts";

/** Nodes of which nobody can say what changes: a class of their own, so that one of them has to be seen. */
const notCompared = "not compared";

/**
 * The report of a check as what to expect of agents: nodes that share all their effect groups are one class, and what these groups and the restarts that
 * follow from them are about may change. A group that touches no system (a class's parameter, an order) makes no class.
 */
export function predictionOf({ groups, nodes, radius }: Pick<Report, "groups" | "nodes" | "radius">): Prediction {
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
    const name = effects === undefined ? (isSeen(outcome) ? null : notCompared) : digestOf(effects);
    if (name === null) continue;
    const own = [...(touched.get(certname) ?? [])].sort();
    const found = classes.get(name);
    if (found === undefined) classes.set(name, { certnames: [certname], touched: own });
    else {
      found.certnames.push(certname);
      found.touched = [...new Set([...found.touched, ...own])].sort();
    }
  }
  return { classes: [...classes].map(([name, found]) => ({ name, ...found })) };
}

const touchesSystem = ({ kind }: Pick<Report["groups"][number], "kind">): boolean => kind === "system" || kind === "secret";

/** One that base could not compile is all new. */
const isSeen = (outcome: Report["nodes"][number]["outcome"]): boolean => outcome === "unchanged" || outcome === "changed";

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
  return { classes: [...classes.values()] };
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
