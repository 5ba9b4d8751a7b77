import type { Known } from "../policy/known.ts";
import type { Preview } from "./going-back.ts";
import type { Suspect } from "./suspects.ts";

/** What is said with a pull request that takes something back. */
export interface RevertTold {
  lane: string;
  suspect: Suspect;
  /** The first line of what it is about. */
  subject: string;
  /** Null where nobody looked. */
  stays: Known<Preview> | null;
}
