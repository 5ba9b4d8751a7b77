import { findingsOf } from "../../catalog/finding.ts";
import type { Finding } from "../../catalog/effects.ts";
import type { Policy } from "../../policy/schema.ts";
import { type Apart, askPolicy } from "../head-policy.ts";
import { policyPath, type PolicyFileText, textAfter } from "../layers.ts";
import { type Place, type Seats, seatsOf } from "../policy-questions.ts";
import type { NodeFacts } from "../ports/nodes.ts";
import type { ChangedFile, Repository } from "../ports/repository.ts";
import { bucketOf } from "../../rollout/members.ts";
import { placedBy } from "../rollout/member-of.ts";

/** Commits of lanes' branches by environment; null for one that is not there. */
export type LaneTips = ReadonlyMap<string, string | null>;

/** Of nodes as they are counted now, the buckets of those that a rollout counted otherwise when it saw them first. */
export type KeptBuckets = (now: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, number>>;

interface Move {
  certname: string;
  from: Place;
  to: Place;
}

/** Where nodes are by base's policy, and by the one after the change. */
export interface Moved {
  before: Seats;
  after: Seats;
  /** Of the policy's file after the change. */
  text: string | null;
}

/** The same of a change whose policy is read from its tree; nothing where that stays, or can't be read, which is told elsewhere. */
export async function movesOf(
  of: {
    repository: Repository;
    tree: string;
    policy: Policy;
    changed: readonly ChangedFile[];
    organisation: PolicyFileText | null;
    tips: ((environments: readonly string[]) => Promise<LaneTips>) | null;
    buckets: KeptBuckets | null;
    apart: Apart;
  },
  facts: readonly NodeFacts[],
): Promise<Finding[]> {
  if (!of.changed.some(({ path, oldPath }) => path === policyPath || oldPath === policyPath)) return [];
  const own = await textAfter(of.repository, of.tree);
  if (own === "unreadable") return [];
  const nodes = facts.map(placedBy);
  const buckets = (await of.buckets?.(new Map(nodes.map(({ certname }) => [certname, bucketOf(certname)])))) ?? new Map<string, number>();
  const after = { organisation: of.organisation, own };
  const asked = await askPolicy(of.apart, { kind: "policy", ask: "seats", after, nodes, buckets });
  const text = own?.text ?? null;
  if (!asked.known) return [untold(text, asked.reason)];
  if (asked.value === null) return [];
  const moved = { before: seatsOf(of.policy, nodes, buckets), after: asked.value, text };
  if (laneMoves(moved, null).length === 0 || of.tips === null) return laneMoves(moved, null);
  const environments = [...moved.before.environments, ...moved.after.environments, of.policy.compile.environment];
  return laneMoves(moved, await of.tips([...new Set(environments)]));
}

/** A rollout would have to work out the same, at each of its looks. */
const untold = (text: string | null, reason: string): Finding => ({
  ...found(text, "error", "bad-policy", `which node is in which lane by this policy can't be told: ${reason}`),
  check: "config",
});

/**
 * Which nodes a change of the policy takes from one lane to another: they get other code at their next run, and no lane holds that back. A lane that
 * names a node of another, or that has none, is told as well, because nothing could move then.
 */
export function laneMoves({ before, after, text }: Moved, tips: LaneTips | null): Finding[] {
  if (after.environments.length === 0) return [];
  const moves = [...before.places].flatMap(([certname, from]): Move[] => {
    const to = after.places.get(certname);
    return to === undefined || from.environment === to.environment ? [] : [{ certname, from, to }];
  });
  const known = new Set(before.faults);
  return [
    ...Map.groupBy(moves, ({ from, to }) => `${from.environment} ${to.environment}`)
      .values()
      .map((group) => found(text, "notice", "lane-moves", movesText(group, tips))),
    ...after.faults.filter((fault) => !known.has(fault)).map((fault) => found(text, "warning", "lane-fault", fault)),
  ];
}

const found = (text: string | null, severity: Finding["severity"], code: string, message: string): Finding =>
  findingsOf("preconditions")(severity, { path: policyPath, line: lineOf(text) }, code, message);

const few = 5;

function movesText(moves: readonly Move[], tips: LaneTips | null): string {
  const [first] = moves;
  if (first === undefined) return "";
  const { from, to } = first;
  const names = moves.map(({ certname }) => certname);
  const who = names.length <= few ? names.join(", ") : `${names.slice(0, few).join(", ")} and ${names.length - few} more`;
  const [verb, they] = names.length === 1 ? ["moves", "it gets"] : ["move", "they get"];
  return `${who} ${verb} from ${from.lane} to ${to.lane}: ${they} the code of ${to.environment} at the next run${codeText(from, to, tips)}. An owner has to accept it`;
}

/** Whether that is other code right now: a rollout may be under way. */
function codeText(from: Place, to: Place, tips: LaneTips | null): string {
  const [is, will] = [tips?.get(from.environment) ?? null, tips?.get(to.environment) ?? null];
  if (is === null || will === null) return ", and whether that is the same now is not known here";
  if (is === will) return ", which is the same now";
  return `, which is other code now (${from.environment} is at ${is.slice(0, 12)}, ${to.environment} at ${will.slice(0, 12)}: a release is on its way)`;
}

function lineOf(text: string | null): number | null {
  const at = text?.split("\n").findIndex((line) => line.startsWith("lanes:")) ?? -1;
  return at === -1 ? null : at + 1;
}
