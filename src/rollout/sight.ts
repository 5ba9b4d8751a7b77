import type { LaneSeen } from "./observation.ts";
import type { NodeVerdict, NodeVerdictKind } from "./node-verdict.ts";
import { verdictOf } from "./stage-step.ts";
import type { Missing } from "./stage-verdict.ts";
import type { LaneState } from "./state.ts";

/** What the last look saw, as far as people are told of it: however many nodes a lane has, it is no larger. */
export interface Sight {
  /** Why nothing enters a lane; empty where nothing holds. */
  held: readonly string[];
  /** What speaks against a release now and holds nothing up: freezes that don't bind. */
  advice?: readonly string[];
  /** Why nothing could be looked at, and what to do; null where it could. */
  waits: { why: string; hint: string | null } | null;
  /** Of lanes with something under way, by name. */
  lanes: Readonly<Record<string, LaneSight>>;
  /** Lanes that a release enters on a person's word only. */
  manual: readonly string[];
}

export interface LaneSight {
  /** Why the fleet could not be seen; null where it could. */
  unseen: string | null;
  nodes: readonly Tally[];
  /** What it still takes to count as good. */
  missing: readonly Missing[];
  /** Why the last deploy there did not come off, as its commands said it; missing where it did, or none was tried. */
  undeployed?: readonly string[];
  /** Why compilers serve nothing that could be told, a sentence for each; missing where nothing tells. */
  behind?: readonly string[];
}

/** Nodes of one verdict, the first few by name. */
export interface Tally {
  kind: NodeVerdictKind;
  count: number;
  certnames: readonly string[];
}

const mostNamed = 5;
const mostClasses = 20;
const longestReason = 300;

const fewOf = (reasons: readonly string[]): string[] => reasons.slice(0, mostNamed).map((text) => text.slice(0, longestReason));

/** With why the last deploy did not come off, as its commands said it; without any of that for none. */
export function withTroubles({ unseen, nodes, missing, behind }: LaneSight, troubles: readonly string[]): LaneSight {
  const sight = { unseen, nodes, missing, ...(behind !== undefined && { behind }) };
  return troubles.length === 0 ? sight : { ...sight, undeployed: fewOf(troubles) };
}

/** `before`: what was seen there last, of the same release. */
export function laneSight({ stage }: LaneState, { served, fleet, behind = [] }: LaneSeen, before?: LaneSight): LaneSight {
  const isBehind = stage !== null && stage.phase !== "intended" && served.known && served.value?.commit !== stage.release;
  const sight = seenIn(stage, { served, fleet });
  if (!isBehind) return sight;
  return withTroubles({ ...sight, ...(behind.length > 0 && { behind: fewOf(behind) }) }, before?.undeployed ?? []);
}

function seenIn(stage: LaneState["stage"], { served, fleet }: Pick<LaneSeen, "served" | "fleet">): LaneSight {
  const nothing = { nodes: [], missing: [] };
  if (stage === null || stage.phase === "intended") return { unseen: null, ...nothing };
  if (!served.known) return { unseen: served.reason, ...nothing };
  if (!fleet.known) return { unseen: stage.phase === "watched" ? fleet.reason : null, ...nothing };
  const verdict = verdictOf(stage, fleet.value);
  const missing = verdict !== null && "missing" in verdict ? verdict.missing : [];
  return { unseen: null, nodes: tallyOf(fleet.value.nodes), missing: missing.slice(0, mostClasses).map(shortened) };
}

/** The worst first is up to whoever shows it. */
export function tallyOf(nodes: readonly NodeVerdict[]): Tally[] {
  const by = Map.groupBy(nodes, ({ kind }) => kind);
  return [...by].map(([kind, of]) => ({ kind, count: of.length, certnames: firstOf(of.map(({ certname }) => certname)) }));
}

const firstOf = (names: readonly string[]): string[] => [...names].sort().slice(0, mostNamed);

const shortened = (one: Missing): Missing => ("certnames" in one ? { ...one, certnames: firstOf(one.certnames) } : one);
