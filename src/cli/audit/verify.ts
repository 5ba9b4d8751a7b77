import { createPublicKey, hash, verify } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Verifies an audit bundle without anything else: no database, no network, no other file of this program. It shares no code with what makes logs and
 * bundles, so that a mistake there is not made here again. It can be copied, and run by Node alone: `node verify.mjs BUNDLE`.
 *
 * Formats: RFC 6962 tree hashes, C2SP signed-note and tlog-checkpoint, and the bundle's own README.
 */

/** What somebody knows from elsewhere, and does not take from the bundle. */
export interface Anchors {
  /** Verifier keys: the log must be of one of these, or of one that took over from it. */
  keys: readonly string[];
  /** Signed checkpoints that were published or kept: the bundle must agree with all of them. */
  checkpoints: readonly string[];
}

/** What is in the bundle, `problems` and `notes` in sentences. Nothing is wrong where there are no problems. */
export interface Verdict extends Manifest {
  problems: string[];
  notes: string[];
  /** Base64. */
  root: string;
  /** The key that signed the checkpoint. */
  key: string | null;
  blobs: number;
  forgotten: number;
}

interface Manifest {
  format: string;
  origin: string;
  /** Of the log, by its checkpoint. */
  size: number;
  /** Place in the log, from 0 on, of the first entry that is given in full, and how many are. */
  first: number;
  count: number;
  from: string | null;
  to: string | null;
  repository: number | null;
}
interface Entry {
  kind: string;
  at: string;
  repo: number;
  actor: string | null;
  evidence: string[];
  idempotencyKey: string;
}
interface Key {
  name: string;
  id: string;
  publicKey: Buffer;
  text: string;
}
interface Signature {
  name: string;
  id: string;
  bytes: Buffer;
}
interface Head {
  origin: string;
  size: number;
  root: Buffer;
  text: string;
  signatures: Signature[];
}

export function verifyBundle(folder: string, anchors: Anchors): Verdict {
  const problems: string[] = [];
  const notes: string[] = [];
  const manifest = readManifest(folder, problems);
  const head = parseHead(readText(folder, "checkpoint", problems));
  const root = head?.root.toString("base64") ?? "";
  const verdict: Verdict = { ...manifest, problems, notes, size: head?.size ?? 0, root, key: null, blobs: 0, forgotten: 0 };
  if (head === null) problems.push("checkpoint is no signed checkpoint");
  if (head === null || problems.length > 0) return verdict;
  if (head.origin !== manifest.origin) problems.push(`checkpoint is of ${head.origin}, and manifest.json of ${manifest.origin}`);
  if (head.size !== manifest.size) problems.push(`checkpoint is of ${head.size} entries, and manifest.json says ${manifest.size}`);

  const hashes = readBytes(folder, "leaf-hashes", problems) ?? Buffer.alloc(0);
  const evidence = readEvidence(folder, problems);
  const own = readOwn(folder, hashes, problems);
  const keys = keysOf(own, evidence, problems);
  verdict.key = signerOf(head, keys, anchors, problems);
  checkHeads(folder, { head, hashes, keys }, anchors, problems);
  const entries = readEntries(folder, manifest, hashes, problems);
  checkPeriod(entries, manifest, head.size, problems, notes);
  const told = new Set(own.map(({ entry }) => entry.idempotencyKey));
  for (const { kind, idempotencyKey } of entries)
    if (/^log-|^forgotten$/u.test(kind) && !told.has(idempotencyKey)) problems.push(`log.jsonl lacks ${idempotencyKey.slice(0, 80)}`);
  const key = readText(folder, "key", problems).trim();
  if (verdict.key !== null && key !== verdict.key) problems.push("key is not the key that signed checkpoint");
  checkPeople(folder, entries, problems);
  return Object.assign(verdict, checkEvidence([...entries, ...own.map(({ entry }) => entry)], evidence, manifest.repository, problems));
}

/** That nobody is named for what somebody else did: a number with its salt is the commitment of some entry. */
function checkPeople(folder: string, entries: readonly Entry[], problems: string[]): void {
  if (!existsSync(join(folder, "people.jsonl"))) return;
  const actors = new Set(entries.map(({ actor }) => actor));
  const wrong: string[] = [];
  for (const line of linesOf(folder, "people.jsonl", problems)) {
    const { id, salt } = (parseJson(line) ?? {}) as { id?: number; salt?: string };
    if (line !== JSON.stringify({ id, salt }) || !actors.has(hash("sha256", `${salt}:${id}`)))
      wrong.push(`people.jsonl names ${JSON.stringify(id)} for nobody who is in the entries`);
  }
  tell(wrong, problems);
}

