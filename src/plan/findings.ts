import { fileCause, folderCause, type Cause } from "./cause.ts";
import type { Changed, ChangedData } from "./changed.ts";
import type { Keys } from "./data-keys.ts";
import type { Difference } from "./differences.ts";
import { namesOf, type Links } from "./links.ts";
import { shownPath, type Listing } from "./listing.ts";
import type { NodeChanges } from "./node-blocks.ts";

/** Changed inputs as they are found. Of two reasons for one input the first stays. */
export class Findings {
  readonly #root: string;
  readonly #manifests = new Map<string, Cause>();
  readonly #functions = new Map<string, Cause>();
  readonly #types = new Map<string, Cause>();
  readonly #typesets = new Map<string, Cause>();
  readonly #files = new Map<string, Cause>();
  readonly #folders = new Map<string, Cause>();
  readonly #data = new Map<string, ChangedData>();
  nodes: NodeChanges | null = null;
  links: Links = new Map();

  constructor(root: string) {
    this.#root = root;
  }

  changed(whole: Cause | null): Changed {
    return {
      whole,
      manifests: this.#manifests,
      functions: this.#functions,
      types: this.#types,
      typesets: this.#typesets,
      files: this.#files,
      folders: this.#folders,
      data: this.#data,
      nodes: this.nodes,
      links: this.links,
    };
  }

  /** A path as a person knows it. */
  show(path: string): string {
    return shownPath(path, this.#root);
  }

  manifest(name: string, cause: Cause): void {
    keep(this.#manifests, name, cause);
  }
  function(name: string, cause: Cause): void {
    keep(this.#functions, name, cause);
  }
  type(name: string, set: boolean, cause: Cause): void {
    keep(set ? this.#typesets : this.#types, name, cause);
  }

  /** A file that differs, under one of the paths that it is seen at. */
  path({ path, before, after }: Difference, keys: Keys): void {
    const shown = this.show(path);
    keep(this.#files, path, fileCause(shown));
    this.#data.set(path, { keys, path: shown });
    const isThere = before === null || after === null;
    if (!isThere) return;
    for (const folder of foldersOf(path)) keep(this.#folders, folder, folderCause(this.show(folder), shown));
  }

  /** A file that is the same and means something else, by what it mentions. */
  mention(path: string, of: string): void {
    keep(this.#files, path, fileCause(this.show(path), of));
    if (!this.#data.has(path)) this.#data.set(path, { keys: null, path: this.show(path) });
  }

  /** Folders that are on one side only: whoever asked whether there is one gets another answer. */
  foldersBetween(before: Listing, after: Listing, differences: readonly Difference[]): void {
    const isOneSided = differences.some((each) => each.before === null || each.after === null);
    if (!isOneSided) return;
    const [old, now] = [before, after].map(({ files }) => new Set([...files.keys()].flatMap((path) => [...foldersOf(path)])));
    for (const difference of differences) {
      for (const folder of foldersOf(difference.path)) {
        if (old?.has(folder) === now?.has(folder)) continue;
        const cause = folderCause(this.show(folder), this.show(difference.path));
        for (const name of namesOf(folder, this.links) ?? []) keep(this.#files, name, cause);
      }
    }
  }
}

function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  if (!map.has(key)) map.set(key, value);
}

/** The folders that a path is in, the nearest first. */
export function* foldersOf(path: string): Generator<string> {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) yield path.slice(0, slash);
}
