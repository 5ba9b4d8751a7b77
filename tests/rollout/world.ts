import { known, type Known, unknown } from "../../src/policy/known.ts";
import type { Lane, RolloutPolicy } from "../../src/policy/lanes-schema.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { begin } from "../../src/rollout/begin.ts";
import type { Effect, Event } from "../../src/rollout/effects.ts";
import type { RolloutFault } from "../../src/rollout/lane-changes.ts";
import { brokenStair, type LineStep } from "../../src/rollout/line.ts";
import type { ModuleAt } from "../../src/rollout/module-drift.ts";
import type { NodeVerdict } from "../../src/rollout/node-verdict.ts";
import type { Fleet, Observation } from "../../src/rollout/observation.ts";
import { obey, type RolloutCommand } from "../../src/rollout/obey.ts";
import type { LaneState, Rollout } from "../../src/rollout/state.ts";
import { step } from "../../src/rollout/step.ts";
import { minute } from "./time.ts";

export { minute };

/** A base branch, the branches of lanes, and a fleet that says what a table says of each commit: for tests of whole rollouts. */
const policy: RolloutPolicy = defaultPolicy.rollout;

export const lanesNamed = (...names: string[]): Lane[] =>
  names.map((name, at) => ({
    name,
    environment: at === names.length - 1 ? "production" : `production_${name}`,
    members: at === names.length - 1 ? "rest" : { certnames: [`${name}*`] },
    bakeMinutes: 10,
    runsPerNode: 1,
    gate: "auto",
  }));

export const commitOf = (number: number): string => `c${number}`;

export type Says = "good" | "bad" | "nothing" | "no change";

export interface World {
  rollout: Rollout;
  line: LineStep[];
  tips: Map<string, string>;
  now: number;
  held: string[];
  /** What the fleet says of a commit; good without an entry. */
  says: Map<string, Says>;
  /** Commits that no compiler serves yet. */
  undeployed: Set<string>;
  /** Modules that the compilers of a lane serve beside any commit; none without an entry. */
  modules: Map<string, ModuleAt[]>;
  events: Event[];
  lanes: readonly Lane[];
  /** As it is written now. */
  policy: RolloutPolicy;
  policyDigest: string;
  /** Why nothing goes wider, as of the last look. */
  faults: readonly RolloutFault[];
}

export function worldOf(...names: string[]): World {
  const lanes = lanesNamed(...names);
  const line: LineStep[] = [{ sha: commitOf(0), number: null, solo: false, reverts: null }];
  const tips = new Map(lanes.map(({ name }) => [name, commitOf(0)]));
  const begun = begin(lanes, tips, line);
  if (!begun.ok) throw new Error(begun.text);
  const now = Date.parse("2026-11-22T12:00:00Z");
  return {
    rollout: begun.rollout,
    line,
    tips,
    now,
    held: [],
    says: new Map(),
    undeployed: new Set(),
    modules: new Map(),
    events: [],
    lanes,
    policy,
    policyDigest: "digest",
    faults: [],
  };
}

export function merge(world: World, more: Partial<LineStep> = {}): string {
  const sha = commitOf(world.line.length);
  world.line.push({ sha, number: world.line.length, solo: false, reverts: null, ...more });
  return sha;
}

const node = (certname: string, kind: NodeVerdict["kind"]): NodeVerdict => ({
  certname,
  kind,
  runs: 2,
  resources: kind === "newly-failed" ? ["Service[nginx]"] : [],
  touched: kind === "newly-failed",
  unexpected: [],
  producer: null,
  before: { changed: [], runs: 0 },
});

function fleetOf({ says, now }: World, commit: string): Known<Fleet> {
  const said = says.get(commit) ?? "good";
  if (said === "nothing") return unknown("PuppetDB does not answer");
  const nodes = [node("a.example", said === "bad" ? "newly-failed" : "pass"), node("b.example", "pass")];
  return known({ nodes, classes: new Map(said === "no change" ? [] : [["class", ["a.example", "b.example"]]]), at: now });
}

