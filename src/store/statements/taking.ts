import type { JobData, Queue, Job, CheckJob, Turn } from "../../engine/ports/jobs.ts";
import type { TellJob } from "../../engine/ports/news.ts";
import type { NightJob } from "../../engine/ports/night.ts";
import type { RollJob } from "../../engine/ports/rollout.ts";
import { within } from "../jobs.ts";
import { keyOf, type JobExecutor } from "./keys.ts";
import { dropLease, takeAwayLeases, takeLease } from "./leases.ts";
import { wake } from "./wakes.ts";

/** Thrown to undo a fetch: somebody holds the lease, and will be done with it. */
export class LeaseBusy extends Error {
  override readonly name = "LeaseBusy";
}

/** Takes the next job of a queue that is due, and of `advance` only one whose repository has none under way; null when there is none. */
export async function takeJob<Q extends Queue>(
  executor: JobExecutor,
  queue: Q,
  { holder, seconds }: { holder: string; seconds: number },
): Promise<Job<JobData[Q]> | null> {
  const [job] = await executor.boss.fetch<JobData[Q]>(queue, {
    ...within(executor),
    includeMetadata: true,
    ...(queue === "advance" ? { groupConcurrency: 1 } : {}),
  });
  if (job === undefined) return null;
  const lease = await takeLease(executor, { name: leaseName(queue, job.data), holder, queue, job: job.id, seconds });
  if (lease === null) throw new LeaseBusy();
  return { queue, id: job.id, data: job.data, lease, waited: waitedOf(job) };
}

/** By the database's clock. */
const waitedOf = ({ startedOn, createdOn, startAfter }: { startedOn: Date; createdOn: Date; startAfter: Date }): number =>
  Math.max((startedOn.getTime() - Math.max(createdOn.getTime(), startAfter.getTime())) / 1000, 0);

function leaseName(queue: Queue, data: object): string {
  if (queue === "advance") return `repository ${(data as Turn).repository}`;
  if (queue === "night") return `night ${(data as NightJob).repository}`;
  if (queue === "roll") return `rollout ${(data as RollJob).repository}`;
  if (queue === "tell") return `news ${(data as TellJob).repository}`;
  return queue === "check" ? `check ${keyOf(data as CheckJob)}` : queue;
}

/** Gives back the jobs of processes whose leases ended: they are taken anew, from the beginning. Tells how many. */
export async function takeBack(executor: JobExecutor, all: boolean): Promise<number> {
  const ended = await takeAwayLeases(executor, all);
  for (const { queue, job } of ended) {
    const [found] = await executor.boss.findJobs<object>(queue, { ...within(executor), id: job });
    if (found !== undefined) await queueAgain(executor, { queue: queue as Queue, id: job, data: found.data });
  }
  return ended.length;
}

/** Puts a job back that was taken, to be taken anew. */
export async function again(executor: JobExecutor, job: Job<object>): Promise<void> {
  await dropLease(executor, job.lease);
  await queueAgain(executor, job);
}

async function queueAgain(executor: JobExecutor, { queue, id, data }: Omit<Job<object>, "lease">): Promise<void> {
  await executor.boss.deleteJob(queue, id, within(executor));
  if (queue === "advance") await wake(executor, data as Turn);
  else await executor.boss.send(queue, data, { ...within(executor), singletonKey: singletonOf(queue, data) });
}

function singletonOf(queue: Queue, data: object): string {
  if (queue === "night" || queue === "roll" || queue === "tell") return String((data as NightJob | RollJob | TellJob).repository);
  return queue === "check" ? keyOf(data as CheckJob) : queue;
}
