import { stat } from "node:fs/promises";
import { isAbsolute, posix, relative, resolve } from "node:path";

import type { EnvironmentLayout, LayoutRequest, TreeFiles } from "../engine/ports/environment.ts";
import { Problem } from "../problem.ts";
import { parseEnvironmentConf, placeInTree, type Setting } from "./environment-conf.ts";
import { modulesBeside } from "./layout-modules.ts";
import { environmentFolder } from "./tree.ts";
import { TreePaths } from "./tree-paths.ts";

type Entry = EnvironmentLayout["modulepath"][number];

/**
 * Finds where an environment's parts are, without touching a tree's disk: as asked for, else as environment.conf says, else where
 * Puppet looks without one (`modules`, `manifests`). Module folders that the tree does not have are left out, as Puppet leaves them
 * out; modules that lie there in a clone's work tree and that git does not know come right behind. `config_version` is never run, and
 * other settings have no part in this. Throws a Problem where something named is missing, or lies outside the tree.
 */
export async function findLayout(tree: TreeFiles, request: LayoutRequest): Promise<EnvironmentLayout> {
  const root = environmentFolder(request.environment);
  const paths = new TreePaths(tree.paths);
  const conf = parseEnvironmentConf(await readConf(tree, paths));
  const nested = nestedEnvironment(tree.paths);
  const manifest = findManifest({ paths, nested }, request.manifest, conf.get("manifest"), root);

  const known = new TreePaths([...tree.paths, ...(request.versioned ?? [])]);
  const { modulepath: typed, worktree } = request;
  const entries = typed === null ? writtenEntries(paths, conf.get("modulepath"), root) : await typedEntries(known, typed, worktree);
  const modulepath: Entry[] = [];
  for (const entry of unique(entries)) {
    if (entry.in === "disk" || paths.has(entry.path)) modulepath.push(entry);
    if (entry.in === "disk") continue;
    const provided = (request.provided ?? []).filter(({ into }) => tidy(into) === entry.path);
    modulepath.push(...provided.map(({ name, folder, id }): Entry => ({ in: "disk", folder, only: [name], id })));
    const names = new Set(provided.map(({ name }) => name));
    if (worktree !== null) modulepath.push(...(await modulesBeside(worktree, entry.path, known, names)));
  }
  return { name: request.environment, manifest, modulepath };
}

async function readConf(tree: TreeFiles, paths: TreePaths): Promise<string> {
  if (!paths.has("environment.conf")) return "";
  const bytes = await tree.read("environment.conf");
  if (bytes !== null) return bytes.toString("utf8");
  throw new Problem({
    code: "environment-conf",
    text: "environment.conf is not a regular file of the tree: a symlink, perhaps, and links of a tree are not followed.",
    hint: "Put the file itself where the link is.",
  });
}

const tidy = (path: string): string => posix.normalize(path || ".").replace(/(?<=.)\/+$/, "");

/** The folder of an environment that does not lie at the root, where there is just one. */
function nestedEnvironment(paths: readonly string[]): string | null {
  const folders = paths.flatMap((path) => /^(.+)\/environment\.conf$/.exec(path)?.[1] ?? []);
  const [folder] = folders;
  return folder !== undefined && folders.length === 1 ? folder : null;
}

function findManifest(
  { paths, nested }: { paths: TreePaths; nested: string | null },
  asked: string | null,
  setting: Setting | undefined,
  root: string,
): string {
  const path = asked !== null ? tidy(asked) : setting ? placeInTree("manifest", setting, setting.value, root) : "manifests";
  if (paths.hasManifest(path)) return path;
  const where = asked !== null ? " (as asked for)" : setting ? ` (environment.conf, line ${setting.line})` : "";
  const what = path.endsWith(".pp") ? path : `manifests in the folder ${path} (usually ${path}/site.pp)`;
  if (asked === null && nested !== null && !setting) throw belowRoot(nested);
  throw new Problem({
    code: "no-main-manifest",
    text: `There is no main manifest: the tree has no ${what}${where}.`,
    hint: "Name the file or folder with the node statements as `manifest` under `compile` in .github/puppet-gate.yml, or in a file given with --config.",
  });
}

const belowRoot = (folder: string): Problem =>
  new Problem({
    code: "environment-below-root",
    text: `The environment of this repository lies in ${folder}/ (its environment.conf is there), and a check takes a repository's root for it.`,
    hint: `Check that folder's commits alone: \`B=$(git commit-tree -m base BASE:${folder}); H=$(git commit-tree -m head -p $B HEAD:${folder})\`, then --base $B --head $H.`,
  });

/** The module folders of environment.conf. Puppet's `$basemodulepath` belongs to a server and not to the repository: it drops out. */
function writtenEntries(paths: TreePaths, setting: Setting | undefined, root: string): Entry[] {
  if (setting === undefined) return [{ in: "tree", path: "modules" }];
  return setting.value
    .split(":")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "" && !/^\$(?:basemodulepath|\{basemodulepath\})$/.test(entry))
    .map((entry) => placeInTree("modulepath", setting, entry, root))
    .flatMap((path) => (/[*?]/.test(path) ? paths.match(path) : [path])) // as `environment_conf.rb` does in `expand_glob`
    .map((path) => ({ in: "tree", path }));
}

/** Folders as a person typed them: of the tree where it has them, else of this machine, relative to the work tree. */
async function typedEntries(known: TreePaths, typed: readonly string[], worktree: string | null): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const one of typed.flatMap((each) => each.split(":")).filter((each) => each !== "")) {
    // The work tree's own folders are the tree's, or a change in them would be seen on both sides.
    const path = tidy(worktree !== null && isAbsolute(one) ? relative(worktree, one) : one);
    const folder = worktree === null ? one : resolve(worktree, one);
    if (!isAbsolute(path) && known.has(path)) entries.push({ in: "tree", path });
    else if (isAbsolute(folder) && (await isFolder(folder))) entries.push({ in: "disk", folder, only: null });
    else throw missingFolder(one);
  }
  return entries;
}

/** A folder that a person named may be reached through links. */
async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

const missingFolder = (typed: string): Problem =>
  new Problem({
    code: "missing-module-folder",
    text: `The module path names ${typed}, which is no folder of the tree, and none of this machine that can be read.`,
    hint: "Give --modulepath, or `modulepath` under `compile` in .github/puppet-gate.yml, folders that exist: relative to the repository, or absolute.",
  });

const unique = (entries: readonly Entry[]): Entry[] => [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
