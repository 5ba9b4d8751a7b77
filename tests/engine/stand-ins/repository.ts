import { createHash } from "node:crypto";
import type { ChangedFile, Commit, MergeResult, Repository, TreeEntry } from "../../../src/engine/ports/repository.ts";
import { Problem } from "../../../src/problem.ts";

/** A file of a tree: text, bytes, or what is no regular file, or one of which nobody has the bytes. */
export type File = string | Buffer | { link: string } | { submodule: string } | { bytes: number };
export type Files = Readonly<Record<string, File>>;

/** The files with some of them changed, or gone where there is null. */
export const edited = (files: Files, edits: Readonly<Record<string, File | null>>): Files =>
  Object.fromEntries(Object.entries({ ...files, ...edits }).filter((entry): entry is [string, File] => entry[1] !== null));

export interface History {
  /** Files by the commit's ref; `main` is the default branch. */
  commits: Readonly<Record<string, Files>>;
  /** The ref whose files are the merge result; the head's own without it. */
  merged?: string;
  conflicts?: string[];
  workTree?: string;
}

/**
 * A repository whose commits are written down, in memory: trees, blobs and their ids as with git, of renames those that change nothing, and of a changed
 * file the lines whose text the old one does not have. `exported` are the trees that were written out, by folder.
 */
export class MemoryRepository implements Repository {
  readonly workTree: string | null;
  readonly exported = new Map<string, string>();
  readonly read: Repository["read"];
  readonly readObject: Repository["readObject"];
  readonly #history: History;
  readonly #trees = new Map<string, ReadonlyMap<string, TreeEntry>>();
  readonly #names = new Map<string, string>();
  readonly #blobs = new Map<string, Buffer | null>();

  constructor(history: History) {
    this.#history = history;
    this.workTree = history.workTree ?? null;
    for (const ref of Object.keys(history.commits).toReversed()) this.#names.set(this.tree(ref), ref);
    this.read = async (tree, path) => {
      const entry = this.#entries(tree).get(path);
      if (entry === undefined || !entry.mode.startsWith("100")) return null;
      const bytes = this.#blobs.get(entry.oid) ?? null;
      if (bytes === null) throw new Problem({ code: "file-too-large", text: `${path} is too large to read.`, hint: "Make it smaller." });
      return bytes;
    };
    this.readObject = async (oid) => this.#blobs.get(oid) ?? null;
  }

  /** The tree of a ref, which is kept from now on. */
  tree(ref: string): string {
    const entries = Object.entries(this.#history.commits[ref] ?? {})
      .map(([path, file]) => this.#entry(path, file))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    const id = idOf(entries.map(({ path, mode, oid }) => `${mode} ${oid} ${path}`).join("\n"));
    this.#trees.set(id, new Map(entries.map((entry) => [entry.path, entry])));
    return id;
  }

  /** The first ref that has this tree. */
  nameOf(tree: string): string {
    return this.#names.get(tree) ?? tree;
  }

  async defaultBranch(): Promise<string> {
    return "main";
  }

  async resolve(ref: string): Promise<Commit> {
    if (this.#history.commits[ref] === undefined)
      throw new Problem({ code: "unknown-ref", text: `There is no ${ref}.`, hint: "Fetch it." });
    return { ref, sha: idOf(`commit ${ref}`), oid: ref };
  }

  async merge(_: Commit, head: Commit): Promise<MergeResult> {
    const { conflicts, merged } = this.#history;
    return conflicts === undefined ? { ok: true, tree: this.tree(merged ?? head.oid) } : { ok: false, conflicts };
  }

  async treeOf({ oid }: Commit): Promise<string> {
    return this.tree(oid);
  }

  async list(tree: string): Promise<readonly TreeEntry[]> {
    return [...this.#entries(tree).values()];
  }

  async changes(fromTree: string, toTree: string): Promise<readonly ChangedFile[]> {
    const [before, after] = [this.#entries(fromTree), this.#entries(toTree)];
    const removed = [...before.values()].filter(({ path }) => !after.has(path));
    const changes: ChangedFile[] = [];
    for (const entry of after.values()) {
      const { path, mode, oid } = entry;
      const old = before.get(path);
      if (old !== undefined && (old.oid !== oid || old.mode !== mode))
        changes.push({ path, oldPath: null, status: "modified", mode, added: this.#newLines(old, entry) });
      if (old !== undefined) continue;
      const at = removed.findIndex((each) => each.oid === oid);
      const [from] = at === -1 ? [] : removed.splice(at, 1);
      if (from === undefined) changes.push({ path, oldPath: null, status: "added", mode, added: this.#newLines(null, entry) });
      else changes.push({ path, oldPath: from.path, status: "renamed", mode, added: new Set() });
    }
    for (const { path, mode } of removed) changes.push({ path, oldPath: null, status: "removed", mode, added: new Set() });
    return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async export(tree: string, folder: string): Promise<void> {
    this.exported.set(folder, tree);
  }

  async close(): Promise<void> {}

  #entries(tree: string): ReadonlyMap<string, TreeEntry> {
    const entries = this.#trees.get(tree);
    if (entries === undefined) throw new Error(`there is no tree ${tree}`);
    return entries;
  }

  #entry(path: string, file: File): TreeEntry {
    if (typeof file === "object" && "submodule" in file) return { path, mode: "160000", size: 0, oid: file.submodule };
    if (typeof file === "object" && "bytes" in file) {
      const oid = idOf(`${file.bytes} bytes`);
      this.#blobs.set(oid, null);
      return { path, mode: "100644", size: file.bytes, oid };
    }
    const isLink = typeof file === "object" && "link" in file;
    const content = Buffer.from(isLink ? file.link : file);
    const oid = idOf(content);
    this.#blobs.set(oid, content);
    return { path, mode: isLink ? "120000" : "100644", size: content.length, oid };
  }

  #newLines(before: TreeEntry | null, after: TreeEntry): Set<number> {
    if (!after.mode.startsWith("100")) return new Set();
    const linesOf = (entry: TreeEntry | null): string[] =>
      entry === null ? [] : (this.#blobs.get(entry.oid)?.toString().split("\n") ?? []);
    const old = new Set(linesOf(before));
    return new Set(linesOf(after).flatMap((line, at) => (line === "" || old.has(line) ? [] : [at + 1])));
  }
}

const idOf = (content: string | Buffer): string => createHash("sha1").update(content).digest("hex");
