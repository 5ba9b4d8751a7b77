import type { Person } from "./facts.ts";

/** The repository that an event is about, and the installation whose token may speak for it. */
export interface Origin {
  installation: number;
  repository: { id: number; owner: string; name: string };
}

/**
 * What a webhook means to us. An event only says where to look again; of what it carries, only who pushed what and which head was
 * reviewed is kept, because GitHub's API does not tell that afterwards, or not reliably.
 */
export type Event = RepositoryEvent | InstallationEvent;

export type RepositoryEvent = Origin &
  (
    | {
        kind: "change-touched";
        number: number;
        push: Push | null;
        /** A review as it was submitted. */
        review?: ReceivedReview;
        /** A new comment with a command in it: it gets a reaction at once. */
        comment?: number;
        /** A comment whose commands were edited: it does not count, whatever GitHub tells of it later. */
        edited?: { comment: number; by: Person | null };
      }
    /** `before`: the tip until then, null for a new branch and where the payload does not say. `forced`: it is not an ancestor. */
    | { kind: "branch-pushed"; branch: string; push: Push; before?: string | null; forced?: boolean }
    /** Somebody pressed "Re-run" on the check run of this head. */
    | { kind: "recheck-asked"; head: string }
    /** Somebody else's check run or status on this head: every change with it is to be looked at. */
    | { kind: "head-touched"; head: string }
    /** Who may do what here has changed: every open change is to be looked at. */
    | { kind: "repository-touched" }
    /** GitHub's merge queue made a commit of its own, and waits for a check run on it. */
    | { kind: "merge-group"; head: string }
  );

/** What is about no single repository. */
export type InstallationEvent = { installation: number } & (
  | /** The members of an organisation or of a team have changed: every open change of the installation is to be looked at. */
    { kind: "people-changed" }
  /** The App was installed, its repositories were changed, or it was taken away. */
  | {
      kind: "installation";
      state: "active" | "suspended" | "deleted";
      /** Repositories that came to the installation; those it has already are not named. */
      added: readonly Origin["repository"][];
      /** GitHub's ids of those that left it. */
      removed: readonly number[];
    }
);

/** A submitted review as its webhook told of it. */
export interface ReceivedReview {
  id: number;
  /** Numeric id. */
  reviewer: number;
  /** The head that was reviewed. */
  commit: string;
  /** ISO 8601, GitHub's clock. */
  submittedAt: string;
  state: "approved" | "changes-requested" | "commented";
}

export interface Push {
  sha: string;
  by: Person | null;
  /** ISO 8601, GitHub's clock; null where the payload does not say. */
  at: string | null;
}
