import type { Job } from "../../engine/ports/jobs.ts";
import { within } from "../jobs.ts";
import type { JobExecutor } from "./keys.ts";
import { endJob } from "./turns.ts";

/** Asks for a sweep now; one that is under way does. */
export async function askSweep(executor: JobExecutor): Promise<void> {
  await executor.boss.upsert("sweep", {}, { ...within(executor), singletonKey: "sweep", startAfter: 0 });
}

/** Ends a sweep, and asks for the next one in so many seconds: there is one for all processes. */
export async function settleSweep(executor: JobExecutor, job: Job<object>, seconds: number): Promise<void> {
  await endJob(executor, job);
  await executor.boss.send("sweep", {}, { ...within(executor), singletonKey: "sweep", startAfter: seconds });
}
