import type { RollJob } from "../../engine/ports/rollout.ts";
import type { Before } from "../../rollout/runs.ts";
import type { Rollout } from "../../rollout/state.ts";
import type { Executor } from "../executor.ts";
import { within } from "../jobs.ts";
import type { JobExecutor } from "./keys.ts";

/** Has each of these repositories looked at, unless that is asked for already. */
export async function askRolls(executor: JobExecutor, repositories: readonly number[]): Promise<void> {
  for (const repository of repositories) {
    const job: RollJob = { repository };
    await executor.boss.send("roll", job, { ...within(executor), singletonKey: String(repository) });
  }
}

/** Null before the first look. */
export async function rolloutOf(executor: Executor, repository: number): Promise<{ rollout: Rollout } | null> {
  const { rows } = await executor.query<{ state: Rollout }>("select state from rollouts where repository = $1", [repository]);
  return rows[0] === undefined ? null : { rollout: rows[0].state };
}

export async function saveRollout(executor: Executor, repository: number, { rollout }: { rollout: Rollout }, at: Date): Promise<void> {
  await executor.query(
    `insert into rollouts (repository, state, stepped_at) values ($1, $2, $3)
     on conflict (repository) do update set state = excluded.state, stepped_at = excluded.stepped_at`,
    [repository, JSON.stringify(rollout), at],
  );
}

/** By certname; null where none was taken. */
export async function baselineOf(
  executor: Executor,
  repository: number,
  { lane, name }: { lane: string; name: string },
): Promise<Record<string, Before> | null> {
  const { rows } = await executor.query<{ before: Record<string, Before> }>(
    "select before from baselines where repository = $1 and lane = $2 and name = $3",
    [repository, lane, name],
  );
  return rows[0]?.before ?? null;
}

/** The first that was taken is kept: a later one would be of nodes that the release has reached. */
export async function saveBaseline(
  executor: Executor,
  repository: number,
  { lane, name, before }: { lane: string; name: string; before: Record<string, Before> },
  at: Date,
): Promise<void> {
  await executor.query(
    "insert into baselines (repository, lane, name, before, taken_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
    [repository, lane, name, JSON.stringify(before), at],
  );
}

export async function predictionOf(
  executor: Executor,
  repository: number,
  pair: { before: string; release: string },
): Promise<object | null> {
  const { rows } = await executor.query<{ prediction: object }>(
    "select prediction from predictions where repository = $1 and before = $2 and release = $3",
    [repository, pair.before, pair.release],
  );
  return rows[0]?.prediction ?? null;
}

export async function savePrediction(
  executor: Executor,
  repository: number,
  { before, release, prediction }: { before: string; release: string; prediction: object },
  at: Date,
): Promise<void> {
  await executor.query(
    "insert into predictions (repository, before, release, prediction, made_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
    [repository, before, release, JSON.stringify(prediction), at],
  );
}
