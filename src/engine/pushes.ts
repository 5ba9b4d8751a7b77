import { isSince } from "../gate/instants.ts";
import type { Origin } from "../gate/event.ts";
import { known, unknown, type Facts, type Known, type Receipt, type Snapshot } from "../gate/facts.ts";
import type { Forge } from "./ports/forge.ts";
import type { Store } from "./ports/store.ts";

export interface PushPorts {
  store: Store;
  forge: Pick<Forge, "pushesTo">;
}

/**
 * Who pushed what the change is made of, and since when its head is there. Where no delivery told who pushed the head, the forge's own
 * record of the branch is asked; its answer is kept beside what deliveries tell, so that it can add to who contributed and take nobody
 * away. A fork's record is not this gate's to read. A head that nobody told of may have come until the change was touched last, which a command
 * itself does; but no later than the last push into its repository.
 */
export async function pushesOf(
  ports: PushPorts,
  origin: Origin,
  snapshot: Snapshot,
  receipts: readonly Receipt[],
): Promise<Pick<Facts, "pushers" | "headPusher" | "headSince" | "baseSince">> {
  const { records } = ports.store;
  const repository = origin.repository.id;
  const { head, commits, updatedAt } = snapshot;
  const shas = [...new Set([head, ...(commits.known ? commits.value.map(({ sha }) => sha) : [])])];
  const asked = await askForPushes(ports, origin, snapshot, shas);
  const told = await records.pushedAt(repository, head);
  const latest = earlier(updatedAt, snapshot.headPushedAt);
  if (told === null) await records.addPush(repository, { sha: head, by: null, at: latest });
  const [pusher] = await records.pushersOf(repository, [head]);
  return {
    pushers: await records.pushersOf(repository, shas),
    headPusher: pusher !== undefined ? known(pusher) : asked.known ? nobodyTold : asked,
    headSince: told ?? latest,
    baseSince: await baseSince(ports, origin, snapshot, receipts),
  };
}

/**
 * When base's tip came to its branch, for approvals alone of which nothing tells the base that they were given on: those that came before the first look at
 * their change. The forge's record of the branch says so. Deliveries do not by themselves: a branch that goes back to where it was, by a push that no
 * delivery told of, would be there since it was there first.
 */
async function baseSince(
  { store: { records }, forge }: PushPorts,
  origin: Origin,
  { state, base: { ref, tip }, reviews }: Snapshot,
  receipts: readonly Receipt[],
): Promise<Facts["baseSince"]> {
  if (!tip.known) return tip;
  const placed = new Set(receipts.flatMap(({ review, bound, shown }) => (bound === null && (shown ?? null) === null ? [] : [review])));
  const isAsked = state === "open" && reviews.known && reviews.value.some(({ id, stance }) => stance === "approved" && !placed.has(id));
  if (!isAsked) return notAsked;
  const pushes = await forge.pushesTo(origin, ref);
  if (!pushes.known) return pushes;
  const told = await records.pushedAt(origin.repository.id, tip.value);
  const [latest] = pushes.value;
  if (latest === undefined && told === null) return known(null);
  // What the record says of a branch comes a moment after it moved.
  if (latest?.sha !== tip.value || latest.at === null) return unknown(`GitHub's record of ${ref} does not have its tip yet`);
  return known(told !== null && isSince(told, latest.at) ? told : latest.at);
}

/** No approval needs it: one that did would have to be given again. */
const notAsked = unknown("nobody asked when", "its reviewer: approve again");

/** No delivery did, and the record was read and has no such push: a branch that came with the repository. Asked again, both say the same. */
const nobodyTold = unknown(
  "no delivery told of its push, and GitHub's record of the branch does not have it",
  "its author: push again; or an owner of the App: redeliver the push, if its delivery failed",
);

const earlier = (one: string, other = one): string => (other < one ? other : one);

async function askForPushes(
  { store: { records }, forge }: PushPorts,
  origin: Origin,
  { state, fork, head, headRef }: Snapshot,
  shas: readonly string[],
): Promise<Known<null>> {
  const repository = origin.repository.id;
  if (state !== "open" || fork || headRef === undefined) return known(null);
  if ((await records.pushersOf(repository, [head])).length > 0) return known(null);
  const pushes = await forge.pushesTo(origin, headRef);
  if (!pushes.known) return pushes;
  for (const push of pushes.value) if (shas.includes(push.sha)) await records.addPush(repository, push);
  return known(null);
}
