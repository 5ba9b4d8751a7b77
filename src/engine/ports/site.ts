import type { ServerFacts } from "./nodes.ts";

/** A file of a tree or a folder. */
export interface NamedFile {
  path: string;
  content: Buffer;
}

/** Which facts a compile may see: patterns of paths, `networking.*.ip`, each with all below it. */
export interface FactFilter {
  /** Null is all. */
  only: readonly string[] | null;
  never: readonly string[];
}

/** What an ENC would answer, as files: one of nodes by certname, or one for each node that is named after it. */
export interface EncFiles {
  single: boolean;
  files: readonly NamedFile[];
}

/** What nodes see besides their own facts: fewer facts, the ENC's word (a node that it does not have can't be compiled), the server. */
export interface Site {
  filter: FactFilter;
  enc: EncFiles | null;
  server: ServerFacts;
}
