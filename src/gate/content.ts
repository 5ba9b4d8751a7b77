import type { Binding, CarryKind, Facts, Receipt, ReviewFacts } from "./facts.ts";
import { isSince } from "./instants.ts";
import { short } from "./phrases.ts";

/** Whether an approval was given for what would land now. `kept` says why it still stands where something moved since. */
export type Content =
  | { is: "same"; commit: string; kept: string | null }
  | { is: "other"; why: string }
  /** `way` as in `Unknown`. */
  | { is: "unknown"; why: string; way?: string | undefined }
  /** The check that will tell is not done. */
  | { is: "waiting"; why: string };

const other = (why: string): Content => ({ is: "other", why });
const notKnown = (why: string, way?: string): Content => ({ is: "unknown", why, way });

/**
 * What was reviewed, compared with what would land. The receipt of the review's delivery is believed more than GitHub's `commit_id`, which
 * has been seen to move to a newer head; without a receipt, a force-push since voids. Nothing of a webhook can make an approval stand that
 * GitHub does not show.
 */
export function contentOf(review: ReviewFacts, facts: Facts): Content {
  const receipt = facts.receipts.find(({ review: id, reviewer }) => id === review.id && reviewer === review.reviewer?.id);
  if (receipt !== undefined) return asReceived(review, receipt, facts);
  const objection = objectionTo(review, facts);
  return objection ?? asReceived(review, seenFirst(review, facts), facts);
}

/** An approval that no delivery told of, as it is kept from now on: for what was shown until now. Null where it can't be believed. */
export const firstSight = (review: ReviewFacts, facts: Facts): Receipt | null =>
  objectionTo(review, facts) === null ? seenFirst(review, facts) : null;

function seenFirst(review: ReviewFacts, facts: Facts): Receipt {
  const { head, shown = null } = facts;
  const at = shown === null ? baseAt(review, facts) : { base: shown.base, baseRef: shown.baseRef };
  const { id, reviewer } = review;
  return { review: id, reviewer: reviewer?.id ?? 0, commit: head, source: "api", bound: shown?.binding ?? null, shown: at, carry: null };
}

/** Base as it was when an approval was given of which nothing but its time is known: the one of now, another, or null for nobody knows. */
function baseAt({ submittedAt }: ReviewFacts, { base: { ref, tip }, baseSince }: Facts): (Receipt["shown"] & object) | null {
  if (!tip.known || !baseSince.known) return null;
  const hasMoved = baseSince.value !== null && isSince(baseSince.value, submittedAt);
  return { base: hasMoved ? null : tip.value, baseRef: ref };
}

function objectionTo({ commit, submittedAt }: ReviewFacts, { head, history }: Facts): Content | null {
  if (commit === null) return other("GitHub does not say for which commit it was given");
  if (commit !== head) return other(movedOn(commit, head));
  if (!history.known) return notKnown(`whether the head was force-pushed since can't be told: ${history.reason}`, history.way);
  const { forcePushedAt, retargetedAt } = history.value;
  if (forcePushedAt !== null && isSince(forcePushedAt, submittedAt))
    return other("no delivery told for which commit it was given, and the branch was force-pushed since");
  if (retargetedAt !== null && isSince(retargetedAt, submittedAt)) return other("the base branch was changed since");
  return null;
}

const movedOn = (commit: string, head: string): string => `it was given for ${short(commit)}, and the head is now ${short(head)}`;

function asReceived(review: ReviewFacts, receipt: Receipt, facts: Facts): Content {
  const { head } = facts;
  const { commit, bound, carry } = receipt;
  const hasMoved = commit !== head;
  if (hasMoved) {
    if (carry === null || !carry.known) {
      const reason = carry === null ? "they were not compared" : carry.reason;
      return notKnown(
        `it was given for ${short(commit)}, and whether ${short(head)} holds the same could not be learnt: ${reason}`,
        carry?.way,
      );
    }
    if (carry.value.kind === "changed") return other(`${movedOn(commit, head)}: ${carry.value.why}`);
    if (bound === null) return other(`${movedOn(commit, head)}, and the head moved on before ${short(commit)} was checked`);
    return compared(facts, bound, retargeting(review, bound, facts), commit, carryWords[carry.value.kind]);
  }
  // Nothing is checked any more, and base moves on without it; where it landed, by that very landing. Reopened, it is compared again.
  if (facts.state !== "open") return { is: "same", commit, kept: null };
  const retargeted = retargeting(review, bound, facts);
  if (bound === null) {
    if (retargeted.is === "unknown") return notKnown(retargeted.why, retargeted.way);
    if (retargeted.is === "yes") return other("the base branch was changed since, and nothing was checked before that");
    return givenUnchecked(review, receipt, facts);
  }
  const { tip } = facts.base;
  if (retargeted.is === "no" && tip.known && tip.value === bound.base) return { is: "same", commit, kept: null };
  return compared(facts, bound, retargeted, commit, null);
}

