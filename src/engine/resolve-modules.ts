import type { ModuleResolver, PuppetfileModules, ResolvedModule, WantedModule } from "./ports/modules.ts";
import type { PuppetEdge } from "./ports/puppet.ts";
import type { Repository, TreeEntry } from "./ports/repository.ts";

/** A module that a side's Puppetfile names and its tree does not have, and what became of it. */
export interface OutsideModule {
  wanted: WantedModule;
  /** Null where nobody was asked: the policy names no addresses. */
  resolved: ResolvedModule | null;
}

/** What a tree's Puppetfile asks for. */
export interface SideModules {
  /** Null where it has none, or none that is a regular file. */
  puppetfile: PuppetfileModules | null;
  /** By name; where two lines name one, the first, as with r10k the second is an error. */
  outside: ReadonlyMap<string, OutsideModule>;
}

/** Modules to put into an environment's module path, with their files. */
export interface ProvidedModule {
  into: string;
  name: string;
  folder: string;
  id: string;
  files: readonly TreeEntry[];
}

/** Modules fetched at a time. */
const atOnce = 4;

export interface ResolveInput {
  repository: Pick<Repository, "read" | "list">;
  puppet: Pick<PuppetEdge, "readPuppetfile">;
  resolver: ModuleResolver | null;
  /** Of base's policy. */
  sources: readonly string[];
}

/** Reads a tree's Puppetfile, and gets what it names and the tree does not have, where the policy says from where that may be. */
export async function resolveModules({ repository, puppet, resolver, sources }: ResolveInput, tree: string): Promise<SideModules> {
  const bytes = await repository.read(tree, "Puppetfile");
  const puppetfile = bytes === null ? null : puppet.readPuppetfile(bytes.toString("utf8"));
  const vendored = vendoredIn(await repository.list(tree));
  const outside = new Map<string, OutsideModule>();
  for (const wanted of puppetfile?.modules ?? []) {
    if (!outside.has(wanted.name) && !vendored.has(`${wanted.folder}/${wanted.name}`)) outside.set(wanted.name, { wanted, resolved: null });
  }
  if (puppetfile === null || resolver === null || sources.length === 0) return { puppetfile, outside };
  const queue = [...outside.values()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift())
      next.resolved = await resolver.resolve(next.wanted, puppetfile.forge, sources);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { puppetfile, outside };
}

/** Every folder that is one level or more above a file. */
function vendoredIn(entries: readonly TreeEntry[]): Set<string> {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

export const providedBy = ({ outside }: SideModules): ProvidedModule[] =>
  [...outside].flatMap(([name, { wanted, resolved }]) =>
    resolved?.ok === true ? [{ into: wanted.folder, name, folder: resolved.folder, id: resolved.id, files: resolved.files }] : [],
  );
