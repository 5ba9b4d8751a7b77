import type { Memory } from "../../../src/gate/decide.ts";
import type { Facts, Known, Permission } from "../../../src/gate/facts.ts";
import type { RuleOutcome, Verdict } from "../../../src/gate/verdict.ts";

/** One case of the catalogue, as facts and what a person reads of them. */
export interface Case {
  /** Its number there. */
  case: number;
  title: string;
  given?: Partial<Facts>;
  remembered?: Partial<Memory>;
  /** What the whole comes to. */
  verdict: Verdict["outcome"];
  /** The rule that has its say, its outcome, and its words to the letter. */
  rule: string;
  outcome: RuleOutcome;
  says: string;
  /** What each command in it is answered; nothing, where there is none. */
  answers?: readonly string[];
  /** Whether it lands; null or left out: it does not. */
  lands?: true;
}

export const access = (entries: [number, Known<Permission>][]): Facts["permissions"] => new Map(entries);

export const nobodyElse = "one person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb";
export const orBob = "one person with write access who contributed nothing to it (not alice and bob) must approve commit bbbbbbbbbb";
