import type { Unplaced } from "../catalog/finding.ts";
import { lstat } from "node:fs/promises";
import { join } from "node:path";

import type { SandboxedTree } from "./tree.ts";

/** A tree in its sandbox, and the folder of this machine that is mounted there. Nothing in that folder is opened or followed here. */
export interface ExportedTree extends SandboxedTree {
  folder: string;
}

/** A regular file of a tree. `name` is its path as bytes, since git's paths are bytes. */
export interface TreeFile {
  path: string;
  name: Buffer;
  /** Bytes. */
  size: number;
}

/** Files that can be looked at, and why the others can't. */
export interface Inspected {
  files: TreeFile[];
  refused: Array<{ path: string; code: UncheckedCode; message: string }>;
}

/**
 * What kept a check from looking at a file: then nothing is known about it, which blocks, and having been so on base is no excuse
 * (`compareLint` takes every code that begins like this for new).
 */
export type UncheckedCode = `unchecked-${"link" | "missing" | "name" | "size" | "time" | "memory" | "crash" | "output"}`;

export const unchecked = (check: string, path: string | null, code: UncheckedCode, message: string): Unplaced => ({
  check,
  severity: "error",
  path,
  line: null,
  column: null,
  code,
  message,
});

/**
 * Looks files of a tree up without following anything: a symlink, a submodule, a file above `mostBytes` is refused with the reason.
 */
export async function inspect(folder: string, paths: readonly string[], mostBytes: number): Promise<Inspected> {
  const inspected: Inspected = { files: [], refused: [] };
  for (const path of paths) {
    const name = pathBytes(path);
    const found = name !== null && isInside(name) ? await look(folder, name) : "outside";
    if (name !== null && typeof found === "number" && found <= mostBytes) inspected.files.push({ path, name, size: found });
    else inspected.refused.push({ path, ...refusal(found, mostBytes) });
  }
  return inspected;
}

type Look = number | "link" | "missing" | "outside" | "no-file";

/** The size of a regular file. Every folder on the way is looked at as well, so that none of them is a link. */
async function look(folder: string, name: Buffer): Promise<Look> {
  const segments = name.toString("latin1").split("/");
  for (let at = 1; at <= segments.length; at++) {
    const part = Buffer.from(segments.slice(0, at).join("/"), "latin1");
    const stats = await lstat(Buffer.concat([Buffer.from(join(folder, "/")), part])).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "ENAMETOOLONG") return null;
      throw error;
    });
    if (stats === null) return "missing";
    if (stats.isSymbolicLink()) return "link";
    if (at === segments.length) return stats.isFile() ? stats.size : "no-file";
  }
  return "missing";
}

function refusal(found: Look, mostBytes: number): { code: UncheckedCode; message: string } {
  if (typeof found === "number") {
    const message = `not checked: it has ${mebibytes(found)} MiB, and files are looked at up to ${mebibytes(mostBytes)} MiB`;
    return { code: "unchecked-size", message };
  }
  return refusals[found];
}

const refusals: Record<Exclude<Look, number>, { code: UncheckedCode; message: string }> = {
  link: { code: "unchecked-link", message: "not checked: it is a symlink, or behind one, and links of a change are not followed" },
  missing: { code: "unchecked-missing", message: "not checked: the tree has no such file" },
  outside: { code: "unchecked-name", message: "not checked: this is no path inside the tree" },
  "no-file": { code: "unchecked-missing", message: "not checked: it is no regular file" },
};

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

function isInside(name: Buffer): boolean {
  const text = name.toString("latin1");
  return text !== "" && !text.includes("\0") && text.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

const escapes: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/**
 * A path's bytes. One that git would quote (git-config, `core.quotePath`) comes quoted: it begins with a quotation mark, which no
 * other does, and bytes are octal numbers in it. Null for what begins so and is no such form.
 */
export function pathBytes(path: string): Buffer | null {
  if (!path.startsWith('"')) return Buffer.from(path, "utf8");
  if (!/^"(?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*"$/s.test(path)) return null;
  const parts = path.slice(1, -1).match(/\\[0-3][0-7]{2}|\\.|[^\\]+/gs) ?? [];
  return Buffer.concat(
    parts.map((part) => {
      if (!part.startsWith("\\")) return Buffer.from(part, "utf8");
      return Buffer.of(part.length === 4 ? Number.parseInt(part.slice(1), 8) : (escapes[part.slice(1)] ?? 0));
    }),
  );
}
