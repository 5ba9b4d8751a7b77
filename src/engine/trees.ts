import { join } from "node:path";
import { indexServed, type ServedIndex } from "../catalog/served.ts";
import type { CompileLimits, EnvironmentLayout, LayoutRequest, OpenTree, PuppetEdge, Repository, TreeEntry } from "./ports.ts";

interface Side {
  tree: string;
  entries: readonly TreeEntry[];
  layout: EnvironmentLayout;
  open: () => Promise<OpenTree>;
}

export interface TreesInput {
  repository: Repository;
  puppet: PuppetEdge;
  /** A folder to write trees into. */
  folder: string;
  layout: LayoutRequest;
  limits: CompileLimits;
  cores: number;
}

/**
 * The two trees of a comparison: listed at once, each written out and opened in a sandbox of its own when it is first needed.
 * Where both trees are one, they share that one.
 */
export class Trees {
  readonly base: Side;
  readonly merged: Side;
  readonly #opened: Array<Promise<OpenTree>> = [];

  private constructor(base: Side, merged: Side, opened: Array<Promise<OpenTree>>) {
    this.base = base;
    this.merged = merged;
    this.#opened = opened;
  }

  static async of(input: TreesInput, baseTree: string, mergedTree: string): Promise<Trees> {
    const opened: Array<Promise<OpenTree>> = [];
    const base = await side(input, "base", baseTree, opened);
    const merged = mergedTree === baseTree ? base : await side(input, "merged", mergedTree, opened);
    return new Trees(base, merged, opened);
  }

  /** Literal node names of both sides' main manifests. */
  async literalNames(): Promise<string[]> {
    const sides = this.base === this.merged ? [this.base] : [this.base, this.merged];
    const statements = await Promise.all(sides.map(async ({ open }) => (await open()).nodeStatements()));
    return [...new Set(statements.flatMap(({ names }) => names))].sort();
  }

  async close(): Promise<void> {
    // A tree that failed to open has already said so to whoever asked for it; there is nothing of it to close.
    const results = await Promise.allSettled(this.#opened);
    await Promise.all(results.map((result) => (result.status === "fulfilled" ? result.value.close() : undefined)));
  }
}

async function side(input: TreesInput, name: "base" | "merged", tree: string, opened: Array<Promise<OpenTree>>): Promise<Side> {
  const { repository, puppet } = input;
  const entries = await repository.list(tree);
  const layout = await puppet.findLayout(
    { paths: entries.map(({ path }) => path), read: (path) => repository.read(tree, path) },
    input.layout,
  );
  let once: Promise<OpenTree> | undefined;
  const open = (): Promise<OpenTree> => {
    if (once === undefined) {
      once = openTree(input, join(input.folder, name), tree, layout);
      opened.push(once);
    }
    return once;
  };
  return { tree, entries, layout, open };
}

async function openTree(
  { repository, puppet, limits, cores }: TreesInput,
  folder: string,
  tree: string,
  layout: EnvironmentLayout,
): Promise<OpenTree> {
  await repository.export(tree, folder);
  // Both sides work at the same time, so each gets half of the processors; one worker at the least.
  return puppet.open({ folder, layout, limits, workers: Math.max(1, Math.floor(cores / 2)) });
}

/** The files of a side that its modules serve. */
export const servedBy = ({ entries, layout }: { entries: readonly TreeEntry[]; layout: EnvironmentLayout }): ServedIndex =>
  indexServed(
    entries,
    layout.modulepath.flatMap((entry) => (entry.in === "tree" ? [entry.path] : [])),
  );
