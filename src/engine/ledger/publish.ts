import { openCheckpoint, type Checkpoint } from "../../ledger/checkpoint.ts";
import type { Verifier } from "../../ledger/keys.ts";
import { verifyConsistency } from "../../ledger/proofs.ts";
import { Problem } from "../../problem.ts";
import type { LedgerRecords, PlaceState, PublicPlace } from "../ports/ledger.ts";
import { consistencyProof, publicationOf, rootAt } from "./tree.ts";

export interface PublishPorts {
  records: LedgerRecords;
  /** All keys that this log ever had. */
  keys: readonly Verifier[];
  now: () => Date;
}

/** How it went at one place. */
export type Told = { place: string } & (
  | { kind: "told" | "known" }
  /** It can't be reached now, or does not take it; tried again. */
  | { kind: "failed"; why: string; since: Date }
  /** What it has, this log did not sign, or signed of other entries. */
  | { kind: "forked"; why: string; since: Date }
);

/**
 * Publishes a signed checkpoint at one place. What the place has is read first: where it has a larger log or another one, nothing is published over it,
 * and whoever restored or rewrote the database is found out.
 */
export async function publishAt(
  { records, keys, now }: PublishPorts,
  place: PublicPlace,
  { checkpoint, note }: { checkpoint: Checkpoint; note: string },
): Promise<Told> {
  const known = (await records.places()).find(({ name }) => name === place.name);
  const keep = (state: Partial<PlaceState>): Promise<void> =>
    records.savePlace({
      name: place.name,
      size: known?.size ?? null,
      toldAt: known?.toldAt ?? null,
      failingSince: null,
      why: null,
      ...state,
    });
  const fail = async (kind: "failed" | "forked", why: string): Promise<Told> => {
    const since = known?.failingSince ?? now();
    await keep({ failingSince: since, why });
    return { place: place.name, kind, why, since };
  };
  try {
    const there = (await place.read?.()) ?? null;
    const has = there === null ? null : openCheckpoint(there, checkpoint.origin, keys);
    if (has !== null && !has.ok) return await fail("forked", `what is there is not this log's: ${has.why}`);
    const before = has?.checkpoint ?? null;
    if (before !== null) {
      const wrong = await disagreement(records, before, checkpoint);
      if (wrong !== null) return await fail("forked", wrong);
    }
    const isThere = place.read === undefined ? known?.size === checkpoint.size && known.failingSince === null : there === note;
    if (isThere) {
      if (known?.failingSince !== null || known.size !== checkpoint.size) await keep({ size: checkpoint.size });
      return { place: place.name, kind: "known" };
    }
    const from = place.read === undefined ? (known?.size ?? 0) : (before?.size ?? 0);
    await place.publish(publicationOf(records, { note, size: checkpoint.size, before: from }));
    await keep({ size: checkpoint.size, toldAt: now() });
    return { place: place.name, kind: "told" };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return fail("failed", error.text);
  }
}

/** Null where what the place has is a part of our log. */
async function disagreement(records: LedgerRecords, there: Checkpoint, ours: Checkpoint): Promise<string | null> {
  if (there.size > ours.size)
    return `a checkpoint of ${there.size} entries is there, and the ledger has ${ours.size}: entries are gone, as after a backup was restored`;
  const before = { size: there.size, root: await rootAt(records, there.size) };
  const isPart = before.root.equals(there.root) && verifyConsistency(there, ours, await consistencyProof(records, there.size, ours.size));
  return isPart ? null : `the first ${there.size} entries of the ledger are not those of the checkpoint that is there`;
}
