import { toNumber, type Executor } from "../executor.ts";

/** Nodes of which what was kept, or concluded from it, was compared with a compile: how many, and of how many it was wrong. */
export interface Proofs {
  source: "sample" | "night";
  verdicts: number;
  missed: number;
}

/** Counts what a check's sample or a night proved, by UTC's day. */
export async function addProofs(executor: Executor, repository: number, { source, verdicts, missed }: Proofs, at: Date): Promise<void> {
  if (verdicts === 0) return;
  await executor.query(
    `insert into proofs (repository, day, source, verdicts, missed) values ($1, $2::date, $3, $4, $5)
     on conflict (repository, day, source) do update set verdicts = proofs.verdicts + excluded.verdicts, missed = proofs.missed + excluded.missed`,
    [repository, at.toISOString().slice(0, 10), source, verdicts, missed],
  );
}

/** All that was ever counted, by where it is from. */
export async function allProofs(executor: Executor): Promise<Proofs[]> {
  const { rows } = await executor.query<Proofs>(
    "select source, sum(verdicts)::bigint as verdicts, sum(missed)::bigint as missed from proofs group by source order by source desc",
  );
  return rows.map(({ source, verdicts, missed }) => ({ source, verdicts: toNumber(verdicts), missed: toNumber(missed) }));
}
