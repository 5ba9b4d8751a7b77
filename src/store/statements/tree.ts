import { blobOf, type Entry } from "../../ledger/entry.ts";
import { leafHash } from "../../ledger/hashes.ts";
import { edgeOf, growTiles, tileKey, type TileName } from "../../ledger/tiles.ts";
import { toNumber, type Executor } from "../executor.ts";

/** Entries that there are, and how many of them the tiles have. */
export async function logSize(executor: Executor): Promise<{ entries: number; tree: number }> {
  const { rows } = await executor.query<{ entries: number; tree: number }>(
    "select ledger.size as entries, tree.size as tree from ledger, tree",
  );
  return { entries: toNumber(rows[0]?.entries ?? 0), tree: toNumber(rows[0]?.tree ?? 0) };
}

/**
 * Brings entries that were committed into the tiles, so many at most, in a transaction. Entries have no gap and are committed in the order of
 * their numbers, because whoever appends holds the lock on their count: none can come in later before one that is in the tree. Gives how many the
 * tiles have then.
 */
export async function growTree(executor: Executor, most: number): Promise<number> {
  const { rows } = await executor.query<{ size: number }>("select size from tree for update");
  const size = toNumber(rows[0]?.size ?? 0);
  const leaves = (await rowsFrom(executor, size, most)).map(({ entry }) => leafHash(Buffer.from(entry)));
  if (leaves.length === 0) {
    if (size < (await logSize(executor)).entries) throw new Error(`entry ${size + 1} of the ledger is gone`);
    return size;
  }
  const edge = edgeOf(size);
  const held = await tilesOf(executor, edge);
  const tiles = growTiles(
    size,
    leaves,
    edge.map((name) => ({ ...name, hashes: held.get(tileKey(name)) ?? Buffer.alloc(0) })),
  );
  for (const { level, index, hashes } of tiles) {
    await executor.query(
      "insert into tiles (level, index, hashes) values ($1, $2, $3) on conflict (level, index) do update set hashes = excluded.hashes",
      [level, index, hashes],
    );
  }
  await executor.query("update tree set size = $1", [size + leaves.length]);
  return size + leaves.length;
}

/**
 * Canonical forms of entries from a leaf on, in order, up to the first that is missing, or that the columns beside it, by which it is found, say otherwise:
 * an entry that nobody finds is as good as gone.
 */
export async function leavesFrom(executor: Executor, first: number, most: number): Promise<string[]> {
  const rows = await rowsFrom(executor, first, most);
  const wrong = rows.findIndex((row) => !isOf(row, row.entry));
  return rows.slice(0, wrong < 0 ? rows.length : wrong).map(({ entry }) => entry);
}

/** Up to the first that is missing. */
async function rowsFrom(executor: Executor, first: number, most: number): Promise<({ seq: number; entry: string } & Columns)[]> {
  const { rows } = await executor.query<{ seq: number; entry: string } & Columns>(
    "select seq, entry, idempotency_key, repository, kind, subject, at from entries where seq > $1 and seq <= $2 order by seq",
    [first, first + most],
  );
  const gap = rows.findIndex(({ seq }, at) => toNumber(seq) !== first + at + 1);
  return rows.slice(0, gap < 0 ? rows.length : gap);
}

interface Columns {
  idempotency_key: string;
  repository: number;
  kind: string;
  subject: string;
  at: Date | string;
}

function isOf({ idempotency_key: key, repository, kind, subject, at }: Columns, text: string): boolean {
  let entry: Partial<Entry>;
  try {
    entry = JSON.parse(text) as Partial<Entry>;
  } catch {
    return false; // somebody wrote into it what is no entry
  }
  const isSame = entry.idempotencyKey === key && entry.kind === kind && entry.subject === subject && entry.repo === toNumber(repository);
  return isSame && entry.at === new Date(at).toISOString();
}

/** What the log says of itself, the oldest first: its keys. `blobs`: those of each entry that are there. */
export async function logEntries(executor: Executor): Promise<{ index: number; entry: string; blobs: string[] }[]> {
  const { rows } = await executor.query<{ seq: number; entry: string }>(
    "select seq, entry from entries where repository = 0 and subject = 'log' order by seq",
  );
  const told: { index: number; entry: string; blobs: string[] }[] = [];
  for (const { seq, entry } of rows) {
    const { evidence } = JSON.parse(entry) as { evidence: string[] };
    told.push({ index: toNumber(seq) - 1, entry, blobs: (await blobsOf(executor, evidence)).map(({ blob }) => blob) });
  }
  return told;
}

/** Blobs by their digests; those that were forgotten are left out. */
export async function blobsOf(executor: Executor, digests: readonly string[]): Promise<{ sha256: string; blob: string }[]> {
  const { rows } = await executor.query<{ sha256: string; content: Uint8Array; salt: string | null }>(
    "select sha256, content, salt from evidence where sha256 = any($1)",
    [digests],
  );
  return rows.map(({ sha256, content, salt }) => ({ sha256, blob: blobOf(Buffer.from(content).toString("utf8"), salt) }));
}

/** By `tileKey`; those that are not there are left out. */
export async function tilesOf(executor: Executor, names: readonly TileName[]): Promise<Map<string, Buffer>> {
  if (names.length === 0) return new Map();
  const { rows } = await executor.query<{ level: number; index: number; hashes: Uint8Array }>(
    `select t.level, t.index, t.hashes from tiles t
     join unnest($1::int[], $2::bigint[]) as asked (level, index) on t.level = asked.level and t.index = asked.index`,
    [names.map(({ level }) => level), names.map(({ index }) => index)],
  );
  return new Map(rows.map(({ level, index, hashes }) => [tileKey({ level, index: toNumber(index) }), Buffer.from(hashes)]));
}

/** Places in the log: of the first entry from a time on, and after the last one before another. Null for a time without bound. */
export async function period(executor: Executor, from: Date | null, to: Date | null): Promise<{ first: number; end: number }> {
  const { rows } = await executor.query<{ first: number | null; last: number | null; size: number }>(
    `select (select min(seq) from entries where $1::timestamptz is null or at >= $1) as first,
            (select max(seq) from entries where $2::timestamptz is null or at < $2) as last, size from ledger`,
    [from, to],
  );
  const [row] = rows;
  return { first: toNumber(row?.first ?? toNumber(row?.size ?? 0) + 1) - 1, end: toNumber(row?.last ?? 0) };
}

/** By which each person's commitment is made, of those whom nobody asked to forget. */
export async function people(executor: Executor): Promise<{ id: number; salt: string }[]> {
  const { rows } = await executor.query<{ id: number; salt: string }>("select id, salt from actors order by id");
  return rows.map(({ id, salt }) => ({ id: toNumber(id), salt }));
}
