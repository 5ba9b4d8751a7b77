import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Checked } from "../../gate/facts.ts";
import type { ProblemText } from "../../problem.ts";
import type { Executor } from "../executor.ts";
import { saveExpectationResults } from "./expectations.ts";

export interface Pair {
  base: string;
  head: string;
}

/** What a check of one pair came to. */
export type CheckResult = { ok: true; checked: Checked } | { ok: false; problem: ProblemText };

export async function findCheck(
  executor: Executor,
  { repository, number }: ChangeKey,
  { base, head }: Pair,
): Promise<{ attempts: number; endedAt: Date; grounds: string; result: CheckResult } | null> {
  const { rows } = await executor.query<{
    attempts: number;
    ended_at: Date;
    grounds: string;
    checked: string | null;
    problem: string | null;
  }>("select attempts, ended_at, grounds, checked, problem from checks where repository = $1 and number = $2 and base = $3 and head = $4", [
    repository,
    number,
    base,
    head,
  ]);
  const [row] = rows;
  if (row === undefined) return null;
  const result: CheckResult =
    row.checked === null
      ? { ok: false, problem: JSON.parse(row.problem ?? "null") as ProblemText }
      : { ok: true, checked: JSON.parse(row.checked) as Checked };
  return { attempts: row.attempts, endedAt: row.ended_at, grounds: row.grounds, result };
}

/**
 * Keeps the result of a check, counts how often it was tried on these grounds, and notes what became of expectations. Of a change only the newest pair's
 * is kept: a report can be megabytes.
 */
export async function saveCheck(
  executor: Executor,
  { repository, number }: ChangeKey,
  { base, head }: Pair,
  { result, grounds }: { result: CheckResult; grounds: string },
  at: Date,
): Promise<void> {
  await executor.query("delete from checks where repository = $1 and number = $2 and (base, head) <> ($3, $4)", [
    repository,
    number,
    base,
    head,
  ]);
  await executor.query(
    `insert into checks (repository, number, base, head, attempts, checked, problem, ended_at, grounds)
     values ($1, $2, $3, $4, 1, $5, $6, $7, $8)
     on conflict (repository, number, base, head) do update
     set attempts = case when checks.grounds = excluded.grounds then checks.attempts + 1 else 1 end, grounds = excluded.grounds, checked = excluded.checked, problem = excluded.problem, ended_at = excluded.ended_at`,
    [
      repository,
      number,
      base,
      head,
      result.ok ? JSON.stringify(result.checked) : null,
      result.ok ? null : JSON.stringify(result.problem),
      at,
      grounds,
    ],
  );
  const told = result.ok ? result.checked.report.expectations : undefined;
  if (told !== undefined) await saveExpectationResults(executor, { repository, number }, { head, told }, at);
}

/** What was checked last of a change, landed or not; null where nothing was. */
export async function lastCheckedOf(executor: Executor, { repository, number }: ChangeKey): Promise<Checked | null> {
  const { rows } = await executor.query<{ checked: string }>(
    "select checked from checks where repository = $1 and number = $2 and checked is not null order by ended_at desc limit 1",
    [repository, number],
  );
  return rows[0] === undefined ? null : (JSON.parse(rows[0].checked) as Checked);
}

/** Forgets a change's checks, so that it is checked anew. */
export async function forgetChecks(executor: Executor, { repository, number }: ChangeKey): Promise<void> {
  await executor.query("delete from checks where repository = $1 and number = $2", [repository, number]);
}
