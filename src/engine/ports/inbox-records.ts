import type { Event, Origin, Push } from "../../gate/event.ts";
import type { Person } from "../../gate/facts.ts";

/** What deliveries told: that they came, and what no request would show again. */
export interface InboxRecords {
  addDelivery(delivery: { id: string; name: string; event: Event | null; receivedAt: Date }): Promise<boolean>;
  /**
   * Takes in whole, by itself all or nothing, a delivery of which nothing follows but turns: of these changes, and of the open ones with
   * this head. Nothing of it where its repository is not known under this name and installation. Whoever calls it looks for turns then.
   */
  addTouch(
    delivery: { id: string; name: string; event: Event; receivedAt: Date },
    touch: { origin: Origin; numbers: readonly number[]; head: string | null; push: Push | null },
  ): Promise<"news" | "no-news" | "repository-unknown">;
  /** Which of these deliveries came in. */
  knownDeliveries(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether to ask for this delivery again now, and notes that it was: each time later than before, and not for ever. */
  askRedelivery(guid: string, at: Date): Promise<boolean>;
  /** Comments that were acknowledged. */
  saveReacted(repository: number, comment: number, at: Date): Promise<void>;
  reactedTo(repository: number, comments: readonly number[]): Promise<Set<number>>;
  /** Comments with a command that a delivery told were edited, and by whom; null where it names nobody. */
  addEdit(repository: number, comment: number, by: Person | null, at: Date): Promise<void>;
  editsOf(repository: number, comments: readonly number[]): Promise<Map<number, Person | null>>;
  /** Commits of a merge queue that are to be refused. */
  addMergeGroup(repository: number, head: string, at: Date): Promise<void>;
  mergeGroups(now: Date): Promise<{ origin: Origin; head: string }[]>;
  endMergeGroup(repository: number, head: string): Promise<void>;
  addPush(repository: number, push: Push): Promise<void>;
  pushersOf(repository: number, shas: readonly string[]): Promise<Person[]>;
  pushedAt(repository: number, sha: string): Promise<string | null>;
}
