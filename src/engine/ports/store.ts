import type { HeldRecords, Records } from "./records.ts";
import type { Job, JobData, Queue } from "./jobs.ts";
import type { Lease } from "./lease.ts";

/** What ends a job, in one transaction under its lease. */
export type JobEnd = (records: HeldRecords) => Promise<void>;

/** Where deliveries are kept. */
export interface Inbox {
  records: Records;
  transaction<T>(work: (records: Records) => Promise<T>): Promise<T>;
}

export interface Store extends Inbox {
  /** The same for deliveries, which wait for nothing else that is under way. */
  inbox: Inbox;
  /** A transaction that checks first that the lease is held still, and keeps it from being taken over meanwhile. Rejects with LeaseLost. */
  held<T>(lease: Lease, work: (records: HeldRecords) => Promise<T>): Promise<T>;
  /** The next job that is due; null when there is none that this process may take. */
  take<Q extends Queue>(queue: Q, seconds: number): Promise<Job<JobData[Q]> | null>;
  /** Prolongs all leases of this process; gives the epochs of those that it still has. */
  renew(seconds: number): Promise<ReadonlySet<number>>;
  /** Gives back the jobs of processes that let their leases end. Tells how many. */
  takeBack(): Promise<number>;
  onNews(hear: () => void): void;
}