function readManifest(folder: string, problems: string[]): Manifest {
  const none: Manifest = { format: "puppet-gate/audit-bundle@1", origin: "", size: 0, first: 0, count: 0, ...unbounded };
  const text = readText(folder, "manifest.json", problems);
  const read = text === "" ? null : (parseJson(text) as Partial<Manifest> | null);
  const isWhole =
    read?.format === none.format &&
    typeof read.origin === "string" &&
    [read.size, read.first, read.count].every((one) => Number.isSafeInteger(one) && (one ?? -1) >= 0) &&
    [read.from, read.to].every((one) => one === null || (typeof one === "string" && !Number.isNaN(Date.parse(one)))) &&
    (read.repository === null || Number.isSafeInteger(read.repository));
  if (isWhole) return read as Manifest;
  if (text !== "") problems.push(`manifest.json is not one of ${none.format}`);
  return none;
}

const unbounded = { from: null, to: null, repository: null };

/** Blobs by their digests; each is what it is called, or a problem. */
function readEvidence(folder: string, problems: string[]): Map<string, string> {
  const evidence = new Map<string, string>();
  const wrong: string[] = [];
  for (const line of linesOf(folder, "evidence.jsonl", problems)) {
    const { sha256 = "", blob = null } = (parseJson(line) ?? {}) as { sha256?: string; blob?: string | null };
    if (blob === null || sha256 !== hash("sha256", Buffer.from(blob)))
      wrong.push(`evidence ${sha256} in evidence.jsonl is not what its digest says`);
    else evidence.set(sha256, blob);
  }
  tell(wrong, problems);
  return evidence;
}

/** What the log says of itself, from anywhere in it: its keys, and what was forgotten. */
function readOwn(folder: string, hashes: Buffer, problems: string[]): { index: number; entry: Entry }[] {
  const own: { index: number; entry: Entry }[] = [];
  for (const line of linesOf(folder, "log.jsonl", problems)) {
    const { index = -1, entry = "" } = (parseJson(line) ?? {}) as { index?: number; entry?: string };
    const parsed = parseJson(entry) as Entry | null;
    if (parsed === null || !leafOf(entry).equals(hashAt(hashes, index)))
      problems.push(`log.jsonl names an entry ${index} that is not in the log`);
    else own.push({ index, entry: parsed });
  }
  return own;
}

/** The keys of the log, each vouched for by the one before; a log that took the place of another has its own. */
function keysOf(own: readonly { entry: Entry }[], evidence: ReadonlyMap<string, string>, problems: string[]): Key[] {
  const keys: Key[] = [];
  for (const { entry } of own) {
    if (!entry.kind.startsWith("log-")) continue;
    const text = textOf(evidence.get(entry.evidence[0] ?? "") ?? "");
    if (entry.kind === "log-succeeded") keys.length = 0;
    const first = entry.kind === "log-began" ? text : String((parseJson(text) as { key?: string } | null)?.key);
    const key = keys.length === 0 ? parseKey(first) : rotatedTo(text, keys);
    if (key === null) problems.push(`the entry ${entry.idempotencyKey.slice(0, 80)} does not bring a key that the one before vouches for`);
    else keys.push(key);
  }
  if (keys.length === 0) problems.push("the bundle does not say by which key the log is signed");
  return keys;
}

function rotatedTo(note: string, keys: readonly Key[]): Key | null {
  const [text = "", lines = ""] = note.split("\n\n");
  const [, , before = "", after = ""] = text.split("\n");
  const [old, next] = [keys.find((key) => key.text === before), parseKey(after)];
  if (old === undefined || next === null) return null;
  const signatures = signaturesOf(lines);
  return [old, next].every((key) => signatures.some((one) => isSigned(key, `${text}\n`, one))) ? next : null;
}

/** The key that signed, which has to be the log's newest, and one that the anchors know or that took over from one. */
function signerOf(head: Head, keys: readonly Key[], anchors: Anchors, problems: string[]): string | null {
  const newest = keys.at(-1);
  const signed = newest !== undefined && newest.name === head.origin && head.signatures.some((one) => isSigned(newest, head.text, one));
  if (!signed) {
    problems.push("checkpoint is not signed by the log's key");
    return null;
  }
  for (const text of anchors.keys)
    if (!keys.some((key) => key.text === text.trim())) problems.push(`the log is not of the key ${text.trim()}: another one has signed it`);
  return newest.text;
}

