import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDataFolder } from "../../src/store/data-folder.ts";
import { openDatabase } from "../../src/store/database.ts";
import type { Connection } from "../../src/store/database.ts";
import { lockFolder } from "../../src/store/lock.ts";
import { migrate, readMigrations } from "../../src/store/migrate.ts";
import { openEmptyDatabase } from "./open.ts";

let folder: string;
let data: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-store-"));
  data = join(folder, "data");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a data directory", () => {
  it("is one process's, and what was committed is there after that process is killed", async () => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve("./committer.ts")), data], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const committed = await new Promise<number>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("20\n")) resolve(20);
      });
      child.once("error", reject);
    });
    await expect(openDatabase(data)).rejects.toMatchObject({
      code: "data-directory-locked",
      text: `The data directory ${data} is in use by another puppet-gate process.`,
    });
    child.kill("SIGKILL");
    await ended;
    const database = await openDatabase(data);
    const { rows } = await database.query<{ n: number }>("select count(*)::int as n from deliveries");
    await database.close();
    expect(rows[0]?.n).toBeGreaterThanOrEqual(committed);
  });

  it.each([
    ["below a file", () => join(folder, "file", "data"), "ENOTDIR"],
    ["in the place of a file", () => join(folder, "file"), "ENOTDIR"],
    // Node's own way of making parents never comes back from there.
    ["where the system has none to be made", () => "/proc/nope", "ENOENT"],
    ["deeper there", () => "/proc/nope/data", "ENOENT"],
  ])("that can't be made %s is refused with one sentence", async (_name, place, code) => {
    writeFileSync(join(folder, "file"), "");
    await expect(openDatabase(place())).rejects.toMatchObject({
      code: "data-directory",
      text: expect.stringContaining(`The data directory ${place()} can't be made or written to: ${code}`),
    });
  });

  it("is made with its parents, for this user alone", async () => {
    const deep = join(folder, "parent", "data");
    makeDataFolder(deep);
    makeDataFolder(deep);
    expect(statSync(deep).mode & 0o777).toBe(0o700);
  });

  it("with a damaged database is refused, and left unlocked", async () => {
    rmSync(join(data, "database", "global"), { recursive: true });
    await expect(openDatabase(data)).rejects.toMatchObject({ code: "database-does-not-answer" });
    lockFolder(data).release();
  });
});

describe("migrations", () => {
  let database: Connection;
  beforeAll(async () => {
    database = await openEmptyDatabase();
    await migrate(database, shipped);
  });
  afterAll(async () => database.close());
  const shipped = readMigrations();
  const newest = Math.max(...shipped.map(({ id }) => id));

  it("have each a number of their own, and are read in that order", () => {
    const ids = shipped.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted((one, other) => one - other));
  });

  it("that were passed over are made up for, in order", async () => {
    const raw = await openEmptyDatabase();
    const applied = async (): Promise<number[]> => {
      const { rows } = await raw.query<{ id: number }>("select id from migrations order by applied_at, id");
      return rows.map(({ id }) => id);
    };
    await migrate(raw, shipped.slice(0, 3), (name) => expect.unreachable(`${name} of an empty database`));
    await migrate(
      raw,
      shipped.slice(0, 5).filter(({ id }) => id !== 4),
    );
    expect(await applied()).toEqual([1, 2, 3, 5]);
    const told: string[] = [];
    await migrate(raw, shipped, (name) => told.push(name));
    expect(told).toEqual(shipped.filter(({ id }) => id === 4 || id > 5).map(({ name }) => name));
    expect(await applied()).toEqual([1, 2, 3, 5, 4, ...shipped.slice(5).map(({ id }) => id)]);
    const { rows } = await raw.query("select count(*)::int as n, to_regclass('merge_groups') is not null as late from migrations");
    expect(rows).toEqual([{ n: shipped.length, late: true }]);
    await raw.close();
  });

  it("go over rows that are there, once, and all or nothing", async () => {
    await database.query("insert into deliveries (id, name, received_at) values ('seed', 'push', now())");
    const next = {
      id: newest + 1,
      name: "next.sql",
      sql: "alter table deliveries add column size integer not null default 7; select 1;",
    };
    const broken = { id: newest + 2, name: "broken.sql", sql: "create table half (id integer); select nonsense;" };
    await expect(migrate(database, [...shipped, next, broken])).rejects.toThrow("nonsense");
    await migrate(database, [...shipped, next]);
    const { rows } = await database.query("select id, size, to_regclass('half') as half from deliveries");
    expect(rows).toEqual([{ id: "seed", size: 7, half: null }]);
  });

  it("refuse a database from a newer program, and one made by another text", async () => {
    await expect(migrate(database, shipped)).rejects.toMatchObject({
      code: "database-version",
      text: "The database has been changed by a newer puppet-gate (next.sql).",
    });
    const other = shipped.map(({ id, name, sql }) => ({ id, name, sql: `${sql}-- edited` }));
    await expect(migrate(database, other)).rejects.toMatchObject({ code: "database-version" });
  });
});
