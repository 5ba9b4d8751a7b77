import type { TreeEntry } from "../engine/ports/repository.ts";
import { type Place, git, requireObjectId, splitNul } from "./git.ts";
import type { ObjectReader } from "./objects.ts";
import { missingObjects, problem, tooLarge, unsafePath } from "./problems.ts";
import { quotePath, unquotePath } from "./quote.ts";

/** Manifests, data and templates are a thousandth of this; what is read is held in memory, several trees' worth at a time. */
const MOST_BYTES = 20 * 2 ** 20;

/** All files of a tree, in git's order. Throws a Problem for a path that git would refuse to write out. */
export async function listTree(place: Place, tree: string): Promise<TreeEntry[]> {
  const { stdout } = await git(place, ["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", requireObjectId(tree)]);
  return splitNul(stdout).map((record) => {
    const tab = record.indexOf(9);
    const [mode = "", , oid = "", size = ""] = record.subarray(0, tab).toString("latin1").split(/ +/u);
    if (size === "BAD") throw problem(missingObjects(place.partial === true, oid));
    return { path: shownPath(record.subarray(tab + 1)), mode, size: size === "-" ? 0 : Number(size), oid };
  });
}

/**
 * A path for people and for the other rooms. Only a tree that was made by hand can hold `..`, `.git` or an empty name; a path like that is a
 * trap for whoever joins it to a folder, and so it ends here.
 */
export function shownPath(path: Buffer): string {
  if (UNSAFE.test(path.toString("latin1"))) throw problem(unsafePath(quotePath(path)));
  return quotePath(path);
}

const UNSAFE = /(?:^|\/)(?:\.{0,2}|\.git)(?:\/|$)/iu;

interface Child {
  mode: string;
  oid: string;
}

/** Trees that were looked into already, by id. An id's content never changes, so that nothing here grows old. */
export class FileReader {
  readonly #objects: ObjectReader;
  readonly #partial: boolean;
  readonly #trees = new Map<string, Map<string, Child>>();
  #children = 0;

  constructor(objects: ObjectReader, partial: boolean) {
    this.#objects = objects;
    this.#partial = partial;
  }

  /**
   * A regular file's bytes. Null for anything else: nothing, a folder, a submodule, a link, or what lies behind a link. The path is walked
   * tree by tree, so that no link is ever followed.
   */
  async read(tree: string, path: string): Promise<Buffer | null> {
    const names = unquotePath(path).toString("latin1").split("/");
    let at: Child = { mode: FOLDER, oid: requireObjectId(tree) };
    for (const name of names) {
      const child = at.mode === FOLDER ? (await this.#childrenOf(at.oid)).get(name) : undefined;
      if (child === undefined) return null;
      at = child;
    }
    if (!at.mode.startsWith("100")) return null;
    const info = await this.#objects.info(at.oid);
    if (info && info.size > MOST_BYTES) throw problem(tooLarge(path, info.size, MOST_BYTES));
    return this.#present(at.oid, info && (await this.#objects.contents(at.oid)));
  }

  /** A blob's bytes; null where it is larger than what is held in memory. Throws where there is no such blob. */
  async readBlob(oid: string): Promise<Buffer | null> {
    const info = await this.#objects.info(requireObjectId(oid));
    if (info && info.type !== "blob") throw new TypeError(`${oid} is a ${info.type}, not a blob`);
    if (info && info.size > MOST_BYTES) return null;
    return this.#present(oid, info && (await this.#objects.contents(oid)));
  }

  async #childrenOf(oid: string): Promise<ReadonlyMap<string, Child>> {
    const known = this.#trees.get(oid);
    if (known) return known;
    const info = await this.#objects.info(oid);
    if (info && info.type !== "tree") throw new TypeError(`${oid} is a ${info.type}, not a tree`);
    if (info && info.size > MOST_BYTES) throw problem(tooLarge(`A folder (${oid})`, info.size, MOST_BYTES));
    const children = parseTree(this.#present(oid, info && (await this.#objects.contents(oid))), oid.length / 2);
    this.#children += children.size;
    if (this.#children > MOST_CHILDREN) {
      this.#trees.clear();
      this.#children = children.size;
    }
    this.#trees.set(oid, children);
    return children;
  }

  #present(oid: string, content: Buffer | null): Buffer {
    if (content === null) throw problem(missingObjects(this.#partial, oid));
    return content;
  }
}

const FOLDER = "40000";
/** About 60 MB. A repository of 20,000 files has some 25,000. */
const MOST_CHILDREN = 300_000;

/** A tree object: `<mode> <name>NUL<id>`, again and again, the id as bytes. */
function parseTree(content: Buffer, idBytes: number): Map<string, Child> {
  const children = new Map<string, Child>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    const name = content.toString("latin1", space + 1, end);
    children.set(name, { mode: content.toString("latin1", at, space), oid: content.toString("hex", end + 1, end + 1 + idBytes) });
    at = end + 1 + idBytes;
  }
  return children;
}
