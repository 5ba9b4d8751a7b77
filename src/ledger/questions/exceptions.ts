import { contributorsOf, inOrder, intentionOf, rowOf } from "./landings.ts";
import type { Given, Row } from "./table.ts";
import { allOf, besides, hoursBetween, ofKind, part, text, type Told, type Trail } from "./trail.ts";

export const bypassKinds = [
  "landed-outside",
  "direct-push",
  "history-rewritten",
  "tree-differs",
  "check-forged",
  "command-forged",
  "lane-moved-outside",
] as const;
export const followUpKinds = ["lane-resumed", "lane-returned", "frozen", "unfrozen", "debt-paid"] as const;

/** 7: what went around the policy, and the first thing that was done about it. */
export const bypasses = (trail: Trail): Row[] =>
  ofKind(trail, ...bypassKinds, "lane-halted").flatMap((told) => {
    // A lane whose branch somebody else moved stands still over that.
    const tip = part(part(told.about["halt"], "why"), "tip");
    if (told.entry.kind === "lane-halted" && part(part(told.about["halt"], "why"), "kind") !== "moved-elsewhere") return [];
    const followUp = besides(trail, told).find((later) => later.index > told.index && isFollowUp(later));
    return rowOf(told, {
      ...(told.entry.kind === "lane-halted" ? { outcome: "lane moved around the gate: it stands still" } : {}),
      commit: text(told.about["commit"]) ?? text(told.about["to"]) ?? text(told.about["head"]) ?? text(tip),
      from: text(told.about["from"]),
      followUp: followUp === undefined ? "none is recorded" : `${followUp.entry.kind} at ${followUp.entry.at}`,
    });
  });

const isFollowUp = ({ entry: { kind } }: Told): boolean => followUpKinds.some((one) => one === kind);

/** 8: what was landed in an emergency, on whose word and why, and whether somebody reviewed it afterwards in time. */
export const emergencies = (trail: Trail, { now, limit }: Given): Row[] =>
  ofKind(trail, "break-glass").map((glass) => {
    const later = (kind: string): Told | undefined =>
      besides(trail, glass).find((told) => told.index > glass.index && told.entry.kind === kind);
    const [landed, owed, paid] = [later("landed"), later("debt-owed"), later("debt-paid")];
    const hours = owed === undefined ? null : hoursBetween(owed.entry.at, paid?.entry.at ?? now);
    const isLate = hours !== null && hours > limit;
    return rowOf(glass, {
      outcome:
        landed === undefined
          ? "nothing landed by it"
          : paid === undefined
            ? isLate
              ? "review still owed, and overdue"
              : "review still owed"
            : isLate
              ? "reviewed afterwards, too late"
              : "reviewed afterwards",
      reason: text(glass.about["reason"]),
      commit: text(landed?.about["commit"]),
      landedAt: landed?.entry.at ?? null,
      reviewer: paid?.entry.actor ?? null,
      hoursUntilReview: paid === undefined ? null : hours,
      limit,
    });
  });

/** 9: what is still to be done: reviews that are owed, branches into which nothing may be merged, lanes that stand still, commits in quarantine. */
export const obligations = (trail: Trail, { now, limit }: Given): Row[] =>
  inOrder([
    ...open(trail, "debt-owed", ["debt-paid"]).map((owed) => {
      const hours = hoursBetween(owed.entry.at, now);
      return rowOf(owed, {
        outcome: hours > limit ? "review owed, overdue" : "review owed",
        reason: text(owed.about["reason"]),
        hours,
        limit,
      });
    }),
    ...openFreezes(trail).map((frozen) =>
      rowOf(frozen, { outcome: "merging is stopped", branch: text(frozen.about["branch"]), hours: hoursBetween(frozen.entry.at, now) }),
    ),
    ...open(trail, "lane-halted", ["lane-resumed", "lane-returned", "lane-passed", "lane-promoted", "lane-entered", "lane-returning"]).map(
      (halted) =>
        rowOf(halted, {
          outcome: "lane stands still",
          reason: text(part(part(halted.about["halt"], "why"), "kind")),
          hours: hoursBetween(halted.entry.at, now),
        }),
    ),
  ]);

/** The last of a kind about each subject, unless something of these kinds came after it; of debts, each. */
function open(trail: Trail, kind: "debt-owed" | "lane-halted", ends: readonly string[]): Told[] {
  return ofKind(trail, kind).filter((told) => {
    const after = besides(trail, told).filter((later) => later.index > told.index);
    return !after.some(({ entry }) => ends.includes(entry.kind) || (kind === "lane-halted" && entry.kind === kind));
  });
}

/** A branch is stopped by a change and let go by another, so that they are told apart by the branch. */
const openFreezes = (trail: Trail): Told[] => {
  const branchOf = (told: Told): string => text(told.about["branch"]) ?? "";
  return ofKind(trail, "frozen").filter(
    (frozen) => !allOf(trail, frozen.entry.repo, "unfrozen").some((end) => end.index > frozen.index && branchOf(end) === branchOf(frozen)),
  );
};

/** 19: landings asked for by somebody whose own change it was. Each was reviewed by somebody else, unless a break-glass stood in for that. */
export const selfMerges = (trail: Trail): Row[] =>
  ofKind(trail, "landed").flatMap((landed) => {
    const intention = intentionOf(trail, landed);
    const actor = intention?.entry.actor ?? null;
    if (intention === null || actor === null || !contributorsOf(trail, landed).some(({ entry }) => entry.actor === actor)) return [];
    const given = intention.about["approvals"];
    const approvals = Array.isArray(given) ? given.length : null;
    const isGlass = typeof intention.about["glass"] === "object" && intention.about["glass"] !== null;
    const outcome = isGlass ? "by a break-glass" : approvals === null ? "unknown" : approvals > 0 ? "reviewed before" : "no approval";
    return [rowOf(landed, { actor, approvals, outcome })];
  });

/** 21: when the gate could not see, from when to when, and how what it missed was made up for. */
export const blindness = (trail: Trail, { now }: Given): Row[] =>
  ofKind(trail, "blind")
    .filter((told) => {
      // What began has an entry, and what is over one more, which says both.
      const [what, from] = [text(told.about["what"]), text(told.about["from"])];
      return (
        text(told.about["to"]) !== null ||
        !besides(trail, told).some(
          (later) => text(later.about["to"]) !== null && later.about["what"] === what && later.about["from"] === from,
        )
      );
    })
    .map((told) => {
      const [from, to] = [text(told.about["from"]), text(told.about["to"])];
      return rowOf(told, {
        outcome: to === null ? "blind still" : "over",
        what: text(told.about["what"]),
        from,
        to,
        hours: from === null ? null : hoursBetween(from, to ?? now),
        reconciled: text(told.about["reconciled"]),
      });
    });
