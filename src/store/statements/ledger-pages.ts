import type { Entry } from "../../ledger/entry.ts";
import { toNumber, type Executor } from "../executor.ts";

/** Which entries of a repository a page has: all that is given has to be so. */
export interface EntriesAsked {
  /** Any of these; null for all. */
  kinds: readonly string[] | null;
  subject: string | null;
  /** The commitment that stands for a person. */
  actor: string | null;
  /** From this time on, and before the other. */
  from: Date | null;
  to: Date | null;
  /** Only those with lower numbers; null for the newest. */
  below: number | null;
  most: number;
}

interface KeptEntry {
  seq: number;
  entry: Entry;
}

/** Times in the log may go back by as much as clocks of several processes differ: so many entries around a time are compared one by one. */
const around = 2_000;

/** Entries of a repository, the newest first. */
export async function listEntries(executor: Executor, repository: number, asked: EntriesAsked): Promise<KeptEntry[]> {
  const { kinds, subject, actor, from, to, below, most } = asked;
  const { low, high } = await inTime(executor, from, to);
  const parameters: unknown[] = [repository, most, low, Math.min(high, below ?? high)];
  const place = (value: unknown): string => `$${parameters.push(value)}`;
  // Written only where they are asked for, so that each question has the plan that is its own.
  const more = [
    ...(subject === null ? [] : [`subject = ${place(subject)}`]),
    ...(actor === null ? [] : [`substring(entry from '^\\{"actor":"([0-9a-f]{64})"') = ${place(actor)}`]),
    ...(from === null ? [] : [`at >= ${place(from)}`]),
    ...(to === null ? [] : [`at < ${place(to)}`]),
  ]
    .map((condition) => `and ${condition}`)
    .join(" ");
  // Of one kind, in the order of the index that has kinds: any other one would be read to its end for a kind that is rare.
  const ofKind = (kind: string): string =>
    `(select seq, entry from entries where repository = $1 and (kind, seq) >= (${kind}, $3) and (kind, seq) < (${kind}, $4) ${more} order by kind desc, seq desc limit $2)`;
  const sql =
    kinds === null || subject !== null || actor !== null
      ? `select seq, entry from entries where repository = $1 and seq >= $3 and seq < $4 ${more} ${kinds === null ? "" : `and kind = any(${place(kinds)})`} order by seq desc limit $2`
      : `select seq, entry from (${kinds.map((kind) => ofKind(`${place(kind)}::text`)).join(" union all ")}) found order by seq desc limit $2`;
  const { rows } = await executor.query<{ seq: number; entry: string }>(sql, parameters);
  return rows.map(kept);
}

/** Numbers between which all entries of a time lie: from the one on, and below the other. */
async function inTime(executor: Executor, from: Date | null, to: Date | null): Promise<{ low: number; high: number }> {
  const edge = async (sql: string, at: Date): Promise<number | null> => {
    const { rows } = await executor.query<{ seq: number }>(sql, [at]);
    return rows[0] === undefined ? null : toNumber(rows[0].seq);
  };
  const first = from === null ? 1 : await edge("select seq from entries where at >= $1 order by at limit 1", from);
  const last = to === null ? null : await edge("select seq from entries where at < $1 order by at desc limit 1", to);
  return {
    low: first === null ? Number.MAX_SAFE_INTEGER : first - around,
    high: to === null ? Number.MAX_SAFE_INTEGER : last === null ? 0 : last + around + 1,
  };
}

/** Null where the repository has none of this number. */
export async function showEntry(executor: Executor, repository: number, seq: number): Promise<KeptEntry | null> {
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    "select seq, entry from entries where seq = $1 and repository = $2",
    [seq, repository],
  );
  return rows[0] === undefined ? null : kept(rows[0]);
}

/** Entries of these kinds about some things of a repository, in the order of the log: of each thing from a number on, so many at most. */
export async function entriesOfAll(
  executor: Executor,
  repository: number,
  { subjects, kinds, from, most }: { subjects: readonly string[]; kinds: readonly string[]; from: number; most: number },
): Promise<KeptEntry[]> {
  if (subjects.length === 0) return [];
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    `select e.seq, e.entry from unnest($2::text[]) as asked (subject)
     cross join lateral (
       select seq, entry from entries where repository = $1 and subject = asked.subject and seq >= $3 and kind = any($4) order by seq limit $5
     ) e order by e.seq`,
    [repository, subjects, from, kinds, most],
  );
  return rows.map(kept);
}

const kept = ({ seq, entry }: { seq: number; entry: string }): KeptEntry => ({ seq: toNumber(seq), entry: JSON.parse(entry) as Entry });

/** What the log says of itself now. */
export interface LogHead {
  /** Entries that there are. */
  size: number;
  /** The newest signed note; null before the first. */
  note: string | null;
  signedAt: Date | null;
  /** Places that it is published at, and how many of them can't be reached. */
  places: number;
  failing: number;
}

export async function logHead(executor: Executor): Promise<LogHead> {
  const { rows } = await executor.query<{ size: number; note: string | null; signed_at: Date | null; places: number; failing: number }>(
    `select ledger.size, c.note, c.signed_at, (select count(*)::int from places) as places,
            (select count(*)::int from places where failing_since is not null) as failing
     from ledger left join (select note, signed_at from checkpoints order by size desc limit 1) c on true`,
  );
  const [row] = rows;
  return {
    size: toNumber(row?.size ?? 0),
    note: row?.note ?? null,
    signedAt: row?.signed_at ?? null,
    places: row?.places ?? 0,
    failing: row?.failing ?? 0,
  };
}

/** By which a person's commitment is made; null where the ledger does not know them, or not any more. */
export async function saltOf(executor: Executor, person: number): Promise<string | null> {
  const { rows } = await executor.query<{ salt: string }>("select salt from actors where id = $1", [person]);
  return rows[0]?.salt ?? null;
}

/** What people were called last, as far as they pushed anything or had a part in a change since such names are kept. */
export async function loginsOf(executor: Executor, people: readonly number[]): Promise<Map<number, string>> {
  if (people.length === 0) return new Map();
  const { rows } = await executor.query<{ id: number; login: string }>(
    `select asked.id, coalesce(a.login, p.login) as login from unnest($1::bigint[]) as asked (id)
     left join actors a on a.id = asked.id
     left join lateral (select login from pushes where user_id = asked.id and login is not null order by at desc nulls last limit 1) p on true
     where coalesce(a.login, p.login) is not null`,
    [people],
  );
  return new Map(rows.map(({ id, login }) => [toNumber(id), login]));
}

/** From which permission on somebody sees data of nodes: the strictest word of all branches; null where none was ever judged. */
export async function nodesFrom(executor: Executor, repository: number): Promise<"read" | "write" | "admin" | null> {
  const { rows } = await executor.query<{ permission: "read" | "write" | "admin" }>(
    `select permission from node_viewers where repository = $1
     order by case permission when 'admin' then 0 when 'write' then 1 else 2 end limit 1`,
    [repository],
  );
  return rows[0]?.permission ?? null;
}
