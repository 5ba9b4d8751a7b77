import { createHash } from "node:crypto";
import type { CompileOutcome, EnvironmentLayout, NodeFacts, OpenTree } from "./ports.ts";

/** One node, compiled on both sides. */
export interface CompiledPair {
  certname: string;
  base: CompileOutcome;
  merged: CompileOutcome;
  /** True when base's catalog was taken from an earlier compile of the same request. */
  cached: boolean;
}

/** Catalogs of base, kept by the digest of the complete compile request. Only base's own sandbox may fill it. */
export interface BaseCatalogs {
  get(key: string): CompileOutcome | undefined;
  set(key: string, outcome: CompileOutcome): void;
}

/** Keeps at most `most` catalogs in memory (about 1 MiB each for 300 resources) and forgets the one that was unused longest. */
export function baseCatalogs(most: number): BaseCatalogs {
  const kept = new Map<string, CompileOutcome>();
  return {
    get(key) {
      const outcome = kept.get(key);
      if (outcome === undefined) return undefined;
      kept.delete(key);
      kept.set(key, outcome);
      return outcome;
    },
    set(key, outcome) {
      kept.set(key, outcome);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
  };
}

/** What everything in one tree is compiled with; null where modules come from outside the tree and so can change under the same name. */
export function requestDigest(
  tree: string,
  layout: EnvironmentLayout,
  versions: Record<string, string>,
  standIns: string | null = null,
): string | null {
  if (layout.modulepath.some((entry) => entry.in === "disk" && entry.id === undefined)) return null;
  // Where a module lies on this machine says nothing of what it is.
  const modulepath = layout.modulepath.map((entry) => (entry.in === "disk" ? { id: entry.id, only: entry.only } : entry));
  return digest({ tree, layout: { ...layout, modulepath }, versions, standIns });
}

export interface Sides {
  /** Opened only if something is missing in the cache: with all of base's catalogs kept, its sandbox is not even started. */
  openBase: () => Promise<OpenTree>;
  merged: OpenTree;
  baseDigest: string | null;
  cache: BaseCatalogs;
  /** Processors to use for both sides together. */
  cores: number;
}

/**
 * Compiles every node on both sides, side by side, and hands over each pair as soon as both halves are there, so that no more
 * catalogs are held than wait for their other half. `onStep` counts finished compiles.
 */
export async function compileSides(
  { openBase, merged, baseDigest, cache, cores }: Sides,
  nodes: readonly NodeFacts[],
  onPair: (pair: CompiledPair) => void,
  onStep: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const kept = new Map<string, CompileOutcome>();
  const keys = new Map(nodes.map((node) => [node.certname, baseDigest === null ? null : digest({ baseDigest, node })]));
  for (const [certname, key] of keys) {
    const outcome = key === null ? undefined : cache.get(key);
    if (outcome !== undefined) kept.set(certname, outcome);
  }
  const toCompile = nodes.filter(({ certname }) => !kept.has(certname));
  const total = nodes.length + toCompile.length;
  const waiting = { base: new Map(kept), merged: new Map<string, CompileOutcome>() };
  let done = 0;
  const arrived = (side: "base" | "merged", outcome: CompileOutcome): void => {
    done += 1;
    onStep(done, total);
    waiting[side].set(outcome.certname, outcome);
    const base = waiting.base.get(outcome.certname);
    const head = waiting.merged.get(outcome.certname);
    if (base === undefined || head === undefined) return;
    waiting.base.delete(outcome.certname);
    waiting.merged.delete(outcome.certname);
    onPair({ certname: outcome.certname, base, merged: head, cached: kept.has(outcome.certname) });
  };
  // Both sides work at the same time and share the processors; a side that has it all to itself takes them all.
  const options = { workers: Math.max(1, toCompile.length === 0 ? cores : Math.floor(cores / 2)), signal };
  onStep(done, total);
  await Promise.all([compileBase(toCompile), merged.compile(nodes, (outcome) => arrived("merged", outcome), options)]);

  async function compileBase(missing: readonly NodeFacts[]): Promise<void> {
    if (missing.length === 0) return;
    const opened = await openBase();
    const keep = (outcome: CompileOutcome): void => {
      const key = keys.get(outcome.certname);
      // A limit that struck says something of this moment, not of the tree: only what Puppet itself said is kept.
      if (typeof key === "string" && (outcome.ok || outcome.error.code === "compile" || outcome.error.code === "no-node"))
        cache.set(key, outcome);
      arrived("base", outcome);
    };
    await opened.compile(missing, keep, options);
  }
}

/** JSON is canonical enough here: every object is built by our own code in one order, or parsed from one file. */
const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");
