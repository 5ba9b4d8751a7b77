import type { Merge } from "../gate/decide.ts";
import { mergeObjection } from "../gate/merging.ts";
import type { AdvancePorts } from "./advance.ts";
import { snapshotOf } from "./edits.ts";
import { landExactly } from "./exact.ts";
import type { ChangeKey } from "./ports/changes.ts";
import type { HeldTurn } from "./ports/jobs.ts";
import type { MergeOutcome } from "./ports/forge.ts";
import { recordLanded } from "./landed.ts";
import { refusalDraft } from "./landing-drafts.ts";
import type { Look } from "./look.ts";

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
  const now = { ...look.facts, ...(await snapshotOf(ports, origin, change.number)) };
  const frozen = await store.records.frozenOf(change.repository, merge.baseRef);
  const debts = await store.records.debtsOf(change, merge.baseRef);
  const { comments } = look.facts;
  const heard = new Set(comments.known ? comments.value.map(({ id }) => id) : []);
  const moved = mergeObjection(merge, { ...now, frozen, debts }, heard);
  if (moved !== null) return { kind: "again", why: moved, after: 0 };
  // Whoever stood still so long that another process took the repository over must not land what that one may have refused by now.
  const intend = (commit: string | null): Promise<void> =>
    store.held(lease, (records) => records.intendMerge(change, { ...merge, commit }, ports.now()));
  if (merge.landing === "api") await intend(null);
  const outcome =
    merge.landing === "exact" ? await landExactly(ports, look, merge, intend) : await forge.merge(origin, change.number, merge);
  log.info({ ...change, merge, outcome }, "asked GitHub to merge");
  if (outcome.kind === "merged") {
    const commit = merge.landing === "exact" ? outcome.sha : null;
    await recordLanded(ports, lease, origin, { change, merge: { ...merge, commit }, who: null, sha: outcome.sha });
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
