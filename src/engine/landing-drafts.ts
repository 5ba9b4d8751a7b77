import type { Landing } from "../gate/view.ts";
import type { Draft } from "../ledger/entry.ts";
import type { IntendedMerge } from "./ports/change-records.ts";

/**
 * Which landing of a change it is: by the commit that the gate made, or where GitHub makes it by the head that it was asked to merge, because
 * that is known whatever becomes of the answer. A change lands more than once where it is pushed to in the moment of its landing.
 */
export const landingId = ({ commit, head }: IntendedMerge): string => commit ?? head;

const draftOf =
  (number: number, landing: string) =>
  (kind: Draft["kind"], actor: number | null, evidence: object): Draft => ({
    kind,
    subject: `pull/${number}`,
    actor,
    evidence: [JSON.stringify(evidence)],
    key: `${kind}:pull/${number}:${landing}`,
  });

/** What the ledger is told of a landing of ours. Told again, only what is new is recorded. */
export function landingDrafts(number: number, { sha, trees }: Landing, merge: IntendedMerge): Draft[] {
  const draft = draftOf(number, landingId(merge));
  const { glass } = merge;
  const landed = draft("landed", null, { commit: sha, head: merge.head, base: merge.baseRef, checked: trees?.checked ?? null });
  return glass === null ? [landed] : [landed, draft("debt-owed", glass.by.id, { comment: glass.comment, reason: glass.reason })];
}

/** What landed is not what was checked. */
export function alarmDrafts(number: number, { sha, trees }: Landing, merge: IntendedMerge): Draft[] {
  const draft = draftOf(number, landingId(merge));
  return [draft("tree-differs", null, { commit: sha, trees }), draft("frozen", null, { commit: sha, branch: merge.baseRef })];
}

/** A merge by somebody else, told by the change's turn as by its branch: there is one of a change, whoever tells of it first. `mergedBy`: a numeric id. */
export const outsideDraft = (number: number, mergedBy: number | null, evidence: object): Draft => ({
  kind: "landed-outside",
  subject: `pull/${number}`,
  actor: mergedBy,
  evidence: [JSON.stringify(evidence)],
  key: `landed-outside:pull/${number}`,
});

export const refusalDraft = (number: number, text: string, at: Date): Draft => ({
  kind: "merge-refused",
  subject: `pull/${number}`,
  actor: null,
  evidence: [text],
  key: `merge-refused:pull/${number}:${at.toISOString()}`,
});
