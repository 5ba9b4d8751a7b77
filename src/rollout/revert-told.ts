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
  /** The file of an expectation that would have caught it, drafted in the suspect's pull request; null or missing where there is none. */
  draft?: string | null;
}
