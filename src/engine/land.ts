import type { Merge } from "../gate/decide.ts";
import type { Origin } from "../gate/event.ts";
import { unknown, type Snapshot } from "../gate/facts.ts";
import { mergeObjection } from "../gate/merging.ts";
import { landedAsChecked, type Landing } from "../gate/view.ts";
import type { AdvancePorts } from "./advance.ts";
import { landExactly } from "./exact.ts";
import { withMirror } from "./gate-mirror.ts";
import type { ChangeKey, HeldRecords, HeldTurn, IntendedMerge, MergeOutcome } from "./gate-ports.ts";
import { landingDrafts, refusalDraft } from "./landing-drafts.ts";
import type { Look } from "./look.ts";
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
  const now = { ...look.facts, ...(await forge.snapshot(origin, change.number)) };
  const frozen = await store.records.frozenOf(change.repository);
  const debts = await store.records.debtsOf(change.repository);
  const moved = mergeObjection(merge, { ...now, frozen, debts });
  if (moved !== null) return { kind: "again", why: moved, after: 0 };
  // Whoever stood still so long that another process took the repository over must not land what that one may have refused by now.
  const intend = (commit: string | null): Promise<void> =>
    store.held(lease, (records) => records.intendMerge(change, { ...merge, commit }, ports.now()));
  if (merge.landing === "api") await intend(null);
  const outcome =
    merge.landing === "exact" ? await landExactly(ports, look, merge, intend) : await forge.merge(origin, change.number, merge);
  log.info({ ...change, merge, outcome }, "asked GitHub to merge");
  if (outcome.kind === "merged") {
    await recordLanding(ports, lease, origin, change, merge, { who: null, sha: outcome.sha });
    return { kind: "landed" };
  }
  return unmerged(ports, change, outcome, turn);
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
  await store.held(turn.lease, async (records) => {
    await records.refuseMerge(change, text, now());
    await records.appendEntries(change.repository, [refusalDraft(change.number, text, now())], now());
  });
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
  if (intended !== null && snapshot.head === intended.head && (await isOurs(ports, origin, snapshot, intended)))
    return recordLanding(ports, lease, origin, change, intended, { who, sha: intended.commit ?? sha });
  return keep(ports, lease, change, { by: "other", who, sha, trees: null }, snapshot.merged?.by?.id ?? null);
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
    await records.endWish(change);
    await records.endGlass(change);
    await records.wake(change);
    await oweFor(records, change, merge, ports.now());
  });
  return keep(ports, lease, change, { ...landing, trees: { checked: merge.tree, landed: await landedTree(ports, origin, sha) } });
}

const landedTree = async ({ forge }: AdvancePorts, origin: Origin, sha: string | null): ReturnType<AdvancePorts["forge"]["treeOf"]> =>
  sha === null ? unknown("GitHub names no commit for this merge") : forge.treeOf(origin, sha);

/** A landing that a break-glass stood in for owes a review, which every open change of the repository shows. */
async function oweFor(records: HeldRecords, change: ChangeKey, { glass }: Merge, at: Date): Promise<void> {
  if (glass === null) return;
  const { by, reason } = glass;
  await records.oweReview(change.repository, { number: change.number, byId: by.id, by: by.login, reason, since: at.toISOString() });
  await wakeAll(records, change.repository);
}

async function wakeAll(records: HeldRecords, repository: number): Promise<void> {
  for (const number of await records.openChangesOf(repository)) await records.wake({ repository, number });
}

/** Keeps what is known of a landing by now. Where another tree landed than was checked, nothing more is merged in this repository. */
async function keep(
  { store, now, log }: AdvancePorts,
  lease: Lease,
  change: ChangeKey,
  landing: Landing,
  mergedBy: number | null = null,
): Promise<Landing> {
  const same = landedAsChecked(landing);
  const differs = landing.by === "gate" && same.known && !same.value;
  const at = now();
  const merge = await store.records.lastMerge(change);
  await store.held(lease, async (records) => {
    await records.saveLanding(change, landing, at);
    if (differs) {
      const why = "what landed is not what was checked";
      await records.freezeRepository(change.repository, { number: change.number, why, since: at.toISOString() });
      await wakeAll(records, change.repository);
    }
    await records.appendEntries(change.repository, landingDrafts(change.number, landing, differs, merge?.glass ?? null, mergedBy), at);
  });
  if (landing.by === "other") log.warn({ ...change, landing }, "merged by somebody else, not by this gate");
  else if (differs)
    log.error({ ...change, landing }, "WHAT LANDED IS NOT WHAT WAS CHECKED: merging is frozen; look at it before it is deployed");
  else log.info({ ...change, landing }, same.known ? "landed as checked" : "landed; its tree is not known yet");
  return landing;
}
