import { createHash } from "node:crypto";
import type { EffectGroup } from "../catalog/effects.ts";
import { dataRoom, type DataRoom, noteOf } from "../catalog/notes.ts";
import { oidOf } from "../catalog/served.ts";

/** Above this, text is given by digest and size (the report's contract). */
const longestText = 64 * 1024;

type Json = EffectGroup["before"];
type Read = (oid: string) => Promise<Buffer | null> | "not served";

/**
 * Served files are compared by git's object id; here the few that differ are read, so that people see the text, or the real SHA-256
 * of what is no text. `read` gives an object's bytes, or null where it is too large to read: then git's object id is given for it.
 */
export async function showContents(
  groups: readonly EffectGroup[],
  served: ReadonlySet<string>,
  read: (oid: string) => Promise<Buffer | null>,
): Promise<EffectGroup[]> {
  // A manifest can write a hash that looks like a digest: only objects that the tree really serves are ever read.
  const readServed: Read = (oid) => (served.has(oid) ? read(oid) : "not served");
  const shown: EffectGroup[] = [];
  const room = dataRoom();
  for (const group of groups) {
    const before = await withContent(group.before, readServed);
    const after = await withContent(group.after, readServed);
    shown.push({ ...group, before, after, ...noteOn(group, before, after, room) });
  }
  return shown;
}

/** What can be said of two texts only now that they are read. */
function noteOn(group: EffectGroup, before: Json, after: Json, room: DataRoom): { note?: string } {
  const isNew = group.note === undefined && group.attribute !== null && (before !== group.before || after !== group.after);
  const note = isNew ? noteOf(group.type, group.attribute ?? "", before, after, room) : null;
  return note === null ? {} : { note };
}

async function withContent(value: Json, read: Read): Promise<Json> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((each) => withContent(each, read)));
  const { sha256, size } = value;
  if (typeof sha256 === "string" && typeof size === "number" && Object.keys(value).length === 2) {
    const oid = oidOf(sha256);
    return oid === null ? value : contentOf(value, oid, size, read);
  }
  const entries = await Promise.all(Object.entries(value).map(async ([key, each]) => [key, await withContent(each, read)] as const));
  return Object.fromEntries(entries);
}

async function contentOf(value: Json, oid: string, size: number, read: Read): Promise<Json> {
  const bytes = await read(oid);
  if (bytes === "not served") return value;
  if (bytes === null) return { git: oid, size };
  const text = bytes.length <= longestText ? asText(bytes) : null;
  return text ?? { sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}

/** The text of UTF-8 bytes; null for anything else, and for what has a NUL, which no text file has. */
function asText(bytes: Buffer): string | null {
  const text = bytes.toString("utf8");
  return !text.includes("\0") && Buffer.from(text, "utf8").equals(bytes) ? text : null;
}
