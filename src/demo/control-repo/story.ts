import type { Edit } from "./edits.ts";
import type { Expectation } from "./expectation.ts";
import type { Person } from "./history.ts";

/** A branch of the sample control repo that tells what one kind of change comes to. */
export interface Story {
  branch: string;
  /** Also the commit's message. */
  title: string;
  /** What a person should see in its report, and why that is worth seeing. */
  lookAt: string;
  author: Person;
  /** The tip of base, or the commit before it: then what is judged is the merge result and not the branch. */
  from: "tip" | "before";
  edits: readonly Edit[];
  expected: Expectation;
}

/** What the hostile story aims at: a file that it would leave behind, and one that it would carry away. Absolute paths. */
export interface Traps {
  canary: string;
  secretFile: string;
}
