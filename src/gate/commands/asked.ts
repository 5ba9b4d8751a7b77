import type { Note } from "../decide.ts";
import type { CommentFacts, Facts, MergeMethod, Person } from "../facts.ts";
import type { Verdict } from "../verdict.ts";
import type { OrderAnswer } from "./rollout.ts";

/** A command with everything that its answer depends on. The facts have in them what earlier commands of this turn changed. */
export interface Asked {
  comment: CommentFacts;
  author: Person;
  facts: Facts;
  verdict: Verdict;
  /** What GitHub said to the merge of this very comment, when it would not. */
  refusal: string | null;
  /** Whether an earlier command of this turn asked for a landing now. */
  isLanding: boolean;
  /** The same word to the rollout, where it was kept by an earlier turn; `answer` null: it was not done yet. */
  order?: { answer: OrderAnswer | null };
}

/** What comes of a command: an answer in words, and what is to be kept or done. */
export interface Said {
  /** A question is only answered; anything else is done, refused, or heard again in a later turn. */
  kind: "question" | "accepted" | "refused" | "later";
  text: string;
  lines?: readonly string[];
  notes?: readonly Note[];
  /** What is otherwise for the commands after it. */
  changes?: Partial<Pick<Facts, "wish" | "glass" | "frozen" | "trusted">>;
  /** Asks for a landing now. */
  land?: { method: MergeMethod | null };
}

export const refused = (text: string, lines: readonly string[] = []): Said => ({ kind: "refused", text: `refused: ${text}`, lines });
