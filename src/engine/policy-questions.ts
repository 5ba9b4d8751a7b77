import { comparePolicies, type PolicyChange } from "../policy/compare.ts";
import { loadPolicy } from "../policy/load.ts";
import type { PolicyProblem } from "../policy/problems.ts";
import type { Policy } from "../policy/schema.ts";
import { type NodeToPlace, placeNode } from "../policy/services.ts";
import { Problem } from "../problem.ts";
import { type Member, seat } from "../rollout/members.ts";
import { policyOf, type PolicyFileText } from "./layers.ts";

/** The policy that holds after a change, as its texts: the organisation's, and the repository's; null for one that is not there. */
export interface PolicyTexts {
  organisation: PolicyFileText | null;
  own: PolicyFileText | null;
}

/**
 * What is asked about a policy that a change brings. Whoever may open a change writes it, so it is read and evaluated apart, on a thread with limits
 * (`head-policy.ts`): all of this can go from thread to thread.
 */
export type PolicyQuestion =
  | { kind: "policy"; ask: "problems"; text: string; path: string }
  | { kind: "policy"; ask: "change"; before: Policy; after: PolicyTexts }
  | { kind: "policy"; ask: "seats"; after: PolicyTexts; nodes: readonly NodeToPlace[]; buckets: ReadonlyMap<string, number> };

/** What is wrong with its file; what becomes of the policy that held; who is in which lane, or null where it can't be read. */
export type PolicyAnswer<Q extends PolicyQuestion = PolicyQuestion> = {
  problems: readonly PolicyProblem[];
  change: PolicyChange;
  seats: Seats | null;
}[Q["ask"]];

export interface Place {
  lane: string;
  environment: string;
}

/** Where nodes are by a policy. */
export interface Seats {
  /** Of its lanes; empty where it has none: every node is in the one environment. */
  environments: readonly string[];
  /** In the nodes' order, without those that no lane has for certain. */
  places: ReadonlyMap<string, Place>;
  /** Why nothing could be rolled out. */
  faults: readonly string[];
}

export function answerPolicy(question: PolicyQuestion): PolicyAnswer {
  if (question.ask === "problems") {
    const loaded = loadPolicy(question.text, question.path);
    return loaded.ok ? [] : loaded.problems;
  }
  const after = goodOf(question.after);
  if (question.ask === "seats") return after === null ? null : seatsOf(after, question.nodes, question.buckets);
  return after === null ? "loosens" : comparePolicies(question.before, after);
}

/** Null where it can't be read: that is told where its problems are. */
function goodOf({ organisation, own }: PolicyTexts): Policy | null {
  try {
    return policyOf(organisation, own);
  } catch (error) {
    if (error instanceof Problem && error.code === "bad-policy") return null;
    throw error;
  }
}

/** Who is in which lane, by a policy. `buckets`: those that nodes had when they were seen first. */
export function seatsOf(policy: Policy, nodes: readonly NodeToPlace[], buckets: ReadonlyMap<string, number> = new Map()): Seats {
  const { lanes, compile } = policy;
  const { environment } = compile;
  if (lanes.length === 0)
    return { environments: [], places: new Map(nodes.map(({ certname }) => [certname, { lane: environment, environment }])), faults: [] };
  const members = nodes.map((node): Member => ({ ...node, ...placeNode(policy, node) }));
  const { seated, faults } = seat(lanes, members, buckets);
  const placeOf = new Map(
    seated.flatMap(({ lane: { name, environment: its }, certnames }) =>
      certnames.map((certname): [string, Place] => [certname, { lane: name, environment: its }]),
    ),
  );
  return {
    environments: lanes.map((lane) => lane.environment),
    places: new Map(
      nodes.flatMap(({ certname }): Array<[string, Place]> => {
        const place = placeOf.get(certname);
        return place === undefined ? [] : [[certname, place]];
      }),
    ),
    faults: faults.map(({ text, hint }) => `${text}: nothing could be rolled out. ${hint}`),
  };
}
