import type { Halt } from "./state.ts";

/**
 * What is told of releases where people talk: facts, in no medium's words. Reasons, resources, certnames and people's names in it are anybody's texts.
 */
export type Announcement = Told | Digest | Trial;

/** One thing that happened. */
export interface Told {
  kind: "told";
  /** `OWNER/NAME`. */
  repository: string;
  /** Null of what is about all lanes. */
  lane: string | null;
  /** A commit; null where there is none. */
  release: string | null;
  /** Numbers of the pull requests in it, the oldest first; empty where they are not known. */
  changes: readonly number[];
  /** An address to read on. */
  link: string;
  /** Milliseconds since 1970, of what is told late. */
  happenedAt: number | null;
  what: What;
}

export type What =
  | { kind: "started"; /** Who let it in past what held it. */ by: string | null }
  | { kind: "halted"; why: Halt["why"]; /** Numbers of pull requests, the likeliest first. */ suspects: readonly number[] }
  | { kind: "promoted"; by: string; reason: string }
  /** `by` null: the gate itself. */
  | { kind: "returning"; by: string | null; reason: string }
  | { kind: "paused"; by: string; reason: string; /** Milliseconds since 1970. */ until: number }
  /** `by` null: its time was over. */
  | { kind: "resumed"; by: string | null }
  | { kind: "returned" | "passed" | "done" };

/** Much at once: counted, and lanes that stand still by their names. */
export interface Digest {
  kind: "digest";
  repository: string;
  count: number;
  started: number;
  done: number;
  /** Lanes that stood still, each once. */
  halted: readonly string[];
  /** What became of halts, and pauses. */
  other: number;
  link: string;
}

/** A line that says nothing but that it arrived. */
export interface Trial {
  kind: "trial";
}

/** Whether a channel has it; where not, why, what to do, and not before how many seconds it is worth another try. */
export type Heard = { heard: true } | Unheard;

export interface Unheard {
  heard: false;
  text: string;
  hint: string;
  afterSeconds: number;
}

/** A channel of a site. */
export interface Receiver {
  /** As the site's file names it. */
  name: string;
  /**
   * Says it there. After a kill, a time-out or a lost answer it may have been said already. Never throws for what a network can do. `onStep` is told what was
   * reached on the way, in words for a person.
   */
  say(announcement: Announcement, signal: AbortSignal, onStep?: (text: string) => void): Promise<Heard>;
}
