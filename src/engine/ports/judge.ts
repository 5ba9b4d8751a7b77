import type { Checked, PolicyText } from "../../gate/facts.ts";
import type { Origin } from "../../gate/event.ts";
import type { ProblemText } from "../../problem.ts";

export type CheckResult = { ok: true; checked: Checked } | { ok: false; problem: ProblemText };

/** What is to be checked: base's tip and a head, as commits. */
export interface JudgeRequest {
  origin: Origin;
  number: number;
  base: { ref: string; sha: string };
  head: string;
  /** The organisation's policy; null where it has none. */
  organisation: PolicyText | null;
}

export type Judge = (request: JudgeRequest, signal: AbortSignal) => Promise<Checked>;
