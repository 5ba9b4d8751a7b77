import type { Run } from "../../../src/rollout/runs.ts";
import type { Chance } from "../../simulation/chance.ts";
import { hour, minute } from "../time.ts";

/** Shares of nodes, but for `transient` and `drift`, which are shares of runs: twice as noisy as a fleet of which 2 percent ever drift. */
export const noise = { transient: 0.001, failing: 0.005, silent: 0.01, drift: 0.02, noop: 0.03, restless: 0.01, delayed: 0.05 };

export interface FleetNode {
  certname: string;
  lane: number;
  role: string;
  noop: boolean;
  /** Silent for days; some of them come back at this moment after the release came to their lane. */
  silent: boolean;
  backAfter: number;
  /** What it fails at since long before; null for nothing, and `compile` where it gets no catalog. */
  failing: string | null;
  /** A command without a guard. */
  restless: boolean;
  /** Of its agent's runs within the half hour. */
  phase: number;
  resources: readonly string[];
}

const roles = Array.from({ length: 17 }, (_, at) => ({ name: `role${at}`, weight: 1 / (at + 1) }));
const common = Array.from({ length: 60 }, (_, at) => ({ name: `File[/etc/common/${at}]`, weight: 1 / (at + 1) }));

export const ofRole = (role: string): readonly string[] => [`File[/etc/${role}]`, `Package[${role}]`, `Service[${role}]`];

export function fleetOf(size: number, chance: Chance): FleetNode[] {
  const [first, second] = [Math.max(20, size / 100), size / 5];
  return Array.from({ length: size }, (_, at) => {
    const role = chance.weighted(roles).name;
    const resources = [...ofRole(role), ...common.map(({ name }) => name)];
    const silent = chance.is(noise.silent);
    return {
      certname: `node${at}.example`,
      lane: at < first ? 0 : at < second ? 1 : 2,
      role,
      noop: chance.is(noise.noop),
      silent,
      backAfter: chance.is(0.1) ? chance.below(2 * hour) : Number.POSITIVE_INFINITY,
      failing: chance.is(noise.failing) ? (chance.is(0.2) ? "compile" : chance.pick(resources)) : null,
      restless: chance.is(noise.restless),
      phase: chance.below(30 * minute),
      resources,
    };
  });
}

/** What is wrong with a release, and on which nodes; it never shows on others. */
export interface Plant {
  kind: "fails" | "fails beside" | "breaks the compile" | "silences" | "changes more";
  hits: (node: FleetNode) => boolean;
}

export interface Code {
  /** What agents print as the version. */
  commit: string;
  touched: (node: FleetNode) => readonly string[];
  plant: Plant | null;
}

/** Of an agent's run that begins at `at`; null where it says nothing. `nth`: of this code, from 0. `came` back after a long time. */
export function runOf(node: FleetNode, code: Code, previous: string, at: number, nth: number, came: boolean, chance: Chance): Run | null {
  const plant = code.plant?.hits(node) === true ? code.plant.kind : null;
  if (plant === "silences" && nth > 0) return null;
  const took = 20_000 + chance.below(70_000);
  const late = chance.is(noise.delayed) ? chance.below(20 * minute) : 0;
  const own = { certname: node.certname, id: `${node.certname}@${at}`, environment: "lane", producer: "compiler", took, noop: node.noop };
  const run: Run = {
    ...own,
    status: "unchanged",
    version: code.commit,
    cached: "not_used",
    noopPending: false,
    producedAt: at + took + late,
    failed: [],
    changed: [],
  };
  if (plant === "breaks the compile" || node.failing === "compile")
    return chance.is(0.5) ? { ...run, version: previous, cached: "on_failure" } : { ...run, version: "", status: "failed" };
  if (node.noop) return { ...run, noopPending: true };
  const failed = [
    ...(node.failing === null ? [] : [node.failing]),
    ...(chance.is(noise.transient) ? [chance.pick(node.resources)] : []),
    ...(plant === "fails" ? code.touched(node).slice(0, 1) : []),
    ...(plant === "fails beside" ? ["Exec[health]"] : []),
  ];
  const changed = [
    ...(nth === 0 ? code.touched(node) : []),
    ...(nth === 0 && came ? ["File[/etc/old]", "Package[old]"] : []),
    ...(plant === "changes more" && nth === 0 ? ["File[/etc/surprise]"] : []),
    ...(node.restless ? ["Exec[unguarded]"] : []),
    ...(chance.is(noise.drift) ? [chance.weighted(common).name] : []),
  ].filter((resource) => !failed.includes(resource));
  const status = failed.length > 0 ? "failed" : changed.length > 0 ? "changed" : "unchanged";
  return { ...run, status, failed, changed: changed.map((resource) => ({ resource, property: "content" })) };
}
