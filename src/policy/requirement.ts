/** What a rule asks for, as a tree. `schema.ts` gives the written form, `gate/` decides it. */
export type Requirement =
  | { all: readonly Requirement[] }
  | { any: readonly Requirement[] }
  /** Holds conditions only: the absence of an approval or a check is nothing to wait for. */
  | { not: Requirement }
  | { approvals: Approvals }
  | { check: RequiredCheck }
  /** CEL over the same as a rule's `when`. */
  | { condition: string };

export interface Approvals {
  count: number;
  from: Approvers;
}

/** Who may approve. `users` and `teams` are one set; empty, anybody with `permission` may. */
export interface Approvers {
  /** Logins, without `@`. */
  users: readonly string[];
  /** `acme/sre`, without `@`. */
  teams: readonly string[];
  permission: "write" | "admin";
  /** Each affected service needs the approvals of its own owners. */
  owners: "affected-services" | null;
  /** Each changed path needs the approvals of its owners; `named-paths` leaves those that have none. */
  codeowners: "every-path" | "named-paths" | null;
}

/** A check that somebody else reports, bound to the App that reports it: any App may use any name. */
export interface RequiredCheck {
  name: string;
  appId: number;
  accept: ReadonlyArray<"success" | "neutral" | "skipped">;
  /** Path of the workflow file that has to have reported it; null takes any of that App's. */
  workflow: string | null;
  timeoutMinutes: number;
}

/** Days and hours in which nothing should land: advice, unless it is binding. */
export interface Freeze {
  name: string;
  reason: string;
  binding: boolean;
  when: FreezeSpan | FreezeWeekly;
}
/** RFC 3339; `to` is past the end. */
export interface FreezeSpan {
  from: string;
  to: string;
}
/** `HH:MM` in `timezone` (IANA); `to` may be `24:00`. */
export interface FreezeWeekly {
  days: readonly Weekday[];
  from: string;
  to: string;
  timezone: string;
}
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** Who may land without the review that is asked for, for how many hours after saying so. */
export interface BreakGlass {
  users: readonly string[];
  teams: readonly string[];
  hours: number;
}

/** Nodes that are known to be broken on base: whose, and until which day (inclusive, `YYYY-MM-DD`, UTC). */
export interface NodeDebt {
  /** Globs of certnames. */
  nodes: readonly string[];
  owner: string;
  until: string;
  reason: string;
}
