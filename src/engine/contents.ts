import { createHash } from "node:crypto";
import type { EffectGroup } from "../catalog/effects.ts";
import { oidOf } from "../catalog/served.ts";

/** Above this, text is given by digest and size (the report's contract). */
const longestText = 64 * 1024;

type Json = EffectGroup["before"];

/**
 * Served files are compared by git's object id; here the few that differ are read, so that people see the text, or the real SHA-256
 * of what is no text. `read` gives an object's bytes, or null where it is too large to read: then git's object id is given for it.
 */
export async function showContents(groups: readonly EffectGroup[], read: (oid: string) => Promise<Buffer | null>): Promise<EffectGroup[]> {
  const shown: EffectGroup[] = [];
  for (const group of groups) {
    shown.push({ ...group, before: await withContent(group.before, read), after: await withContent(group.after, read) });
  }
  return shown;
}

async function withContent(value: Json, read: (oid: string) => Promise<Buffer | null>): Promise<Json> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((each) => withContent(each, read)));
  const { sha256, size } = value;
  if (typeof sha256 === "string" && typeof size === "number" && Object.keys(value).length === 2) {
    const oid = oidOf(sha256);
    return oid === null ? value : contentOf(oid, size, read);
  }
  const entries = await Promise.all(Object.entries(value).map(async ([key, each]) => [key, await withContent(each, read)] as const));
  return Object.fromEntries(entries);
}

async function contentOf(oid: string, size: number, read: (oid: string) => Promise<Buffer | null>): Promise<Json> {
  const bytes = await read(oid);
  if (bytes === null) return { git: oid, size };
  const text = bytes.length <= longestText ? asText(bytes) : null;
  return text ?? { sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}

/** The text of UTF-8 bytes; null for anything else, and for what has a NUL, which no text file has. */
function asText(bytes: Buffer): string | null {
  const text = bytes.toString("utf8");
  return !text.includes("\0") && Buffer.from(text, "utf8").equals(bytes) ? text : null;
}
