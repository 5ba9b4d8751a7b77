import type { ChangedFile, TreeEntry } from "./ports/repository.ts";
import type { EnvironmentLayout } from "./ports/environment.ts";
import type { OutsideModule, SideModules } from "./resolve-modules.ts";

/** What the Puppetfile asks for and is not there, as far as it can be read without running it. */
export interface Modules {
  missingModules: string[];
  /** Why, and the way out, of those that were looked for and not had. */
  refusedModules: Array<{ name: string; text: string; hint: string; passing?: true }>;
  /** Modules of the merge result whose line may mean another content tomorrow. */
  movingModules: string[];
  /** Modules that have submodules on either side, whose content is not fetched: where they are, and whether base's are others. */
  submodules: Array<{ name: string; paths: string[]; changed: boolean }>;
  /** The Puppetfile changes or goes, and not all that it names was resolved on both sides: what the change does to those modules can't be seen. */
  puppetfileChanged: boolean;
}

interface Side {
  entries: readonly TreeEntry[];
  layout: EnvironmentLayout;
}

/**
 * Compares the Puppetfile with the module path of the merge result. A Puppetfile that changes is a reason only where a module that it
 * names, or may name in a line that only running it would explain, neither comes with the tree nor was resolved: what lies vendored in the tree
 * is what gets compiled, whatever the Puppetfile says of it.
 */
export function findModules(sides: { base: SideModules; merged: SideModules }, merged: Side, changed: readonly ChangedFile[]): Modules {
  const vendored = modulesOfTree(merged);
  const outside = [...sides.merged.outside].filter(([name]) => !vendored.has(name));
  const unresolved = outside.filter(([, module]) => !isResolved(module));
  const disk = modulesOnDisk(merged.layout);
  const missing = disk === "any" ? [] : unresolved.filter(([name]) => !disk.has(name));
  const isOpen = (side: SideModules): boolean =>
    (side.puppetfile?.notUnderstood.length ?? 0) > 0 ||
    [...side.outside].some(([name, module]) => !vendored.has(name) && !isResolved(module));
  return {
    missingModules: missing.map(([name]) => name),
    refusedModules: unresolved.flatMap(([name, { resolved }]) =>
      resolved?.ok === false
        ? [{ name, text: resolved.text, hint: resolved.hint, ...(resolved.passing === true ? { passing: true as const } : {}) }]
        : [],
    ),
    movingModules: outside.flatMap(([name, { resolved }]) => (resolved?.ok === true && resolved.moves ? [name] : [])),
    submodules: outside.flatMap(([name, module]) => {
      const [own, before] = [submodulesOf(module), submodulesOf(sides.base.outside.get(name))];
      const paths = [...new Set([...own.keys(), ...before.keys()])].toSorted();
      return paths.length === 0 ? [] : [{ name, paths, changed: paths.some((path) => own.get(path) !== before.get(path)) }];
    }),
    puppetfileChanged: changed.some(isPuppetfile) && (sides.merged.puppetfile === null || isOpen(sides.merged) || isOpen(sides.base)),
  };
}

/** By their paths, the commits that they stand for. */
const submodulesOf = (module: OutsideModule | undefined): Map<string, string> =>
  new Map(
    module?.resolved?.ok === true ? module.resolved.files.flatMap(({ mode, path, oid }) => (mode === "160000" ? [[path, oid]] : [])) : [],
  );

const isResolved = ({ resolved }: OutsideModule): boolean => resolved?.ok === true;
const isPuppetfile = ({ path, oldPath }: ChangedFile): boolean => path === "Puppetfile" || oldPath === "Puppetfile";

/** Modules that lie in a tree's own module folders, by name, with the folder that Puppet takes: of the first module folder that has it. */
export function modulesOfTree({ entries, layout }: Side): Map<string, string> {
  const prefixes = layout.modulepath.flatMap((entry) => (entry.in === "tree" ? [`${entry.path}/`] : []));
  const found = prefixes.map(() => new Map<string, string>());
  for (const { path } of entries) {
    for (const [at, prefix] of prefixes.entries()) {
      const slash = path.indexOf("/", prefix.length);
      if (slash !== -1 && path.startsWith(prefix)) found[at]?.set(path.slice(prefix.length, slash), path.slice(0, slash));
    }
  }
  return new Map(found.toReversed().flatMap((names) => [...names]));
}

/** Module names of folders beside the tree; `any` where a whole folder was given, whose names only the disk knows. */
function modulesOnDisk({ modulepath }: EnvironmentLayout): Set<string> | "any" {
  const disk = modulepath.filter((entry) => entry.in === "disk");
  if (disk.some(({ only }) => only === null)) return "any";
  return new Set(disk.flatMap(({ only }) => only ?? []));
}
