import type { RepositoryProofs } from "../../engine/ports/cache.ts";
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

interface Row {
  repository: number;
  owner: string | null;
  name: string | null;
  nights: number;
  nights_missed: number;
  last: string | null;
  samples: number;
  samples_missed: number;
}

/** All that was ever counted, by repository. */
export async function allProofs(executor: Pick<Executor, "query">): Promise<RepositoryProofs[]> {
  const { rows } = await executor.query<Row>(
    `select proofs.repository, repositories.owner, repositories.name,
       coalesce(sum(verdicts) filter (where source = 'night'), 0)::bigint as nights,
       coalesce(sum(missed) filter (where source = 'night'), 0)::bigint as nights_missed,
       to_char(max(day) filter (where source = 'night'), 'YYYY-MM-DD') as last,
       coalesce(sum(verdicts) filter (where source = 'sample'), 0)::bigint as samples,
       coalesce(sum(missed) filter (where source = 'sample'), 0)::bigint as samples_missed
     from proofs left join repositories on repositories.id = proofs.repository
     group by proofs.repository, repositories.owner, repositories.name order by proofs.repository`,
  );
  return rows.map((row) => ({
    repository: toNumber(row.repository),
    name: row.owner === null ? null : `${row.owner}/${row.name}`,
    nights: { verdicts: toNumber(row.nights), missed: toNumber(row.nights_missed), last: row.last },
    samples: { verdicts: toNumber(row.samples), missed: toNumber(row.samples_missed) },
  }));
}
