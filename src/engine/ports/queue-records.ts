import type { ChangeKey } from "./changes.ts";
import type { Queue } from "./jobs.ts";
import type { JudgeRequest } from "./judge.ts";

/** What is to be done, and when. */
export interface QueueRecords {
  /** Asks for a turn of the change, at once. One that is under way does not count. */
  wake(change: ChangeKey): Promise<void>;
  wakeAll(changes: readonly ChangeKey[]): Promise<void>;
  /** Asks for the check of a pair unless that is asked for already; calls off the check of any other pair of the change. */
  askCheck(change: ChangeKey, request: JudgeRequest): Promise<void>;
  dropChecks(change: ChangeKey): Promise<void>;
  askSweep(): Promise<void>;
  countTurns(): Promise<{ waiting: number; givenUp: number }>;
  countJobs(): Promise<number>;
  /** Queues with a job that could be taken now, and the seconds until another one is due; null when none waits for its time. */
  outlook(): Promise<{ due: Queue[]; seconds: number | null }>;
  givenUp(): Promise<ChangeKey[]>;
  /** Changes of which something was intended and not seen through, with nothing queued or under way. */
  unfinished(): Promise<ChangeKey[]>;
  /** Asks for the nights of these repositories that have begun and are not through. One that is seen for the first time has its first with the next. */
  askNights(begun: readonly { repository: number; night: string }[], now: Date): Promise<void>;
  /** A branch whose night is not through, and the last node that was looked at; null where there is none. */
  nextNight(repository: number): Promise<{ branch: string; after: string | null } | null>;
  /** Whether a check waits or is under way, in whatever process. */
  isChecking(): Promise<boolean>;
  /** When time alone may change what is said of a change. */
  setDue(change: ChangeKey, at: Date | null): Promise<void>;
  /** Makes every open change due. */
  setAllDue(at: Date): Promise<void>;
  /** Changes whose time has come, so many at most; each is given once. */
  takeDue(now: Date, most: number): Promise<ChangeKey[]>;
}
