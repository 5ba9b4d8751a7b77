/** A module as a deploy tool wrote it down: its commit, or the version of a release. */
export interface ModuleAt {
  name: string;
  version: string;
}

/** A module that one commit of the control repo came with in two versions; null where it came without. */
export interface ModuleDrift {
  name: string;
  before: string | null;
  now: string | null;
}

/**
 * What differs between the modules that compilers served with a commit, and those that they serve with the same commit now: r10k pins no module by itself, so that
 * a branch or a tag that moved gives each lane other code.
 */
export function moduleDrift(before: readonly ModuleAt[], now: readonly ModuleAt[]): ModuleDrift[] {
  const [earlier, later] = [before, now].map((all) => new Map(all.map(({ name, version }) => [name, version])));
  const names = [...new Set([...before, ...now].map(({ name }) => name))].sort();
  return names
    .map((name) => ({ name, before: earlier?.get(name) ?? null, now: later?.get(name) ?? null }))
    .filter((one) => one.before !== one.now);
}
