import type { EntryKind } from "../../ledger/entry.ts";
import { toNumber, type Executor } from "../executor.ts";

/** Which entries an answer begins with; null for any. Times are of entries: from the one on, and before the other. */
export interface Within {
  from: Date | null;
  to: Date | null;
  repository: number | null;
  subject: string | null;
}

/** What an entry is about. */
export interface About {
  repository: number;
  subject: string;
}

interface Placed {
  seq: number;
  entry: string;
}

const inPlace = ({ seq, entry }: Placed): { index: number; entry: string } => ({ index: toNumber(seq) - 1, entry });

/** What entries of these kinds are about, each once, in the order of the first such entry. */
export async function subjectsOf(
  executor: Executor,
  kinds: readonly EntryKind[],
  { from, to, repository, subject }: Within,
): Promise<About[]> {
  const { rows } = await executor.query<About>(
    `select repository, subject from entries
     where kind = any($1) and ($2::timestamptz is null or at >= $2) and ($3::timestamptz is null or at < $3)
       and ($4::bigint is null or repository = $4) and ($5::text is null or subject = $5)
     group by repository, subject order by min(seq)`,
    [kinds, from, to, repository, subject],
  );
  return rows.map((row) => ({ repository: toNumber(row.repository), subject: row.subject }));
}

/** Entries of these kinds about these, in the order of the log. */
export async function entriesAbout(
  executor: Executor,
  about: readonly About[],
  kinds: readonly EntryKind[],
): Promise<{ index: number; entry: string }[]> {
  const { rows } = await executor.query<Placed>(
    `select e.seq, e.entry from unnest($1::bigint[], $2::text[]) as asked (repository, subject)
     join entries e on e.repository = asked.repository and e.subject = asked.subject and e.kind = any($3) order by e.seq`,
    [about.map(({ repository }) => repository), about.map(({ subject }) => subject), kinds],
  );
  return rows.map(inPlace);
}

/** Entries of these kinds from a place on, so many at most, in the order of the log. */
export async function entriesOfKinds(
  executor: Executor,
  kinds: readonly EntryKind[],
  { from, to, repository, subject }: Within,
  { first, most }: { first: number; most: number },
): Promise<{ index: number; entry: string }[]> {
  const parameters: unknown[] = [first, most];
  const place = (value: unknown): string => `$${parameters.push(value)}`;
  // Written only where they are asked for, so that each question has the plan that is its own.
  const more = [
    ...(repository === null ? [] : [`and repository = ${place(repository)}::bigint`]),
    ...(subject === null ? [] : [`and subject = ${place(subject)}::text`]),
    ...(from === null ? [] : [`and at >= ${place(from)}::timestamptz`]),
    ...(to === null ? [] : [`and at < ${place(to)}::timestamptz`]),
  ].join(" ");
  // Of one kind, between two places of the index that has kinds: with an equation beside them, the whole log would be read up to the first place.
  const ofKind = (kind: string): string =>
    `(select seq, entry from entries where (kind, seq) > (${kind}, $1) and (kind, seq) < (${kind}, ${Number.MAX_SAFE_INTEGER}) ${more} order by kind, seq limit $2)`;
  const { rows } = await executor.query<Placed>(
    `select seq, entry from (${kinds.map((kind) => ofKind(`${place(kind)}::text`)).join(" union all ")}) found order by seq limit $2`,
    parameters,
  );
  return rows.map(inPlace);
}

/** Entries that are really there, which are as many as `ledger` counts unless somebody removed some. */
export async function countEntries(executor: Executor): Promise<number> {
  const { rows } = await executor.query<{ count: number }>("select count(*) as count from entries");
  return toNumber(rows[0]?.count ?? 0);
}
