import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { parseCheckpoint } from "../../ledger/checkpoint.ts";
import { commitmentTo, type Entry } from "../../ledger/entry.ts";
import { keysOf } from "../../ledger/log-keys.ts";
import { verifierKey } from "../../ledger/keys.ts";
import { parseNote } from "../../ledger/note.ts";
import { type TileName, tileKey, tilesOf } from "../../ledger/tiles.ts";
import { Problem } from "../../problem.ts";
import { bundleReadme } from "./bundle-readme.ts";

/** What a bundle is made of. */
export interface BundleSource {
  newestCheckpoint(): Promise<{ size: number; note: string } | null>;
  /** The last of each day, the smallest first: one is signed every minute. */
  dailyCheckpoints(): Promise<{ size: number; note: string }[]>;
  logEntries(): Promise<{ index: number; entry: string; blobs: string[] }[]>;
  leavesFrom(first: number, most: number): Promise<string[]>;
  tilesOf(names: readonly TileName[]): Promise<ReadonlyMap<string, Buffer>>;
  blobsOf(digests: readonly string[]): Promise<{ sha256: string; blob: string }[]>;
  /** Places in the log: of the first entry from a time on, and after the last one before another. Null for a time without bound. */
  period(from: Date | null, to: Date | null): Promise<{ first: number; end: number }>;
  people(): Promise<{ id: number; salt: string }[]>;
  logSize(): Promise<{ entries: number; tree: number }>;
}

export interface BundleOptions {
  from: Date | null;
  to: Date | null;
  /** GitHub's id: evidence of this one alone. */
  repository: number | null;
  /** With what says whom the entries are about. */
  people: boolean;
}

export interface Bundled {
  origin: string;
  size: number;
  first: number;
  count: number;
  blobs: number;
  /** Entries that are not signed yet, and so not in it. */
  unsigned: number;
  key: string;
}

const atOnce = 1_000;

/** Writes a bundle of a period into a new folder. Throws a Problem where nothing was signed yet, or something is in the folder. */
export async function writeBundle(source: BundleSource, folder: string, { from, to, repository, people }: BundleOptions): Promise<Bundled> {
  const newest = await source.newestCheckpoint();
  const head = newest === null ? null : parseCheckpoint(parseNote(newest.note)?.text ?? "");
  if (newest === null || head === null) throw nothingSigned();
  await makeEmpty(folder);
  const own = await source.logEntries();
  const signedOwn = own.filter(({ index }) => index < newest.size);
  const { first, end } = within(await source.period(from, to), newest.size);
  const manifest = {
    format: "puppet-gate/audit-bundle@1",
    origin: head.origin,
    size: newest.size,
    first,
    count: end - first,
    from: from?.toISOString() ?? null,
    to: to?.toISOString() ?? null,
    repository,
  };
  await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, "checkpoint"), newest.note);
  await mkdir(join(folder, "checkpoints"));
  const daily = (await source.dailyCheckpoints()).filter(({ size }) => size <= newest.size);
  for (const { size, note } of daily) await writeFile(join(folder, "checkpoints", String(size)), note);
  await writeLeaves(source, join(folder, "leaf-hashes"), newest.size);
  await writeLines(join(folder, "log.jsonl"), async (put) => {
    for (const { index, entry } of signedOwn) await put(JSON.stringify({ index, entry }));
  });
  const actors = new Set<string>();
  let blobs = 0;
  await writeLines(join(folder, "evidence.jsonl"), async (evidence) => {
    const given = new Set<string>();
    const put = async (digests: readonly string[]): Promise<void> => {
      const fresh = digests.filter((digest) => !given.has(digest));
      for (const { sha256, blob } of await source.blobsOf(fresh)) {
        if (given.has(sha256)) continue;
        given.add(sha256);
        await evidence(JSON.stringify({ sha256, blob }));
      }
      blobs = given.size;
    };
    await put(signedOwn.flatMap(({ entry }) => (JSON.parse(entry) as Entry).evidence));
    await writeLines(join(folder, "entries.jsonl"), async (line) => {
      for (let at = first; at < end; at += atOnce) {
        const leaves = await source.leavesFrom(at, Math.min(atOnce, end - at));
        if (leaves.length < Math.min(atOnce, end - at)) throw gone(at + leaves.length);
        const entries = leaves.map((leaf) => JSON.parse(leaf) as Entry);
        for (const leaf of leaves) await line(leaf);
        for (const { actor } of entries) if (actor !== null) actors.add(actor);
        await put(entries.flatMap((entry) => (repository === null || entry.repo === repository || entry.repo === 0 ? entry.evidence : [])));
      }
    });
  });
  if (people)
    await writeLines(join(folder, "people.jsonl"), async (put) => {
      for (const { id, salt } of await source.people()) if (actors.has(commitmentTo(id, salt))) await put(JSON.stringify({ id, salt }));
    });
  const key = verifierKey(keysOf(signedOwn).at(-1) ?? missingKey());
  await writeFile(join(folder, "key"), `${key}\n`);
  await writeFile(join(folder, "verify.mjs"), await verifierSource());
  await writeFile(join(folder, "README.md"), bundleReadme({ ...manifest, key, people }));
  const { entries } = await source.logSize();
  return { origin: head.origin, size: newest.size, first, count: end - first, blobs, unsigned: entries - newest.size, key };
}

