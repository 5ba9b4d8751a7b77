import type { ChangeKey } from "./changes.ts";
import type { JudgeRequest } from "./judge.ts";
import type { Lease } from "./lease.ts";
import type { NightJob } from "./night.ts";
import type { RollJob } from "./rollout.ts";
import type { TellJob } from "./news.ts";

/** A change whose turn it is. `attempts` counts the turns before it that came to nothing. */
export interface Turn extends ChangeKey {
  attempts: number;
}

/** A turn as whoever takes it has it: with the lease of its repository. */
export interface HeldTurn extends Turn {
  lease: Lease;
}

/** A check that was asked for. */
export interface CheckJob extends ChangeKey {
  request: JudgeRequest;
}

/** What the queues hold. Of each kind a change has one job waiting at most, and a repository one turn and one night under way. */
export interface JobData {
  advance: Turn;
  check: CheckJob;
  night: NightJob;
  roll: RollJob;
  sweep: object;
  tell: TellJob;
}

export type Queue = keyof JobData;

/** A job that was taken, with the lease that it was taken under. */
export interface Job<Data> {
  queue: Queue;
  id: string;
  data: Data;
  lease: Lease;
  /** Seconds from when it was due to when it was taken. */
  waited?: number;
}
