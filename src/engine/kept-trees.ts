import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { CompileLimits } from "./ports/compile.ts";
import type { EnvironmentLayout } from "./ports/environment.ts";
import type { OpenTree } from "./ports/puppet.ts";

/**
 * Trees of base that stay open between checks, with the workers that compiled them: Puppet is loaded there and base's manifests are parsed. A
 * tree is kept under the digest of all that its compiles depend on, so that no other one is ever taken for it.
 */
export interface KeptTrees {
  /**
   * Lends the tree that is kept under this key, or opens it. Its `close` gives it back. `branch` names what it is the tip of: a tree of the
   * same branch under another key is not kept any longer.
   */
  borrow(of: { branch: string; key: string }, open: () => Promise<OpenTree>): Promise<OpenTree>;
  close(): Promise<void>;
}

export interface KeepLimits {
  /** Trees that nobody uses. */
  most: number;
  /** Seconds for which nobody uses them. */
  idleSeconds: number;
  /** Bytes of memory that this machine has left. */
  freeMemory: () => number;
}

/** Bytes that have to be left for any tree to be kept. */
const leastMemory = 2 ** 30;

interface Kept {
  branch: string;
  key: string;
  tree: Promise<OpenTree>;
  users: number;
  /** Whether it goes as soon as nobody uses it. */
  isOver: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** All that the workers of a tree were given. */
export interface TreeRequest {
  tree: string;
  layout: EnvironmentLayout;
  limits: CompileLimits;
  versions: Readonly<Record<string, string>>;
  /** Id of the stand-ins; null where there are none. */
  standIns: string | null;
}

/** By what a tree is kept; null where modules of it lie in a folder of this machine, and so can be others under the same name. */
export function treeKey({ layout, ...rest }: TreeRequest): string | null {
  if (layout.modulepath.some((entry) => entry.in === "disk" && entry.id === undefined)) return null;
  // Where a module lies says nothing of what it is.
  const modulepath = layout.modulepath.map((entry) => (entry.in === "disk" ? { id: entry.id, only: entry.only } : entry));
  const text = canonicalize({ ...rest, layout: { ...layout, modulepath } });
  return createHash("sha256")
    .update(text ?? "")
    .digest("hex");
}

export function keepTrees({ most, idleSeconds, freeMemory }: KeepLimits): KeptTrees {
  /** By key, the one that was given back last at the end. */
  const kept = new Map<string, Kept>();
  const ending = new Set<Promise<void>>();

  const end = (one: Kept): void => {
    clearTimeout(one.timer);
    if (kept.get(one.key) === one) kept.delete(one.key);
    const ended = one.tree.then((tree) => tree.close());
    ending.add(ended);
    const over = (): void => void ending.delete(ended);
    ended.then(over, over);
  };
  const idle = (): Kept[] => [...kept.values()].filter(({ users }) => users === 0);
  const giveBack = (one: Kept): void => {
    one.users -= 1;
    if (one.users > 0) return;
    if (one.isOver) return end(one);
    kept.delete(one.key);
    kept.set(one.key, one);
    one.timer = setTimeout(() => end(one), idleSeconds * 1000);
    one.timer.unref();
    const count = freeMemory() < leastMemory ? 0 : most;
    for (const old of idle().slice(0, Math.max(0, idle().length - count))) end(old);
  };
  const opened = (of: { branch: string; key: string }, open: () => Promise<OpenTree>): Kept => {
    for (const other of [...kept.values()].filter(({ branch }) => branch === of.branch)) {
      other.isOver = true;
      if (other.users === 0) end(other);
    }
    const one: Kept = { ...of, tree: open(), users: 0, isOver: false, timer: undefined };
    kept.set(of.key, one);
    return one;
  };

  return {
    borrow: async (of, open) => {
      const one = kept.get(of.key) ?? opened(of, open);
      one.users += 1;
      clearTimeout(one.timer);
      try {
        const tree = await one.tree;
        let isBack = false;
        const close = async (): Promise<void> => {
          if (!isBack) giveBack(one);
          isBack = true;
          await Promise.all(ending);
        };
        return { ...tree, close };
      } catch (error) {
        if (kept.get(of.key) === one) kept.delete(of.key);
        throw error;
      }
    },
    close: async () => {
      for (const one of kept.values()) one.isOver = true;
      for (const one of idle()) end(one);
      await Promise.all(ending);
    },
  };
}
