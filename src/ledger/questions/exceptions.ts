import { contributorsOf, intentionOf, rowOf } from "./changes.ts";
import type { Row } from "./table.ts";
import { besides, changeOf, hoursBetween, ofKind, part, text, type Told, type Trail } from "./trail.ts";

const around = ["landed-outside", "direct-push", "history-rewritten", "tree-differs", "check-forged", "command-forged"] as const;

/** 7: what went around the policy, and the first thing that was done about it. */
export const bypasses = (trail: Trail): Row[] =>
  ofKind(trail, ...around, "lane-halted").flatMap((told) => {
    // A lane whose branch somebody else moved stands still over that.
    const tip = part(part(told.about["halt"], "why"), "tip");
    if (told.entry.kind === "lane-halted" && part(part(told.about["halt"], "why"), "kind") !== "moved-elsewhere") return [];
    const followUp = besides(trail, told).find((later) => later.index > told.index && isFollowUp(later));
    return rowOf(told, {
      ...(told.entry.kind === "lane-halted" ? { outcome: "lane moved around the gate" } : {}),
      commit: text(told.about["commit"]) ?? text(told.about["to"]) ?? text(told.about["head"]) ?? text(tip),
      followUp: followUp === undefined ? "none is recorded" : `${followUp.entry.kind} at ${followUp.entry.at}`,
    });
  });

const isFollowUp = ({ entry: { kind } }: Told): boolean =>
  kind === "lane-resumed" || kind === "lane-returned" || kind === "frozen" || kind === "unfrozen" || kind === "debt-paid";

/** 8: what was landed in an emergency, on whose word and why, and whether somebody reviewed it afterwards. */
export const emergencies = (trail: Trail): Row[] =>
  ofKind(trail, "break-glass").map((glass) => {
    const later = (kind: string): Told | undefined =>
      besides(trail, glass).find((told) => told.index > glass.index && told.entry.kind === kind);
    const [landed, owed, paid] = [later("landed"), later("debt-owed"), later("debt-paid")];
    const outcome = landed === undefined ? "nothing landed by it" : paid === undefined ? "review still owed" : "reviewed afterwards";
    return rowOf(glass, {
      outcome,
      reason: text(glass.about["reason"]),
      landedAt: landed?.entry.at ?? null,
      reviewer: paid?.entry.actor ?? null,
      hoursUntilReview: owed === undefined || paid === undefined ? null : hoursBetween(owed.entry.at, paid.entry.at),
    });
  });

/** 9: reviews that are owed. */
export const obligations = (trail: Trail): Row[] =>
  ofKind(trail, "debt-owed")
    .filter((owed) => !besides(trail, owed).some((told) => told.index > owed.index && told.entry.kind === "debt-paid"))
    .map((owed) => rowOf(owed, { outcome: "review owed", reason: text(owed.about["reason"]) }));

/** 19: landings asked for by somebody whose own change it was. Each was reviewed by somebody else, unless a break-glass stood in for that. */
export const selfMerges = (trail: Trail): Row[] =>
  ofKind(trail, "landed").flatMap((landed) => {
    const intention = intentionOf(trail, landed);
    const actor = intention?.entry.actor ?? null;
    if (intention === null || actor === null || !contributorsOf(trail, landed).some(({ entry }) => entry.actor === actor)) return [];
    const approvals = Array.isArray(intention.about["approvals"]) ? intention.about["approvals"].length : 0;
    return [rowOf(landed, { actor, approvals, outcome: intention.about["glass"] === null ? "reviewed before" : "by a break-glass" })];
  });

/** 21: when the gate could not see, from when to when. */
export const blindness = (trail: Trail): Row[] =>
  ofKind(trail, "blind").map((told) =>
    rowOf(told, {
      outcome: text(told.about["to"]) === null ? "began" : "over",
      what: text(told.about["what"]),
      from: text(told.about["from"]),
      to: text(told.about["to"]),
      reconciled: text(told.about["reconciled"]),
    }),
  );

/** 24: what each person did, by kind: whoever both contributes and approves shows. Sorted by commitment, and never a ranking. */
export function duties(trail: Trail): Row[] {
  const byPerson = new Map<string, Told[]>();
  for (const told of trail.told) {
    if (told.entry.actor === null) continue;
    const own = byPerson.get(told.entry.actor);
    if (own === undefined) byPerson.set(told.entry.actor, [told]);
    else own.push(told);
  }
  return [...byPerson]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([actor, all]) => {
      const count = (...kinds: readonly string[]): number =>
        new Set(all.filter(({ entry }) => kinds.includes(entry.kind)).map((told) => `${changeOf(told)} ${told.entry.kind}`)).size;
      const last = all.at(-1);
      if (last === undefined) return [];
      return [
        rowOf(last, {
          subject: "person",
          actor,
          outcome: "counted",
          contributed: count("contributed"),
          approved: count("approval-bound"),
          askedForMerge: count("merge-intended"),
          brokeGlass: count("break-glass"),
          movedLanes: count("lane-promoted", "lane-let-in", "lane-returning", "rollout-paused", "rollout-resumed"),
          wentAround: count("landed-outside", "direct-push", "history-rewritten"),
        }),
      ];
    });
}
