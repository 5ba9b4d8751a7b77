import { existsSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entry, EntryKind } from "../../ledger/entry.ts";
import { Problem } from "../../problem.ts";
import type { About, AskSource } from "./answer.ts";

interface Kept {
  index: number;
  entry: string;
  about: Pick<Entry, "kind" | "at" | "repo" | "subject">;
}

/**
 * A bundle's entries of some kinds, to be asked. It is not verified by that: `audit verify` does. Texts are read when they are asked for, so that a bundle of any size
 * takes no more memory than the entries of these kinds. Throws a Problem where it is none.
 */
export async function bundleSource(folder: string, kinds: ReadonlySet<EntryKind>): Promise<AskSource & { close(): Promise<void> }> {
  const { first, count } = await manifestIn(folder);
  const kept: Kept[] = [];
  const wanted = new Set<string>();
  let index = first;
  for await (const { line } of linesOf(join(folder, "entries.jsonl"))) {
    const entry = parsed(folder, "entries.jsonl", line.toString("utf8")) as Entry;
    if (kinds.has(entry.kind)) {
      kept.push({ index, entry: line.toString("utf8"), about: entry });
      for (const digest of entry.evidence) wanted.add(digest);
    }
    index += 1;
  }
  const places = new Map<string, { at: number; length: number }>();
  for await (const { line, at } of linesOf(join(folder, "evidence.jsonl"))) {
    const digest = line.toString("latin1", digestAt, digestAt + 64);
    if (wanted.has(digest)) places.set(digest, { at, length: line.length });
  }
  const byAbout = Map.groupBy(kept, ({ about: { repo, subject } }) => `${repo}/${subject}`);
  const texts: FileHandle = await open(join(folder, "evidence.jsonl"));
  const blobOf = async (digest: string): Promise<{ sha256: string; blob: string }[]> => {
    const place = places.get(digest);
    if (place === undefined) return [];
    const bytes = Buffer.alloc(place.length);
    await texts.read(bytes, 0, place.length, place.at);
    return [parsed(folder, "evidence.jsonl", bytes.toString("utf8")) as { sha256: string; blob: string }];
  };
  return {
    logSize: async () => ({ entries: count }),
    countEntries: async () => index - first,
    newestCheckpoint: async () => ({ size: first + count }),
    subjectsOf: async (of, within) => {
      const found = new Map<string, About>();
      for (const { about } of kept)
        if (isWithin(about, of, within)) found.set(`${about.repo}/${about.subject}`, { repository: about.repo, subject: about.subject });
      return [...found.values()];
    },
    entriesAbout: async (about, of) =>
      [...new Set(about.map(({ repository, subject }) => `${repository}/${subject}`))]
        .flatMap((name) => byAbout.get(name) ?? [])
        .filter((one) => of.includes(one.about.kind))
        .sort((one, other) => one.index - other.index),
    entriesOfKinds: async (of, within, { first: from, most }) => {
      const found: Kept[] = [];
      for (let at = placeOf(kept, from); at < kept.length && found.length < most; at += 1) {
        const one = kept[at];
        if (one !== undefined && isWithin(one.about, of, within)) found.push(one);
      }
      return found;
    },
    blobsOf: async (digests) => (await Promise.all(digests.map(blobOf))).flat(),
    people: () => peopleIn(folder),
    close: () => texts.close(),
  };
}

const isWithin = (
  { kind, at, repo, subject: own }: Kept["about"],
  of: readonly EntryKind[],
  { from, to, repository, subject }: Parameters<AskSource["subjectsOf"]>[1],
): boolean =>
  of.includes(kind) &&
  (from === null || new Date(at) >= from) &&
  (to === null || new Date(at) < to) &&
  (repository === null || repo === repository) &&
  (subject === null || own === subject);

/** Where those from a place in the log on begin. */
function placeOf(kept: readonly Kept[], first: number): number {
  let [from, to] = [0, kept.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((kept[middle]?.index ?? 0) >= first) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** `{"sha256":"`, as each line of evidence begins. */
const digestAt = 11;

async function manifestIn(folder: string): Promise<{ first: number; count: number }> {
  const path = join(folder, "manifest.json");
  if (!existsSync(path)) throw noBundle(folder);
  const read = parsed(folder, "manifest.json", await readFile(path, "utf8")) as { format?: unknown; first?: unknown; count?: unknown };
  const { first, count } = read;
  if (read.format !== "puppet-gate/audit-bundle@1" || typeof first !== "number" || typeof count !== "number") throw noBundle(folder);
  return { first, count };
}

async function peopleIn(folder: string): Promise<{ id: number; salt: string }[]> {
  const path = join(folder, "people.jsonl");
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line) => parsed(folder, "people.jsonl", line) as { id: number; salt: string });
}

/** Lines of a file with the places where they begin, without the end of the line. Throws a Problem where it can't be read. */
async function* linesOf(path: string): AsyncGenerator<{ line: Buffer; at: number }> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw new Problem({ code: "no-bundle", text: `${path} can't be read.`, hint: "Unpack the bundle anew, whole." }, { cause });
  }
  try {
    let [rest, at] = [Buffer.alloc(0), 0];
    for (;;) {
      const chunk = Buffer.allocUnsafe(1 << 20);
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) break;
      const bytes = rest.length === 0 ? chunk.subarray(0, bytesRead) : Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      let from = 0;
      for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
        yield { line: bytes.subarray(from, to), at: at + from };
        from = to + 1;
      }
      rest = Buffer.from(bytes.subarray(from));
      at += from;
    }
    if (rest.length > 0) yield { line: rest, at };
  } finally {
    await file.close();
  }
}

function parsed(folder: string, name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem(
      {
        code: "no-bundle",
        text: `${join(folder, name)} is damaged.`,
        hint: "`puppet-gate audit verify` says where. Ask whoever made it for a new one.",
      },
      { cause },
    );
  }
}

const noBundle = (folder: string): Problem =>
  new Problem({ code: "no-bundle", text: `${folder} is no audit bundle.`, hint: "Give the folder that `puppet-gate audit export` made." });
