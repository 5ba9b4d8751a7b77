import type { Origin } from "../gate/event.ts";
import { unknown } from "../gate/facts.ts";
import { landedAsChecked, type Landing } from "../gate/view.ts";
import type { Draft } from "../ledger/entry.ts";
import type { AdvancePorts } from "./advance.ts";
import type { ChangeKey } from "./ports/changes.ts";
import type { IntendedMerge } from "./ports/change-records.ts";
import type { Records } from "./ports/records.ts";
import { alarmDrafts, landingDrafts, landingId } from "./landing-drafts.ts";
import type { Lease } from "./ports/lease.ts";

/** What is kept of a landing of ours: first that it landed, with all that follows from it, and then which tree it was. */

/** A merge of ours that landed; `who` merged it by GitHub's telling, and `sha` is what came of it there. */
export interface Landed {
  change: ChangeKey;
  merge: IntendedMerge;
  who: string | null;
  sha: string | null;
}

/**
 * Keeps that it landed: its command is answered, and a review is owed where nobody gave one. Gives whom to wake and what to tell the ledger
 * in the same transaction, in that order after everything else. Told again, it is the same. That a commit of ours is on the branch is true
 * whoever finds it, so that no lease is needed.
 */
export async function keepLanded(
  records: Records,
  { change, merge, who, sha }: Landed,
  at: Date,
): Promise<{ landing: Landing; wake: ChangeKey[]; drafts: Draft[] }> {
  const landing: Landing = { by: "gate", who, sha, trees: { checked: merge.tree, landed: unknown("it was not read yet") } };
  await records.saveLanding(change, landing, at);
  await records.addAnswered(change, [merge.comment], at);
  // One of another head is of what was pushed since.
  if ((await records.wishOf(change))?.head === merge.head) await records.endWish(change);
  if ((await records.glassOf(change))?.head === merge.head) await records.endGlass(change);
  const owing = await oweFor(records, change, merge, at);
  // The turn of the change itself says it all.
  return { landing, wake: [change, ...owing], drafts: landingDrafts(change.number, landing, merge) };
}

/** A landing that a break-glass stood in for owes a review, which every open change into that branch shows: gives them. */
async function oweFor(records: Records, change: ChangeKey, merge: IntendedMerge, at: Date): Promise<ChangeKey[]> {
  const { glass, baseRef, seen } = merge;
  if (glass === null) return [];
  const { by, reason } = glass;
  const owed = { number: change.number, byId: by.id, by: by.login, reason, since: at.toISOString() };
  await records.oweReview(change.repository, { ...owed, baseRef, landing: landingId(merge), seen });
  return changesInto(records, change.repository, baseRef);
}

const changesInto = async (records: Records, repository: number, branch: string): Promise<ChangeKey[]> =>
  (await records.openChangesOf(repository, branch)).map((number) => ({ repository, number }));

/** Keeps it, and learns which tree landed. */
export async function recordLanded(ports: AdvancePorts, lease: Lease, origin: Origin, landed: Landed): Promise<Landing> {
  const { store, now } = ports;
  const at = now();
  const landing = await store.held(lease, async (records) => {
    const kept = await keepLanded(records, landed, at);
    await records.wakeAll(kept.wake);
    await records.appendEntries(landed.change.repository, kept.drafts, at);
    return kept.landing;
  });
  return readTree(ports, lease, origin, landed.change, { merge: landed.merge, landing });
}

/** Reads which tree landed, where that is not known. Where it is another than was checked, nothing more is merged into this branch. */
export async function readTree(
  { store, forge, now, log }: AdvancePorts,
  lease: Lease,
  origin: Origin,
  change: ChangeKey,
  { merge, landing }: { merge: IntendedMerge; landing: Landing },
): Promise<Landing> {
  const { sha } = landing;
  const landed = sha === null ? unknown("GitHub names no commit for this merge") : await forge.treeOf(origin, sha);
  const read: Landing = { ...landing, trees: { checked: merge.tree, landed } };
  const same = landedAsChecked(read);
  const differs = same.known && !same.value;
  const at = now();
  await store.held(lease, async (records) => {
    await records.saveLanding(change, read, at);
    if (!differs) return;
    const why = "what landed is not what was checked";
    await records.freezeBranch(change.repository, merge.baseRef, { number: change.number, why, since: at.toISOString() });
    await records.wakeAll(await changesInto(records, change.repository, merge.baseRef));
    await records.appendEntries(change.repository, alarmDrafts(change.number, read, merge), at);
  });
  if (differs)
    log.error({ ...change, landing: read }, "WHAT LANDED IS NOT WHAT WAS CHECKED: merging is frozen; look at it before it is deployed");
  else log.info({ ...change, landing: read }, same.known ? "landed as checked" : "landed; its tree is not known yet");
  return read;
}
