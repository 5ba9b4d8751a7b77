import type { CacheShelf, ShelfPlace, ShelfSize } from "../engine/ports/cache.ts";
import type { Lane } from "./database.ts";
import { toNumber } from "./executor.ts";

/** Of each scope. */
const mostRecords = 20;
/** Any number that nobody else locks: those who make room at the same time would wait for each other's rows. */
const advisoryLock = 7_410_218;

/** A shelf of the cache in the database, shared by all servers on it. `limit` in bytes of bodies. */
export function databaseShelf(lane: Lane, limit: number): CacheShelf {
  return {
    limit,
    get: async ({ kind, name }) => {
      const { rows } = await lane.query<{ body: Uint8Array }>("select body from kept_compiles where name = $1 and kind = $2", [name, kind]);
      const body = rows[0]?.body;
      return body === undefined ? null : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    },
    put: async (place, sealed) => {
      await lane.query(
        `insert into kept_compiles (name, kind, scope, body, bytes) values ($1, $2, $3, $4, $5)
         on conflict (name) do update set body = excluded.body, bytes = excluded.bytes, used_at = clock_timestamp()`,
        [place.name, place.kind, scopeOf(place), sealed, sealed.length],
      );
    },
    // A compile counts as used just now for an hour, so that reading it does not write each time.
    use: async ({ kind, name }) => {
      await lane.query(
        `update kept_compiles set used_at = clock_timestamp()
         where name = $1 and kind = $2 and (kind = 'record' or used_at < clock_timestamp() - interval '1 hour')`,
        [name, kind],
      );
    },
    records: async (scope) => {
      const { rows } = await lane.query<{ name: string }>(
        "select name from kept_compiles where kind = 'record' and scope = $1 order by used_at desc, name limit $2",
        [scope, mostRecords],
      );
      return rows.map(({ name }) => name);
    },
    marks: async () => {
      const { rows } = await lane.query<{ name: string }>("select name from kept_compiles where kind = 'mark' order by name");
      return rows.map(({ name }) => name);
    },
    collect: () => collect(lane, limit),
    size: () => size(lane),
    clear: async () => {
      await lane.query("delete from kept_compiles");
    },
  };
}

async function collect(lane: Lane, limit: number): Promise<void> {
  await lane.transaction(async (executor) => {
    const { rows } = await executor.query<{ locked: boolean }>("select pg_try_advisory_xact_lock($1) as locked", [advisoryLock]);
    // Another server makes room at this moment.
    if (rows[0]?.locked !== true) return;
    await executor.query(
      `delete from kept_compiles where name in (
         select name from (
           select name, row_number() over (partition by scope order by used_at desc, name) as place
           from kept_compiles where kind = 'record') as records
         where place > $1)`,
      [mostRecords],
    );
    await executor.query(
      `delete from kept_compiles where name in (
         select name from (
           select name, sum(bytes) over (order by used_at desc, name) as total
           from kept_compiles where kind <> 'mark') as entries
         where total > $1)`,
      [limit],
    );
  });
}

async function size(lane: Lane): Promise<ShelfSize> {
  const { rows } = await lane.query<{ entries: number; bytes: number | string | bigint; marks: number }>(
    `select count(*) filter (where kind <> 'mark')::int as entries, count(*) filter (where kind = 'mark')::int as marks,
            coalesce(sum(bytes) filter (where kind <> 'mark'), 0)::bigint as bytes
     from kept_compiles`,
  );
  const [{ entries, bytes, marks } = { entries: 0, bytes: 0, marks: 0 }] = rows;
  return { entries, bytes: toNumber(bytes), marks };
}

const scopeOf = (place: ShelfPlace): string | null => (place.kind === "record" ? place.scope : null);
