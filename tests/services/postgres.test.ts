import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres, type Database } from "../../src/store/database.ts";
import { readMigrations } from "../../src/store/migrate.ts";
import { createStore } from "../../src/store/records.ts";
import { startPostgres, type PostgresServer } from "./postgres.ts";

/** PostgreSQL in place of the embedded database: what `serve` says when it can't be used, and what it survives. */
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => server.close());

const lost: Error[] = [];
const open = (url: string): Promise<Database> => openPostgres(url, (error) => lost.push(error));
const changed = (change: (url: URL) => void): string => {
  const url = new URL(server.url);
  change(url);
  return url.href;
};

describe("a PostgreSQL that can't be used is refused with one sentence, without the password", () => {
  it.each([
    [
      "a wrong password",
      (url: URL) => (url.password = "hush"),
      "database-refused",
      /^The database at 127\.0\.0\.1:\d+ refuses the user "gate"\.$/u,
    ],
    ["an unknown user", (url: URL) => (url.username = "who"), "database-refused", /refuses the user "who"\.$/u],
    ["no such database", (url: URL) => (url.pathname = "/nowhere"), "database-missing", /has no database "nowhere"\.$/u],
    [
      "nobody there",
      (url: URL) => (url.port = "1"),
      "database-does-not-answer",
      /^The database at 127\.0\.0\.1:1 does not answer: ECONNREFUSED\.$/u,
    ],
  ])("%s", async (_name, change, code, text) => {
    const url = changed(change);
    const error: unknown = await open(url).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ name: "Problem", code, text: expect.stringMatching(text) });
    expect((error as Error).message).not.toContain(new URL(url).password);
  });

  it.each([
    ["takes the connection and says nothing", () => undefined, /^No database answered at 127\.0\.0\.1:\d+ within 5 s\.$/u],
    [
      "closes the connection",
      (socket: Socket) => socket.end(),
      /^What listens at 127\.0\.0\.1:\d+ closed the connection without an answer\.$/u,
    ],
  ])("one that %s", async (_name, onConnection: (socket: Socket) => unknown, text) => {
    const listener = createServer(onConnection).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    await expect(open(changed((url) => (url.port = String(port))))).rejects.toMatchObject({
      code: "database-does-not-answer",
      text: expect.stringMatching(text),
    });
    listener.close();
  });

  it("a user who may create nothing", async () => {
    const url = await server.create();
    const admin = await open(url);
    await admin.exec("create role reader login password 'hush'; drop table migrations cascade; revoke create on schema public from public");
    await admin.close();
    const reader = Object.assign(new URL(url), { username: "reader", password: "hush" }).href;
    await expect(open(reader)).rejects.toMatchObject({ code: "database-rights" });
  });
});

describe("a PostgreSQL", () => {
  it("is migrated once by processes that start at the same time", async () => {
    const url = await server.create();
    const databases = await Promise.all([open(url), open(url), open(url)]);
    const { rows } = await databases[0].query<{ id: number }>("select id from migrations order by id");
    expect(rows.map(({ id }) => id)).toEqual(readMigrations().map(({ id }) => id));
    await Promise.all(databases.map((database) => database.close()));
  });

  it("is given its queues by servers that start at the same time", async () => {
    const url = await server.create();
    const stores = await Promise.all(Array.from({ length: 4 }, async () => createStore(await open(url), (error) => lost.push(error))));
    await stores[0]?.transaction((records) => records.askSweep());
    const taken = await Promise.all(stores.map((store) => store.take("sweep", 30)));
    expect(taken.filter((job) => job !== null)).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("gives bigints and points in time as the embedded database does", async () => {
    const database = await open(await server.create());
    const at = new Date("2026-03-01T12:00:00.123Z");
    const { rows } = await database.query("select 9007199254740991::bigint as id, 9007199254740993::bigint as big, $1::timestamptz as at", [
      at,
    ]);
    expect(rows).toEqual([{ id: 9_007_199_254_740_991, big: 9_007_199_254_740_993n, at }]);
    await database.close();
  });

  it("has connections for deliveries that those at work can't take away", async () => {
    const database = await open(await server.create());
    const held = Array.from({ length: 11 }, () => database.query("select pg_sleep(0.5)"));
    const delivery = database.inbox.transaction(async (executor) => executor.query("select 'delivery' as what"));
    expect(await Promise.race([delivery, ...held])).toMatchObject({ rows: [{ what: "delivery" }] });
    await Promise.all(held);
    await database.close();
  });

  it("answers again after a restart, and tells those who listen that they may have missed something", async () => {
    const database = await open(await server.create());
    const heard: string[] = [];
    let gaps = 0;
    const listening = await database.listen(
      "news",
      (payload) => heard.push(payload),
      () => {
        gaps += 1;
      },
    );
    await database.query("select pg_notify('news', 'first')");
    await expect.poll(() => heard).toEqual(["first"]);
    const torn = database.transaction(async (executor) => {
      await executor.query("select 1");
      await server.stop();
      await executor.query("select 1");
    });
    await expect(torn).rejects.toThrow(/terminat|not queryable/u);
    await expect(database.query("select 1")).rejects.toThrow(/ECONNREFUSED|terminat/u);
    await server.start();
    await expect.poll(() => gaps, { timeout: 10_000 }).toBe(2);
    await database.query("select pg_notify('news', 'second')");
    await expect.poll(() => heard).toEqual(["first", "second"]);
    await listening.close();
    await database.close();
  });
});
