import type { Glass } from "../gate/facts.ts";
import type { Landing } from "../gate/view.ts";
import type { Draft } from "../ledger/entry.ts";

/** What the ledger is told of a landing; `mergedBy` is the numeric id of who merged it without us. Told again with more known, only what is new is recorded. */
export function landingDrafts(number: number, landing: Landing, differs: boolean, glass: Glass | null, mergedBy: number | null): Draft[] {
  const subject = `pull/${number}`;
  const { by, sha, trees } = landing;
  const draft = (kind: Draft["kind"], actor: number | null, evidence: object): Draft => ({
    kind,
    subject,
    actor,
    evidence: [JSON.stringify(evidence)],
    key: `${kind}:${subject}`,
  });
  if (by === "other") return [draft("landed-outside", mergedBy, { commit: sha })];
  const landed = draft("landed", null, { commit: sha, checked: trees?.checked ?? null });
  const owed = glass === null ? [] : [draft("debt-owed", glass.by.id, { comment: glass.comment, reason: glass.reason })];
  const alarms = differs ? [draft("tree-differs", null, { commit: sha, trees }), draft("frozen", null, { commit: sha })] : [];
  return [landed, ...owed, ...alarms];
}

export const refusalDraft = (number: number, text: string, at: Date): Draft => ({
  kind: "merge-refused",
  subject: `pull/${number}`,
  actor: null,
  evidence: [text],
  key: `merge-refused:pull/${number}:${at.toISOString()}`,
});
