import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { CheckJob } from "../../engine/ports/jobs.ts";
import { within } from "../jobs.ts";
import { keyOf, type JobExecutor } from "./keys.ts";

/** Asks for the check of a pair by the organisation's policy, unless that is asked for or under way; one of another pair of the change is called off. */
export async function askCheck(executor: JobExecutor, change: ChangeKey, request: CheckJob["request"]): Promise<void> {
  const isSame = ({ request: other }: CheckJob): boolean =>
    other.base.sha === request.base.sha && other.head === request.head && other.organisation?.text === request.organisation?.text;
  const asked = await executor.boss.findJobs<CheckJob>("check", { ...within(executor), key: keyOf(change) });
  if (asked.some(({ data }) => isSame(data))) return;
  await dropChecks(executor, change);
  const job: CheckJob = { repository: change.repository, number: change.number, request };
  await executor.boss.send("check", job, { ...within(executor), singletonKey: keyOf(change) });
}

/** Calls off the check of a change. Whoever is at it finds its lease gone. */
export async function dropChecks(executor: JobExecutor, change: ChangeKey): Promise<void> {
  const asked = await executor.boss.findJobs<CheckJob>("check", { ...within(executor), key: keyOf(change) });
  if (asked.length === 0) return;
  // In the order in which the end of a check locks them: its lease, then its job.
  await executor.query("delete from leases where name = $1", [`check ${keyOf(change)}`]);
  await executor.boss.deleteJob(
    "check",
    asked.map(({ id }) => id),
    within(executor),
  );
}
