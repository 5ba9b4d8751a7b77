import { toNumber, type Executor } from "../executor.ts";

/** A commit on the base branch's own line. */
interface Placed {
  sha: string;
  /** Greater for what landed later. */
  place: number;
  /** Null for a push around the gate. */
  number: number | null;
  seenAt: Date;
  /** The commit that it takes back; null where it takes back none. */
  reverts: string | null;
}

/**
 * Keeps a piece of the line, the oldest commit first, of which that one is known from before or begins anew behind all others. What was behind it and is
 * not any more went with a branch that was forced elsewhere. Of one that begins anew nobody waits for what its first commit landed: the nodes have it.
 * Where nothing changed, nothing is written.
 */
export async function saveLine(executor: Executor, repository: number, line: readonly Kept[], at: Date): Promise<void> {
  const [first] = line;
  if (first === undefined) return;
  const { rows } = await executor.query<{ place: number; is_known: boolean }>(
    `select exists (select from rollout_line where repository = $1 and sha = $2) as is_known, coalesce((select place from rollout_line where repository = $1 and sha = $2),
                     (select max(place) + 1 from rollout_line where repository = $1), 0) as place`,
    [repository, first.sha],
  );
  const from = toNumber(rows[0]?.place ?? 0);
  const shas = line.map(({ sha }) => sha);
  await executor.query("delete from rollout_line where repository = $1 and place > $2 and sha <> all($3::text[])", [
    repository,
    from,
    shas,
  ]);
  const reverted = await revertedIn(executor, repository, line);
  await executor.query(
    `insert into rollout_line as kept (repository, sha, place, number, reverts, seen_at)
     select $1, sha, $2 + at - 1, number, reverts, $6 from unnest($3::text[], $4::int[], $5::text[]) with ordinality as given (sha, number, reverts, at)
     on conflict (repository, sha) do update set place = excluded.place, number = coalesce(kept.number, excluded.number), reverts = coalesce(kept.reverts, excluded.reverts)
       where kept.place <> excluded.place or (kept.number is null and excluded.number is not null) or (kept.reverts is null and excluded.reverts is not null)`,
    [repository, from, shas, line.map(({ number }, index) => (index === 0 && rows[0]?.is_known !== true ? null : number)), reverted, at],
  );
}

/** A commit as it is kept; `older`: what it says it takes back of what was before this piece. */
interface Kept {
  sha: string;
  number: number | null;
  reverts?: string | null;
  older?: readonly string[];
}

/** What each of them takes back: of what is older, only what was seen on this line. */
async function revertedIn(executor: Executor, repository: number, line: readonly Kept[]): Promise<(string | null)[]> {
  const older = line.flatMap((step) => step.older ?? []);
  const seen = new Set<string>();
  if (older.length > 0) {
    const { rows } = await executor.query<{ sha: string }>("select sha from rollout_line where repository = $1 and sha = any($2)", [
      repository,
      older,
    ]);
    for (const { sha } of rows) seen.add(sha);
  }
  return line.map((step) => step.reverts ?? step.older?.find((sha) => seen.has(sha)) ?? null);
}

/** The line from a place on, in order. */
export async function lineBehind(executor: Executor, repository: number, place: number): Promise<Placed[]> {
  const { rows } = await executor.query<LineRow>(
    "select sha, place, number, seen_at, reverts from rollout_line where repository = $1 and place >= $2 order by place",
    [repository, place],
  );
  return rows.map(placed);
}

interface LineRow {
  sha: string;
  place: number;
  number: number | null;
  seen_at: Date;
  reverts: string | null;
}

const placed = ({ place, seen_at: seenAt, ...rest }: LineRow): Placed => ({ ...rest, place: toNumber(place), seenAt });

/** The line from a commit on, in order, with that; all of it where it is not on it. */
export async function lineFrom(executor: Executor, repository: number, sha: string): Promise<Placed[]> {
  const { rows } = await executor.query<LineRow>(
    `select sha, place, number, seen_at, reverts from rollout_line
     where repository = $1 and place >= coalesce((select place from rollout_line where repository = $1 and sha = $2), 0) order by place`,
    [repository, sha],
  );
  return rows.map(placed);
}
