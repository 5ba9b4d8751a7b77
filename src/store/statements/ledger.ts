import { randomBytes } from "node:crypto";
import { canonicalForm, commitmentTo, digestOf, toEntry, type Draft, type Entry } from "../../ledger/entry.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/**
 * Appends to the ledger, in this order and without a gap, in the transaction of the state that the entries belong to. What has a key that is
 * known already is left out. Outside a transaction nothing may call this, and inside it is the last thing to do: everybody waits for this lock.
 */
export async function appendEntries(executor: Executor, repository: number, drafts: readonly Draft[], at: Date): Promise<void> {
  if (drafts.length === 0) return;
  const { rows: sizes } = await executor.query<{ size: number }>("select size from ledger for update");
  const commitments = await commitmentsOf(executor, drafts);
  const before = toNumber(sizes[0]?.size ?? 0);
  let size = before;
  for (const draft of drafts) {
    const entry = toEntry(draft, { repository, at, commitments });
    if (!(await append(executor, size + 1, entry))) continue;
    size += 1;
    for (const text of new Set(draft.evidence)) {
      await executor.query("insert into evidence (sha256, content) values ($1, $2) on conflict do nothing", [
        digestOf(text),
        Buffer.from(text, "utf8"),
      ]);
    }
  }
  if (size > before) await executor.query("update ledger set size = $1", [size]);
}

/** False where its key is known. */
async function append(executor: Executor, seq: number, entry: Entry): Promise<boolean> {
  const { affectedRows } = await executor.query(
    `insert into entries (seq, idempotency_key, repository, kind, subject, at, entry) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (idempotency_key) do nothing`,
    [seq, entry.idempotencyKey, entry.repo, entry.kind, entry.subject, entry.at, canonicalForm(entry)],
  );
  return affectedRows === 1;
}

/** Each person's commitment, by a salt that was drawn when they first came into the ledger. */
async function commitmentsOf(executor: Executor, drafts: readonly Draft[]): Promise<ReadonlyMap<number, string>> {
  const ids = [...new Set(drafts.flatMap(({ actor }) => (actor === null ? [] : [actor])))].sort((a, b) => a - b);
  const commitments = new Map<number, string>();
  for (const id of ids) {
    await executor.query("insert into actors (id, salt) values ($1, $2) on conflict do nothing", [id, randomBytes(32).toString("hex")]);
    const { rows } = await executor.query<{ salt: string }>("select salt from actors where id = $1", [id]);
    const [row] = rows;
    if (row === undefined) throw new Error("a person's salt is gone in the transaction that drew it");
    commitments.set(id, commitmentTo(id, row.salt));
  }
  return commitments;
}

/** Entries about one thing of a repository, the oldest first; `seq` is their place in the whole ledger. */
export async function entriesOf(executor: Executor, repository: number, subject: string): Promise<{ seq: number; entry: Entry }[]> {
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    "select seq, entry from entries where repository = $1 and subject = $2 order by seq",
    [repository, subject],
  );
  return rows.map(({ seq, entry }) => ({ seq: toNumber(seq), entry: JSON.parse(entry) as Entry }));
}
