import { known, unknown } from "../../../src/policy/known.ts";
import type { Lane, RolloutPolicy } from "../../../src/policy/lanes-schema.ts";
import { defaultPolicy } from "../../../src/policy/schema.ts";
import { beforeOf } from "../../../src/rollout/before.ts";
import { begin } from "../../../src/rollout/begin.ts";
import type { Line } from "../../../src/rollout/line.ts";
import { judgeNode } from "../../../src/rollout/node-verdict.ts";
import type { Fleet } from "../../../src/rollout/observation.ts";
import type { Before, Run } from "../../../src/rollout/runs.ts";
import type { Halt, Stage } from "../../../src/rollout/state.ts";
import { step } from "../../../src/rollout/step.ts";
import { deadlineOf, watchOf } from "../../../src/rollout/terms.ts";
import { type Chance, createChance } from "../../simulation/chance.ts";
import { hour, minute } from "../time.ts";
import { type Code, type FleetNode, fleetOf, ofRole, type Plant, runOf } from "./fleet.ts";

/** One rollout of one release over three lanes of a fleet that is never quiet. */

const policy: RolloutPolicy = defaultPolicy.rollout;
const lanes: readonly Lane[] = ["canary", "lon", "rest"].map((name, at) => ({
  name,
  environment: name,
  members: at === 2 ? "rest" : { certnames: [`${name}*`] },
  bakeMinutes: 60,
  runsPerNode: 2,
  gate: "auto",
}));

export const plantKinds = ["fails", "fails beside", "breaks the compile", "silences", "changes more"] as const;

export interface Played {
  kind: Plant["kind"] | "good";
  /** Where it stopped; null where it came to its end. */
  halt: { lane: number; halt: Halt } | null;
  /** Lanes in which stopping is right. */
  right: readonly number[];
  /** Whether it has to stop: only nodes that are away could show it otherwise. */
  must: boolean;
  hours: number;
}

const old = "0".repeat(40);
const fresh = "1".repeat(40);
const start = Date.parse("2026-11-23T08:00:00Z");
const interval = 30 * minute;
/** Looks are rarer than the gate's, but not so rare that anything would count as not observed. */
const between = 4 * minute;

export function play(seed: number, size: number, kind: Played["kind"]): Played {
  const chance = createChance(seed);
  const nodes = fleetOf(size, chance);
  const code = codeOf(kind, nodes, chance);
  const line: Line = [old, fresh].map((sha, at) => ({ sha, number: at, solo: false, reverts: null }));
  const tips = new Map(lanes.map(({ name }) => [name, old]));
  const begun = begin(lanes, tips, line);
  if (!begun.ok) throw new Error(begun.text);
  let { rollout } = begun;
  const played = lanes.map(
    (_, at) =>
      new LaneOfNodes(
        nodes.filter(({ lane }) => lane === at),
        code,
        createChance(seed * 7 + at),
      ),
  );
  let now = start;
  for (; now < start + 48 * hour; now += between) {
    const seen = new Map(
      rollout.lanes.map(({ lane, stage }, at) => {
        const own = played[at];
        const served = own?.servedAt === null || own === undefined ? null : { commit: fresh, at: own.servedAt };
        const isWatched = stage?.phase === "watched" && own !== undefined;
        return [
          lane,
          {
            tip: known(tips.get(lane) ?? null),
            served: known(served),
            fleet: isWatched ? known(own.seen(stage, now)) : unknown("nothing is under way"),
          },
        ];
      }),
    );
    const next = step(rollout, { line, lanes: seen, held: [] }, { lanes, policy, policyDigest: "digest" }, now);
    ({ rollout } = next);
    const at = rollout.lanes.findIndex(({ halt }) => halt !== null);
    const halt = rollout.lanes[at]?.halt ?? null;
    if (halt !== null) return { kind, halt: { lane: at, halt }, ...rightOf(code, nodes), hours: (now - start) / hour };
    for (const effect of next.effects) {
      const own = played[rollout.lanes.findIndex(({ lane }) => lane === effect.lane)];
      if (effect.kind === "deploy") own?.deployed(now + minute);
      else {
        own?.enter(now);
        tips.set(effect.lane, effect.after);
      }
    }
    if (rollout.lanes.every(({ verified }) => verified === fresh)) break;
  }
  return { kind, halt: null, ...rightOf(code, nodes), hours: (now - start) / hour };
}

/** A release that changes some roles; what is wrong with it shows on the nodes of one of them, or on a third of all. */
function codeOf(kind: Played["kind"], nodes: readonly FleetNode[], chance: Chance): Code {
  const touched = new Set(Array.from({ length: 1 + chance.below(5) }, () => chance.pick(nodes).role));
  const bad = [...touched][0];
  const salt = chance.below(3);
  const isHit = (node: FleetNode): boolean => (kind === "changes more" ? (node.phase + salt) % 3 === 0 : node.role === bad);
  const plant = kind === "good" ? null : { kind, hits: isHit };
  return { commit: fresh, touched: ({ role }) => (touched.has(role) ? ofRole(role) : []), plant };
}

