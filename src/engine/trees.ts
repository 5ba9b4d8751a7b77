import { Problem } from "../problem.ts";
import { indexServed, type ServedIndex, type TreeFile } from "../catalog/served.ts";
import type { CompileLimits } from "./ports/compile.ts";
import type { EnvironmentLayout, LayoutRequest } from "./ports/environment.ts";
import type { NodeStatements, OpenTree, PuppetEdge } from "./ports/puppet.ts";
import type { Repository, TreeEntry } from "./ports/repository.ts";
import type { StandIns } from "./ports/stand-ins.ts";
import type { KeptTrees } from "./kept-trees.ts";
import type { ProvidedModule } from "./resolve-modules.ts";
import type { Slot, Slots } from "./slots.ts";

interface Side {
  tree: string;
  entries: readonly TreeEntry[];
  layout: EnvironmentLayout;
  /** Modules that were resolved for it. */
  provided: readonly ProvidedModule[];
  open: () => Promise<OpenTree>;
}

export interface TreesInput {
  /** The repository's. */
  name: string;
  repository: Repository;
  puppet: PuppetEdge;
  layout: LayoutRequest;
  limits: CompileLimits;
  /** The same for both trees; null where there are none. */
  standIns?: StandIns | null;
  /** Modules that each side's Puppetfile names, from elsewhere. */
  provided: { base: readonly ProvidedModule[]; merged: readonly ProvidedModule[] };
  /** Where both sides wait for processors. */
  slots: Slots;
  /** Where base's tree is kept between checks, and by what it is known there; without a key it is not. */
  keep: { trees: KeptTrees; branch: string; keyOf: (tree: string, layout: EnvironmentLayout) => string | null } | null;
}

/**
 * The two trees of a comparison: listed at once, each written out and opened in a sandbox of its own when it is first needed.
 * Where both trees are one, they share that one.
 */
export class Trees {
  readonly base: Side;
  readonly merged: Side;
  readonly #opened: Opened;

  private constructor(base: Side, merged: Side, opened: Opened) {
    this.base = base;
    this.merged = merged;
    this.#opened = opened;
  }

  static async of(input: TreesInput, baseTree: string, mergedTree: string): Promise<Trees> {
    const opened = new Opened();
    const { share } = input.slots.enter();
    // Lint and syntax come behind compiles, of which people want the first pair soon.
    const files = share("patient");
    const one = baseTree === mergedTree;
    const baseEntries = await input.repository.list(baseTree);
    const mergedEntries = one ? baseEntries : await input.repository.list(mergedTree);
    const base = await side(
      input,
      { name: "base", tree: baseTree, entries: baseEntries, other: mergedEntries, slot: share(), files },
      opened,
    );
    const merged = one
      ? base
      : await side(input, { name: "merged", tree: mergedTree, entries: mergedEntries, other: baseEntries, slot: share(), files }, opened);
    return new Trees(base, merged, opened);
  }

  /** Both sides' node statements together. */
  async nodeStatements(): Promise<NodeStatements> {
    const sides = this.base === this.merged ? [this.base] : [this.base, this.merged];
    const statements = await Promise.all(sides.map(async ({ open }) => (await open()).nodeStatements()));
    const names = [...new Set(statements.flatMap((each) => each.names))].sort();
    return { names, open: statements.some(({ open }) => open) };
  }

  /** Closes what was opened, and what is being opened; nothing is opened after that. */
  close(): Promise<void> {
    return this.#opened.close();
  }
}

class Opened {
  readonly #trees: Array<Promise<OpenTree>> = [];
  #closed = false;

