import { approvalsOf, type Approval } from "./approval.ts";
import { forgedChecks } from "./checks.ts";
import { contributorsOf } from "./contributors.ts";
import type { Memory, Note } from "./decide.ts";
import type { Binding, Facts, Receipt } from "./facts.ts";
import { forgedCommands } from "./forged.ts";
import { isSince } from "./instants.ts";

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

/** An approval is bound once, to what was checked when its head was first seen checked. */
function bound({ review, reviewer, worth }: Approval, facts: Facts): Note[] {
  const { check, base, head } = facts;
  if (
    !worth.counts ||
    facts.state !== "open" ||
    check.state !== "done" ||
    !base.tip.known ||
    check.report.tree === null ||
    worth.commit !== head
  )
    return [];
  const kept = facts.receipts.find((one) => one.review === review && one.reviewer === reviewer.id);
  if (kept !== undefined && kept.bound !== null) return [];
  const receipt: Receipt = kept ?? { review, reviewer: reviewer.id, commit: worth.commit, source: "api", bound: null, carry: null };
  const binding: Binding = {
    base: base.tip.value,
    baseRef: base.ref,
    tree: check.report.tree,
    patch: check.patch,
    digest: check.digest,
    permission: worth.permission,
  };
  return [{ kind: "bind", receipt, binding }];
}

/** That an approval still stands although something moved, or does not any more: told when it becomes so, and why. */
function told({ review, worth }: Approval, { told: before }: Memory): Note[] {
  const state = worth.counts ? "kept" : "dropped";
  const why = worth.counts ? worth.kept : worth.because === "dropped" ? worth.why : null;
  const last = before.get(review);
  return why === null || (last?.state === state && last.why === why) ? [] : [{ kind: "approval", review, state, why }];
}

/** The review that is owed for a landing without one: by a peer, of what landed, given after it. */
export function paid(facts: Facts): Extract<Note, { kind: "pay" }>[] {
  const debt = facts.debts.find(({ number }) => number === facts.number);
  if (debt === undefined || facts.state !== "merged" || !facts.reviews.known) return [];
  const approvals = approvalsOf(facts);
  const payer = (approvals.known ? approvals.value : []).find(({ review, reviewer, worth }) => {
    const given = facts.reviews.known ? facts.reviews.value.find(({ id }) => id === review) : undefined;
    const isLate = given !== undefined && isSince(given.submittedAt, debt.since);
    return isLate && worth.counts && reviewer.id !== debt.byId && !contributorsOf(facts).has(reviewer.id);
  });
  return payer === undefined ? [] : [{ kind: "pay", by: payer.reviewer, review: payer.review }];
}
