import { findCauses } from "../catalog/causes.ts";
import type { Above } from "../catalog/containers.ts";
import { editsOf, type ChangedText } from "../catalog/edits.ts";
import type { Cause, EffectGroup } from "../catalog/effects.ts";
import type { ChangedFile, Repository, TreeEntry } from "./ports/repository.ts";

/** What is read to look for causes: above that, a change is not one thing, and nobody asks. */
const most = { files: 300, bytes: 256 * 1024, manifests: 100 };

interface Side {
  tree: string;
  entries: readonly TreeEntry[];
}

/** Reads what the change edits, and says what the effects come from, as far as that is known. `groups` still name served files by object id. */
export async function causesOf(
  repository: Repository,
  { base, merged }: { base: Side; merged: Side },
  changed: readonly ChangedFile[],
  { groups, above }: { groups: readonly EffectGroup[]; above: ReadonlyMap<string, Above> },
): Promise<Cause[]> {
  if (changed.length > most.files || groups.length === 0) return [];
  const touched = new Set(changed.flatMap(({ path, oldPath }) => [path, ...(oldPath === null ? [] : [oldPath])]));
  // An edit that was not read could be the cause of what another one would be given for.
  if ([...base.entries, ...merged.entries].some(({ path, size }) => touched.has(path) && size > most.bytes)) return [];
  const read = async ({ tree }: Side, path: string): Promise<string | null> =>
    (await repository.read(tree, path))?.toString("utf8") ?? null;
  const texts: ChangedText[] = [];
  for (const { path, oldPath, added } of changed) {
    if (oldPath !== null) texts.push({ path: oldPath, before: await read(base, oldPath), after: null, added: new Set() });
    texts.push({ path, before: await read(base, path), after: await read(merged, path), added });
  }
  const sources = new Set(groups.flatMap(({ source }) => (source === null ? [] : [source.path])));
  const manifests = new Map<string, string>();
  const small = new Set(merged.entries.flatMap(({ path, size }) => (size > most.bytes ? [] : [path])));
  for (const path of [...sources].filter((source) => small.has(source)).slice(0, most.manifests)) {
    const text = await read(merged, path);
    if (text !== null) manifests.set(path, text);
  }
  const paths = new Map([...base.entries, ...merged.entries].flatMap(({ path, oid }) => (touched.has(path) ? [[oid, path] as const] : [])));
  return findCauses({ groups, edits: editsOf(texts), above, files: new Map(texts.map((text) => [text.path, text])), paths, manifests });
}
