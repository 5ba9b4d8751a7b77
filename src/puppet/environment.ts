import { lstat, mkdir, readdir, realpath } from "node:fs/promises";
import { dirname, join, posix } from "node:path";

import type { EnvironmentLayout } from "../engine/ports/environment.ts";
import type { TreeToCompile } from "../engine/ports/compile.ts";
import { Problem } from "../problem.ts";
import { run } from "../process/run.ts";
import { type Code, codeFolder } from "./code-folder.ts";
import type { Mount } from "./sandbox.ts";
import { writeStandIns } from "./stand-ins.ts";
import { indexOf, type Written } from "./written.ts";
import { environmentFolder } from "./tree.ts";

/** Where an environment's parts are in the sandbox. */
export interface Environment {
  name: string;
  root: string;
  /** The folder of this machine that the tree is written into. */
  folder: string;
  manifest: string;
  modulepath: string[];
  /** What the sandbox has to show besides its code folder. */
  mounts: Mount[];
  /** Where stand-ins for files outside the tree are. */
  standInFolders: string[];
}

/**
 * Lays an environment out in a sandbox's code folder, which is empty: the tree at its fixed path, and copies of the modules that lie outside
 * it where a server has its own modules. They are copied because the sandbox's user must be able to read them, and their owner's modes are
 * not ours to change.
 */
export async function layOut(
  code: Code,
  { of, write, layout, standIns }: Omit<TreeToCompile, "limits">,
  written: Written | null = null,
): Promise<Environment> {
  const root = environmentFolder(layout.name);
  const folder = join(code.path, posix.relative(codeFolder, root));
  await mkdir(dirname(folder), { mode: 0o755 });
  const index = indexOf(code);
  if (of !== undefined) await written?.take(of, { folder, index });
  await write(folder, index);
  const modulepath: string[] = [];
  let copied = 0;
  for (const [index, entry] of layout.modulepath.entries()) {
    if (entry.in === "tree") {
      modulepath.push(posix.join(root, entry.path));
      continue;
    }
    // Modules that were resolved one by one lie in one folder, as they do where they are installed.
    const isWithLast = copied > 0 && entry.id !== undefined && isResolved(layout.modulepath[index - 1]);
    const number = isWithLast ? copied - 1 : copied++;
    const copy = join(code.path, `modules-${number}`);
    if (!isWithLast) {
      await mkdir(copy, { mode: 0o755 });
      modulepath.push(`${codeFolder}/modules-${number}`);
    }
    await copyModules(entry.folder, entry.only, copy);
  }
  const modules = Array.from({ length: copied }, (_, number) => `${codeFolder}/modules-${number}`);
  const shown = await writeStandIns(code, standIns?.files ?? [], modules);
  return {
    name: layout.name,
    root,
    folder,
    manifest: posix.join(root, layout.manifest),
    modulepath,
    mounts: shown.mounts,
    standInFolders: shown.folders,
  };
}

const isResolved = (entry: EnvironmentLayout["modulepath"][number] | undefined): boolean => entry?.in === "disk" && entry.id !== undefined;

/** Copies modules, links as links. Names come from the tree: what is no module's name is not looked for. */
async function copyModules(from: string, only: readonly string[] | null, to: string): Promise<void> {
  if (only === null) return copyWhole(from, to);
  for (const name of only) if (!isModuleName(name) || !(await isFolder(join(from, name)))) throw noModule(name, from);
  await copy(
    only.map((name) => join(from, name)),
    to,
    from,
  );
}

/** A folder that a person named is theirs: Debian's own module folder is made of links, so each entry is copied from where it leads. */
async function copyWhole(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter(isModuleName);
  const modules = await Promise.all(names.map(async (name) => ({ name, path: await realpath(join(from, name)) })));
  const folders: typeof modules = [];
  for (const module of modules) if (await isFolder(module.path)) folders.push(module);
  if (folders.length === 0) throw noModules(from);
  for (const { name, path } of folders) await copy([path], join(to, name), from);
}

const isModuleName = (name: string): boolean => /^[a-z]\w*$/.test(name);

async function copy(folders: readonly string[], to: string, from: string): Promise<void> {
  if (folders.length === 0) return;
  const result = await run({
    file: "cp",
    args: ["-R", "-P", "--", ...folders, to],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    seconds: 300,
    outputBytes: 65_536,
  });
  if (result.ok) return;
  throw new Problem({
    code: "modules-not-copied",
    text: `Modules of ${from} can't be copied for the sandbox: ${result.stderr.trim().split("\n")[0] || "it took too long"}.`,
    hint: "See that they can be read, and that the temporary folder (TMPDIR) has room for them.",
  });
}

const isFolder = async (path: string): Promise<boolean> => (await lstat(path).catch(() => null))?.isDirectory() ?? false;

const noModules = (folder: string): Problem =>
  new Problem({
    code: "no-modules",
    text: `${folder} holds no module (a folder named in lower-case letters, digits and underscores).`,
    hint: "Give --modulepath the folder that the modules lie in, or leave it out.",
  });

const noModule = (name: string, folder: string): Problem =>
  new Problem({
    code: "missing-module",
    text: `${folder} has no module ${JSON.stringify(name)} (a folder of that name, not a link to one).`,
    hint: "Install it there, or take it out of the environment.",
  });
