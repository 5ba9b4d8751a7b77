import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Frozen, ReviewDebt } from "../../gate/facts.ts";
import type { Executor } from "../executor.ts";
import { toNumber, toText } from "../executor.ts";

/** Keeps that a review is owed for a landing; told again, it is the same debt. */
export async function oweReview(executor: Executor, repository: number, debt: ReviewDebt): Promise<void> {
  const { number, landing, baseRef, byId, by, reason, since, seen } = debt;
  await executor.query(
    `insert into review_debts (repository, number, commit_id, base_ref, debtor_id, debtor, reason, since, seen)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [repository, number, landing, baseRef, byId, by, toText(reason), since, JSON.stringify(seen)],
  );
}

interface DebtRow {
  number: number;
  commit_id: string;
  base_ref: string;
  debtor_id: number;
  debtor: string;
  reason: string;
  since: Date;
  seen: string;
}

/** What is owed for landings in a branch, and for those of this change wherever it landed; not paid, the oldest first. */
export async function debtsOf(executor: Executor, { repository, number }: ChangeKey, baseRef: string): Promise<ReviewDebt[]> {
  const { rows } = await executor.query<DebtRow>(
    `select number, commit_id, base_ref, debtor_id, debtor, reason, since, seen from review_debts
     where repository = $1 and paid_at is null and (base_ref = $2 or number = $3) order by since, number, commit_id`,
    [repository, baseRef, number],
  );
  return rows.map((row) => ({
    number: row.number,
    landing: row.commit_id,
    baseRef: row.base_ref,
    byId: toNumber(row.debtor_id),
    by: row.debtor,
    reason: row.reason,
    since: row.since.toISOString(),
    seen: JSON.parse(row.seen) as number[],
  }));
}

/** Pays what is owed for one landing of a change. */
export async function payReview(
  executor: Executor,
  { repository, number }: ChangeKey,
  { landing, review }: { landing: string; review: number },
  at: Date,
): Promise<void> {
  await executor.query(
    `update review_debts set paid_review = $4, paid_at = $5
     where repository = $1 and number = $2 and commit_id = $3 and paid_at is null`,
    [repository, number, landing, review, at],
  );
}

/** Stops merging into a branch. What stopped it first stays the reason. */
export async function freezeBranch(executor: Executor, repository: number, branch: string, { number, why, since }: Frozen): Promise<void> {
  await executor.query("insert into frozen (repository, base_ref, number, why, since) values ($1, $2, $3, $4, $5) on conflict do nothing", [
    repository,
    branch,
    number,
    toText(why),
    since,
  ]);
}

export async function frozenOf(executor: Executor, repository: number, branch: string): Promise<Frozen | null> {
  const { rows } = await executor.query<{ number: number; why: string; since: Date }>(
    "select number, why, since from frozen where repository = $1 and base_ref = $2",
    [repository, branch],
  );
  const [row] = rows;
  return row === undefined ? null : { number: row.number, why: row.why, since: row.since.toISOString() };
}

export async function unfreezeBranch(executor: Executor, repository: number, branch: string): Promise<void> {
  await executor.query("delete from frozen where repository = $1 and base_ref = $2", [repository, branch]);
}
