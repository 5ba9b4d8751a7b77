import type { CompileLimits, CompileOptions, CompileOutcome, OnOutcome, TreeToCompile } from "./compile.ts";
import type { Definition } from "../../plan/definitions.ts";
import type { EnvironmentLayout, LayoutRequest, TreeFiles } from "./environment.ts";
import type { Unplaced } from "../../catalog/finding.ts";
import type { NodeFacts } from "./nodes.ts";
import type { PuppetfileModules } from "./modules.ts";

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
  syntax(paths: readonly string[], signal?: AbortSignal): Promise<Unplaced[]>;
  /** Runs puppet-lint with the given options (base's, already vetted) over files of this tree. */
  lint(paths: readonly string[], options: readonly string[], signal?: AbortSignal): Promise<Unplaced[]>;
  /** What puppet-lint's own mending makes of these manifests, by path, where it changes anything; null where that came to nothing. */
  fixLint(paths: readonly string[], options: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, string> | null>;
  close(): Promise<void>;
}

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
