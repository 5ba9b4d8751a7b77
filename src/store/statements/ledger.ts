import { randomBytes } from "node:crypto";
import { blobOf, canonicalForm, commitmentTo, digestOf, toEntry, type Draft, type Entry } from "../../ledger/entry.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/**
 * Appends to the ledger, in this order and without a gap, in the transaction of the state that the entries belong to. What has a key that is
 * known already is left out. Outside a transaction nothing may call this, and inside it is the last thing to do: everybody waits for this lock.
 */
export async function appendEntries(executor: Executor, repository: number, drafts: readonly Draft[], at: Date): Promise<void> {
  if (drafts.length === 0) return;
  const { rows: sizes } = await executor.query<{ size: number }>("select size from ledger for update");
  const before = toNumber(sizes[0]?.size ?? 0);
  const commitments = await commitmentsOf(executor, drafts);
  const prepared = drafts.map((draft) => prepare(draft, { repository, at, commitments }));
  const fresh = await withoutKnown(executor, prepared);
  if (fresh.length === 0) return;
  const blobs = fresh.flatMap(({ blobs }) => blobs);
  await executor.query(
    `with told as (
       insert into entries (seq, idempotency_key, repository, kind, subject, at, entry)
       select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[], $7::text[])
     ), rests as (
       insert into evidence (sha256, content, salt) select * from unnest($8::text[], $9::bytea[], $10::text[]) on conflict do nothing
     )
     update ledger set size = $11`,
    [
      fresh.map((_, index) => before + index + 1),
      fresh.map(({ entry }) => entry.idempotencyKey),
      fresh.map(({ entry }) => entry.repo),
      fresh.map(({ entry }) => entry.kind),
      fresh.map(({ entry }) => entry.subject),
      fresh.map(({ entry }) => entry.at),
      fresh.map(({ entry }) => canonicalForm(entry)),
      blobs.map(({ sha256 }) => sha256),
      blobs.map(({ text }) => Buffer.from(text, "utf8")),
      blobs.map(({ salt }) => salt),
      before + fresh.length,
    ],
  );
}

interface Prepared {
  entry: Entry;
  blobs: { sha256: string; text: string; salt: string }[];
}

/** Each text gets a salt of its own, also where it was told before. */
function prepare(draft: Draft, about: Parameters<typeof toEntry>[1]): Prepared {
  const blobs: Prepared["blobs"] = [];
  const evidence: string[] = [];
  for (const text of new Set(draft.evidence)) {
    const salt = randomBytes(32).toString("hex");
    evidence.push(blobOf(text, salt));
    blobs.push({ sha256: digestOf(blobOf(text, salt)), text, salt });
  }
  return { entry: toEntry({ ...draft, evidence }, about), blobs };
}

/** Each key once, and none that the ledger has. */
async function withoutKnown(executor: Executor, prepared: readonly Prepared[]): Promise<Prepared[]> {
  const byKey = new Map<string, Prepared>();
  for (const one of prepared) if (!byKey.has(one.entry.idempotencyKey)) byKey.set(one.entry.idempotencyKey, one);
  const { rows } = await executor.query<{ key: string }>("select idempotency_key as key from entries where idempotency_key = any($1)", [
    [...byKey.keys()],
  ]);
  for (const { key } of rows) byKey.delete(key);
  return [...byKey.values()];
}

/** Each person's commitment, by a salt that was drawn when they first came into the ledger. */
async function commitmentsOf(executor: Executor, drafts: readonly Draft[]): Promise<ReadonlyMap<number, string>> {
  const ids = [...new Set(drafts.flatMap(({ actor }) => (actor === null ? [] : [actor])))];
  if (ids.length === 0) return new Map();
  const salts = ids.map(() => randomBytes(32).toString("hex"));
  await executor.query("insert into actors (id, salt) select * from unnest($1::bigint[], $2::text[]) on conflict do nothing", [ids, salts]);
  const { rows } = await executor.query<{ id: number; salt: string }>("select id, salt from actors where id = any($1)", [ids]);
  return new Map(rows.map(({ id, salt }) => [toNumber(id), commitmentTo(toNumber(id), salt)]));
}

/** Entries about one thing of a repository, the oldest first; `seq` is their place in the whole ledger. */
export async function entriesOf(executor: Executor, repository: number, subject: string): Promise<{ seq: number; entry: Entry }[]> {
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    "select seq, entry from entries where repository = $1 and subject = $2 order by seq",
    [repository, subject],
  );
  return rows.map(({ seq, entry }) => ({ seq: toNumber(seq), entry: JSON.parse(entry) as Entry }));
}
