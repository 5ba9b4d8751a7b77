/**
 * What one compile read, by names and by paths as they are in the sandbox. What was looked for in vain is in it too: had it been there, the
 * catalog might be another. Names are in lower case.
 */
export interface Trace {
  /** Names asked of the loader of manifests: classes and defines, `profile::nginx`. */
  manifests: readonly string[];
  /** Functions in either language: `stdlib::ensure`, `template`. */
  functions: readonly string[];
  /** Data types and their aliases: `stdlib::absolutepath`. */
  types: readonly string[];
  /** Files: templates, contents, what functions opened. */
  files: readonly string[];
  /** Folders that were listed. */
  folders: readonly string[];
  /** Data files with the keys that each was asked for; null stands for all of it. */
  data: ReadonlyArray<{ path: string; keys: readonly string[] | null }>;
  /** Places of data files where there was none. */
  absent: readonly string[];
  /** Root keys that were looked up, in whatever file. */
  keys: readonly string[];
  /** The node statement that matched, as it is written: `default`, `web01.example.com`, `/^web/`; null where none did. */
  node: string | null;
  /** Whether it asked for anything outside the tree: stand-ins, answers of PuppetDB, exported resources. */
  outside: boolean;
  /** Why the same inputs may give another catalog at the next compile, in words; empty where they can't. */
  impure: readonly string[];
}

/** `["os", "family"]` for `$facts["os"]["family"]`, and for all below it; `[]` for all facts. */
export type FactPath = readonly string[];
