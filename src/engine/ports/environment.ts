/** Where an environment's parts are, relative to its tree or, for modules resolved beside it, on this machine. */
export interface EnvironmentLayout {
  /** Puppet's `$environment`. */
  name: string;
  /** In order. `disk` folders are copied for the sandbox; `only` names the modules to take of it (null: all); `id` is its content's, where that never changes. */
  modulepath: ReadonlyArray<{ in: "tree"; path: string } | { in: "disk"; folder: string; only: readonly string[] | null; id?: string }>;
  /** The main manifest: a file or a folder of the tree. */
  manifest: string;
}

/** What people said of an environment's layout. */
export interface LayoutRequest {
  /** Puppet's `$environment`. */
  environment: string;
  /** Module folders as typed: of the tree, or of this machine. Null takes environment.conf's. */
  modulepath: readonly string[] | null;
  /** The main manifest, of the tree. Null takes environment.conf's. */
  manifest: string | null;
  /** A clone's work tree, where modules may lie that the tree does not have; null where there is none. */
  worktree: string | null;
  /**
   * Paths that git knows besides the tree's own: those of the comparison's other tree and of the clone's index. A module folder with one
   * of them is a matter of commits, and is never taken from the work tree: base would get head's.
   */
  versioned?: readonly string[];
  /** Modules that were resolved, each into a module folder of the tree that it need not have. They come before what lies in a work tree. */
  provided?: ReadonlyArray<{ into: string; name: string; folder: string; id: string }>;
}

/** A tree's files, to look for an environment in. */
export interface TreeFiles {
  paths: readonly string[];
  read(path: string): Promise<Buffer | null>;
}