/** Nothing was checked when it was given, so that only the very base that it was given on says what it was for. */
function givenUnchecked(review: ReviewFacts, { shown, commit }: Receipt, facts: Facts): Content {
  const { base, baseSince } = facts;
  const early = "it was given before its check was done";
  const at = shown ?? baseAt(review, facts);
  if (at === null) {
    // Base's tip is asked for by a reason of its own.
    const { reason, way } = baseSince.known ? { reason: `the tip of ${base.ref} could not be read` } : baseSince;
    const again = way === undefined ? undefined : `${review.reviewer?.login ?? "its reviewer"}: approve again`;
    return notKnown(`${early}, and whether ${base.ref} moved since can't be told: ${reason}`, again);
  }
  const hasMoved = at.baseRef !== base.ref || (base.tip.known && at.base !== base.tip.value);
  return hasMoved ? other(`${early}, and ${base.ref} moved since: approve again`) : { is: "same", commit, kept: null };
}

/** An approval whose head or base is not what it was: by what git says of the heads, and by what the change does to the catalogs. */
function compared({ check, base, head }: Facts, bound: Binding, retargeted: Retargeting, commit: string, carried: string | null): Content {
  const moved = base.tip.known && base.tip.value !== bound.base ? [`${base.ref} moved to ${short(base.tip.value)}`] : [];
  if (check.state !== "done")
    return {
      is: "waiting",
      why: `whether ${short(head)} does the same to the catalogs as what was approved is known once the check is done`,
    };
  if (retargeted.is !== "no") {
    // The tree alone says nothing: a branch that holds more than the new base gives the same one, with what it holds reviewed by nobody.
    const isSame = check.report.tree === bound.tree && check.digest === bound.digest && check.patch === bound.patch;
    const into = `the base branch is now ${base.ref}`;
    if (isSame) return { is: "same", commit, kept: `${into}, and the patch, the merge result and what it does are the same` };
    return retargeted.is === "yes"
      ? other(`it was given for ${bound.baseRef}, ${into}, and what it adds to that, or the merge result, is another`)
      : notKnown(retargeted.why, retargeted.way);
  }
  const moves = [...(carried === null ? [] : [carried]), ...moved];
  // A base that went back, or on over commits of the change, makes it add other things than were reviewed, without a new head.
  if (carried === null && check.patch !== bound.patch)
    return other(`${moves.join(", and ")}: with that, the change adds something else than what was approved`);
  if (check.digest !== bound.digest)
    return other(`${moves.join(", and ")}: with that, the change does something else to the catalogs than what was approved`);
  return { is: "same", commit, kept: `${moves.join(", and ")}, and the change does the same to every catalog` };
}

const carryWords: Record<CarryKind, string> = {
  NO_CHANGE: "the push changed no file",
  MESSAGE_ONLY: "only the commit message is another",
  TRIVIAL_REBASE: "it was only rebased, without a conflict and with the same patch",
  CLEAN_BASE_MERGE: "only the base branch was merged in, as git does it by itself",
};

type Retargeting = { is: "no" } | { is: "yes" } | { is: "unknown"; why: string; way: string | undefined };

function retargeting({ submittedAt }: ReviewFacts, bound: Binding | null, { history, base }: Facts): Retargeting {
  if (bound !== null && bound.baseRef !== base.ref) return { is: "yes" };
  if (!history.known)
    return { is: "unknown", why: `whether the base branch was changed since can't be told: ${history.reason}`, way: history.way };
  const { retargetedAt } = history.value;
  return { is: retargetedAt !== null && isSince(retargetedAt, submittedAt) ? "yes" : "no" };
}
