import type { Affected } from "./affected.ts";
import type { StageVerdict } from "./stage-verdict.ts";
import type { Suspect } from "./suspects.ts";
import type { Halt, Who } from "./state.ts";

/** What is to be done: each again and again without harm, until what is so says that it is done. */
export type Effect =
  /** Move the branch from where it is to be, and from nowhere else; what the fleet is like is kept before. */
  | { kind: "move"; lane: string; branch: string; before: string; after: string; way: "forward" | "back"; baseline: string }
  /** Have every compiler serve it. */
  | { kind: "deploy"; lane: string; environment: string; release: string };

/** What happened: for the ledger, for GitHub's deployments, and for people. */
export type Event =
  | { kind: "entered"; lane: string; release: string; before: string; let: Who | null }
  | { kind: "moved"; lane: string; release: string }
  | { kind: "ready"; lane: string; release: string; at: number }
  | { kind: "passed" | "returned"; lane: string; release: string; verdict: StageVerdict }
  /** `suspects`: those of the halt; empty where there are none, or where they are not known, which the halt says. */
  | {
      kind: "halted";
      lane: string;
      release: string | null;
      halt: Halt;
      suspects?: readonly Suspect[];
      /** Services of the nodes that say so, where the fleet did. */
      affected?: readonly Affected[];
    }
  | { kind: "superseded"; lane: string; release: string; by: string }
  /** It counts as good in its lane on a person's word. */
  | { kind: "promoted"; lane: string; release: string; by: Who; reason: string }
  /** It may enter its lane on a person's word. */
  | { kind: "let-in"; lane: string; release: string; by: Who; reason: string }
  /** `by` null: the gate itself, because the policy says so. */
  | { kind: "returning"; lane: string; release: string; before: string; by: Who | null; reason: string }
  /** No later release may bring these along. */
  | { kind: "quarantined"; lane: string; commits: readonly string[]; by: Who | null; reason: string }
  /** `by` null: what takes it back is good in every lane. */
  | { kind: "unquarantined"; commit: string; by: Who | null; reason: string }
  | { kind: "paused"; by: Who; reason: string; until: number }
  /** `lane` null: the pause of all of them is over; `by` null: its time was. */
  | { kind: "resumed"; lane: string | null; by: Who | null }
  | { kind: "done"; release: string };
