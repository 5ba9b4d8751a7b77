import type { Catalog } from "../../catalog/catalog.ts";
import type { Collector } from "../../catalog/collector.ts";
import type { EnvironmentLayout } from "./environment.ts";
import type { FactPath, Trace } from "../../plan/trace.ts";
import type { Slot } from "../slots.ts";
import type { StandIns } from "./stand-ins.ts";
import type { Taints } from "../../catalog/taints.ts";

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
