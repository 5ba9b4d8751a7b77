import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeBundle } from "../../../src/cli/audit/bundle.ts";
import { verifyBundle } from "../../../src/cli/audit/verify.ts";
import { lookAtAll } from "../../../src/engine/ledger/sign.ts";
import { verifierKey } from "../../../src/ledger/keys.ts";
import type { Database } from "../../../src/store/database.ts";
import { readKeys } from "../../../src/store/ledger/key-file.ts";
import { openTestDatabase } from "../open.ts";
import { ledgerWorld, type LedgerWorld } from "./world.ts";

/** Every single edit that there is: of each column of the ledger's tables, and of each field and line of a bundle. Generated, so that a new one is tried by itself. */
let database: Database;
let world: LedgerWorld;
let folder: string;
let bundle: string;
let key: string;
let checkpoint: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-tampered-"));
  database = await openTestDatabase();
  world = await begun();
  bundle = join(folder, "bundle");
  await writeBundle(world.records, bundle, { from: null, to: null, repository: null, people: true });
  const keys = await readKeys(world.settings.key);
  if (keys === null) throw new Error("no key was made");
  key = verifierKey(keys.current);
  checkpoint = await readFile(world.settings.kept, "utf8");
});
afterAll(async () => {
  await world.close();
  await database.close();
  await rm(folder, { recursive: true });
});

async function begun(): Promise<LedgerWorld> {
  const made = await ledgerWorld(database);
  await made.append(300);
  await made.append(20, { actor: 8, repository: 2, kind: "landed", subject: "pull/8" });
  await made.look();
  await made.append(5);
  await made.look();
  return made;
}

/** What finds it: the next look, `ledger check`, or a bundle made of it. Null where nothing does. */
async function finds(on: LedgerWorld): Promise<string | null> {
  try {
    const { refused, changed, missing, unsigned } = await lookAtAll(on.records);
    if (refused !== null || changed.length + missing.length + unsigned.length > 0) return "check";
    const { signed, told } = await on.log().look();
    if (signed.kind === "refused" || told.some(({ kind }) => kind === "forked")) return "publication";
    const target = join(folder, `made-${(made += 1)}`);
    await writeBundle(on.records, target, { from: null, to: null, repository: null, people: false });
    return verifyBundle(target, { keys: [], checkpoints: [keptNote] }).problems.length > 0 ? "bundle" : null;
  } catch (error) {
    return `error: ${String(error)}`;
  }
}
let made = 0;
let keptNote = "";

describe("an edit of the database is found", () => {
  const other: Readonly<Record<string, string>> = {
    text: "$ || 'x'",
    bigint: "$ + 1000000",
    integer: "$ + 7",
    bytea: "set_byte($, 0, (get_byte($, 0) + 1) % 256)",
    "timestamp with time zone": "$ + interval '1 hour'",
  };
  /** What says nothing of what happened: when a checkpoint was signed is in no checkpoint. */
  const harmless = new Set(["checkpoints.signed_at", "ledger.single", "tree.single"]);

  it("in every column of every table of the ledger, by an edit of one row", async () => {
    await world.close();
    const { rows } = await database.query<{ table: string; column: string; type: string }>(
      `select table_name as table, column_name as column, data_type as type from information_schema.columns
       where table_schema = current_schema() and table_name in ('entries', 'evidence', 'ledger', 'tree', 'tiles', 'checkpoints')`,
    );
    const columns = rows.filter(({ table, column }) => !harmless.has(`${table}.${column}`));
    expect(columns.length).toBeGreaterThan(15);
    const found: Record<string, string | null> = {};
    for (const { table, column, type } of columns) {
      world = await begun();
      keptNote = await readFile(world.settings.kept, "utf8");
      const change = (other[type] ?? `no edit of ${type} is known`).replaceAll("$", column);
      const where = table === "ledger" || table === "tree" ? "" : `where ctid = (select min(ctid) from ${table})`;
      await world.tamper(`update ${table} set ${column} = ${change} ${where}`);
      found[`${table}.${column}`] = await finds(world);
      await world.close();
    }
    world = await begun();
    expect(Object.entries(found).filter(([, by]) => by === null)).toEqual([]);
    // Most are found by what looks for them, and not because something breaks.
    expect(Object.values(found).filter((by) => by?.startsWith("error") === true).length).toBeLessThan(6);
  });

  it.each([
    ["an entry is gone", "delete from entries where seq = 7"],
    ["the last entry is gone", "delete from entries where seq = (select max(seq) from entries)"],
    ["a text is gone", "delete from evidence where sha256 = (select min(sha256) from evidence)"],
    ["a text's salt is gone", "update evidence set salt = null where sha256 = (select min(sha256) from evidence)"],
    ["a tile is gone", "delete from tiles where level = 0 and index = 0"],
    ["all checkpoints are gone, with what is kept apart", "delete from checkpoints"],
    [
      "two entries are exchanged",
      "update entries set seq = seq + 1000000 where seq in (7, 8); update entries set seq = 15 - (seq - 1000000) where seq > 1000000",
    ],
  ])("%s", async (name, sql) => {
    await world.close();
    world = await begun();
    keptNote = await readFile(world.settings.kept, "utf8");
    if (name.includes("kept apart")) {
      await rm(world.settings.kept);
      await world.tamper(
        `${sql}; update entries set entry = replace(entry, '"pull/8"', '"pull/9"'), subject = 'pull/9' where seq = 310; update tree set size = 0; delete from tiles`,
      );
    } else await world.tamper(sql);
    expect(await finds(world)).not.toBeNull();
  });
});

