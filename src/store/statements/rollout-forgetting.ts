import type { Executor } from "../executor.ts";

/** What a rollout still rests on. */
export interface InUse {
  /** Whatever lanes have, had when they were good, or are about to get. */
  commits: readonly string[];
  /** Names of what nodes were like before. */
  baselines: readonly string[];
}

/**
 * Forgets of a repository's rollouts what is older than a moment and nothing asks for any more: news, words that were answered, the line behind all lanes with what
 * was learnt of its commits and told of its changes, and what was looked at before releases that are through. In a transaction that nothing else writes
 * rollouts of this repository beside. Where one of the commits is not on the line, that stays: nobody knows where its end is.
 */
export async function forgetRollout(executor: Executor, repository: number, before: Date, { commits, baselines }: InUse): Promise<void> {
  const old = [repository, before];
  await executor.query("delete from rollout_news where repository = $1 and at < $2", old);
  // A word in a comment that is not marked as answered is read there again, and may only be done once.
  await executor.query(
    `delete from rollout_orders o where repository = $1 and answered_at < $2
       and (number is null or exists (select from answers a where a.repository = o.repository and starts_with(o.key, 'comment/' || a.comment || '/')))`,
    old,
  );
  const { rows: gone } = await executor.query<{ number: number | null }>(
    `delete from rollout_line where repository = $1 and seen_at < $2
       and place < (select min(place) from rollout_line where repository = $1 and sha = any($3))
       and not exists (select unnest($3::text[]) except select sha from rollout_line where repository = $1)
     returning number`,
    [...old, [...commits]],
  );
  // One of which only this was left would be taken for gone from the base branch.
  await executor.query(
    `delete from rollout_shown s where repository = $1 and number = any($2)
       and not exists (select from rollout_line l where l.repository = s.repository and l.number = s.number)`,
    [repository, gone.flatMap(({ number }) => number ?? [])],
  );
  await executor.query(
    `delete from line_steps s where repository = $1 and learnt_at < $2 and sha <> all($3)
       and not exists (select from rollout_line l where l.repository = s.repository and l.sha = s.sha)`,
    [...old, [...commits]],
  );
  await executor.query("delete from baselines where repository = $1 and taken_at < $2 and name <> all($3)", [...old, [...baselines]]);
  await executor.query("delete from predictions where repository = $1 and made_at < $2 and not (before = any($3) and release = any($3))", [
    ...old,
    [...commits],
  ]);
}
