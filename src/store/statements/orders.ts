import type { KeptOrder, Order, OrderAnswer } from "../../rollout/orders.ts";
import type { Sight } from "../../rollout/sight.ts";
import type { Executor } from "../executor.ts";

/** Keeps what somebody said; said again under the same key it is nothing new. */
export async function addOrder(executor: Executor, repository: number, order: Order, at: Date): Promise<void> {
  await executor.query(
    "insert into rollout_orders (repository, key, number, said, asked_at) values ($1, $2, $3, $4, $5) on conflict (repository, key) do nothing",
    [repository, order.key, order.number, JSON.stringify(order), at],
  );
}

/** So many at once: the rest is heard by the next look. */
const most = 20;

/** What is to be done, the oldest first. */
export async function openOrders(executor: Executor, repository: number): Promise<Order[]> {
  const { rows } = await executor.query<{ said: string }>(
    "select said from rollout_orders where repository = $1 and answer is null order by seq limit $2",
    [repository, most],
  );
  return rows.map(({ said }) => JSON.parse(said) as Order);
}

/** Everything that was said in a pull request. */
export async function ordersOf(executor: Executor, { repository, number }: { repository: number; number: number }): Promise<KeptOrder[]> {
  const { rows } = await executor.query<{ said: string; answer: string | null }>(
    "select said, answer from rollout_orders where repository = $1 and number = $2 order by seq",
    [repository, number],
  );
  return rows.map(({ said, answer }) => ({ order: JSON.parse(said) as Order, answer: parsed(answer) }));
}

/** Null while it was not done, and where nobody said it. */
export async function orderAnswer(executor: Executor, repository: number, key: string): Promise<OrderAnswer | null> {
  const { rows } = await executor.query<{ answer: string | null }>("select answer from rollout_orders where repository = $1 and key = $2", [
    repository,
    key,
  ]);
  return parsed(rows[0]?.answer ?? null);
}

const parsed = (answer: string | null): OrderAnswer | null => (answer === null ? null : (JSON.parse(answer) as OrderAnswer));

/** Whether it was open until now: the first answer stays. */
export async function answerOrder(executor: Executor, repository: number, key: string, answer: OrderAnswer, at: Date): Promise<boolean> {
  const { affectedRows } = await executor.query(
    "update rollout_orders set answer = $3, answered_at = $4 where repository = $1 and key = $2 and answer is null",
    [repository, key, JSON.stringify(answer), at],
  );
  return affectedRows === 1;
}

/** Null before the first look. */
export async function sightOf(executor: Executor, repository: number): Promise<{ sight: Sight; at: Date } | null> {
  const { rows } = await executor.query<{ sight: Sight; at: Date | string }>(
    "select sight, seen_at as at from rollout_sights where repository = $1",
    [repository],
  );
  return rows[0] === undefined ? null : { sight: rows[0].sight, at: new Date(rows[0].at) };
}

export async function saveSight(executor: Executor, repository: number, sight: Sight, at: Date): Promise<void> {
  await executor.query(
    `insert into rollout_sights (repository, sight, seen_at) values ($1, $2, $3)
     on conflict (repository) do update set sight = excluded.sight, seen_at = excluded.seen_at`,
    [repository, JSON.stringify(sight), at],
  );
}
