import type { Note } from "../gate/decide.ts";
import type { Facts } from "../gate/facts.ts";
import type { ChangeKey } from "./ports/changes.ts";
import type { Records } from "./ports/records.ts";

/** Keeps what a decision asks memory to keep, in the transaction of the decision; its ledger entries are appended after everything else. */
export async function keepNotes(records: Records, change: ChangeKey, facts: Facts, notes: readonly Note[], at: Date): Promise<void> {
  for (const note of notes) await keep(records, change, facts, note, at);
}

async function keep(records: Records, change: ChangeKey, facts: Facts, note: Note, at: Date): Promise<void> {
  if (note.kind === "bind" || note.kind === "see") {
    const { review, reviewer, commit, source, shown = null } = note.receipt;
    const submittedAt = (facts.reviews.known ? facts.reviews.value.find(({ id }) => id === review)?.submittedAt : undefined) ?? facts.now;
    await records.addReceipt(change, { review, reviewer, commit, source, submittedAt, shown });
    if (note.kind === "bind") await records.bindReceipt(change.repository, review, note.binding);
  } else if (note.kind === "approval") await records.saveTold(change, note);
  else if (note.kind === "trust") await records.addTrust(change, note, at);
  else if (note.kind === "wish") await records.saveWish(change, note.wish, at);
  else if (note.kind === "unwish") await records.endWish(change);
  else if (note.kind === "glass") await records.saveGlass(change, note.glass);
  else if (note.kind === "unglass") await records.endGlass(change);
  else if (note.kind === "recheck") await records.forgetChecks(change);
  else if (note.kind === "pay") await records.payReview(change, { landing: note.debt.landing, review: note.review }, at);
  else if (note.kind === "order") {
    const { key, verb, text, by, at: said } = note;
    const who = { id: by.id, name: by.login };
    await records.addOrder(change.repository, { key, number: change.number, verb, text, who, via: "pull request", at: said }, at);
  } else if (note.kind === "unfreeze") await records.unfreezeBranch(change.repository, facts.base.ref);
}