export const seenIn = (world: World): Observation => ({
  line: world.line,
  held: world.held,
  lanes: new Map(
    world.lanes.map(({ name }) => {
      const tip = world.tips.get(name) ?? null;
      const served =
        tip === null || world.undeployed.has(tip) ? null : { commit: tip, at: world.now, modules: world.modules.get(name) ?? [] };
      return [name, { tip: known(tip), served: known(served), fleet: fleetOf(world, tip ?? "") }];
    }),
  ),
});

/** A look, without doing what it asks for. */
export function look(world: World, seen: Observation = seenIn(world)): readonly Effect[] {
  const next = step(world.rollout, seen, world, world.now);
  world.rollout = next.rollout;
  world.faults = next.faults;
  world.events.push(...next.events);
  return next.effects;
}

/** As git does it: from where it is expected, or not at all. */
export function perform(world: World, effect: Effect): void {
  if (effect.kind === "deploy") world.undeployed.delete(effect.release);
  else if (world.tips.get(effect.lane) === effect.before) {
    world.tips.set(effect.lane, effect.after);
    const at = brokenStair(
      world.line,
      tipsOf(world).map((tip) => tip ?? ""),
    );
    if (at !== null) throw new Error(`${effect.lane} went to ${effect.after}, and ${tipsOf(world).join(", ")} is no staircase`);
  }
}

/** Looks once a minute and does what is asked for, `minutes` times. */
export function pass(world: World, minutes: number): void {
  for (let at = 0; at < minutes; at += 1) {
    for (const effect of look(world)) perform(world, effect);
    world.now += minute;
  }
}

/** What happened since the last time that somebody asked, as words: `passed canary c1`. */
export function told(world: World): string[] {
  const words = world.events.map((event) =>
    [
      event.kind,
      ("lane" in event ? event.lane : null) ?? "",
      "release" in event ? event.release : "commits" in event ? event.commits.join(" ") : "commit" in event ? event.commit : "",
    ]
      .filter((word) => word !== "" && word !== null)
      .join(" "),
  );
  world.events = [];
  return words;
}

/** Says something, and gives the refusal's words; null where it was obeyed. */
export function say(world: World, command: RolloutCommand, contributed: Known<boolean> = known(false)): string | null {
  const obeyed = obey(world.rollout, command, { who: { id: 7, name: "sre" }, contributed }, world.line, world.now);
  if (!obeyed.ok) return `${obeyed.text}. ${obeyed.hint}`;
  world.rollout = obeyed.rollout;
  world.events.push(...obeyed.events);
  return null;
}

export const laneOf = (world: World, lane: string): LaneState => {
  const found = world.rollout.lanes.find((state) => state.lane === lane);
  if (found === undefined) throw new Error(`there is no lane ${lane}`);
  return found;
};

/** The policy says something else of a lane. */
export const changeLane = (world: World, name: string, more: Partial<World["lanes"][number]>): void => {
  world.lanes = world.lanes.map((one) => (one.name === name ? { ...one, ...more } : one));
};
/** A look, and all that it asks for; then a minute is over. */
export const doAll = (world: World): readonly Effect[] => {
  const effects = look(world);
  for (const effect of effects) perform(world, effect);
  world.now += minute;
  return effects;
};
/** What is seen, but for one lane. */
export const besides = (
  world: World,
  name: string,
  more: Partial<Observation["lanes"] extends ReadonlyMap<string, infer Seen> ? Seen : never>,
): Observation => {
  const seen = seenIn(world);
  const own = seen.lanes.get(name);
  if (own === undefined) throw new Error(`there is no lane ${name}`);
  return { ...seen, lanes: new Map([...seen.lanes, [name, { ...own, ...more }]]) };
};
/** Why each lane stands still. */
export const whys = (world: World): Array<string | undefined> => world.rollout.lanes.map(({ halt }) => halt?.why.kind);

export const tipsOf = ({ lanes, tips }: World): (string | undefined)[] => lanes.map(({ name }) => tips.get(name));
