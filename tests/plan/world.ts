import { createHash } from "node:crypto";
import { compare } from "../../src/plan/compare.ts";
import type { Changed } from "../../src/plan/changed.ts";
import type { Definitions } from "../../src/plan/definitions.ts";
import { listingOf, type Listing, type ListingInput } from "../../src/plan/listing.ts";
import type { Trace } from "../../src/plan/trace.ts";

/** Files by path with their texts; `120000 TARGET` as a text is a link, `160000 …` a submodule. */
export type Files = Readonly<Record<string, string>>;

export const root = "/etc/puppetlabs/code/environments/production";

const blobs = new Map<string, string>();

const entryOf = (path: string, content: string): { path: string; mode: string; oid: string } => {
  const [, mode = "100644", text = content] = /^(120000|160000|100755) (.*)$/su.exec(content) ?? [];
  const oid = createHash("sha1").update(text).digest("hex");
  blobs.set(oid, text);
  return { path, mode, oid };
};

const layout: ListingInput["layout"] = {
  name: "production",
  modulepath: [
    { in: "tree", path: "site" },
    { in: "tree", path: "modules" },
  ],
  manifest: "manifests",
};

export function sideOf(files: Files, more: Partial<ListingInput> = {}): Listing {
  const entries = Object.entries(files).map(([path, content]) => entryOf(path, content));
  return listingOf({ layout, entries, provided: [], ...more });
}

export const provide = (name: string, id: string, files: Files): ListingInput["provided"][number] => ({
  name,
  id,
  folder: `/cache/${id}`,
  files: Object.entries(files).map(([path, content]) => entryOf(path, content)),
});

export const read = async (oid: string): Promise<string | null> => blobs.get(oid) ?? null;

/** The files with some of them changed, or gone where the new text is null. */
export function edited(files: Files, edits: Readonly<Record<string, string | null>>): Files {
  const all = Object.entries({ ...files, ...edits });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

export async function changedBetween(before: Files, after: Files, definitions?: Definitions): Promise<Changed> {
  return compare({ before: sideOf(before), after: sideOf(after), read, ...(definitions === undefined ? {} : { definitions }) });
}

/** What a compile read that read nothing else. */
export const traceOf = (parts: Partial<Trace>): Trace => ({
  manifests: [],
  functions: [],
  types: [],
  files: [],
  folders: [],
  data: [],
  absent: [],
  keys: [],
  node: null,
  outside: false,
  impure: [],
  ...parts,
});

/** A change in which nothing else differs. */
export const changedOf = (parts: Partial<Changed>): Changed => ({
  whole: null,
  manifests: new Map(),
  functions: new Map(),
  types: new Map(),
  typesets: new Map(),
  files: new Map(),
  folders: new Map(),
  data: new Map(),
  nodes: null,
  links: new Map(),
  ...parts,
});