/** The first lane in which it can be seen at all, and before it those in which a node that was away comes back and shows it. */
function rightOf({ plant, touched }: Code, nodes: readonly FleetNode[]): Pick<Played, "right" | "must"> {
  const right: number[] = [];
  for (const at of lanes.keys()) {
    const own = nodes.filter(({ lane }) => lane === at);
    // A lane in which nothing changes lets a release through at once.
    if (!own.some((node) => touched(node).length > 0)) continue;
    const hit = own.filter(
      (node) => plant?.hits(node) === true && node.failing !== "compile" && (plant.kind === "breaks the compile" || !node.noop),
    );
    const shown = hit.filter(({ silent }) => !silent);
    const enough = plant?.kind === "changes more" ? Math.max(policy.unexpectedChange.count, own.length / 100) : 0;
    if (hit.some(({ silent, backAfter }) => silent && backAfter < Number.POSITIVE_INFINITY) || shown.length > enough) right.push(at);
    if (shown.length > enough) return { right, must: true };
  }
  return { right, must: false };
}

class LaneOfNodes {
  readonly #nodes: readonly FleetNode[];
  readonly #code: Code;
  readonly #chance: Chance;
  readonly #runs = new Map<string, Run[]>();
  #before = new Map<string, Before>();
  #next: number[] = [];
  #ran: number[] = [];
  #heard: Array<{ run: Run; from: number }> = [];
  #enteredAt = 0;
  servedAt: number | null = null;

  constructor(nodes: readonly FleetNode[], code: Code, chance: Chance) {
    this.#nodes = nodes;
    this.#code = code;
    this.#chance = chance;
  }

  /** What was so in the four hours before, and the first runs after. */
  enter(now: number): void {
    const before: Code = { commit: old, touched: () => [], plant: null };
    const deadline = deadlineOf(policy);
    for (const node of this.#nodes) {
      const runs: Run[] = [];
      for (let at = now - 4 * hour + node.phase; !node.silent && at < now; at += interval) {
        const run = runOf(node, before, old, at, 1, false, this.#chance);
        if (run !== null && run.producedAt <= now) runs.push(run);
      }
      this.#before.set(node.certname, beforeOf(runs, now, deadline));
    }
    this.#enteredAt = now;
    this.#next = this.#nodes.map(({ phase, silent, backAfter }) => now + (silent ? backAfter : phase));
    this.#ran = this.#nodes.map(() => 0);
  }

  deployed(at: number): void {
    this.servedAt = at;
  }

  /** Runs of everybody up to now; a report may be on its way for a while. */
  #run(now: number): void {
    const ready = this.servedAt ?? Number.POSITIVE_INFINITY;
    const before: Code = { commit: old, touched: () => [], plant: null };
    for (const [at, node] of this.#nodes.entries())
      for (let next = this.#next[at] ?? Number.POSITIVE_INFINITY; next <= now; next += interval + this.#chance.below(minute)) {
        const nth = this.#ran[at] ?? 0;
        // While it is deployed a compiler may serve either.
        const isNew = next > ready || (next > this.#enteredAt && this.#chance.is(0.5));
        const run = runOf(node, isNew ? this.#code : before, old, next, isNew ? nth : 1, node.silent, this.#chance);
        if (isNew) this.#ran[at] = nth + 1;
        if (run !== null) this.#heard.push({ run, from: run.producedAt + (this.#chance.is(0.02) ? this.#chance.below(20 * minute) : 0) });
        this.#next[at] = next + interval;
      }
    this.#heard = this.#heard.filter(({ run, from }) => {
      if (from > now) return true;
      const own = this.#runs.get(run.certname);
      if (own === undefined) this.#runs.set(run.certname, [run]);
      else own.push(run);
      return false;
    });
  }

  seen(stage: Stage, now: number): Fleet {
    this.#run(now);
    const watch = watchOf(stage, now);
    if (watch === null) throw new Error("a stage that is watched has no terms");
    const classes = new Map<string, string[]>();
    const nodes = this.#nodes.map((node) => {
      const { certname, role } = node;
      const touched = this.#code.touched(node);
      if (touched.length > 0) classes.set(role, [...(classes.get(role) ?? []), certname]);
      const before = this.#before.get(certname);
      if (before === undefined) throw new Error("a lane is watched before anything came to it");
      const predicted = { diffClass: touched.length > 0 ? role : null, touched: new Set(touched) };
      return judgeNode({ certname, active: true, before, predicted, runs: this.#runs.get(certname) ?? [] }, watch);
    });
    return { nodes, classes, at: now };
  }
}
