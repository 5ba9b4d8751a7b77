import type { Merge } from "../../gate/decide.ts";
import type { Landing } from "../../gate/view.ts";
import type { Executor } from "../executor.ts";
import type { ChangeKey } from "./keys.ts";

/** A merge and the commit that it makes; null where GitHub makes it. */
export type IntendedMerge = Merge & { commit: string | null };

/** A merge that was intended and whose end is not recorded. */
export async function intendedMerge(executor: Executor, { repository, number }: ChangeKey): Promise<IntendedMerge | null> {
  const { rows } = await executor.query<{ merge: string }>(
    "select merge from landings where repository = $1 and number = $2 and state = 'intended'",
    [repository, number],
  );
  const [row] = rows;
  return row === undefined ? null : (JSON.parse(row.merge) as IntendedMerge);
}

/** The newest merge that was ever intended for a change, whatever was recorded of its end: a refusal may be an answer that was lost. */
export async function lastMerge(executor: Executor, { repository, number }: ChangeKey): Promise<IntendedMerge | null> {
  const { rows } = await executor.query<{ merge: string }>(
    "select merge from landings where repository = $1 and number = $2 and merge is not null order by intended_at desc limit 1",
    [repository, number],
  );
  const [row] = rows;
  return row === undefined ? null : (JSON.parse(row.merge) as IntendedMerge);
}

/** Intends a merge before it is asked for; an older intention of this change that came to nothing is replaced. */
export async function intendMerge(executor: Executor, { repository, number }: ChangeKey, merge: IntendedMerge, at: Date): Promise<void> {
  await executor.query(
    `insert into landings (repository, number, state, merge, commit_id, intended_at) values ($1, $2, 'intended', $3, $4, $5)
     on conflict (repository, number) where state = 'intended' do update
     set merge = excluded.merge, commit_id = coalesce(excluded.commit_id, landings.commit_id), intended_at = excluded.intended_at`,
    [repository, number, JSON.stringify(merge), merge.commit, at],
  );
}

/** Records that GitHub, or the facts read again, refused the intended merge. */
export async function refuseMerge(executor: Executor, { repository, number }: ChangeKey, why: string, at: Date): Promise<void> {
  await executor.query(
    "update landings set state = 'refused', outcome = $3, ended_at = $4 where repository = $1 and number = $2 and state = 'intended'",
    [repository, number, JSON.stringify({ why }), at],
  );
}

/** Records how a change landed; a second telling of the same changes nothing but what was unknown before. */
export async function saveLanding(executor: Executor, { repository, number }: ChangeKey, landing: Landing, at: Date): Promise<void> {
  const state = landing.by === "gate" ? "landed" : "outside";
  const { affectedRows } = await executor.query(
    `update landings set state = $3, outcome = $4, ended_at = $5, commit_id = coalesce($6, commit_id)
     where repository = $1 and number = $2 and state in ('intended', 'landed', 'outside')`,
    [repository, number, state, JSON.stringify(landing), at, landing.sha],
  );
  if ((affectedRows ?? 0) > 0) return;
  await executor.query(
    "insert into landings (repository, number, state, outcome, intended_at, ended_at, commit_id) values ($1, $2, $3, $4, $5, $5, $6)",
    [repository, number, state, JSON.stringify(landing), at, landing.sha],
  );
}

export async function findLanding(executor: Executor, { repository, number }: ChangeKey): Promise<Landing | null> {
  const { rows } = await executor.query<{ outcome: string }>(
    "select outcome from landings where repository = $1 and number = $2 and state in ('landed', 'outside')",
    [repository, number],
  );
  const [row] = rows;
  return row === undefined ? null : (JSON.parse(row.outcome) as Landing);
}