/** With one entry on each side, which shows that none of the period is left out. */
const within = ({ first, end }: { first: number; end: number }, size: number): { first: number; end: number } => {
  const last = Math.min(size, end + 1);
  return { first: Math.min(Math.max(0, first - 1), last), end: last };
};

async function writeLeaves(source: BundleSource, path: string, size: number): Promise<void> {
  await written(path, async (put) => {
    for (const { index, width } of tilesOf(size).filter(({ level }) => level === 0)) {
      const name = { level: 0, index };
      const hashes = (await source.tilesOf([name])).get(tileKey(name));
      if (hashes === undefined || hashes.length < width * 32) throw gone(index * 256);
      await put(hashes.subarray(0, width * 32));
    }
  });
}

const writeLines = (path: string, work: (put: (line: string) => Promise<void>) => Promise<void>): Promise<void> =>
  written(path, (put) => work((line) => put(`${line}\n`)));

async function written(path: string, work: (put: (chunk: string | Buffer) => Promise<void>) => Promise<void>): Promise<void> {
  const stream: WriteStream = createWriteStream(path, { flags: "wx" });
  await once(stream, "open");
  await work(async (chunk) => {
    if (!stream.write(chunk)) await once(stream, "drain");
  });
  stream.end();
  await once(stream, "close");
}

async function makeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return;
  throw new Problem({ code: "not-empty", text: `There is something in ${folder} already.`, hint: "Give a folder that is empty or new." });
}

/** As JavaScript, whatever this program runs from. */
async function verifierSource(): Promise<string> {
  const ending = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  const read = (name: string): Promise<string> => readFile(join(import.meta.dirname, `${name}.${ending}`), "utf8");
  const source = `${await read("verify")}\n${(await read("verify-alone")).replaceAll(/^import .*\n/gmu, "")}`;
  if (ending === "js") return source;
  // Node does the same to run this program, without a word; called by name, it says that it is experimental.
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was, and never called from here
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

const nothingSigned = (): Problem =>
  new Problem({
    code: "nothing-signed",
    text: "No checkpoint of the ledger was signed yet, so that nothing could be proven.",
    hint: "Start `serve`, which signs once a minute, or `puppet-gate ledger sign --once`.",
  });

const gone = (index: number): Problem =>
  new Problem({
    code: "ledger-rewritten",
    text: `Entry ${index} of the ledger, which was signed, is not in the database.`,
    hint: "Look at what is published and at backups: somebody removed it (docs/audit.md).",
  });

const missingKey = (): never => {
  throw new Problem({
    code: "ledger-key",
    text: "The ledger does not say by which key it is signed.",
    hint: "Start `serve`, or `puppet-gate ledger sign --once`, which record it.",
  });
};
