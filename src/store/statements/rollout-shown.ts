import { toNumber, type Executor } from "../executor.ts";

/** A pull request that has yet to be told where it is, or that it is somewhere else by now. */
interface Unsettled {
  number: number;
  /** Where its commit is on the line; null where that is gone from it. */
  place: number | null;
  /** Of what it was told last, and when; null where it was told nothing. */
  shown: { digest: string; at: Date; settled: boolean } | null;
}

/**
 * Those that landed after `since` and were not told the last word, and those that were and of which something was taken back since; who waited longest for news
 * first.
 */
export async function unsettledChanges(executor: Executor, repository: number, since: Date): Promise<Unsettled[]> {
  const { rows } = await executor.query<{
    number: number;
    place: number | null;
    digest: string | null;
    shown_at: Date | null;
    settled: boolean | null;
  }>(
    `select number, l.place, s.digest, s.shown_at, s.settled
     from (select number, max(place) as place from rollout_line where repository = $1 and number is not null and seen_at > $2 group by number) l
     full join (select * from rollout_shown where repository = $1) s using (number)
     where (s.settled is not true or exists (
         select from rollout_line r where r.repository = $1 and r.reverts is not null and r.seen_at > s.shown_at and r.place > l.place))
       and (l.place is not null or not exists (select from rollout_line old where old.repository = $1 and old.number = s.number))
     order by s.shown_at nulls first, l.place`,
    [repository, since],
  );
  return rows.map(({ number, place, digest, shown_at: at, settled }) => ({
    number,
    place: place === null ? null : toNumber(place),
    shown: digest === null || at === null ? null : { digest, at, settled: settled === true },
  }));
}

export async function saveShown(
  executor: Executor,
  repository: number,
  { number, digest, settled }: { number: number; digest: string; settled: boolean },
  at: Date,
): Promise<void> {
  await executor.query(
    `insert into rollout_shown (repository, number, digest, shown_at, settled) values ($1, $2, $3, $4, $5)
     on conflict (repository, number) do update set digest = excluded.digest, shown_at = excluded.shown_at, settled = excluded.settled`,
    [repository, number, digest, at, settled],
  );
}
