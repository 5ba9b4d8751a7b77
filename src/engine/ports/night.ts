import type { Origin } from "../../gate/event.ts";
import type { PolicyText } from "../../gate/facts.ts";

/** What nightly compiles need, and what they prove. */

/** Base's tips of a repository are to be compiled anew, and compared with what is kept of them. */
export interface NightJob {
  repository: number;
}

/** Which branch's tip is to be compiled anew, and behind which node to begin. */
export interface NightRequest {
  origin: Origin;
  branch: string;
  organisation: PolicyText | null;
  after: string | null;
}

/** What came of it: the last node that was looked at (null: all were), and the nodes that base does not compile to what was kept. */
export interface NightProven {
  /** Base's tip. */
  sha: string;
  after: string | null;
  verdicts: number;
  /** `differs` names resources and attributes, without values. */
  missed: { certname: string; differs: string[] }[];
}

/** `mayGoOn` is asked before each node. What was kept is not used any more by the time that a node is told as missed. */
export type NightJudge = (request: NightRequest, on: { mayGoOn: () => Promise<boolean>; signal: AbortSignal }) => Promise<NightProven>;

/** Nodes of which what was kept, or concluded from it, was compared with a compile: how many, and of how many it was wrong. */
export interface Proofs {
  source: "sample" | "night";
  verdicts: number;
  missed: number;
}
