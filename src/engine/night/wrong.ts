import type { Draft } from "../../ledger/entry.ts";
import type { HeldRecords } from "../ports/records.ts";

/** A compile that was kept, or not made since it could be no other, and that another compile of the same tree contradicts. */
export interface Wrong {
  /** `branch/main`, or the change in whose check it showed: `pull/7`. */
  subject: string;
  /** Commits that were compiled. */
  commits: readonly string[];
  /** `differs` names resources and attributes where that is known, without values. */
  missed: readonly { certname: string; differs?: readonly string[] }[];
}

/**
 * What follows in the records: an entry of the ledger, and every other open change is checked anew, with every node compiled. `except`: a change
 * whose check says so itself. The last thing to do in a transaction.
 */
export async function recordWrong(
  records: HeldRecords,
  repository: number,
  wrong: Wrong,
  { except, at }: { except: number | null; at: Date },
): Promise<void> {
  const numbers = (await records.openChangesOf(repository)).filter((number) => number !== except);
  const changes = numbers.map((number) => ({ repository, number }));
  for (const change of changes) {
    await records.dropChecks(change);
    await records.forgetChecks(change);
  }
  await records.wakeAll(changes);
  await records.appendEntries(repository, [wrongDraft(wrong)], at);
}

export const wrongDraft = ({ subject, commits, missed }: Wrong): Draft => ({
  kind: "kept-compile-wrong",
  subject,
  actor: null,
  evidence: [JSON.stringify({ commits, missed })],
  key: `kept-compile-wrong:${subject}:${commits.join("..")}`,
});
