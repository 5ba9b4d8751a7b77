import type { Catalog } from "../catalog/catalog.ts";
import type { Collector } from "../catalog/collector.ts";
import type { Finding } from "../catalog/effects.ts";
import type { EncFiles, NamedFile, Site } from "./site-ports.ts";
import type { PuppetfileModules } from "./module-ports.ts";
import type { Taints } from "../catalog/taints.ts";
import type { Definition } from "../plan/definitions.ts";
import type { FactPath, Trace } from "../plan/trace.ts";
import type { ProblemText } from "../problem.ts";
import type { Slot } from "./slots.ts";

export type { Readiness } from "./readiness.ts";
export type { Tell, Told } from "./told.ts";

/**
 * What the engine needs from the edges. Edge rooms import these types and nothing else of the engine; `commands.ts` and `main.ts` are
 * where the compiler checks that the rooms fit. A path is relative to the tree's root, with `/`, quoted as git does where it is not UTF-8.
 */

// --- git ---------------------------------------------------------------------------------------------------------------------

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

// --- node facts --------------------------------------------------------------------------------------------------------------

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

/** A resource that a node exports, as PuppetDB stores it. */
export interface ExportedResource {
  certname: string;
  type: string;
  title: string;
  tags: readonly string[];
  parameters: Readonly<Record<string, unknown>>;
}

/**
 * What stands in for the private things of a site. Paths are absolute, as a server has them. A null `exported` says that nobody knows what
 * other nodes export.
 */
