import { lstat, readFile, readdir } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { z } from "zod";

import type { ExportedResource, StandIns } from "../engine/ports/stand-ins.ts";
import type { NamedFile } from "../engine/ports/site.ts";
import { Problem } from "../problem.ts";
import { parse } from "./document.ts";
import { reasonOf } from "./folder.ts";
import { badStandIns, unreadablePath } from "./problems.ts";
import { digestOf } from "./snapshot.ts";

const most = { files: 10_000, bytes: 64 * 2 ** 20, depth: 16 };

const records = z.union([z.string(), z.array(z.string())]).transform((given) => (Array.isArray(given) ? given : [given]));
const types = ["A", "AAAA", "CNAME", "PTR", "TXT", "NS"] as const;
/** `www: 192.0.2.7`, `www: [192.0.2.7, 2001:db8::7]`, or by type: `www: {CNAME: web01}`. */
const dnsSchema = z.record(z.string().min(1).max(255), z.union([records, z.partialRecord(z.enum(types), records)]));

/** The form that PuppetDB's `resources` endpoint gives, of which no more is read. */
export const exportedSchema = z.object({
  certname: z.string(),
  type: z.string(),
  title: z.string(),
  tags: z.array(z.string()).default([]),
  parameters: z.record(z.string(), z.unknown()).default({}),
});
const puppetdbSchema = z.strictObject({
  queries: z.array(z.strictObject({ query: z.union([z.string(), z.array(z.unknown())]), result: z.unknown() })).default([]),
  exported: z.array(exportedSchema).nullable().default(null),
});

/** A folder's stand-ins: `files/` is the root of a server's file system, `dns.yaml` and `puppetdb.yaml` are tables. */
export function toStandIns(files: readonly NamedFile[]): StandIns {
  const standIns: { files: NamedFile[]; dns: StandIns["dns"]; queries: StandIns["queries"]; exported: ExportedResource[] | null } = {
    files: [],
    dns: {},
    queries: [],
    exported: null,
  };
  for (const { path, content } of files) {
    if (path.startsWith("files/")) standIns.files.push({ path: path.slice("files".length), content });
    else if (/^dns\.(?:ya?ml|json)$/u.test(path)) standIns.dns = toDns(path, content);
    else if (/^puppetdb\.(?:ya?ml|json)$/u.test(path)) Object.assign(standIns, read(path, content, puppetdbSchema));
    else if (!/^README(?:\.\w+)?$/iu.test(path)) throw new Problem(badStandIns(path, "nothing reads a file of that name"));
  }
  return {
    ...standIns,
    id: digestOf({ ...standIns, files: standIns.files.map(({ path, content }) => [path, content.toString("base64")]) }),
  };
}

function toDns(path: string, content: Buffer): StandIns["dns"] {
  const table = new Map<string, Array<{ type: string; value: string }>>();
  const add = (name: string, type: string, value: string): void => {
    const key = name.toLowerCase().replace(/\.$/u, "");
    table.set(key, [...(table.get(key) ?? []), { type, value }]);
  };
  for (const [name, given] of Object.entries(read(path, content, dnsSchema))) {
    const byType = Array.isArray(given) ? given.map((value) => [null, value] as const) : pairs(given);
    for (const [type, value] of byType) {
      const version = isIP(value);
      const kind = type ?? (isIP(name) > 0 ? "PTR" : version === 4 ? "A" : version === 6 ? "AAAA" : null);
      if (kind === null || (kind === "A" && version !== 4) || (kind === "AAAA" && version !== 6))
        throw new Problem(badStandIns(path, `${name}: ${JSON.stringify(value)} is no address`));
      add(name, kind, value);
      if (type === null && version > 0) add(value, "PTR", name);
    }
  }
  return Object.fromEntries(table);
}

const pairs = (byType: Partial<Record<string, string[]>>): Array<readonly [string, string]> =>
  Object.entries(byType).flatMap(([type, values]) => (values ?? []).map((value) => [type, value] as const));

function read<T>(path: string, content: Buffer, schema: z.ZodType<T>): T {
  const parsed = parse(path, content);
  if (!parsed.ok) throw new Problem(badStandIns(path, parsed.problem.text.replace(/\.$/u, "")));
  const checked = schema.safeParse(parsed.value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new Problem(badStandIns(path, `${issue?.path.join(".") || "it"}: ${issue?.message.toLowerCase() ?? "not understood"}`));
}

/** A folder of stand-ins on this machine. Links in it are refused: what they lead to may be no stand-in. */
export async function readStandIns(folder: string): Promise<StandIns> {
  const files: NamedFile[] = [];
  let bytes = 0;
  const walk = async (inner: string, depth: number): Promise<void> => {
    for (const name of (await readdir(join(folder, inner))).sort()) {
      const path = inner === "" ? name : `${inner}/${name}`;
      if (inner === "" && name.startsWith(".")) continue;
      const stats = await lstat(join(folder, path));
      if (stats.isDirectory() && depth < most.depth) await walk(path, depth + 1);
      else if (!stats.isFile()) throw new Problem(badStandIns(join(folder, path), "it is no regular file"));
      else {
        bytes += stats.size;
        if (files.length >= most.files || bytes > most.bytes)
          throw new Problem(badStandIns(folder, `it holds more than ${most.files} files or ${most.bytes / 2 ** 20} MiB`));
        files.push({ path, content: await readFile(join(folder, path)) });
      }
    }
  };
  try {
    await walk("", 0);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(unreadablePath("--stand-ins", folder, reasonOf(error)), { cause: error });
  }
  return toStandIns(files);
}