/** The root of every checkpoint that is known, of this log and no other. */
function checkHeads(
  folder: string,
  { head, hashes, keys }: { head: Head; hashes: Buffer; keys: readonly Key[] },
  anchors: Anchors,
  problems: string[],
): void {
  const kept = join(folder, "checkpoints");
  const inside = existsSync(kept)
    ? readdirSync(kept).map((name) => ({ name: `checkpoints/${name}`, note: readFileSync(join(kept, name), "utf8") }))
    : [];
  const outside = anchors.checkpoints.map((note, at) => ({ name: `the checkpoint given as number ${at + 1}`, note }));
  const wanted = [{ name: "checkpoint", head }];
  for (const { name, note } of [...inside, ...outside]) {
    const parsed = parseHead(note);
    if (parsed === null) problems.push(`${name} is no signed checkpoint`);
    else if (parsed.origin !== head.origin) problems.push(`${name} is of ${parsed.origin}, and not of ${head.origin}`);
    else if (!keys.some((key) => parsed.signatures.some((one) => isSigned(key, parsed.text, one))))
      problems.push(`${name} is not signed by a key of the log`);
    else if (parsed.size > head.size)
      problems.push(
        `${name} is of ${parsed.size} entries, and the bundle's log has ${head.size}: its end was cut off, or it was restored to an earlier state`,
      );
    else wanted.push({ name, head: parsed });
  }
  if (hashes.length !== head.size * 32) {
    problems.push(`leaf-hashes has ${hashes.length / 32} entries, and the checkpoint ${head.size}`);
    return;
  }
  wanted.sort((one, other) => one.head.size - other.head.size);
  const roots: Buffer[] = [];
  let size = 0;
  for (const { name, head: one } of wanted) {
    for (; size < one.size; size += 1) {
      let root = hashAt(hashes, size);
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) root = nodeOf(roots.pop() ?? root, root);
      roots.push(root);
    }
    const root = roots.length === 0 ? hash("sha256", "", "buffer") : roots.reduceRight((right, left) => nodeOf(left, right));
    if (!root.equals(one.root)) problems.push(`the first ${one.size} entries of the log are not those that ${name} is of`);
  }
}

function readEntries(folder: string, { first, count }: Manifest, hashes: Buffer, problems: string[]): Entry[] {
  const entries: Entry[] = [];
  const wrong: string[] = [];
  let index = first;
  for (const line of linesOf(folder, "entries.jsonl", problems)) {
    const entry = parseJson(line) as Entry | null;
    if (entry === null || !leafOf(line).equals(hashAt(hashes, index)))
      wrong.push(`line ${index - first + 1} of entries.jsonl is not entry ${index} of the log`);
    else entries.push(entry);
    index += 1;
  }
  if (index !== first + count) problems.push(`entries.jsonl has ${index - first} entries, and manifest.json says ${count}`);
  tell(wrong, problems);
  return entries;
}

/** That nothing of the period is left out: the entries on both sides of it are given too, or the log begins or ends there. */
function checkPeriod(
  entries: readonly Entry[],
  { first, count, from, to }: Manifest,
  size: number,
  problems: string[],
  notes: string[],
): void {
  const [before, after] = [entries[0], entries.at(-1)];
  if (first > 0 && (from === null || before === undefined || Date.parse(before.at) >= Date.parse(from)))
    problems.push(
      `the entries begin at ${first} of the log, and the one before the period is not among them: earlier ones may be left out`,
    );
  if (first + count < size && (to === null || after === undefined || Date.parse(after.at) < Date.parse(to)))
    problems.push(
      `the entries end at ${first + count} of ${size}, and the one after the period is not among them: later ones may be left out`,
    );
  // On each side one alone: a period that is narrower than what is given would hide what is asked of it.
  const begins = from === null ? 0 : entries.findIndex(({ at }) => Date.parse(at) >= Date.parse(from));
  const ends = to === null ? entries.length - 1 : entries.findLastIndex(({ at }) => Date.parse(at) < Date.parse(to));
  if (begins > 1 || (begins < 0 && entries.length > 2) || ends < entries.length - 2)
    problems.push("the entries reach further than the period that manifest.json says");
  const keys = new Set<string>();
  const twice: string[] = [];
  let latest = 0;
  let back = 0;
  for (const { at, idempotencyKey } of entries) {
    if (keys.has(idempotencyKey)) twice.push(`${idempotencyKey.slice(0, 80)} was recorded twice`);
    keys.add(idempotencyKey);
    if (Date.parse(at) < latest - 300_000) back += 1;
    latest = Math.max(latest, Date.parse(at));
  }
  tell(twice, problems);
  if (back > 0) notes.push(`${back} entries say that they are over five minutes older than one before them: clocks differed, or were set`);
}

