import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { PgBoss } from "pg-boss";
import type { Executor } from "../executor.ts";

/** A transaction that also holds the queues: a job is sent with the state it belongs to, or not at all. */
export interface JobExecutor extends Executor {
  boss: PgBoss;
}

/** A change as a job's key: one job of a kind per change is queued at a time. */
export const keyOf = ({ repository, number }: ChangeKey): string => `${repository}#${number}`;
