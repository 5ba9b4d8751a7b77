import type { Event, ReceivedReview } from "../gate/event.ts";
import type { ChangeKey, Records, Store } from "./gate-ports.ts";

/** A webhook as it came in, its payload translated: null when it means nothing to us. */
export interface Delivery {
  id: string;
  name: string;
  event: Event | null;
  receivedAt: Date;
}

/**
 * Takes a delivery in: it is kept and the changes it is about get a turn, in one transaction. False for one that is known already. Once
 * this returns, GitHub can be answered: nothing of the delivery can be lost any more.
 */
export function accept(store: Store, delivery: Delivery): Promise<boolean> {
  return store.transaction(async (records) => {
    const isNews = await records.addDelivery(delivery);
    if (isNews && delivery.event !== null) await takeIn(records, delivery.event, delivery.receivedAt);
    return isNews;
  });
}

async function takeIn(records: Records, event: Event, at: Date): Promise<void> {
  if (!("repository" in event)) return;
  const repository = event.repository.id;
  await records.saveRepository(event);
  if (event.kind === "change-touched") {
    if (event.push !== null) await records.addPush(repository, event.push);
    await records.wake({ repository, number: event.number });
    if (event.review?.state === "approved") await receive(records, { repository, number: event.number }, event.review, at);
    return;
  }
  if (event.kind === "branch-pushed") {
    await records.addPush(repository, event.push);
    for (const number of await records.openChangesInto(repository, event.branch)) await records.wake({ repository, number });
    return;
  }
  if (event.kind === "repository-touched" || event.kind === "merge-group") return;
  for (const { number } of await records.openChangesAt(repository, event.head)) {
    if (event.kind === "recheck-asked") await records.forgetChecks({ repository, number });
    await records.wake({ repository, number });
  }
}

/** Which head was reviewed is known for sure only now: GitHub has been seen to move a review to a newer one. */
async function receive(records: Records, change: ChangeKey, review: ReceivedReview, at: Date): Promise<void> {
  const { id, reviewer, commit, submittedAt } = review;
  await records.addReceipt(change, { review: id, reviewer, commit, source: "delivery", submittedAt });
  const subject = `pull/${change.number}`;
  const evidence = [JSON.stringify({ commit, review: id, submittedAt })];
  await records.appendEntries(
    change.repository,
    [{ kind: "approval-received", subject, actor: reviewer, evidence, key: `approval-received:${id}` }],
    at,
  );
}
