import type { NodeVerdict } from "./node-verdict.ts";
import type { SourcePlace } from "./source-place.ts";
import type { Trouble } from "./stage-verdict.ts";
import type { Step, Trails } from "./trail.ts";

/** One thing that went wrong, and the places that may have to do with it. */
export interface Evidence {
  trouble: Trouble["kind"];
  /** Null for what no resource is known of: a catalog that does not compile, a node that is silent. */
  resource: string | null;
  nodes: number;
  clues: readonly Clue[];
}

/** A place in the release, and what it is to what went wrong. */
export interface Clue {
  /**
   * - `event`: the agent said that the resource is declared there.
   * - `declared`, `cause`: the review did, or said that its change comes from there.
   * - `compile`: the review saw a catalog fail there.
   * - `kind`: it changes nodes of the kind that are in trouble, whatever resource of them it is.
   */
  by: "event" | "declared" | "cause" | "compile" | "kind";
  path: string;
  line: number | null;
  key: string | null;
  certain: boolean;
}

export interface Found {
  troubles: readonly Trouble[];
  nodes: readonly NodeVerdict[];
  /** Where agents say that resources are declared. */
  places: ReadonlyMap<string, readonly SourcePlace[]>;
  /** By class: who is in it, and what the release changes or restarts there. */
  classes: readonly { certnames: readonly string[]; touched: readonly string[] }[];
  /** Null where the review's are not kept. */
  trails: Trails | null;
}

/** Resources of one trouble that are looked into, those on most nodes first; and places of a kind of nodes. */
const most = { resources: 50, ofKind: 50 };

export function evidenceOf({ troubles, nodes, places, classes, trails }: Found): Evidence[] {
  const steps = new Map((trails?.resources ?? []).map(({ resource, steps: own }) => [resource, own]));
  const verdicts = new Map(nodes.map((node) => [node.certname, node]));
  return troubles.flatMap((trouble): Evidence[] => {
    const { kind, certnames, resources } = trouble;
    if (resources.length > 0) {
      const own = certnames.flatMap((certname) => verdicts.get(certname) ?? []);
      const on = countOf(own);
      const counted = resources.map((resource) => ({ resource, nodes: on.get(resource) ?? 0 }));
      counted.sort((a, b) => b.nodes - a.nodes || (a.resource < b.resource ? -1 : 1));
      return counted.slice(0, most.resources).map(({ resource, nodes: count }) => ({
        trouble: kind,
        resource,
        nodes: Math.max(1, count),
        clues: cluesOf(places.get(resource) ?? [], steps.get(resource) ?? []),
      }));
    }
    const failures = kind === "compile-failed" ? (trails?.failures ?? []) : [];
    const seen = failures.map(({ path, line }): Clue => ({ by: "compile", path, line, key: null, certain: true }));
    const troubled = new Set(certnames);
    const touched = new Set(classes.filter((one) => one.certnames.some((name) => troubled.has(name))).flatMap((one) => one.touched));
    const ofKind = [...touched].flatMap((resource) => steps.get(resource) ?? []).slice(0, most.ofKind);
    const clues = seen.length > 0 ? seen : ofKind.map((step): Clue => ({ ...stepClue(step), by: "kind" }));
    return [{ trouble: kind, resource: null, nodes: certnames.length, clues }];
  });
}

/** On how many nodes something is with each resource, counted once: a release may change thousands on twenty thousand nodes. */
function countOf(nodes: readonly NodeVerdict[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { resources, unexpected } of nodes)
    for (const resource of new Set([...resources, ...unexpected])) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  return counts;
}

/** What the agent and the review both say is said once, by the agent. */
function cluesOf(places: readonly SourcePlace[], steps: readonly Step[]): Clue[] {
  const told = new Set(places.map(({ path, line }) => `${line} ${path}`));
  return [...places.map(eventClue), ...steps.filter(({ path, line }) => !told.has(`${line} ${path}`)).map(stepClue)];
}

const eventClue = ({ path, line }: SourcePlace): Clue => ({ by: "event", path, line, key: null, certain: true });

const stepClue = ({ by, path, line, key, certain }: Step): Clue => ({ by, path, line, key, certain });
