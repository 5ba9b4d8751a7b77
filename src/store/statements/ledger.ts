import { randomBytes } from "node:crypto";
import { blobOf, canonicalForm, commitmentTo, digestOf, toEntry, type Draft, type Entry } from "../../ledger/entry.ts";
import type { Person } from "../../gate/facts.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/**
 * Appends to the ledger, in this order and without a gap, in the transaction of the state that the entries belong to. What has a key that is
 * known already is left out. Outside a transaction nothing may call this, and inside it is the last thing to do: everybody waits for this lock.
 */
export async function appendEntries(executor: Executor, repository: number, drafts: readonly Draft[], at: Date): Promise<void> {
  if (drafts.length === 0) return;
  const commitments = await commitmentsOf(executor, drafts);
  const prepared = onceEach(drafts.map((draft) => prepare(draft, { repository, at, commitments })));
  const blobs = prepared.flatMap(({ entry, blobs: own }) => own.map((blob) => ({ ...blob, key: entry.idempotencyKey })));
  // By itself, so that the next statement sees what whoever held it has committed.
  await executor.query("select size from ledger for update");
  await executor.query(
    `with given as (
       select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
         with ordinality as given (key, repository, kind, subject, at, entry, place)
       where not exists (select from entries where entries.idempotency_key = given.key)
     ), told as (
       insert into entries (seq, idempotency_key, repository, kind, subject, at, entry)
       select ledger.size + row_number() over (order by place), key, repository, kind, subject, given.at, entry from given, ledger
     ), rests as (
       insert into evidence (sha256, content, salt)
       select sha256, content, salt from unnest($7::text[], $8::text[], $9::bytea[], $10::text[]) as blobs (key, sha256, content, salt)
       where key in (select key from given)
       on conflict do nothing
     )
     update ledger set size = size + (select count(*) from given) where exists (select from given)`,
    [
      prepared.map(({ entry }) => entry.idempotencyKey),
      prepared.map(({ entry }) => entry.repo),
      prepared.map(({ entry }) => entry.kind),
      prepared.map(({ entry }) => entry.subject),
      prepared.map(({ entry }) => entry.at),
      prepared.map(({ entry }) => canonicalForm(entry)),
      blobs.map(({ key }) => key),
      blobs.map(({ sha256 }) => sha256),
      blobs.map(({ text }) => Buffer.from(text, "utf8")),
      blobs.map(({ salt }) => salt),
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

/** The first of each key. */
function onceEach(prepared: readonly Prepared[]): Prepared[] {
  const byKey = new Map<string, Prepared>();
  for (const one of prepared) if (!byKey.has(one.entry.idempotencyKey)) byKey.set(one.entry.idempotencyKey, one);
  return [...byKey.values()];
}

/**
 * Each person's commitment, by a salt that was drawn when they first came into the ledger. Before the ledger is locked, and in the order of their ids, so that
 * two who bring the same new people wait for one another in turn.
 */
async function commitmentsOf(executor: Executor, drafts: readonly Draft[]): Promise<ReadonlyMap<number, string>> {
  const ids = [...new Set(drafts.flatMap(({ actor }) => (actor === null ? [] : [actor])))].sort((one, other) => one - other);
  if (ids.length === 0) return new Map();
  const known = await saltsOf(executor, ids);
  const fresh = ids.filter((id) => !known.has(id));
  if (fresh.length > 0) {
    const salts = fresh.map(() => randomBytes(32).toString("hex"));
    await executor.query("insert into actors (id, salt) select * from unnest($1::bigint[], $2::text[]) on conflict do nothing", [
      fresh,
      salts,
    ]);
    for (const [id, salt] of await saltsOf(executor, fresh)) known.set(id, salt);
  }
  return new Map([...known].map(([id, salt]) => [id, commitmentTo(id, salt)]));
}

async function saltsOf(executor: Executor, ids: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await executor.query<{ id: number; salt: string }>("select id, salt from actors where id = any($1)", [ids]);
  return new Map(rows.map(({ id, salt }) => [toNumber(id), salt]));
}

/** Keeps what people are called now, of those whom the ledger knows. In the order of their ids, so that two who name the same people wait for one another in turn. */
export async function nameActors(executor: Executor, people: readonly Pick<Person, "id" | "login">[]): Promise<void> {
  if (people.length === 0) return;
  const { rows } = await executor.query<{ id: number; login: string }>(
    `select n.id, n.login from unnest($1::bigint[], $2::text[]) as n (id, login)
     join actors a on a.id = n.id where a.login is distinct from n.login order by n.id`,
    [people.map(({ id }) => id), people.map(({ login }) => login)],
  );
  for (const { id, login } of rows) await executor.query("update actors set login = $2 where id = $1", [id, login]);
}

/** Entries about one thing of a repository, the oldest first; `seq` is their place in the whole ledger. */
export async function entriesOf(executor: Executor, repository: number, subject: string): Promise<{ seq: number; entry: Entry }[]> {
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    "select seq, entry from entries where repository = $1 and subject = $2 order by seq",
    [repository, subject],
  );
  return rows.map(({ seq, entry }) => ({ seq: toNumber(seq), entry: JSON.parse(entry) as Entry }));
}
