import type { Order, OrderAnswer } from "../../rollout/orders.ts";
import type { OrderRecords } from "../ports/orders.ts";

export interface AskPorts {
  records: Pick<OrderRecords, "addOrder" | "orderAnswer">;
  transaction<T>(work: (records: Pick<OrderRecords, "askRolls">) => Promise<T>): Promise<T>;
}

/** Between two questions whether it was done. */
const every = 100;

/**
 * Keeps what somebody said and waits until the rollout has done it, `milliseconds` at most; null where it was not done by then: it is done all the same, because
 * it is kept. Said again under the same key it is not done again.
 */
export async function askOrder(
  store: AskPorts,
  repository: number,
  order: Order,
  { at, milliseconds, nudge }: { at: Date; milliseconds: number; nudge: () => void },
): Promise<OrderAnswer | null> {
  await store.records.addOrder(repository, order, at);
  // Not with it: a look that is under way could end without having seen what is not committed.
  await store.transaction((records) => records.askRolls([repository]));
  nudge();
  for (let waited = 0; ; waited += every) {
    const answer = await store.records.orderAnswer(repository, order.key);
    if (answer !== null || waited >= milliseconds) return answer;
    await new Promise((resolve) => {
      setTimeout(resolve, every);
    });
  }
}
