import type { Origin } from "../gate/event.ts";
import type { Snapshot } from "../gate/facts.ts";
import type { Landing } from "../gate/view.ts";
import type { AdvancePorts } from "./advance.ts";
import { withMirror } from "./with-mirror.ts";
import type { ChangeKey } from "./ports/changes.ts";
import type { IntendedMerge, KeptLanding } from "./ports/change-records.ts";
import { readTree, recordLanded } from "./landed.ts";
import { outsideDraft } from "./landing-drafts.ts";
import type { Lease } from "./ports/lease.ts";

/**
 * Completes what is known of a change's landings, and gives the one that it is merged by; null for a change that is not. Trees that could
 * not be read are read now, also of a change that landed and was pushed to at that moment, so that it is open still. A merge whose answer
 * was lost is found here, by the intention that was kept before it was asked for.
 */
export async function settleLandings(
  ports: AdvancePorts,
  lease: Lease,
  origin: Origin,
  change: ChangeKey,
  snapshot: Snapshot,
): Promise<Landing | null> {
  const kept = await ports.store.records.landingsOf(change);
  const sha = snapshot.merged?.sha ?? null;
  const landings: KeptLanding[] = [];
  for (const one of kept) {
    const { merge, landing, unread } = one;
    if (!unread || merge === null || landing === null) landings.push(one);
    else {
      const named = { ...landing, sha: landing.sha ?? (merge.head === snapshot.head ? sha : null) };
      landings.push({ ...one, landing: await readTree(ports, lease, origin, change, { merge, landing: named }) });
    }
  }
  if (snapshot.state !== "merged") return null;
  const known = landings.find(({ state, merge }) => state === "outside" || (state === "landed" && merge?.head === snapshot.head));
  if (known?.landing) return known.landing;
  const who = snapshot.merged?.by?.login ?? null;
  // Not only one that is still open: a last answer that was lost, or a refusal because our own merge had moved base, ended it in the book.
  for (const { merge } of landings) {
    if (merge?.head !== snapshot.head || !(await isOurs(ports, origin, snapshot, merge))) continue;
    return recordLanded(ports, lease, origin, { change, merge, who, sha: merge.commit ?? sha });
  }
  return keepOutside(ports, lease, change, { by: "other", who, sha, trees: null }, snapshot.merged?.by?.id ?? null);
}

/** A commit of our own is looked for where it was to land; one that GitHub was to make has this App for its merger. */
async function isOurs(
  { openMirror }: AdvancePorts,
  origin: Origin,
  { merged, base }: Snapshot,
  { commit }: IntendedMerge,
): Promise<boolean> {
  if (commit === null) return merged?.byGate === true;
  return withMirror(openMirror, origin, (mirror) => mirror.isReachable(commit, base.ref));
}

async function keepOutside(
  { store, now, log }: AdvancePorts,
  lease: Lease,
  change: ChangeKey,
  landing: Landing,
  mergedBy: number | null,
): Promise<Landing> {
  const at = now();
  await store.held(lease, async (records) => {
    await records.saveLanding(change, landing, at);
    await records.appendEntries(change.repository, [outsideDraft(change.number, mergedBy, { commit: landing.sha })], at);
  });
  log.warn({ ...change, landing }, "merged by somebody else, not by this gate");
  return landing;
}
