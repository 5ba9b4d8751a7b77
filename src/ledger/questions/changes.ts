import type { Row } from "./table.ts";
import { besides, list, ofKind, part, text, type Told, type Trail } from "./trail.ts";

/** How a change came into production, as far as the gate knows of one: each such entry is one change of the population. */
export const arrivals = ["landed", "landed-outside", "direct-push", "history-rewritten"] as const;

const outcomes: Readonly<Record<string, string>> = {
  landed: "landed by the gate",
  "landed-outside": "merged around the gate",
  "direct-push": "pushed around the gate",
  "history-rewritten": "history rewritten",
  "tree-differs": "landed otherwise than checked",
  "check-forged": "check forged",
  "command-forged": "command forged",
};

export const rowOf = (told: Told, more: Record<string, string | number | boolean | null> = {}): Row => ({
  entry: told.index,
  at: told.entry.at,
  repo: told.entry.repo,
  subject: told.entry.subject,
  actor: told.entry.actor,
  outcome: outcomes[told.entry.kind] ?? told.entry.kind,
  ...more,
});

/** 1: every change to production. */
export const population = (trail: Trail): Row[] =>
  ofKind(trail, ...arrivals).map((told) =>
    rowOf(told, {
      actor: told.entry.kind === "landed" ? (intentionOf(trail, told)?.entry.actor ?? null) : told.entry.actor,
      branch: text(told.about["base"]) ?? text(told.about["branch"]),
      commit: text(told.about["commit"]) ?? text(told.about["to"]),
      head: text(told.about["head"]),
    }),
  );

/** 2: all that is known of who took part in each landing, and on which tree. */
export const participants = (trail: Trail): Row[] =>
  ofKind(trail, "landed").flatMap((landed) => {
    const about = { commit: text(landed.about["commit"]), head: text(landed.about["head"]), tree: text(landed.about["checked"]) };
    const authors = contributorsOf(trail, landed).map((told) =>
      rowOf(told, { ...about, outcome: text(told.about["did"]) ?? "contributed" }),
    );
    const approvers = approvalsOf(trail, landed).map((told) => rowOf(told, { ...about, outcome: "approved" }));
    const intention = intentionOf(trail, landed);
    return [
      ...authors,
      ...approvers,
      ...(intention === null ? [] : [rowOf(intention, { ...about, outcome: "asked for the merge" })]),
      rowOf(landed, about),
    ];
  });

/** 3: whether each approver had no part in what was merged. */
export const independence = (trail: Trail): Row[] =>
  perApproval(trail, (approval, landed) => {
    const contributors = contributorsOf(trail, landed);
    const own = contributors.find(({ entry }) => entry.actor !== null && entry.actor === approval.entry.actor);
    if (contributors.length === 0 || approval.entry.actor === null) return { outcome: "unknown", did: null };
    return { outcome: own === undefined ? "independent" : "not independent", did: own === undefined ? null : text(own.about["did"]) };
  });

/** 4: whether each approval was for what was merged, and given after it was there. */
export const timeliness = (trail: Trail): Row[] =>
  perApproval(trail, (approval, landed) => {
    const [reviewed, head] = [text(approval.about["commit"]), text(landed.about["head"])];
    const kept = besides(trail, landed).findLast(
      (told) =>
        (told.entry.kind === "approval-kept" || told.entry.kind === "approval-dropped") &&
        part(told.about, "review") === approval.about["review"] &&
        told.index < landed.index,
    );
    if (reviewed === null || head === null) return { outcome: "unknown", reviewed, merged: head, why: null };
    if (reviewed === head) return { outcome: "of exactly what was merged", reviewed, merged: head, why: null };
    const carried = kept?.entry.kind === "approval-kept";
    return {
      outcome: carried ? "of an earlier head with the same content" : "of an earlier head",
      reviewed,
      merged: head,
      why: text(kept?.about["why"]),
    };
  });

/** 5: what each check and rule said of what was merged. */
export const checks = (trail: Trail): Row[] =>
  ofKind(trail, "landed").flatMap((landed) => {
    const verdict = verdictOf(trail, landed);
    return list(part(verdict?.about["verdict"], "reasons")).map((reason) =>
      rowOf(verdict ?? landed, {
        head: text(landed.about["head"]),
        tree: text(landed.about["checked"]),
        check: text(reason["rule"]),
        outcome: text(reason["outcome"]) ?? "unknown",
        said: text(reason["text"]),
      }),
    );
  });

/** 6: by which policy each change was judged, and whether the one before it was judged by another. */
export function policies(trail: Trail): Row[] {
  const last = new Map<number, string | null>();
  return ofKind(trail, "landed").map((landed) => {
    const policy = text(verdictOf(trail, landed)?.about["policy"]);
    const before = last.get(landed.entry.repo);
    last.set(landed.entry.repo, policy);
    const outcome = policy === null ? "unknown" : before === undefined || before === policy ? "same policy" : "other policy than before";
    return rowOf(landed, { policy, outcome, verdict: text(part(verdictOf(trail, landed)?.about["verdict"], "outcome")) });
  });
}

/** The intention that a landing carried out. */
export const intentionOf = (trail: Trail, landed: Told): Told | null =>
  besides(trail, landed).findLast(
    (told) => told.entry.kind === "merge-intended" && told.index < landed.index && told.about["head"] === landed.about["head"],
  ) ?? null;

/** The verdict that a landing rested on. */
const verdictOf = (trail: Trail, landed: Told): Told | null =>
  besides(trail, landed).findLast(
    (told) => told.entry.kind === "verdict" && told.index < landed.index && told.about["head"] === landed.about["head"],
  ) ?? null;

export const contributorsOf = (trail: Trail, landed: Told): Told[] =>
  besides(trail, landed).filter(
    (told) => told.entry.kind === "contributed" && told.index < landed.index && told.about["head"] === landed.about["head"],
  );

/** The approvals that a landing rested on, as they were bound to a commit. */
export function approvalsOf(trail: Trail, landed: Told): Told[] {
  const standing = new Set(list(intentionOf(trail, landed)?.about["approvals"]).map(({ review }) => review));
  return besides(trail, landed).filter(
    (told) => told.entry.kind === "approval-bound" && standing.has(told.about["review"]) && told.index < landed.index,
  );
}

function perApproval(trail: Trail, judge: (approval: Told, landed: Told) => Record<string, string | null>): Row[] {
  return ofKind(trail, "landed").flatMap((landed) => {
    const approvals = approvalsOf(trail, landed);
    if (approvals.length === 0) return [rowOf(landed, { outcome: "no approval" })];
    return approvals.map((approval) => rowOf(approval, { commit: text(landed.about["commit"]), ...judge(approval, landed) }));
  });
}
