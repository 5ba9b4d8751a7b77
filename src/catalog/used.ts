import type { Catalog } from "./catalog.ts";

/** What no compile reads: papers, settings of the repository itself, tests and their tools, node facts. */
const unread =
  /^(?:\.[^/]+(?:\/|$)|docs\/|facts\/[^/]+\.(?:json|ya?ml)$|(?:Rakefile|Gemfile(?:\.lock)?|CODEOWNERS)$)|(?:^|\/)(?:README|LICENSE|CHANGELOG|CONTRIBUTING)[^/]*$|\.md$|(?:^|\/)spec\/(?!.*\.pp$)/u;

/**
 * Which manifests the catalogs that were looked at are made of, by the classes and defines in them. A main manifest is none of them: each of its
 * node statements is of some nodes alone.
 */
export class Used {
  /** In small letters: `profile::motd`. */
  readonly #names = new Set<string>();
  readonly #paths = new Set<string>();

  /** A node's catalog, of either side. Linear in its resources. */
  add({ resources, classes }: Catalog): void {
    this.addNames(classes);
    for (const { type, kind } of resources) if (kind === "define") this.#names.add(type.toLowerCase());
  }

  addNames(names: readonly string[]): void {
    for (const name of names) this.#names.add(name.toLowerCase());
  }

  /** Data, templates and other files that compiles were seen to read, relative to the tree. */
  addPaths(paths: readonly string[]): void {
    for (const path of paths) this.#paths.add(path);
  }

  /** Of paths that a change touches, those that a compile may read and that none of these catalogs is known to be made of. */
  unknownOf(changed: readonly string[]): string[] {
    return changed.filter((path) => !unread.test(path) && !this.#names.has(nameOf(path)) && !this.#paths.has(path));
  }
}

/** The class or define that Puppet looks for in a file: `profile::motd` in `…/profile/manifests/motd.pp`, `profile` in its `init.pp`. */
function nameOf(path: string): string {
  const [, module = "", rest = ""] = /(?:^|\/)([a-z]\w*)\/manifests\/(.+)\.pp$/u.exec(path) ?? [];
  return rest === "init" ? module : [module, ...rest.split("/")].join("::");
}
