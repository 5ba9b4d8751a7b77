import { mayWrite, permissionOf } from "./access.ts";
import { contentOf } from "./content.ts";
import { contributorsOf } from "./contributors.ts";
import { known, unknown, type Facts, type Known, type Permission, type Person, type ReviewFacts } from "./facts.ts";
import { unlearnt } from "./phrases.ts";

/**
 * Each reviewer's latest stance, by user id. A comment changes nothing. A dismissed review is a stance of its own, so an
 * approval from before a dismissed request for changes does not come back to life: it has to be given anew.
 */
export function stancesOf(reviews: readonly ReviewFacts[]): ReadonlyMap<number, ReviewFacts & { reviewer: Person }> {
  const latest = new Map<number, ReviewFacts & { reviewer: Person }>();
  for (const review of reviews) {
    const { reviewer, stance } = review;
    if (reviewer !== null && stance !== "commented") latest.set(reviewer.id, { ...review, reviewer });
  }
  return latest;
}

/** One person's approval, and what it is worth. Sentences are without capital and stop. */
export interface Approval {
  review: number;
  reviewer: Person;
  worth: Worth;
}

export type Worth =
  /** `kept` says why it still stands although head or base moved. */
  | { counts: true; commit: string; kept: string | null; permission: Permission }
  /** `dropped`: it stood for other content. Unknown and waiting ones may count once more is known; `way` as in `Unknown`. */
  | { counts: false; because: "refused" | "dropped" | "unknown" | "waiting"; why: string; way?: string };

/** Every approval that stands on GitHub, one for each person; the worth of each holds for every rule that asks for nobody in particular. */
export function approvalsOf(facts: Facts): Known<readonly Approval[]> {
  const { reviews, commits } = facts;
  if (!reviews.known) return unknown(`the reviews could not be read: ${unlearnt(reviews).text}`, reviews.way);
  if (!commits.known) return unknown("whether an approval is a peer's can't be told while the contributors are unknown", commits.way);
  return known(standingApprovals(reviews.value).map((given) => bestOf(given, facts)));
}

type Given = ReviewFacts & { reviewer: Person };

/** For each reviewer the approvals since their last other stance, the newest first: an earlier one may be of the content that is back. */
function standingApprovals(reviews: readonly ReviewFacts[]): [Given, ...Given[]][] {
  const standing = new Map<number, [Given, ...Given[]]>();
  for (const review of reviews) {
    const { reviewer, stance } = review;
    if (reviewer === null || stance === "commented") continue;
    if (stance === "approved") standing.set(reviewer.id, [{ ...review, reviewer }, ...(standing.get(reviewer.id) ?? [])]);
    else standing.delete(reviewer.id);
  }
  return [...standing.values()];
}

function bestOf([newest, ...older]: [Given, ...Given[]], facts: Facts): Approval {
  const judged = (given: Given): Approval => ({ review: given.id, reviewer: given.reviewer, worth: worthOf(given, facts) });
  const first = judged(newest);
  return first.worth.counts ? first : (older.map(judged).find(({ worth }) => worth.counts) ?? first);
}

function worthOf(review: Given, facts: Facts): Worth {
  const { reviewer } = review;
  const no = (because: "refused" | "dropped" | "unknown" | "waiting", why: string, way?: string): Worth => ({
    counts: false,
    because,
    why,
    ...(way === undefined ? {} : { way }),
  });
  const notCounting = `${reviewer.login}'s approval doesn't count`;
  if (reviewer.bot) return no("refused", `${notCounting}: a bot can't be a peer`);
  const contributor = contributorsOf(facts).get(reviewer.id);
  if (contributor !== undefined) return no("refused", `${notCounting}: ${reviewer.login} ${contributor.did}`);
  const content = contentOf(review, facts);
  if (content.is === "other") return no("dropped", `${reviewer.login}'s approval was dropped because ${content.why}`);
  if (content.is === "waiting") return no("waiting", `${reviewer.login} approved, and ${content.why}`);
  if (content.is === "unknown") return no("unknown", `${notCounting}: ${content.why}`, content.way);
  const permission = permissionOf(reviewer, facts);
  if (!permission.known)
    return no("unknown", `${notCounting}: the access of ${reviewer.login} could not be learnt (${permission.reason})`, permission.way);
  if (!mayWrite(permission.value)) {
    const has = permission.value === "none" ? "no" : permission.value;
    return no("refused", `${notCounting}: ${reviewer.login} has ${has} access, and write is needed`);
  }
  return { counts: true, commit: content.commit, kept: content.kept, permission: permission.value };
}
