import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Binding, Carry, Receipt, ShownBase } from "../../gate/facts.ts";
import type { Executor } from "../executor.ts";
import { toNumber, toText } from "../executor.ts";
import type { Pair } from "./checks.ts";

/** An approval that came in. `submittedAt` is ISO 8601, GitHub's clock. */
export type NewReceipt = Pick<Receipt, "review" | "reviewer" | "commit" | "source" | "shown"> & { submittedAt: string };

/**
 * Keeps an approval as it was told first; false where it was known. What a delivery says stands over what was only read: GitHub may have
 * moved it by then. What was shown with it is kept once.
 */
export async function addReceipt(executor: Executor, { repository, number }: ChangeKey, receipt: NewReceipt): Promise<boolean> {
  const { review } = receipt;
  const shown = receipt.shown ? JSON.stringify(receipt.shown) : null;
  const { affectedRows } = await executor.query(
    `insert into receipts (repository, number, review, reviewer, commit_id, source, submitted_at, shown) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (repository, review) do nothing`,
    [repository, number, review, receipt.reviewer, receipt.commit, receipt.source, receipt.submittedAt, shown],
  );
  if (affectedRows === 1) return true;
  await executor.query(
    `update receipts set shown = coalesce(shown, $5::text), commit_id = case when $6::boolean and source = 'api' then $3 else commit_id end,
       source = case when $6::boolean and source = 'api' then $4 else source end, binding = case when $6::boolean and source = 'api' and commit_id <> $3 then null else binding end
     where repository = $1 and review = $2`,
    [repository, review, receipt.commit, receipt.source, shown, receipt.source === "delivery"],
  );
  return false;
}

/** The approvals of a change, in the order of submission. */
export async function receiptsOf(executor: Executor, { repository, number }: ChangeKey): Promise<Omit<Receipt, "carry">[]> {
  const { rows } = await executor.query<{
    review: number;
    reviewer: number;
    commit_id: string;
    source: Receipt["source"];
    binding: string | null;
    shown: string | null;
  }>(
    `select review, reviewer, commit_id, source, binding, shown from receipts where repository = $1 and number = $2
     order by submitted_at, review`,
    [repository, number],
  );
  return rows.map(({ review, reviewer, commit_id, source, binding, shown }) => ({
    review: toNumber(review),
    reviewer: toNumber(reviewer),
    commit: commit_id,
    source,
    bound: binding === null ? null : (JSON.parse(binding) as Binding),
    shown: shown === null ? null : (JSON.parse(shown) as ShownBase),
  }));
}

/** Keeps what an approval was given for; once bound, it stays so. */
export async function bindReceipt(executor: Executor, repository: number, review: number, binding: Binding): Promise<void> {
  await executor.query("update receipts set binding = $3 where repository = $1 and review = $2 and binding is null", [
    repository,
    review,
    JSON.stringify(binding),
  ]);
}

/** What git said of two pairs before; null where it was not asked. */
export async function findCarry(executor: Executor, repository: number, from: Pair, to: Pair): Promise<Carry | null> {
  const { rows } = await executor.query<{ carry: string }>(
    "select carry from carries where repository = $1 and from_base = $2 and from_head = $3 and to_base = $4 and to_head = $5",
    [repository, from.base, from.head, to.base, to.head],
  );
  const [row] = rows;
  return row === undefined ? null : (JSON.parse(row.carry) as Carry);
}

export async function saveCarry(
  executor: Executor,
  repository: number,
  { from, to, carry }: { from: Pair; to: Pair; carry: Carry },
  at: Date,
): Promise<void> {
  await executor.query(
    `insert into carries (repository, from_base, from_head, to_base, to_head, carry, compared_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict do nothing`,
    [repository, from.base, from.head, to.base, to.head, JSON.stringify(carry), at],
  );
}

/** What people were told last of each approval of a change, by review. */
export async function toldOf(
  executor: Executor,
  { repository, number }: ChangeKey,
): Promise<Map<number, { state: "kept" | "dropped"; why: string }>> {
  const { rows } = await executor.query<{ review: number; state: "kept" | "dropped"; why: string }>(
    "select review, state, why from told where repository = $1 and number = $2",
    [repository, number],
  );
  return new Map(rows.map(({ review, state, why }) => [toNumber(review), { state, why }]));
}

export async function saveTold(
  executor: Executor,
  { repository, number }: ChangeKey,
  { review, state, why }: { review: number; state: "kept" | "dropped"; why: string },
): Promise<void> {
  await executor.query(
    `insert into told (repository, number, review, state, why) values ($1, $2, $3, $4, $5)
     on conflict (repository, review) do update set state = excluded.state, why = excluded.why`,
    [repository, number, review, state, toText(why)],
  );
}
