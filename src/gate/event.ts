import type { Person } from "./facts.ts";

/** The repository that an event is about, and the installation whose token may speak for it. */
export interface Origin {
  installation: number;
  repository: { id: number; owner: string; name: string };
}

/**
 * What a webhook means to us. An event only says where to look again; of what it carries, only who pushed what is kept, because
 * GitHub's API does not tell that afterwards.
 */
export type Event = Origin &
  (
    | { kind: "change-touched"; number: number; push: Push | null }
    | { kind: "branch-pushed"; branch: string; push: Push }
    /** Somebody pressed "Re-run" on the check run of this head. */
    | { kind: "recheck-asked"; head: string }
  );

export interface Push {
  sha: string;
  by: Person | null;
  /** ISO 8601, GitHub's clock; null where the payload does not say. */
  at: string | null;
}