  /** Throws once they are closed: who comes late is part of a check that has ended. */
  add(open: () => Promise<OpenTree>): Promise<OpenTree> {
    if (this.#closed) throw new Error("the check has ended, and its trees are closed");
    const tree = open();
    this.#trees.push(tree);
    return tree;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A tree that failed to open has already said so to whoever asked for it; there is nothing of it to close.
    const results = await Promise.allSettled(this.#trees);
    await Promise.all(results.flatMap((result) => (result.status === "fulfilled" ? [result.value.close()] : [])));
  }
}

interface ListedTree {
  name: "base" | "merged";
  tree: string;
  entries: readonly TreeEntry[];
  /** Of the other side: a module that git has on either is never taken from the work tree. */
  other: readonly TreeEntry[];
  slot: Slot;
  /** For what looks at files. */
  files: Slot;
}

async function side(input: TreesInput, { name, tree, entries, other, slot, files: filesSlot }: ListedTree, opened: Opened): Promise<Side> {
  const { repository, puppet } = input;
  const pathsOf = (list: readonly TreeEntry[]): string[] => list.map(({ path }) => path);
  const files = { paths: pathsOf(entries), read: (path: string) => repository.read(tree, path) };
  const provided = input.provided[name];
  const layout = await puppet.findLayout(files, { ...input.layout, versioned: pathsOf(other), provided });
  let once: Promise<OpenTree> | undefined;
  const open = async (): Promise<OpenTree> => {
    requireSize(name, entries);
    once ??= opened.add(async () => inSlots(await openSide(input, name, tree, layout), slot, filesSlot));
    return once;
  };
  return { tree, entries, layout, provided, open };
}

/** Bytes of a tree that is written out. A few kilobytes can be a terabyte then: one blob under many names. */
const mostBytes = 2 ** 31;

function requireSize(name: ListedTree["name"], entries: readonly TreeEntry[]): void {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= mostBytes) return;
  throw new Problem({
    code: "tree-too-large",
    text: `The tree of ${name === "base" ? "base" : "the merge result"} has ${Math.round(bytes / 2 ** 20)} MiB, written out; what is compiled may have ${mostBytes / 2 ** 20} MiB.`,
    hint: "Keep large files out of the repository: in a package, or on a file server.",
  });
}

/** Base's may be kept from an earlier check. Head's is never anybody else's. */
function openSide(input: TreesInput, name: ListedTree["name"], tree: string, layout: EnvironmentLayout): Promise<OpenTree> {
  const open = (): Promise<OpenTree> => openTree(input, tree, layout, name === "merged");
  const { keep } = input;
  const key = name === "base" ? (keep?.keyOf(tree, layout) ?? null) : null;
  return keep === null || key === null ? open() : keep.trees.borrow({ branch: keep.branch, key }, open);
}

/** A tree whose programs all wait for their turn among those of other checks. */
const inSlots = (tree: OpenTree, slot: Slot, files: Slot): OpenTree => ({
  ...tree,
  nodeStatements: () => slot(() => tree.nodeStatements()),
  compile: (nodes, onOutcome, options) => tree.compile(nodes, onOutcome, { ...options, slot }),
  definitions: (paths, signal) => slot(() => tree.definitions(paths, signal), signal),
  syntax: (paths, signal) => files(() => tree.syntax(paths, signal), signal),
  lint: (paths, options, signal) => files(() => tree.lint(paths, options, signal), signal),
  fixLint: (paths, options, signal) => files(() => tree.fixLint(paths, options, signal), signal),
});

function openTree(
  { name, repository, puppet, limits, standIns = null }: TreesInput,
  tree: string,
  layout: EnvironmentLayout,
  parsed: boolean,
): Promise<OpenTree> {
  const write = (folder: string, index: string): Promise<void> => repository.export(tree, folder, index);
  return puppet.open({ of: name, parsed, write, layout, limits, ...(standIns === null ? {} : { standIns }) });
}

/** The files of a side that its modules serve. Those of modules from elsewhere stand under names that no path of a tree can have. */
export function servedBy({ entries, layout, provided }: Pick<Side, "entries" | "layout" | "provided">): ServedIndex {
  const files: TreeFile[] = [...entries];
  const folders = layout.modulepath.flatMap((entry) => {
    if (entry.in === "tree") return [entry.path];
    const module = provided.find(({ folder, name }) => entry.id !== undefined && folder === entry.folder && entry.only?.[0] === name);
    if (module === undefined) return [];
    const at = `\0${module.id}`;
    files.push(...module.files.map((file) => ({ ...file, path: `${at}/${module.name}/${file.path}` })));
    return [at];
  });
  return indexServed(files, folders);
}

/** Reads what either side serves, by git's id of its content: of the tree, or of a module from elsewhere. */
export function readServed(
  sides: ReadonlyArray<Pick<Side, "provided">>,
  ofTree: (oid: string) => Promise<Buffer | null>,
  ofModule: (module: ProvidedModule, path: string) => Promise<Buffer | null>,
): (oid: string) => Promise<Buffer | null> {
  const places = new Map<string, { module: ProvidedModule; path: string }>();
  for (const { provided } of sides)
    for (const module of provided)
      for (const { oid, path, mode } of module.files) if (mode.startsWith("100")) places.set(oid, { module, path });
  return (oid) => {
    const place = places.get(oid);
    return place === undefined ? ofTree(oid) : ofModule(place.module, `${place.module.name}/${place.path}`);
  };
}
