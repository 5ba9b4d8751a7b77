import { approvalsOf, type Approval } from "./approval.ts";
import { forgedChecks } from "./checks.ts";
import { firstSight } from "./content.ts";
import type { Memory, Note } from "./decide.ts";
import type { Binding, Facts, Permission } from "./facts.ts";
import { forgedCommands } from "./forged.ts";

/** What memory has to keep of what is seen, whatever anybody commands. */
export function notesOf(facts: Facts, memory: Memory): Note[] {
  const approvals = approvalsOf(facts);
  const seen = approvals.known ? approvals.value : [];
  const forged = forgedChecks(facts).map(({ name, app }): Note => ({ kind: "forged", head: facts.head, name, app }));
  const commands = forgedCommands(facts).map(({ comment, edit }): Note => ({ kind: "forged-command", comment, by: edit.by }));
  return [
    ...commands,
    ...seen.flatMap((approval) => bound(approval, facts)),
    ...seen.flatMap((approval) => told(approval, memory)),
    ...forged,
    ...paid(facts),
  ];
}

/**
 * An approval is bound once, to the check that was shown with it; where none was, to the first one of the same base and head. Until then
 * it is kept of which base it was.
 */
function bound({ review, reviewer, worth }: Approval, facts: Facts): Note[] {
  if (facts.state !== "open" || (!worth.counts && worth.because !== "waiting" && worth.because !== "dropped")) return [];
  const kept = facts.receipts.find((one) => one.review === review && one.reviewer === reviewer.id);
  const given = facts.reviews.known ? facts.reviews.value.find(({ id }) => id === review) : undefined;
  const receipt = kept ?? (given === undefined ? null : firstSight(given, facts));
  if (receipt === null || (kept !== undefined && kept.bound !== null)) return [];
  const binding = receipt.bound ?? (worth.counts && worth.commit === facts.head ? bindingNow(worth.permission, facts) : null);
  if (binding !== null) return [{ kind: "bind", receipt, binding }];
  const { base } = facts;
  const isKept = (kept?.shown ?? null) !== null;
  if (isKept || receipt.commit !== facts.head || !base.tip.known || (kept !== undefined && !worth.counts)) return [];
  return [{ kind: "see", receipt: { ...receipt, shown: receipt.shown ?? { base: base.tip.value, baseRef: base.ref } } }];
}

function bindingNow(permission: Permission, { check, base }: Facts): Binding | null {
  if (check.state !== "done" || !base.tip.known) return null;
  const { patch, digest, report } = check;
  const { tree } = report;
  return tree === null ? null : { base: base.tip.value, baseRef: base.ref, tree, patch, digest, permission };
}

/** That an approval still stands although something moved, or does not any more: told when it becomes so, and why. */
function told({ review, worth }: Approval, { told: before }: Memory): Note[] {
  const state = worth.counts ? "kept" : "dropped";
  const why = worth.counts ? worth.kept : worth.because === "dropped" ? worth.why : null;
  const last = before.get(review);
  return why === null || (last?.state === state && last.why === why) ? [] : [{ kind: "approval", review, state, why }];
}

/**
 * The review that is owed for a landing without one: by a peer, of what landed, and none of those that were there when it landed. Not by
 * their times: GitHub's are whole seconds of another clock. Not while it is open, which it is where it was pushed to as it landed: what was
 * pushed is under review then.
 */
export function paid(facts: Facts): Extract<Note, { kind: "pay" }>[] {
  const owed = facts.debts.filter(({ number }) => number === facts.number);
  if (owed.length === 0 || facts.state === "open") return [];
  const approvals = approvalsOf(facts);
  return owed.flatMap(({ landing, baseRef, byId, seen }): Extract<Note, { kind: "pay" }>[] => {
    const payer = (approvals.known ? approvals.value : []).find(
      ({ review, reviewer, worth }) => !seen.includes(review) && worth.counts && reviewer.id !== byId,
    );
    return payer === undefined ? [] : [{ kind: "pay", by: payer.reviewer, review: payer.review, debt: { landing, baseRef } }];
  });
}
