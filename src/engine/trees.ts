import { join } from "node:path";
import { indexServed, type ServedIndex } from "../catalog/served.ts";
import type {
  CompileLimits,
  EnvironmentLayout,
  LayoutRequest,
  NodeStatements,
  OpenTree,
  PuppetEdge,
  Repository,
  StandIns,
  TreeEntry,
} from "./ports.ts";

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
  /** The same for both trees; null where there are none. */
  standIns?: StandIns | null;
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
    const one = baseTree === mergedTree;
    const baseEntries = await input.repository.list(baseTree);
    const mergedEntries = one ? baseEntries : await input.repository.list(mergedTree);
    const base = await side(input, { name: "base", tree: baseTree, entries: baseEntries, other: mergedEntries }, opened);
    const merged = one ? base : await side(input, { name: "merged", tree: mergedTree, entries: mergedEntries, other: baseEntries }, opened);
    return new Trees(base, merged, opened);
  }

  /** Both sides' node statements together. */
  async nodeStatements(): Promise<NodeStatements> {
    const sides = this.base === this.merged ? [this.base] : [this.base, this.merged];
    const statements = await Promise.all(sides.map(async ({ open }) => (await open()).nodeStatements()));
    const names = [...new Set(statements.flatMap((each) => each.names))].sort();
    return { names, open: statements.some(({ open }) => open) };
  }

  async close(): Promise<void> {
    // A tree that failed to open has already said so to whoever asked for it; there is nothing of it to close.
    const results = await Promise.allSettled(this.#opened);
    await Promise.all(results.flatMap((result) => (result.status === "fulfilled" ? [result.value.close()] : [])));
  }
}

interface ListedTree {
  name: "base" | "merged";
  tree: string;
  entries: readonly TreeEntry[];
  /** Of the other side: a module that git has on either is never taken from the work tree. */
  other: readonly TreeEntry[];
}

async function side(input: TreesInput, { name, tree, entries, other }: ListedTree, opened: Array<Promise<OpenTree>>): Promise<Side> {
  const { repository, puppet } = input;
  const pathsOf = (list: readonly TreeEntry[]): string[] => list.map(({ path }) => path);
  const files = { paths: pathsOf(entries), read: (path: string) => repository.read(tree, path) };
  const layout = await puppet.findLayout(files, { ...input.layout, versioned: pathsOf(other) });
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
  { repository, puppet, limits, standIns = null }: TreesInput,
  folder: string,
  tree: string,
  layout: EnvironmentLayout,
): Promise<OpenTree> {
  await repository.export(tree, folder);
  return puppet.open({ folder, layout, limits, ...(standIns === null ? {} : { standIns }) });
}

/** The files of a side that its modules serve. */
export const servedBy = ({ entries, layout }: { entries: readonly TreeEntry[]; layout: EnvironmentLayout }): ServedIndex =>
  indexServed(
    entries,
    layout.modulepath.flatMap((entry) => (entry.in === "tree" ? [entry.path] : [])),
  );
