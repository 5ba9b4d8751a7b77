/** A repository to judge, as git objects. A path is relative to the tree's root, with `/`, quoted as git does where it is not UTF-8. */

/** One side of a comparison: what it was called, and what it turned out to be. `sha` is null for the uncommitted worktree. */
export interface Commit {
  ref: string;
  sha: string | null;
  /** The object id to compute with: equal to `sha`, or a commit made of the worktree in a scratch object store. */
  oid: string;
}

export type MergeResult = { ok: true; tree: string } | { ok: false; conflicts: string[] };

/** A file that differs between two trees. `added` are the line numbers, in the new file, that the old one does not have. */
export interface ChangedFile {
  path: string;
  oldPath: string | null;
  status: "added" | "modified" | "removed" | "renamed";
  /** Git's mode of the new file (the old one's when removed): `100644`, `100755`, `120000` a symlink, `160000` a submodule. */
  mode: string;
  added: ReadonlySet<number>;
}

export interface TreeEntry {
  path: string;
  mode: string;
  /** Bytes; 0 for what is not a blob. */
  size: number;
  oid: string;
}

/** A repository to judge. Everything is read as git objects, never through its work tree; nothing is ever written into it. */
export interface Repository {
  /** The top of a clone's work tree, where modules may lie that no tree has; null where there is none. */
  readonly workTree: string | null;
  /** The remote's default branch as a ref that `resolve` takes. Throws a Problem when there is none to be found. */
  defaultBranch(): Promise<string>;
  /** A ref, or `worktree` for uncommitted work on top of HEAD. Throws a Problem: unknown ref, no commits, shallow clone. */
  resolve(ref: string): Promise<Commit>;
  /** The merge result of base tip and head, computed by git without a work tree. */
  merge(base: Commit, head: Commit): Promise<MergeResult>;
  treeOf(commit: Commit): Promise<string>;
  changes(fromTree: string, toTree: string): Promise<readonly ChangedFile[]>;
  /** All files of a tree, in git's order. */
  list(tree: string): Promise<readonly TreeEntry[]>;
  /** A file's bytes, or null where there is no such regular file (a symlink or submodule is none). */
  read(tree: string, path: string): Promise<Buffer | null>;
  /** A blob's bytes by its object id, or null where it is too large to hold. */
  readObject(oid: string): Promise<Buffer | null>;
  /**
   * Writes a tree out into a folder that the sandbox will mount. Links are written as links: nobody but the sandbox may follow them. The folder is
   * empty, or holds what an earlier export wrote with this `index`, a file of git's own: then it becomes this tree, and what is not as it was written is put right.
   */
  export(tree: string, folder: string, index?: string): Promise<void>;
  /** Frees scratch objects and folders. */
  close(): Promise<void>;
}
