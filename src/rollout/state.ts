import type { RolloutPolicy } from "../policy/lanes-schema.ts";
import type { Known } from "../policy/known.ts";
import type { Preview } from "./going-back.ts";
import type { Doubted } from "./catalog-check.ts";
import type { ModuleAt, ModuleDrift } from "./module-drift.ts";
import type { StageVerdict } from "./stage-verdict.ts";
import type { Suspect } from "./suspects.ts";

/** A person, by GitHub's numeric id where that is known. */
export interface Who {
  id: number | null;
  name: string;
}

/** What is kept of a repository's rollout. Times are milliseconds since 1970. */
export interface Rollout {
  /** In the policy's order, the smallest first. */
  lanes: readonly LaneState[];
  quarantined: readonly Quarantined[];
  paused: Pause | null;
}

export interface LaneState {
  lane: string;
  /** The branch that its nodes get. */
  environment: string;
  /** The commit that was found good there last, or that it had when it was seen first. */
  verified: string;
  /** What compilers served beside it when it was found good; missing where no release was carried out there yet. */
  modules?: readonly ModuleAt[] | undefined;
  stage: Stage | null;
  /** Why it stands still; null where it goes on. */
  halt: Halt | null;
  /** The release that a person let in, past what holds it. */
  let: { release: string; by: Who } | null;
}

/** One release in one lane, on its way. */
export interface Stage {
  before: string;
  release: string;
  /** `back`: a lane returns to what was good there. */
  way: "forward" | "back";
  phase: Phase;
  /** Digest of the policy that it began under, which governs it to its end; empty until the first look after a person's word. */
  policy: string;
  /** What that policy says of it; null until the same look. */
  terms: Terms | null;
  intendedAt: number;
  /** By PuppetDB's clock, when the last compiler had proven to serve it; null before. */
  readyAt: number | null;
  observedMinutes: number;
  /** When the fleet was observed last, by the same clock. */
  observedAt: number | null;
  /** The name of what its nodes were like before. A stage on top of one that was not found good has that one's: its failures are not old. */
  baseline: string;
  /** Since when it was observed without a gap. */
  seenSince: number | null;
  /** Of the newest run that was seen of it, by the same clock; missing before there was one. */
  heardAt?: number;
  /** Where its branch may be besides `before`: a move was under way when a person had it return. */
  mayBeAt?: readonly string[];
  /** What the lane before served beside this release when it was found good there: only the same may follow. */
  like?: { lane: string; modules: readonly ModuleAt[] };
  /** What the compilers of this lane served beside it when they had proven to. */
  modules?: readonly ModuleAt[];
  /** Nodes whose real catalogs differ otherwise than was said. */
  doubted?: Doubted;
}

/** What a stage is judged by, whatever is written in the policy meanwhile. */
export interface Terms {
  policy: RolloutPolicy;
  bakeMinutes: number;
  runsPerNode: number;
}

/** Kept before it is done; the branch was moved; every compiler proved to serve it, and its nodes are watched. */
export type Phase = "intended" | "moved" | "watched";

export interface Halt {
  why:
    /** The fleet says that it is bad, or does not say that it is good. */
    | { kind: "verdict"; verdict: StageVerdict }
    /** Somebody else moved the branch, or took it away: to this commit. */
    | { kind: "moved-elsewhere"; tip: string | null }
    /** Compilers serve the release with other modules than those that were looked at: in the lane `than`, which may be this one. */
    | { kind: "modules-differ"; than: string; modules: readonly ModuleDrift[] }
    /** The base branch does not lead to it any more. */
    | { kind: "off-the-line"; commit: string }
    /** The policy has no lane of this name with this environment any more; it ends by itself when it has. */
    | { kind: "not-in-policy"; environment: string }
    | { kind: "person"; by: Who; reason: string };
  at: number;
  /** Of a verdict: which commits of the release may be what went wrong, the likeliest first, at most ten. */
  suspects?: Known<readonly Suspect[]>;
  /** Of a verdict: what going back to what was good would not undo. */
  stays?: Known<Preview>;
  /** Where the policy says that the lane goes back by itself, and it does not: why, as a sentence. */
  notReturned?: string;
}

/** Keeps everything where it is. It is still observed. */
export interface Pause {
  by: Who;
  reason: string;
  at: number;
  until: number;
}

/** A commit that no later release may bring along, but with what reverts it. */
export interface Quarantined {
  commit: string;
  lane: string;
  at: number;
}
