import type { Frozen, ReviewDebt } from "../../gate/facts.ts";
import type { Executor } from "../executor.ts";
import { toNumber, toText } from "../executor.ts";
import type { ChangeKey } from "./keys.ts";

/** Keeps that a review is owed for a landing; told again, it is the same debt. */
export async function oweReview(executor: Executor, repository: number, { number, byId, by, reason, since }: ReviewDebt): Promise<void> {
  await executor.query(
    "insert into review_debts (repository, number, debtor_id, debtor, reason, since) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    [repository, number, byId, by, toText(reason), since],
  );
}

/** What is owed in a repository and not paid, the oldest first. */
export async function debtsOf(executor: Executor, repository: number): Promise<ReviewDebt[]> {
  const { rows } = await executor.query<{ number: number; debtor_id: number; debtor: string; reason: string; since: Date }>(
    "select number, debtor_id, debtor, reason, since from review_debts where repository = $1 and paid_at is null order by since, number",
    [repository],
  );
  return rows.map(({ number, debtor_id, debtor, reason, since }) => ({
    number,
    byId: toNumber(debtor_id),
    by: debtor,
    reason,
    since: since.toISOString(),
  }));
}

export async function payReview(executor: Executor, { repository, number }: ChangeKey, review: number, at: Date): Promise<void> {
  await executor.query("update review_debts set paid_review = $3, paid_at = $4 where repository = $1 and number = $2 and paid_at is null", [
    repository,
    number,
    review,
    at,
  ]);
}

/** Stops merging in a repository. What stopped it first stays the reason. */
export async function freezeRepository(executor: Executor, repository: number, { number, why, since }: Frozen): Promise<void> {
  await executor.query("insert into frozen (repository, number, why, since) values ($1, $2, $3, $4) on conflict do nothing", [
    repository,
    number,
    toText(why),
    since,
  ]);
}

export async function frozenOf(executor: Executor, repository: number): Promise<Frozen | null> {
  const { rows } = await executor.query<{ number: number; why: string; since: Date }>(
    "select number, why, since from frozen where repository = $1",
    [repository],
  );
  const [row] = rows;
  return row === undefined ? null : { number: row.number, why: row.why, since: row.since.toISOString() };
}

export async function unfreezeRepository(executor: Executor, repository: number): Promise<void> {
  await executor.query("delete from frozen where repository = $1", [repository]);
}