export interface StandIns {
  files: ReadonlyArray<{ path: string; content: Buffer }>;
  dns: Readonly<Record<string, ReadonlyArray<{ type: string; value: string }>>>;
  queries: ReadonlyArray<{ query: unknown; result: unknown }>;
  exported: readonly ExportedResource[] | null;
  /** Digest of everything in it. */
  id: string;
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

// --- puppet ------------------------------------------------------------------------------------------------------------------

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

export interface CompileLimits {
  /** Seconds of wall clock for one catalog. */
  nodeSeconds: number;
  /** Seconds of wall clock from a worker's start to its readiness. */
  startSeconds: number;
  /** MiB of address space for one worker. */
  memoryMib: number;
  /** Processes of one sandbox. */
  processes: number;
  /** MiB of one worker's answer. */
  outputMib: number;
}

export interface TreeToCompile {
  /** The repository that it is of. Its trees may be written over each other; absent: each is written anew. */
  of?: string;
  /** Whether its files will be parsed: then it gets the parser that was started for it. */
  parsed?: boolean;
  /** Writes the tree into a folder, as `Repository.export` does. */
  write: (folder: string, index: string) => Promise<void>;
  layout: EnvironmentLayout;
  limits: CompileLimits;
  /** Absent: there are none, and what is private is missing. */
  standIns?: StandIns;
}

export interface CompileOptions {
  /** Most workers to run side by side: one a processor that may be used. */
  workers: number;
  signal?: AbortSignal | undefined;
  /** Waits for a processor for each node; without it all are this compile's own. */
  slot?: Slot;
  /** Gives each outcome's raw answer with it, where that may be kept: base's alone ever is. */
  raw?: boolean;
  /** Gives `reads.trace` with each catalog. */
  trace?: boolean;
}

/** Hears of an outcome; `raw` is the answer that it was read from, for `readKept`, where it was asked for and may be kept. */
export type OnOutcome = (outcome: CompileOutcome, raw?: Buffer) => void;

/**
 * What compiling one node came to. A worker that dies, hangs or babbles is one node's outcome, not an outage. `taints` are the compile's
 * own secrets, those that its catalog or error no longer shows among them: all that is shown of the change is looked through for them.
 */
export type CompileOutcome =
  | {
      certname: string;
      ok: true;
      catalog: Catalog;
      taints: Taints;
      reads?: Reads;
      /** Texts in the place of encrypted hiera values, of this compile or an earlier one of its process. */
      encrypted?: readonly string[];
    }
  | {
      certname: string;
      ok: false;
      error: CompileError;
      taints?: Taints;
      /** What was asked for until then that has no stand-in: often why it failed. */
      missing?: readonly OutsideRead[];
    };

/** What a compile read and asked for, by the word of its sandbox: a hostile one can say less. */
export interface Reads {
  facts: readonly FactPath[];
  /** Stand-ins that gave a value, and what was asked for that has none. */
  used: readonly OutsideRead[];
  missing: readonly OutsideRead[];
  collectors: readonly Collector[];
  /** By what it can be told whether another tree's catalog is the same; absent where that was not asked for, or can't be held or shown. */
  trace?: Trace;
}

export type { FactPath } from "../plan/trace.ts";

/** Something outside the tree: a value of a data file, a file, a name of DNS, an answer of PuppetDB. */
export interface OutsideRead {
  kind: "hiera" | "file" | "dns" | "puppetdb";
  name: string;
}

export interface CompileError {
  /** `compile` Puppet said no; `no-node` no node statement matches; the others are limits and faults of the sandbox. */
  code: "compile" | "no-node" | "timeout" | "memory" | "output" | "crash" | "hostile";
  message: string;
  path: string | null;
  line: number | null;
}

export interface NodeStatements {
  /** Literal names, in order of appearance. */
  names: string[];
  /** Whether there is a default or a regular expression that may match any other name. */
  open: boolean;
}

/** A tree mounted in its sandbox. One tree, one sandbox: base and head never share a process. */
export interface OpenTree {
  /** Node statements of the main manifest. Throws a Problem when it does not parse. */
  nodeStatements(): Promise<NodeStatements>;
  /** What manifests define, by their paths in the sandbox, without evaluating anything; null for one that does not parse or is no file. */
  definitions(paths: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, readonly Definition[] | null>>;
  /** Compiles every node once, in any order, and tells of each as it ends. Nodes are taken as workers become free: more may come while it goes on. */
  compile(nodes: Iterable<NodeFacts> | AsyncIterable<NodeFacts>, onOutcome: OnOutcome, options: CompileOptions): Promise<void>;
  /** Parses files without evaluating anything: manifests, EPP, ERB, YAML, metadata.json. */
  syntax(paths: readonly string[], signal?: AbortSignal): Promise<RawFinding[]>;
  /** Runs puppet-lint with the given options (base's, already vetted) over files of this tree. */
  lint(paths: readonly string[], options: readonly string[], signal?: AbortSignal): Promise<RawFinding[]>;
  /** What puppet-lint's own mending makes of these manifests, by path, where it changes anything; null where that came to nothing. */
  fixLint(paths: readonly string[], options: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, string> | null>;
  close(): Promise<void>;
}

/** A finding before it is known whether base has it too and whether its line is one that the change touched. */
export type RawFinding = Omit<Finding, "onChangedLine">;

export interface PuppetEdge {
  /** Versions of what will compile; throws a Problem naming the missing or too old program and its package. */
  versions(): Promise<{
    puppet: string;
    ruby: string;
    /** Digests of what has no version: our own scripts, and what is installed. */
    worker: string;
    image: string;
    puppetLint: string;
    bubblewrap: string;
    /** Names and versions of the modules that every environment has besides its own; empty where there are none. */
    coreModules: string;
  }>;
  /**
   * Starts so many sandboxes that wait for a tree, so that `open` finds one that has Puppet loaded. Comes back at once; why one
   * does not start is said where a tree is opened.
   */
  expect(trees: number, limits: CompileLimits): void;
  /** Starts Puppet's parser where a tree will be written whose manifests or templates are to be parsed. Comes back at once. */
  expectSyntax(limits: CompileLimits): void;
  open(tree: TreeToCompile): Promise<OpenTree>;
  /** The outcome that a raw answer told of when it was kept: read, and believed, no more than when it came. */
  readKept(raw: Buffer, of: { certname: string; layout: EnvironmentLayout; limits: CompileLimits }): CompileOutcome;
  /** Ends what waits for a tree. Trees that are open are their opener's to close. */
  close(): Promise<void>;
  /** Finds an environment's parts. Throws a Problem that names what is missing, or what would leave the tree. */
  findLayout(tree: TreeFiles, request: LayoutRequest): Promise<EnvironmentLayout>;
  /** Reads a Puppetfile without running it. */
  readPuppetfile(text: string): PuppetfileModules;
}

// --- people ------------------------------------------------------------------------------------------------------------------

/** Progress of a check, for a live line. `total` is null while it is not known. */
export interface Progress {
  step: "read" | "lint" | "syntax" | "compile" | "diff";
  done: number;
  total: number | null;
  /** While catalogs are compiled: the first effect that was found. Of all, it need not be the one that matters most. */
  first?: string;
}

export type * from "./module-ports.ts";
export type * from "./cache-ports.ts";
export type * from "./site-ports.ts";
export type * from "./doctor-ports.ts";
export type * from "./lanes-ports.ts";
export type { Initiated } from "./lanes/init.ts";
export type { Step } from "./lanes/plan.ts";

// --- leases ------------------------------------------------------------------------------------------------------------------

declare const held: unique symbol;

/**
 * Proof of having taken something, a repository or a check, for oneself. The store alone makes one, and looks at it again inside each
 * transaction that writes under it. Whoever decides or lands has to be given it, so that forgetting it does not compile.
 */
export interface Lease {
  readonly [held]: true;
  readonly name: string;
  /** Never given twice: a later holder's is another. */
  readonly epoch: number;
}
