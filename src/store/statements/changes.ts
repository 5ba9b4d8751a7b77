import type { DecidedChange } from "../../engine/ports/change-records.ts";
import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Verdict } from "../../gate/verdict.ts";
import type { Answer, Standing } from "../../gate/view.ts";
import type { Executor } from "../executor.ts";
import { toNumber, toText } from "../executor.ts";

/** Where a change stood when it was decided on last. */
export interface ChangeRecord {
  state: "open" | "closed" | "merged";
  /** The pair that was judged; null before the first decision. */
  pair: { base: string; head: string } | null;
  baseRef: string | null;
  answers: readonly Answer[];
  verdict: Verdict | null;
}

export async function findChange(executor: Executor, { repository, number }: ChangeKey): Promise<ChangeRecord | null> {
  const { rows } = await executor.query<{
    state: ChangeRecord["state"];
    base_ref: string | null;
    base: string | null;
    head: string | null;
    answers: string;
    verdict: string | null;
  }>("select state, base_ref, base, head, answers, verdict from changes where repository = $1 and number = $2", [repository, number]);
  const [row] = rows;
  if (row === undefined) return null;
  const pair = row.base === null || row.head === null ? null : { base: row.base, head: row.head };
  const verdict = row.verdict === null ? null : (JSON.parse(row.verdict) as Verdict);
  return { state: row.state, pair, baseRef: row.base_ref, answers: JSON.parse(row.answers) as Answer[], verdict };
}

/** Keeps a decision. */
export async function saveDecision(executor: Executor, { repository, number }: ChangeKey, decided: DecidedChange, at: Date): Promise<void> {
  const { reach = null, ...about } = decided.about;
  await executor.query(
    `update changes set state = $3, base_ref = $4, base = $5, head = $6, verdict = $7, standing = $8, answers = $9, decided_at = $10, about = $11,
       standing_since = case when standing is distinct from $8 or standing_since is null then $10 else standing_since end,
       opened_at = $12, services = coalesce($13, services), teams = coalesce($14, teams), held_by = $15
     where repository = $1 and number = $2`,
    [
      repository,
      number,
      decided.state,
      decided.baseRef,
      decided.base,
      decided.head,
      JSON.stringify(decided.verdict),
      decided.standing,
      JSON.stringify(decided.answers),
      at,
      JSON.stringify(about),
      about.openedAt,
      reach?.services.map(toName) ?? null,
      reach?.teams.map(toName) ?? null,
      heldBy(decided.verdict),
    ],
  );
  if (reach !== null)
    await executor.query(
      `insert into node_viewers as known (repository, base_ref, permission) values ($1, $2, $3)
       on conflict (repository, base_ref) do update set permission = excluded.permission where known.permission <> excluded.permission`,
      [repository, decided.baseRef, reach.nodes],
    );
}

/** How an open change stood when it was decided on last, and since when; null before that. */
export async function standingOf(
  executor: Executor,
  { repository, number }: ChangeKey,
): Promise<{ standing: Standing; since: Date | null } | null> {
  const { rows } = await executor.query<{ standing: Standing; since: Date | null }>(
    `select standing, standing_since as since from changes
     where repository = $1 and number = $2 and state = 'open' and standing is not null`,
    [repository, number],
  );
  return rows[0] ?? null;
}
/** A name as an index takes it, which has a bound. */
/** Rules that hold it up, each with how it came out: `pending peer`. */
const heldBy = ({ reasons }: Verdict): string[] => [
  ...new Set(
    reasons
      .filter(({ outcome, observed }) => observed !== true && outcome !== "pass" && outcome !== "skipped")
      .map(({ outcome, rule }) => `${outcome} ${toName(rule)}`),
  ),
];

const toName = (name: string): string => toText(name).toWellFormed().slice(0, 500);

