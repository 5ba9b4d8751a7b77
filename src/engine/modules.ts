import type { ChangedFile, EnvironmentLayout, PuppetEdge, Repository, TreeEntry } from "./ports.ts";

/** What the Puppetfile asks for and is not there, as far as it can be read without running it. */
export interface Modules {
  missingModules: string[];
  puppetfileChanged: boolean;
}

interface Side {
  tree: string;
  entries: readonly TreeEntry[];
  layout: EnvironmentLayout;
}

/**
 * Compares the Puppetfile with the module path of the merge result. A Puppetfile that changes is a reason only where a module that it
 * names, or may name in a line that only running it would explain, does not come with the tree: what lies vendored in the tree is what gets compiled, whatever the Puppetfile says of it.
 */
export async function findModules(
  repository: Pick<Repository, "read">,
  puppet: Pick<PuppetEdge, "readPuppetfile">,
  merged: Side,
  changed: readonly ChangedFile[],
): Promise<Modules> {
  const bytes = await repository.read(merged.tree, "Puppetfile");
  if (bytes === null) return { missingModules: [], puppetfileChanged: changed.some(isPuppetfile) };
  const puppetfile = puppet.readPuppetfile(bytes.toString("utf8"));
  const named = [...new Set(puppetfile.modules.map(({ name }) => name))];
  const vendored = modulesOfTree(merged);
  const outside = named.filter((name) => !vendored.has(name));
  const disk = modulesOnDisk(merged.layout);
  return {
    missingModules: disk === "any" ? [] : outside.filter((name) => !disk.has(name)),
    puppetfileChanged: outside.length + puppetfile.notUnderstood.length > 0 && changed.some(isPuppetfile),
  };
}

const isPuppetfile = ({ path, oldPath }: ChangedFile): boolean => path === "Puppetfile" || oldPath === "Puppetfile";

function modulesOfTree({ entries, layout }: Side): Set<string> {
  const prefixes = layout.modulepath.flatMap((entry) => (entry.in === "tree" ? [`${entry.path}/`] : []));
  const names = new Set<string>();
  for (const { path } of entries) {
    for (const prefix of prefixes) {
      const slash = path.indexOf("/", prefix.length);
      if (slash !== -1 && path.startsWith(prefix)) names.add(path.slice(prefix.length, slash));
    }
  }
  return names;
}

/** Module names of folders beside the tree; `any` where a whole folder was given, whose names only the disk knows. */
function modulesOnDisk({ modulepath }: EnvironmentLayout): Set<string> | "any" {
  const disk = modulepath.filter((entry) => entry.in === "disk");
  if (disk.some(({ only }) => only === null)) return "any";
  return new Set(disk.flatMap(({ only }) => only ?? []));
}
