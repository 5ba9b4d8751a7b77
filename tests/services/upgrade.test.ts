import { afterEach, describe, expect, it } from "vitest";
import { openPostgres } from "../../src/store/database.ts";
import { migrate, type Migration, readMigrations } from "../../src/store/migrate.ts";
import { postgresConnection } from "../../src/store/postgres.ts";
import { withRecords } from "../../src/wiring/ledger-database.ts";
import { createStage, type Stage } from "../engine-gate/stage.ts";
import { createDatabase } from "./postgres.ts";

/** A newer version's migrations run beside a server, and commands, of this one: all of these say so and keep their hands off. */
const server = process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "";
const shipped = readMigrations();
const later: Migration = {
  id: 9000,
  name: "9000-later.sql",
  sql: "create table later (id integer); alter table deliveries rename to inbox",
};
const back = "alter table inbox rename to deliveries; drop table later; delete from migrations where id = 9000";
const asNewer = async (url: string, migrations: readonly Migration[] = [...shipped, later]): Promise<void> => {
  const connection = await postgresConnection(url, () => undefined);
  try {
    await migrate(connection, migrations);
  } finally {
    await connection.close();
  }
};
const run = async (url: string, sql: string): Promise<unknown[]> => {
  const connection = await postgresConnection(url, () => undefined);
  try {
    return (await connection.exec(sql)).at(-1)?.rows ?? [];
  } finally {
    await connection.close();
  }
};
const newer = { code: "database-version", text: "The database has been changed by a newer puppet-gate (9000-later.sql)." };

describe("a server whose database a newer version changes", () => {
  let stage: Stage;
  let written = "";
  afterEach(() => stage.close());
  const lines = (): { msg: string; hint?: string }[] =>
    written
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { msg: string; hint?: string });
  interface Ready {
    ready: boolean;
    parts: Record<string, { state: string; text: string }>;
  }
  const readiness = async (): Promise<Ready> => (await fetch(`${stage.server().operations}/readyz`)).json() as Promise<Ready>;

  it("takes up nothing any more, fails deliveries, says why, and does not start again; what came meanwhile is found by the right version", async () => {
    const log = { write: (line: string) => void (written += line) };
    stage = await createStage({ log, leaseSeconds: 1 }, undefined, { logLevel: "info", metrics: { host: "127.0.0.1", port: 0 } });
    const url = stage.config.databaseUrl ?? "";
    const before = await stage.propose("before");
    await stage.quiet();
    expect(stage.checkRun(before.head)?.conclusion).toBe("action_required");
    expect((await readiness()).ready).toBe(true);

    await asNewer(url);
    // It looks by itself, with its leases.
    await expect.poll(() => lines().filter(({ msg }) => msg.startsWith("this server takes up nothing any more"))).toHaveLength(1);
    const told = lines().find(({ msg }) => msg.startsWith("this server takes up nothing any more"));
    expect(told?.msg).toBe(`this server takes up nothing any more: ${newer.text}`);
    expect(told?.hint).toMatch(/^Run that version here, or a later one\. To go back to this one, restore the backup/u);
    // An answer is given again for a second.
    await expect.poll(async () => (await readiness()).ready).toBe(false);
    const found = await readiness();
    expect(found.parts["migrations"]).toMatchObject({ state: "failing", text: expect.stringContaining(newer.text) });
    expect(found.parts["workers"]).toEqual({ state: "failing", text: "they were stopped" });
    const during = await stage.propose("during");
    await stage.github.settled();
    expect(stage.github.deliveries().at(-1)?.status).toBe(500);
    expect(stage.checkRun(during.head)).toBeUndefined();

    await run(url, back);
    await expect
      .poll(async () => (await readiness()).parts["migrations"]?.text)
      .toMatch(/program's again\. This .* Start this server again\.$/u);
    await asNewer(url);
    await stage.stopServer();
    await expect(stage.restart()).rejects.toMatchObject(newer);
    expect(await run(url, "select to_regclass('inbox') is not null as is")).toEqual([{ is: true }]);

    await run(url, back);
    await stage.restart();
    await stage.quiet();
    expect(stage.checkRun(during.head)?.conclusion).toBe("action_required");
  });
});

describe("a database that is not as a program needs it", () => {
  it("is changed once the transactions that began before are over, and none begins after that", async () => {
    const url = await createDatabase(server);
    const database = await openPostgres(url, () => undefined);
    const heard: string[] = [];
    database.onForeign(({ text }) => heard.push(text));
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const under = database.transaction(async (executor) => {
      await executor.query("insert into deliveries (id, name, received_at) values ('under', 'push', now())");
      begun.resolve();
      await held.promise;
      return executor.query("select 1 from deliveries");
    });
    await begun.promise;
    const changed = asNewer(url);
    await expect
      .poll(() => run(url, "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"))
      .toHaveLength(1);
    // It waits for the one that changes, and then sees what it is not of.
    const after = database.transaction((executor) => executor.query("select 1 from deliveries"));
    after.catch(() => undefined);
    held.resolve();
    expect((await under).rows).toHaveLength(1);
    await changed;
    await expect(after).rejects.toMatchObject(newer);
    await expect(database.query("select 1")).rejects.toMatchObject(newer);
    await expect(database.inbox.transaction(async () => 1)).rejects.toMatchObject(newer);
    expect(await database.foreign()).toMatchObject(newer);
    expect(heard).toEqual([newer.text]);
    database.onForeign(({ text }) => heard.push(text));
    expect(heard).toHaveLength(2);
    await database.close();
  });

  it("is refused by commands, and left as it is: empty, older, newer", async () => {
    const url = await createDatabase(server);
    const ask = async (): Promise<unknown> =>
      withRecords({ env: { PUPPET_GATE_DATA: "/nowhere", DATABASE_URL: url }, cwd: () => "/" }, (records) => records.logSize());
    await expect(ask()).rejects.toMatchObject({ code: "no-database", hint: expect.stringContaining("DATABASE_URL") });
    expect(await run(url, "select to_regclass('migrations') as is")).toEqual([{ is: null }]);
    await asNewer(url, shipped.slice(0, -1));
    await expect(ask()).rejects.toMatchObject({
      code: "database-older",
      text: expect.stringContaining(`1 of this program's ${shipped.length} `),
    });
    expect(await run(url, "select id from migrations")).toHaveLength(shipped.length - 1);
    await asNewer(url, shipped);
    expect(await ask()).toEqual({ entries: 0, tree: 0 });
    await asNewer(url);
    await expect(ask()).rejects.toMatchObject(newer);
  });
});
