/** The files of a tree by their paths, and the folders that they are in. A symlink is a file: what it leads to is not asked here. */
export class TreePaths {
  readonly #files: ReadonlySet<string>;
  readonly #folders = new Set<string>(["."]);

  constructor(paths: Iterable<string>) {
    this.#files = new Set(paths);
    for (const path of this.#files) {
      for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
        const folder = path.slice(0, at);
        if (this.#folders.has(folder)) break;
        this.#folders.add(folder);
      }
    }
  }

  has(path: string): boolean {
    return this.#files.has(path) || this.#folders.has(path);
  }

  /** Whether there is a file of this name, or a folder with a manifest somewhere in it. */
  hasManifest(path: string): boolean {
    if (this.#files.has(path)) return true;
    const prefix = path === "." ? "" : `${path}/`;
    return this.#folders.has(path) && [...this.#files].some((file) => file.startsWith(prefix) && file.endsWith(".pp"));
  }

  /** The folders that a pattern matches, sorted, where `*` and `?` stand for a part of one name, and not for its leading dot. */
  match(pattern: string): string[] {
    const parts = pattern.split("/");
    const isMatch = (folder: string): boolean => {
      const names = folder.split("/");
      return names.length === parts.length && names.every((name, at) => matches(name, parts[at] ?? ""));
    };
    return [...this.#folders].filter(isMatch).toSorted();
  }
}

/**
 * Whether a name fits a pattern of `*` and `?`: walks on, and goes back to the last star only. A star that fits more than one way never
 * needs an earlier one, so the time is bounded by the product of the lengths, where a regular expression's may be exponential.
 */
function matches(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  let star = -1;
  let resumeAt = 0;
  let at = 0;
  let inName = 0;
  while (inName < name.length) {
    if (pattern[at] === "*") {
      star = at++;
      resumeAt = inName;
    } else if (pattern[at] === "?" || (pattern[at] === name[inName] && at < pattern.length)) {
      at++;
      inName++;
    } else if (star === -1) return false;
    else {
      at = star + 1;
      inName = ++resumeAt;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
