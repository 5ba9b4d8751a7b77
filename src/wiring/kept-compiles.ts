import { existsSync } from "node:fs";
import { createCompileCache } from "../cache/cache.ts";
import { openFolderCache } from "../cache/folder-cache.ts";
import { folderShelf } from "../cache/folder.ts";
import { givenKey } from "../cache/key-file.ts";
import { readMarks } from "../cache/marks.ts";
import type { KeptCompiles } from "../cli/cache-command.ts";
import type { Config } from "../config.ts";
import type { Log } from "../engine/ports/log.ts";
import type { CompileCache, RepositoryProofs } from "../engine/ports/cache.ts";
import { known, unknown, type Known } from "../policy/known.ts";
import { Problem } from "../problem.ts";
import { openDatabase, openPostgres, type Database } from "../store/database.ts";
import { embeddedFolder } from "../store/embedded.ts";
import type { Store } from "../store/records.ts";
import { databaseShelf } from "../store/shelf.ts";
import { allProofs } from "../store/statements/proofs.ts";
import { keyFor } from "./keys.ts";

/** A command changes nothing of the tables that a server may be at work on. */
const asItIs = { migrates: false };

/** Base's compiles, from check to check and from start to start. */
export function cacheOf(config: Config, store: Store, log: Log, debug: (message: string) => void): CompileCache | null {
  const { cache } = config;
  if (cache === undefined) return null;
  const options = {
    key: givenKey(keyFor(config, "kept compiles")),
    onTrouble: (error: unknown) => log.warn({ err: error }, "compiles can't be kept now, or not read: base is compiled anew"),
    onBroken: () => debug("a kept compile is broken, or none of ours; there may be more"),
  };
  if (cache.kind === "folder") return openFolderCache({ ...options, ...cache });
  return createCompileCache({ ...options, shelf: store.shelf(cache.limit) });
}

/** For `puppet-gate cache`: what `serve` keeps, and what was proven of it. Throws a Problem where it keeps nothing. */
export async function openKeptCompiles(
  config: Pick<Config, "app" | "cache" | "dataFolder" | "databaseUrl">,
): Promise<KeptCompiles & { close: () => Promise<void> }> {
  const { cache } = config;
  if (cache === undefined)
    throw new Problem({ code: "no-cache", text: "`serve` keeps no compiles: PUPPET_GATE_CACHE is none.", hint: "There is nothing to do." });
  const key = givenKey(keyFor(config, "kept compiles"));
  if (cache.kind === "folder") {
    const shelf = folderShelf(cache.folder, cache.limit);
    const proofs = (): Promise<Known<RepositoryProofs[]>> => proofsOf(config);
    return { shelf, place: cache.folder, marks: () => readMarks(shelf, key), proofs, close: async () => {} };
  }
  const database = await openPostgres(cache.url, () => {}, asItIs);
  const shelf = databaseShelf(database, cache.limit);
  return {
    shelf,
    place: "the database",
    marks: () => readMarks(shelf, key),
    proofs: async () => known(await allProofs(database)),
    close: () => database.close(),
  };
}

/** From the records of a server whose compiles lie elsewhere. The embedded database is one process's: while `serve` runs, nobody else can ask it. */
async function proofsOf({ databaseUrl, dataFolder }: Pick<Config, "dataFolder" | "databaseUrl">): Promise<Known<RepositoryProofs[]>> {
  if (databaseUrl === undefined && !existsSync(embeddedFolder(dataFolder))) return known([]);
  let database: Database;
  try {
    database = databaseUrl === undefined ? await openDatabase(dataFolder, asItIs) : await openPostgres(databaseUrl, () => {}, asItIs);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return unknown(error.code === "data-directory-locked" ? runs : error.text);
  }
  try {
    return known(await allProofs(database));
  } finally {
    await database.close();
  }
}

const runs = "`serve` runs, and has its embedded database to itself; ask while it is stopped, or give it a PostgreSQL (DATABASE_URL)";
