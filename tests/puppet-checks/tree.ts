import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { openSandbox } from "../../src/puppet/sandbox.ts";
import { environmentFolder } from "../../src/puppet/tree.ts";
import type { ExportedTree } from "../../src/puppet/tree-files.ts";

/** A file's content; `link` makes a symlink, as `Repository.export` writes one. */
export type Content = string | Buffer | { link: string };

/** Writes files into a folder and opens a sandbox over it, as a check does with an exported tree. */
export async function openFiles(files: ReadonlyArray<readonly [name: string | Buffer, content: Content]>): Promise<ExportedTree> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-checks-"));
  for (const [name, content] of files) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
    await mkdir(dirname(path.toString("latin1").replace(Buffer.from(folder).toString("latin1"), folder)), { recursive: true });
    if (typeof content === "object" && "link" in content) await symlink(content.link, path);
    else await writeFile(path, content);
  }
  const root = environmentFolder("production");
  const sandbox = await openSandbox([{ folder, at: root }]);
  return { sandbox, root, folder, layout: { name: "production", modulepath: [], manifest: "manifests" } };
}

export const closeFiles = async (tree: ExportedTree): Promise<void> => rm(tree.folder, { recursive: true, force: true });

/** Opens a tree of `files` for the time of `use`. */
export async function withFiles<T>(files: Record<string, Content>, use: (tree: ExportedTree) => Promise<T>): Promise<T> {
  const tree = await openFiles(Object.entries(files));
  try {
    return await use(tree);
  } finally {
    await closeFiles(tree);
  }
}
