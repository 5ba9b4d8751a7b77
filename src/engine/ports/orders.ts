import type { ChangeKey } from "./changes.ts";
import type { KeptOrder, Order, OrderAnswer } from "../../rollout/orders.ts";

/** What is remembered of what people said to rollouts. */
export interface OrderRecords {
  /** Kept under the same key it is nothing new. */
  addOrder(repository: number, order: Order, at: Date): Promise<void>;
  /** Everything that was said in a pull request. */
  ordersOf(change: ChangeKey): Promise<readonly KeptOrder[]>;
  /** What was not done yet, the oldest first; so many at most. */
  openOrders(repository: number): Promise<readonly Order[]>;
  /** What came of one; null while it was not done, and where nobody said it. */
  orderAnswer(repository: number, key: string): Promise<OrderAnswer | null>;
  /** Has each of these rollouts looked at. */
  askRolls(repositories: readonly number[]): Promise<void>;
}
