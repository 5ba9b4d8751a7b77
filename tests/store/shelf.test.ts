import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCompileCache } from "../../src/cache/cache.ts";
import { givenKey } from "../../src/cache/key-file.ts";
import type { Database } from "../../src/store/database.ts";
import { databaseShelf } from "../../src/store/shelf.ts";
import { keepsPromises } from "../cache/contract.ts";
import { fillWithSecrets, givenAway } from "../cache/secrets.ts";
import { openTestDatabase } from "./open.ts";

/** The cache's shelf in the database: embedded, or PostgreSQL with `npm run test:services`. */
let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => database.close());

describe("a shelf in the database", () => {
  keepsPromises(async (bytes) => {
    await database.query("delete from kept_compiles");
    return {
      shelf: databaseShelf(database, bytes),
      age: async ({ name }, seconds) => {
        await database.query("update kept_compiles set used_at = clock_timestamp() - make_interval(secs => $2) where name = $1", [
          name,
          seconds,
        ]);
      },
    };
  });

  it("is not found by what is no record of the scope, nor a mark where a compile is asked for", async () => {
    const shelf = databaseShelf(database, 1e9);
    await shelf.put({ kind: "mark", name: "c".repeat(64) }, Buffer.from("x"));
    expect(await shelf.get({ kind: "compile", name: "c".repeat(64) })).toBeNull();
  });

  it("makes room once, however many ask for it at the same time", async () => {
    const shelf = databaseShelf(database, 5_000);
    await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        await shelf.put({ kind: "compile", name: String(at).padStart(64, "0") }, Buffer.alloc(1000));
        await shelf.collect();
      }),
    );
    await shelf.collect();
    expect((await shelf.size()).bytes).toBeLessThanOrEqual(5_000);
  });

  it("gives away no secret, node or repository in any row", async () => {
    await database.query("delete from kept_compiles");
    const silent = { onTrouble: (): void => {}, onBroken: (): void => {} };
    await fillWithSecrets(createCompileCache({ shelf: databaseShelf(database, 1e9), key: givenKey(Buffer.alloc(32, 3)), ...silent }));
    const { rows } = await database.query<{ row: string; text: string }>(
      "select row_to_json(k)::text as row, encode(body, 'escape') as text from kept_compiles k",
    );
    expect(rows).toHaveLength(5);
    expect(givenAway(rows.map(({ row, text }) => `${row}\n${text}`).join("\n"))).toEqual([]);
  });

  it("that does not answer keeps nothing, and fails nobody", async () => {
    const closed = await openTestDatabase();
    await closed.close();
    const troubles: unknown[] = [];
    const cache = createCompileCache({
      shelf: databaseShelf(closed, 1e9),
      key: givenKey(Buffer.alloc(32)),
      onTrouble: (error) => troubles.push(error),
      onBroken: () => {},
    });
    await cache.write("a", Buffer.from("x"));
    expect(await cache.read("a")).toBeNull();
    expect(await cache.distrusted("repo")).not.toBeNull();
    await cache.close();
    expect(troubles).toHaveLength(2);
    expect(cache.counts()).toEqual({ hits: 0, misses: 1, broken: 1, written: 0, refused: 1 });
  });
});
