import { lstat, mkdir, readdir, realpath } from "node:fs/promises";
import { join, posix } from "node:path";

import type { EnvironmentLayout, StandIns } from "../engine/ports.ts";
import { Problem } from "../problem.ts";
import { run } from "../process/run.ts";
import { temporaryFolder } from "../process/temporary.ts";
import type { Mount } from "./sandbox.ts";
import { writeStandIns } from "./stand-ins.ts";
import { environmentFolder } from "./tree.ts";

/** Where an environment's parts are in the sandbox. */
export interface Environment {
  name: string;
  root: string;
  manifest: string;
  modulepath: string[];
  mounts: Mount[];
  /** Where stand-ins for files outside the tree are. */
  standInFolders: string[];
  /** Removes the copies of modules that lay outside the tree. */
  remove(): Promise<void>;
}

/**
 * Lays an environment out for the sandbox: the tree at its fixed path, and copies of the modules that lie outside it where a server has
 * its own modules. They are copied because the sandbox's user must be able to read them, and their owner's modes are not ours to change.
 */
export async function layOut(folder: string, layout: EnvironmentLayout, standIns?: StandIns): Promise<Environment> {
  const root = environmentFolder(layout.name);
  let workspace: Awaited<ReturnType<typeof temporaryFolder>> | null = null;
  const environment: Environment = {
    name: layout.name,
    root,
    manifest: posix.join(root, layout.manifest),
    modulepath: [],
    mounts: [{ folder, at: root }],
    standInFolders: [],
    remove: async () => workspace?.remove(),
  };
  try {
    for (const [index, entry] of layout.modulepath.entries()) {
      if (entry.in === "tree") {
        environment.modulepath.push(posix.join(root, entry.path));
        continue;
      }
      workspace ??= await temporaryFolder("modules");
      const last = environment.mounts.at(-1);
      // Modules that were resolved one by one lie in one folder, as they do where they are installed.
      if (last !== undefined && entry.id !== undefined && isResolved(layout.modulepath[index - 1])) {
        await copyModules(entry.folder, entry.only, last.folder);
        continue;
      }
      const number = environment.mounts.length - 1;
      const at = `/etc/puppetlabs/code/modules-${number}`;
      const copy = join(workspace.path, String(number));
      await mkdir(copy, { mode: 0o755 });
      await copyModules(entry.folder, entry.only, copy);
      environment.mounts.push({ folder: copy, at });
      environment.modulepath.push(at);
    }
    if (standIns !== undefined && standIns.files.length > 0) {
      workspace ??= await temporaryFolder("modules");
      const mounts = await writeStandIns(join(workspace.path, "stand-ins"), standIns.files, environment.mounts);
      environment.mounts.push(...mounts);
      environment.standInFolders.push(...mounts.map(({ at }) => at));
    }
  } catch (error) {
    await environment.remove();
    throw error;
  }
  return environment;
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
