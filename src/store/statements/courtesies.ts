import type { Origin } from "../../gate/event.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/** What is said at once when a webhook comes in, before any turn. */

export async function saveReacted(executor: Executor, repository: number, comment: number, at: Date): Promise<void> {
  await executor.query("insert into reactions (repository, comment, reacted_at) values ($1, $2, $3) on conflict do nothing", [
    repository,
    comment,
    at,
  ]);
}

/** Which of these comments were acknowledged. */
export async function reactedTo(executor: Executor, repository: number, comments: readonly number[]): Promise<Set<number>> {
  const { rows } = await executor.query<{ comment: number }>("select comment from reactions where repository = $1 and comment = any($2)", [
    repository,
    [...comments],
  ]);
  return new Set(rows.map(({ comment }) => toNumber(comment)));
}

/** Keeps that a commit of the merge queue is to be refused. */
export async function addMergeGroup(executor: Executor, repository: number, head: string, at: Date): Promise<void> {
  await executor.query("insert into merge_groups (repository, head, asked_at) values ($1, $2, $3) on conflict do nothing", [
    repository,
    head,
    at,
  ]);
}

/** A merge queue waits an hour for a check run unless its repository says otherwise; what is older is waited for by nobody. */
const mergeGroupMinutes = 360;

export async function mergeGroups(executor: Executor, now: Date): Promise<{ origin: Origin; head: string }[]> {
  const { rows } = await executor.query<{ id: number; installation: number; owner: string; name: string; head: string }>(
    `select id, installation, owner, name, head from merge_groups join repositories on id = repository
     where gone_at is null and asked_at > $1 order by asked_at, head`,
    [new Date(now.getTime() - mergeGroupMinutes * 60_000)],
  );
  return rows.map(({ id, installation, owner, name, head }) => ({
    origin: { installation: toNumber(installation), repository: { id: toNumber(id), owner, name } },
    head,
  }));
}

export async function endMergeGroup(executor: Executor, repository: number, head: string): Promise<void> {
  await executor.query("delete from merge_groups where repository = $1 and head = $2", [repository, head]);
}
