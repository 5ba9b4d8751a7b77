import type { Who } from "./state.ts";
import type { RolloutStatus } from "./status.ts";
import type { Verb } from "./word.ts";

/** What somebody said to a rollout, kept before it is done. */
export interface Order {
  /** Unique within its repository: said again, it is the same. */
  key: string;
  /** The pull request that it was said in; null for a shell. */
  number: number | null;
  verb: Verb;
  /** What comes after the verb, as it was written. */
  text: string;
  who: Who;
  /** Where it was said: `pull request`, or `shell` with the user of the system. */
  via: string;
  /** When: ISO 8601. */
  at: string;
}

/** What came of it. Plain text; whoever shows it makes it safe. */
export interface OrderAnswer {
  ok: boolean;
  /** One sentence without capital and stop. */
  text: string;
  lines: readonly string[];
  /** What the lines say, for programs. */
  status?: RolloutStatus;
}

/** `answer` null: it was not done yet. */
export interface KeptOrder {
  order: Order;
  answer: OrderAnswer | null;
}
