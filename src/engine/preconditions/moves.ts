import type { Finding } from "../../catalog/effects.ts";
import type { Policy } from "../../policy/schema.ts";
import { type Member, seat } from "../../rollout/members.ts";
import { Problem } from "../../problem.ts";
import { policyOf, policyPath, type PolicyFileText, readPolicyText } from "../layers.ts";
import type { ChangedFile, Repository } from "../ports/repository.ts";
import type { NodeFacts } from "../ports/nodes.ts";
import { memberOf } from "../rollout/member-of.ts";
import { bucketsNow } from "../rollout/shares.ts";

/** Commits of lanes' branches by environment; null for one that is not there. */
export type LaneTips = ReadonlyMap<string, string | null>;

/** Of nodes as they are counted now, the buckets of those that a rollout counted otherwise when it saw them first. */
export type KeptBuckets = (now: ReadonlyMap<string, number>) => Promise<ReadonlyMap<string, number>>;

interface Move {
  certname: string;
  from: Place;
  to: Place;
}

interface Place {
  lane: string;
  environment: string;
}

export interface Policies {
  base: Policy;
  /** After the change. */
  merged: Policy;
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
  },
  nodes: readonly NodeFacts[],
): Promise<Finding[]> {
  if (!of.changed.some(({ path, oldPath }) => path === policyPath || oldPath === policyPath)) return [];
  const own = await textAfter(of.repository, of.tree);
  const merged = own === "unreadable" ? null : policyAfter(of.organisation, own);
  if (merged === null || own === "unreadable") return [];
  const policies = { base: of.policy, merged, text: own?.text ?? null };
  const lanes = [...of.policy.lanes, ...merged.lanes];
  const now = bucketsNow(lanes, nodes);
  const buckets = of.buckets === null || now.size === 0 ? undefined : await of.buckets(now);
  const found = laneMoves(policies, nodes, { tips: null, buckets });
  if (found.length === 0 || of.tips === null) return found;
  const environments = lanes.map(({ environment }) => environment);
  return laneMoves(policies, nodes, { tips: await of.tips([...new Set([...environments, of.policy.compile.environment])]), buckets });
}

async function textAfter(repository: Repository, tree: string): Promise<PolicyFileText | null | "unreadable"> {
  try {
    return await readPolicyText(repository, tree);
  } catch (error) {
    if (error instanceof Problem) return "unreadable";
    throw error;
  }
}

function policyAfter(organisation: PolicyFileText | null, own: PolicyFileText | null): Policy | null {
  try {
    return policyOf(organisation, own);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/**
 * Which nodes a change of the policy takes from one lane to another: they get other code at their next run, and no lane holds that back. A lane that
 * names a node of another, or that has none, is told as well, because nothing could move then.
 */
export function laneMoves(
  policies: Policies,
  nodes: readonly NodeFacts[],
  { tips, buckets }: { tips: LaneTips | null; buckets?: ReadonlyMap<string, number> | undefined },
): Finding[] {
  const { base, merged, text } = policies;
  if (merged.lanes.length === 0) return [];
  const [before, after] = [base, merged].map((policy) => seatsOf(policy, nodes, buckets));
  if (before === undefined || after === undefined) return [];
  const moves = nodes.flatMap(({ certname }): Move[] => {
    const [from, to] = [before.places.get(certname), after.places.get(certname)];
    return from === undefined || to === undefined || from.environment === to.environment ? [] : [{ certname, from, to }];
  });
  const line = lineOf(text);
  const found = (severity: Finding["severity"], code: string, message: string): Finding => ({
    check: "preconditions",
    severity,
    path: policyPath,
    line,
    column: null,
    code,
    message,
    onChangedLine: false,
  });
  const known = new Set(before.faults);
  return [
    ...Map.groupBy(moves, ({ from, to }) => `${from.environment} ${to.environment}`)
      .values()
      .map((group) => found("notice", "lane-moves", movesText(group, tips))),
    ...after.faults.filter((fault) => !known.has(fault)).map((fault) => found("warning", "lane-fault", fault)),
  ];
}

/** Where there are no lanes, every node is in the one environment. */
function seatsOf(
  policy: Policy,
  nodes: readonly NodeFacts[],
  buckets?: ReadonlyMap<string, number>,
): { places: ReadonlyMap<string, Place>; faults: readonly string[] } {
  const { lanes, compile } = policy;
  const { environment } = compile;
  if (lanes.length === 0)
    return { places: new Map(nodes.map(({ certname }) => [certname, { lane: environment, environment }])), faults: [] };
  const members: Member[] = nodes.map((node) => memberOf(node, policy));
  const { seated, faults } = seat(lanes, members, buckets);
  const places = seated.flatMap(({ lane, certnames }) =>
    certnames.map((certname): [string, Place] => [certname, { lane: lane.name, environment: lane.environment }]),
  );
  return { places: new Map(places), faults: faults.map(({ text, hint }) => `${text}: nothing could be rolled out. ${hint}`) };
}

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