/** That what entries rest on is there, unless an entry says that it was forgotten. */
function checkEvidence(
  entries: readonly Entry[],
  evidence: ReadonlyMap<string, string>,
  repository: number | null,
  problems: string[],
): { blobs: number; forgotten: number } {
  const allowed = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== "forgotten") continue;
    for (const digest of entry.evidence) {
      const { blobs = [] } = (parseJson(textOf(evidence.get(digest) ?? "")) ?? {}) as { blobs?: string[] };
      for (const blob of blobs) allowed.add(blob);
    }
  }
  const wrong: string[] = [];
  const missing = new Set<string>();
  const named = new Set<string>();
  for (const { repo, kind, idempotencyKey, evidence: digests } of entries) {
    if (repository !== null && repo !== 0 && repo !== repository) continue;
    for (const digest of digests) {
      named.add(digest);
      if (evidence.has(digest)) continue;
      if (allowed.has(digest)) missing.add(digest);
      else wrong.push(`evidence ${digest} of ${kind} ${idempotencyKey.slice(0, 80)} is missing, and no entry says that it was forgotten`);
    }
  }
  for (const digest of evidence.keys()) if (!named.has(digest)) wrong.push(`evidence ${digest} is of no entry that it could be for`);
  tell(wrong, problems);
  return { blobs: evidence.size, forgotten: missing.size };
}

function tell(wrong: readonly string[], problems: string[]): void {
  problems.push(...wrong.slice(0, 5));
  if (wrong.length > 5) problems.push(`… and ${wrong.length - 5} more like the last`);
}

/** The text of a blob, without the line of its salt. */
const textOf = (blob: string): string => (/^[0-9a-f]{64}\n/u.test(blob) ? blob.slice(65) : blob);

const leafOf = (entry: string): Buffer => hash("sha256", Buffer.from(`\0${entry}`), "buffer");
const nodeOf = (left: Buffer, right: Buffer): Buffer => hash("sha256", Buffer.concat([Buffer.from([1]), left, right]), "buffer");
const hashAt = (hashes: Buffer, index: number): Buffer => hashes.subarray(index * 32, index * 32 + 32);

function parseHead(note: string): Head | null {
  const cut = note.lastIndexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const [origin = "", size = "", root = ""] = text.split("\n");
  const bytes = Buffer.from(root, "base64");
  if (cut < 0 || origin === "" || !/^(?:0|[1-9]\d{0,14})$/u.test(size) || bytes.length !== 32 || bytes.toString("base64") !== root)
    return null;
  return { origin, size: Number(size), root: bytes, text, signatures: signaturesOf(note.slice(cut + 2)) };
}

const signaturesOf = (lines: string): Signature[] =>
  [...lines.matchAll(/^— (\S+) ([A-Za-z0-9+/]+={0,2})$/gmu)].map(([, name = "", encoded = ""]) => {
    const bytes = Buffer.from(encoded, "base64");
    return { name, id: bytes.subarray(0, 4).toString("hex"), bytes: bytes.subarray(4) };
  });

function parseKey(text: string): Key | null {
  const [, name = "", id = "", encoded = ""] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.length !== 33 || bytes[0] !== 1) return null;
  const own = hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), bytes]), "buffer").subarray(0, 4);
  return own.toString("hex") === id ? { name, id, publicKey: bytes.subarray(1), text: text.trim() } : null;
}

function isSigned(key: Key, text: string, { name, id, bytes }: Signature): boolean {
  if (key.name !== name || key.id !== id || bytes.length !== 64) return false;
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.publicKey]);
  return verify(null, Buffer.from(text), createPublicKey({ key: der, format: "der", type: "spki" }), bytes);
}

const readText = (folder: string, name: string, problems: string[]): string => readBytes(folder, name, problems)?.toString("utf8") ?? "";

function readBytes(folder: string, name: string, problems: string[]): Buffer | null {
  const path = join(folder, name);
  if (existsSync(path)) return readFileSync(path);
  problems.push(`${name} is missing`);
  return null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // whoever asked says what is wrong with it
  }
}

function* linesOf(folder: string, name: string, problems: string[]): Generator<string> {
  const bytes = readBytes(folder, name, problems) ?? Buffer.alloc(0);
  for (let from = 0, to = 0; from < bytes.length; from = to + 1) {
    to = bytes.indexOf(10, from);
    if (to < 0) to = bytes.length;
    yield bytes.toString("utf8", from, to);
  }
}

/** What it comes to, in one sentence. */
export const lastWords = ({ problems }: Verdict, { keys, checkpoints }: Anchors): string =>
  problems.length > 0
    ? "NOT VERIFIED  this bundle is not what was signed, or not all of it"
    : keys.length + checkpoints.length > 0
      ? "VERIFIED  nothing was changed, left out, reordered or cut off since what you know from elsewhere was signed"
      : "VERIFIED AGAINST ITSELF  compare the key and a checkpoint with what was published elsewhere: --key KEY, --checkpoint FILE";