/** Numbers of open changes that go into this branch, or whose head this commit is. */
export async function openChangesMoved(
  executor: Executor,
  repository: number,
  { branch, sha }: { branch: string; sha: string },
): Promise<{ number: number; into: boolean }[]> {
  const { rows } = await executor.query<{ number: number; into: boolean }>(
    `select number, base_ref = $2 as into from changes
     where repository = $1 and (base_ref = $2 or head = $3) and state = 'open' order by number`,
    [repository, branch, sha],
  );
  return rows;
}

/** Open changes with this head, and how each stood. */
export async function openChangesAt(
  executor: Executor,
  repository: number,
  head: string,
): Promise<{ number: number; standing: Standing }[]> {
  const { rows } = await executor.query<{ number: number; standing: Standing }>(
    "select number, standing from changes where repository = $1 and head = $2 and state = 'open' and standing is not null order by number",
    [repository, head],
  );
  return rows;
}

/** Notes when time alone may change what is said of a change; null where it can't. */
export async function setDue(executor: Executor, { repository, number }: ChangeKey, at: Date | null): Promise<void> {
  await executor.query("update changes set due_at = $3 where repository = $1 and number = $2", [repository, number, at]);
}

/** Changes whose time has come, so many at most, and notes that it was taken care of. */
export async function takeDue(executor: Executor, now: Date, most: number): Promise<ChangeKey[]> {
  const { rows } = await executor.query<{ repository: number; number: number }>(
    `with due as (select repository, number from changes where due_at <= $1 order by repository, number limit $2 for update)
     update changes c set due_at = null from due where c.repository = due.repository and c.number = due.number
     returning c.repository, c.number`,
    [now, most],
  );
  return rows.map(({ repository, number }) => ({ repository: toNumber(repository), number }));
}

/** Makes every open change due, of all repositories that are not gone. */
export async function setAllDue(executor: Executor, at: Date): Promise<void> {
  await executor.query(
    `with open as (
       select repository, number from changes c where state = 'open' and (due_at is null or due_at > $1)
         and exists (select from repositories r where r.id = c.repository and gone_at is null)
       order by repository, number for update
     ) update changes c set due_at = $1 from open where c.repository = open.repository and c.number = open.number`,
    [at],
  );
}

/** Open changes of a repository; or those that go into a branch, as far as that is known by now. */
export async function openChangesOf(executor: Executor, repository: number, branch: string | null = null): Promise<number[]> {
  const { rows } = await executor.query<{ number: number }>(
    `select number from changes where repository = $1 and state = 'open' and ($2::text is null or base_ref is null or base_ref = $2)
     order by number`,
    [repository, branch],
  );
  return rows.map(({ number }) => number);
}

/** An open change as it was decided on last, and as the last sweep saw it, in a sweep's own words. */
export interface KnownChange {
  number: number;
  baseRef: string | null;
  pair: { base: string; head: string } | null;
  seen: string | null;
}

export async function openChanges(executor: Executor, repository: number): Promise<KnownChange[]> {
  const { rows } = await executor.query<Omit<KnownChange, "pair" | "baseRef"> & Record<"base_ref" | "base" | "head", string | null>>(
    "select number, base_ref, base, head, seen from changes where repository = $1 and state = 'open' order by number",
    [repository],
  );
  return rows.map(({ number, base_ref, base, head, seen }) => ({
    number,
    baseRef: base_ref,
    pair: base === null || head === null ? null : { base, head },
    seen,
  }));
}

/** Keeps how a sweep saw changes, of which some may be new; null says nothing. In the order given, which is to be that of their numbers. */
export async function saveSeen(
  executor: Executor,
  repository: number,
  changes: readonly { number: number; seen: string | null }[],
): Promise<void> {
  const seen = changes.filter((change) => change.seen !== null);
  await executor.query(
    `insert into changes (repository, number, seen) select $1, s.number, s.seen from unnest($2::int[], $3::text[]) as s (number, seen)
     on conflict (repository, number) do update set seen = excluded.seen`,
    [repository, seen.map(({ number }) => number), seen.map((change) => change.seen)],
  );
}
