import type { EncFiles, NamedFile, Site } from "./site.ts";
import type { ExportedResource, StandIns } from "./stand-ins.ts";
import type { ProblemText } from "../../problem.ts";

/** What the server vouches for, as Puppet's `$trusted`. */
export interface TrustedFacts {
  authenticated: "remote" | "local" | false;
  certname: string;
  hostname: string;
  domain: string | null;
  extensions: Record<string, string>;
  external: Record<string, unknown>;
}

/** A node's facts, ready for a compile. `assumed` facts are the shipped set: good enough to compile, not to judge by. */
export interface NodeFacts {
  certname: string;
  origin: "given" | "assumed";
  values: Record<string, unknown>;
  trusted: TrustedFacts;
  /** What the site's ENC says of it; absent where there is none. */
  enc?: Classification;
  /** The same for all nodes of a snapshot. */
  server?: ServerFacts;
}

/** A node by an external node classifier: classes by name with their parameters, and top-scope variables. */
export interface Classification {
  classes: Record<string, Record<string, unknown>>;
  parameters: Record<string, unknown>;
  /** The environment that the ENC puts it into; null where it says none. */
  environment: string | null;
}

/** Puppet's `$server_facts`, as told: never this machine's. A null version is that of the Puppet which compiles. */
export interface ServerFacts {
  serverversion: string | null;
  servername: string;
  serverip: string;
}

/** A file of facts that could not be read: its node exists, and nothing can be said about it. */
export interface UnreadableFacts {
  certname: string;
  path: string;
  problem: ProblemText;
}

export interface FactSnapshot {
  /** Digest of everything in it. */
  id: string;
  nodes: NodeFacts[];
  unreadable: UnreadableFacts[];
}

/** A site's PuppetDB, asked by this process and never by a sandbox. */
export interface PuppetDb {
  /**
   * The facts of its active nodes, or of those that a query over its inventory finds, and with `exported` what they export. Throws a
   * Problem where it can't be asked, or its answer can't be used: a part of a fleet is never taken for the whole.
   */
  read(
    asked: { query: readonly unknown[] | null; exported: boolean },
    signal?: AbortSignal,
  ): Promise<{ snapshot: FactSnapshot; exported: ExportedResource[] | null }>;
}

export interface Inventory {
  /** Reads a folder of fact files. Throws a Problem where the folder itself can't be read or holds no facts. */
  readFolder(folder: string): Promise<FactSnapshot>;
  /** The snapshot as the site's server would see it. Throws a Problem for an ENC's file that is none. */
  prepare(snapshot: FactSnapshot, site: Site): FactSnapshot;
  /** An ENC's files on this machine: a file, or a folder of one for each node. Throws a Problem where they can't be read. */
  readEnc(path: string): Promise<EncFiles>;
  /** A folder of stand-ins on this machine. Throws a Problem where it can't be read or used. */
  readStandIns(folder: string): Promise<StandIns>;
  /** The same from files of a tree; paths are relative to the folder. */
  toStandIns(files: readonly NamedFile[]): StandIns;
  /** The same from files of a tree, which need no folder. `files` are path and content. */
  readFiles(files: ReadonlyArray<{ path: string; content: Buffer }>): FactSnapshot;
  /** The shipped facts under these names. */
  assume(certnames: readonly string[]): FactSnapshot;
}
