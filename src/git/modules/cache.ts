import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, mkdir, open, readFile, readdir, readlink, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import type { TreeEntry } from "../../engine/ports/repository.ts";
import { moduleFileName, problem } from "../problems.ts";

/** Contents of modules, each for ever: `<cache>/trees/<source>/<id>/NAME`, and its list of files beside it. */
export interface CachedModule {
  /** Holds the module's own folder. */
  folder: string;
  files: TreeEntry[];
}

const listSchema = z.array(z.strictObject({ path: z.string(), mode: z.string(), oid: z.string(), size: z.number() }));

/** A name for an address or anything else, that is one of a folder. */
export const folderName = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** Raised with what is kept of a content: what was kept before that is fetched again. */
const version = 2;

const placeOf = (cache: string, source: string, id: string, name: string): string =>
  join(cache, "trees", folderName(source), folderName(`${version}\0${id}\0${name}`));

/** What is kept of a module; null where it has to be fetched. */
export async function findCached(cache: string, source: string, id: string, name: string): Promise<CachedModule | null> {
  const folder = placeOf(cache, source, id, name);
  if (!existsSync(folder)) return null;
  return { folder, files: listSchema.parse(JSON.parse(await readFile(join(folder, "files.json"), "utf8"))) };
}

/**
 * Keeps a module's content. `fill` writes it into the folder it is given, and gives what belongs to it and is no file there, as submodules are; what
 * is there then is listed and put in its place at once, so that nobody ever finds half of it. Where two do the same at the same time, the first one's is kept: they are equal.
 */
export async function keepModule(
  cache: string,
  { source, id, name }: { source: string; id: string; name: string },
  fill: (folder: string) => Promise<readonly TreeEntry[]>,
): Promise<CachedModule> {
  const folder = placeOf(cache, source, id, name);
  const aside = join(cache, "trees", `new-${randomUUID()}`);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  try {
    const others = await fill(join(aside, name));
    const files = [...(await filesOf(join(aside, name))), ...others];
    await writeFile(join(aside, "files.json"), JSON.stringify(files));
    await mkdir(join(folder, ".."), { recursive: true });
    await rename(aside, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    return { folder, files };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** All files of a folder with the ids that git would give them. Links are listed, and never followed. */
async function filesOf(folder: string, below = ""): Promise<TreeEntry[]> {
  const files: TreeEntry[] = [];
  const children = await readdir(join(folder, below), { withFileTypes: true });
  for (const child of children.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === "" ? child.name : `${below}/${child.name}`;
    if (path.includes("\ufffd")) throw problem(moduleFileName(path));
    const full = join(folder, path);
    if (child.isDirectory()) files.push(...(await filesOf(folder, path)));
    else if (child.isSymbolicLink()) files.push(entry(path, "120000", Buffer.from(await readlink(full))));
    else if (child.isFile()) files.push(entry(path, (await lstat(full)).mode & 0o100 ? "100755" : "100644", await readFile(full)));
  }
  return files;
}

const entry = (path: string, mode: string, content: Buffer): TreeEntry => ({
  path,
  mode,
  oid: createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex"),
  size: content.length,
});

const mostBytes = 20 * 2 ** 20;

/** A regular file of a kept module. No link is followed to it: what its list has for a file was one, and nobody writes there. */
export async function readKept(folder: string, path: string): Promise<Buffer | null> {
  const file = await open(join(folder, path), "r");
  try {
    const { size } = await file.stat();
    return size > mostBytes ? null : await file.readFile();
  } finally {
    await file.close();
  }
}
