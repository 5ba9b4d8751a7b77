import { createHash } from "node:crypto";
import { Binary, type Catalog, type Value } from "./catalog.ts";
import { type Folder, gitPrefix, oidOf } from "./served.ts";

export interface Aligned {
  before: Catalog;
  after: Catalog;
  /** Object ids of single files of folders, whose contents are shown. */
  oids: string[];
}

/**
 * Gives both sides' contents one form. Text that one side writes and the other serves, byte for byte, is one content: the served side gets the
 * text, so that moving it from a manifest to a file, or back, is no difference; compared by git's own object id of the text. Of two folders,
 * what is left is a hash of the files that differ. `folders` are those of both sides.
 */
export function alignContents(before: Catalog, after: Catalog, folders: ReadonlyMap<string, Folder> = new Map()): Aligned {
  const contents = { before: contentsOf(before), after: contentsOf(after) };
  const oids: string[] = [];
  const align = (catalog: Catalog, others: ReadonlyMap<string, Value>): Catalog => ({
    ...catalog,
    resources: catalog.resources.map((resource) => {
      const content = resource.type === "File" ? resource.parameters.get("content") : undefined;
      const other = content instanceof Binary ? others.get(resource.key) : undefined;
      if (!(content instanceof Binary) || other === undefined) return resource;
      const aligned = typeof other === "string" ? textOf(content, other) : differing(content, other, folders, oids);
      return aligned === null ? resource : { ...resource, parameters: new Map([...resource.parameters, ["content", aligned]]) };
    }),
  });
  return { before: align(before, contents.after), after: align(after, contents.before), oids };
}

function contentsOf({ resources }: Catalog): Map<string, Value> {
  const contents = new Map<string, Value>();
  for (const { type, key, parameters } of resources) {
    const content = parameters.get("content");
    if (type === "File" && content !== undefined) contents.set(key, content);
  }
  return contents;
}

const textOf = (content: Binary, text: string): string | null =>
  content.sha256 === `${gitPrefix}${blobId(text, content.sha256)}` ? text : null;

/** Files of a folder that are shown one by one; the rest is counted. */
const mostFiles = 50;

/** The files of a folder that another folder does not have alike. */
function differing(content: Binary, other: Value, folders: ReadonlyMap<string, Folder>, oids: string[]): Value | null {
  const mine = folders.get(content.sha256);
  const theirs = other instanceof Binary ? folders.get(other.sha256) : undefined;
  if (mine === undefined || theirs === undefined || mine === theirs) return null;
  const files = [...mine].filter(([path, { sha256 }]) => theirs.get(path)?.sha256 !== sha256).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, { sha256 }] of files.slice(0, mostFiles)) oids.push(oidOf(sha256) ?? "");
  const shown: Array<[string, Value]> = files.slice(0, mostFiles);
  if (files.length > mostFiles)
    shown.push(["…", `and ${files.length - mostFiles} more files (sha256 of the folder's list: ${content.sha256})`]);
  return Object.fromEntries(shown);
}

/** The object id that git gives a text (its documentation, "Git Internals: Object Storage"), with the digest that the repository uses. */
function blobId(text: string, like: string): string {
  const bytes = Buffer.from(text, "utf8");
  const algorithm = like.length === gitPrefix.length + 64 ? "sha256" : "sha1";
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