describe("an edit of a bundle is found", () => {
  type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

  /** The value with one thing in it otherwise, each by where that is. */
  function* edits(value: Json, at = ""): Generator<[where: string, edited: Json | undefined]> {
    if (value === null) yield [at, 1];
    else if (typeof value === "boolean") yield [at, !value];
    else if (typeof value === "number") yield* [[at, value + 1] as [string, Json], [at, null] as [string, Json]];
    else if (typeof value === "string") {
      yield [at, `${value}x`];
      yield [at, value === "" ? "x" : `${value.slice(0, -1)}${value.endsWith("1") ? "2" : "1"}`];
      yield [at, null];
    } else if (Array.isArray(value)) {
      yield [at, [...value, "x"]];
      for (const [n, one] of value.entries()) {
        yield [`${at}[${n}]`, value.toSpliced(n, 1)];
        for (const [where, edited] of edits(one, `${at}[${n}]`)) yield [where, value.with(n, edited ?? null)];
      }
    } else {
      yield [at, { ...value, "not there before": 1 }];
      for (const [name, one] of Object.entries(value)) {
        yield [`${at}.${name}`, Object.fromEntries(Object.entries(value).filter(([each]) => each !== name))];
        for (const [where, edited] of edits(one, `${at}.${name}`)) yield [where, { ...value, [name]: edited ?? null }];
      }
    }
  }

  const problemsOf = (target: string): readonly string[] => {
    try {
      return verifyBundle(target, { keys: [key], checkpoints: [checkpoint] }).problems;
    } catch (error) {
      return [`it breaks: ${String(error)}`];
    }
  };

  const files = async (): Promise<string[]> => [
    ...(await readdir(bundle)).filter((name) => name !== "README.md" && name !== "verify.mjs" && name !== "checkpoints"),
    ...(await readdir(join(bundle, "checkpoints"))).map((name) => `checkpoints/${name}`),
  ];

  it("in every field of every kind of line", async () => {
    const target = join(folder, "edited");
    await cp(bundle, target, { recursive: true });
    const unfound: string[] = [];
    let tried = 0;
    for (const file of await files()) {
      if (!/\.jsonl?$/u.test(file)) continue;
      const text = await readFile(join(bundle, file), "utf8");
      const lines = file.endsWith(".json") ? [text] : text.trimEnd().split("\n");
      // One of each kind of line, the first and the last.
      const some = [0, 299, lines.length - 1, lines.findIndex((line) => line.includes("log-began"))].filter((n) => lines[n] !== undefined);
      for (const n of new Set(some))
        for (const [where, edited] of edits(JSON.parse(lines[n] ?? "") as Json)) {
          const written = lines.with(n, JSON.stringify(edited)).join("\n");
          await writeFile(join(target, file), `${written}\n`);
          tried += 1;
          const problems = problemsOf(target);
          // A field that nobody asks for says nothing.
          const isBeside = where === "";
          if (!isBeside && (problems.length === 0 || problems.some((one) => one.startsWith("it breaks"))))
            unfound.push(`${file} line ${n} ${where}: ${problems.join()}`);
        }
      await writeFile(join(target, file), text);
    }
    expect(problemsOf(target)).toEqual([]);
    expect(unfound).toEqual([]);
    expect(tried).toBeGreaterThan(100);
  });

  it("in every byte, here and there, of what is no JSON", async () => {
    const target = join(folder, "bytes");
    await cp(bundle, target, { recursive: true });
    const unfound: string[] = [];
    for (const file of await files()) {
      if (/\.jsonl?$/u.test(file)) continue;
      const bytes = await readFile(join(bundle, file));
      const step = Math.max(1, Math.floor(bytes.length / 40));
      for (let at = 0; at < bytes.length; at += step) {
        const edited = Buffer.from(bytes);
        edited[at] = (edited[at] ?? 0) ^ 1;
        await writeFile(join(target, file), edited);
        if (problemsOf(target).length === 0) unfound.push(`${file} at ${at}`);
      }
      await writeFile(join(target, file), bytes);
    }
    expect(unfound).toEqual([]);
  });

  it("in the order and the number of lines", async () => {
    const target = join(folder, "lines");
    await cp(bundle, target, { recursive: true });
    const unfound: string[] = [];
    for (const file of ["entries.jsonl", "log.jsonl", "evidence.jsonl"]) {
      const text = await readFile(join(bundle, file), "utf8");
      const lines = text.trimEnd().split("\n");
      const changes: [string, string[]][] = [
        ["the first gone", lines.slice(1)],
        ["the last gone", lines.slice(0, -1)],
        ["one twice", [...lines, lines[0] ?? ""]],
        ["turned around", lines.toReversed()],
        ["none", []],
      ];
      for (const [what, changed] of changes) {
        await writeFile(join(target, file), changed.map((line) => `${line}\n`).join(""));
        if (problemsOf(target).length === 0) unfound.push(`${file}: ${what}`);
      }
      await writeFile(join(target, file), text);
    }
    // Evidence is found by its digest: its order, and a line that is there twice, say nothing. One line of the log turned around is the same.
    expect(unfound).toEqual(["log.jsonl: turned around", "evidence.jsonl: one twice", "evidence.jsonl: turned around"]);
  });
});
