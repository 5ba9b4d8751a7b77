import { judge } from "../gate/evaluate.ts";
import type { Merge } from "../gate/decide.ts";
import type { Origin } from "../gate/event.ts";
import { unknown, type Snapshot } from "../gate/facts.ts";
import { landedAsChecked, type Landing } from "../gate/view.ts";
import type { AdvancePorts, Look } from "./advance.ts";
import type { ChangeKey, HeldTurn, MergeOutcome } from "./gate-ports.ts";
import type { Lease } from "./ports.ts";

export type LandingOutcome =
  /** It is merged; a turn that says so is asked for. */
  | { kind: "landed" }
  /** It is not, and this is the answer. */
  | { kind: "refused"; text: string }
  /** Nobody knows, or something moved: read everything again after so many seconds. */
  | { kind: "again"; why: string; after: number };

/** How often a merge is asked for before its author is told to say it again: GitHub needs seconds after a base that moved. */
const mostTries = 3;

/**
 * Lands a change that was decided to land. Everything is read once more right before, because GitHub's merge guards the head alone:
 * base's tip must be the one that was checked. The merge is asked for once; whatever comes of it, the next step is to read.
 */
export async function land(ports: AdvancePorts, look: Look, merge: Merge, turn: HeldTurn): Promise<LandingOutcome> {
  const { forge, log, store } = ports;
  const { lease, origin, change } = look;
  const again = await forge.snapshot(origin, change.number);
  const moved = movedSince(look, again, merge);
  if (moved !== null) return { kind: "again", why: moved, after: 0 };
  // Whoever stood still so long that another process took the repository over must not land what that one may have refused by now.
  await store.held(lease, async () => undefined);
  const outcome = await forge.merge(origin, change.number, merge);
  log.info({ ...change, merge, outcome }, "asked GitHub to merge");
  if (outcome.kind === "merged") {
    await recordLanding(ports, lease, origin, change, merge, { who: null, sha: outcome.sha });
    return { kind: "landed" };
  }
  return unmerged(ports, change, outcome, turn);
}

/** What is no longer as it was decided on; null when it all still holds. */
function movedSince({ facts }: Look, now: Snapshot, merge: Merge): string | null {
  if (now.state !== "open") return "the pull request was closed in between";
  if (now.head !== merge.head) return "the head moved in between";
  if (!now.base.tip.known) return now.base.tip.reason;
  if (now.base.tip.value !== merge.base) return "the base branch moved in between";
  return judge({ ...facts, ...now }).outcome === "pass" ? null : "what the verdict rests on changed in between";
}

async function unmerged(
  { store, now }: AdvancePorts,
  change: ChangeKey,
  outcome: Exclude<MergeOutcome, { kind: "merged" }>,
  turn: HeldTurn,
): Promise<LandingOutcome> {
  const isLast = turn.attempts + 1 >= mostTries;
  // "Base branch was modified" and answers that never came are asked for again, after a look at what is true by then.
  if (outcome.kind === "unclear" && !isLast) return { kind: "again", why: outcome.text, after: 0 };
  if (outcome.kind === "refused" && outcome.reason === "base-moved" && !isLast)
    return { kind: "again", why: outcome.text, after: 4 * 2 ** turn.attempts };
  const text =
    outcome.kind === "unclear" ? `GitHub did not say whether it merged (${outcome.text}); say /merge again if it has not` : outcome.text;
  await store.held(turn.lease, (records) => records.refuseMerge(change, text, now()));
  return { kind: "refused", text };
}

/**
 * What is known of the landing of a merged change, completed where something was missing: a merge whose answer was lost is found here,
 * by the intention that was kept before it was asked for.
 */
export async function settleLanding(
  ports: AdvancePorts,
  lease: Lease,
  origin: Origin,
  change: ChangeKey,
  snapshot: Snapshot,
): Promise<Landing> {
  const { records } = ports.store;
  const known = await records.findLanding(change);
  const who = snapshot.merged?.by?.login ?? null;
  const sha = snapshot.merged?.sha ?? null;
  if (known !== null && (known.trees === null || known.trees.landed.known)) return known;
  if (known?.trees !== undefined && known.trees !== null) {
    const trees = { checked: known.trees.checked, landed: await landedTree(ports, origin, sha) };
    return keep(ports, lease, change, { ...known, trees });
  }
  // Not only one that is still open: a last answer that was lost, or a refusal because our own merge had moved base, ended it in the book.
  const intended = await records.lastMerge(change);
  if (intended !== null && snapshot.merged?.byGate === true && snapshot.head === intended.head)
    return recordLanding(ports, lease, origin, change, intended, { who, sha });
  return keep(ports, lease, change, { by: "other", who, sha, trees: null });
}

/** Keeps a landing with its command answered, then learns which tree landed. The turn that is asked for says it all. */
async function recordLanding(
  ports: AdvancePorts,
  lease: Lease,
  origin: Origin,
  change: ChangeKey,
  merge: Merge,
  { who, sha }: { who: string | null; sha: string | null },
): Promise<Landing> {
  const landing: Landing = { by: "gate", who, sha, trees: { checked: merge.tree, landed: unknown("it was not read yet") } };
  await ports.store.held(lease, async (records) => {
    await records.saveLanding(change, landing, ports.now());
    await records.addAnswered(change, [merge.comment], ports.now());
    await records.wake(change);
  });
  return keep(ports, lease, change, { ...landing, trees: { checked: merge.tree, landed: await landedTree(ports, origin, sha) } });
}

const landedTree = async ({ forge }: AdvancePorts, origin: Origin, sha: string | null): ReturnType<AdvancePorts["forge"]["treeOf"]> =>
  sha === null ? unknown("GitHub names no commit for this merge") : forge.treeOf(origin, sha);

async function keep({ store, now, log }: AdvancePorts, lease: Lease, change: ChangeKey, landing: Landing): Promise<Landing> {
  await store.held(lease, (records) => records.saveLanding(change, landing, now()));
  const same = landedAsChecked(landing);
  if (landing.by === "other") log.warn({ ...change, landing }, "merged by somebody else, not by this gate");
  else if (same.known && !same.value)
    log.error({ ...change, landing }, "WHAT LANDED IS NOT WHAT WAS CHECKED: look at it before it is deployed");
  else log.info({ ...change, landing }, same.known ? "landed as checked" : "landed; its tree is not known yet");
  return landing;
}
