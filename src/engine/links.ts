import { findingsOf } from "../catalog/finding.ts";
import { dirname, join } from "node:path/posix";
import type { Finding } from "../catalog/effects.ts";
import { syntaxKind } from "../catalog/syntax-kind.ts";
import type { ChangedFile, Repository, TreeEntry } from "./ports/repository.ts";

/** What a change brings that is no file of its own: links, and submodules. */
export async function linkFindings(repository: Repository, tree: string, changed: readonly ChangedFile[]): Promise<Finding[]> {
  const brought = changed.filter(({ status }) => status !== "removed");
  const links = brought.filter(({ mode }) => mode === LINK);
  const submodules = brought
    .filter(({ mode }) => mode === SUBMODULE)
    .map(({ path }) => finding("error", { path }, "submodule", submoduleText));
  if (links.length === 0) return submodules;
  const entries = new Map((await repository.list(tree)).map((entry) => [entry.path, entry]));
  const found = await Promise.all(links.map(({ path }) => ofLink(repository, entries, path)));
  return [...found, ...submodules];
}

const LINK = "120000";
const SUBMODULE = "160000";
/** What a deployment would fetch for it is in no tree here. */
const submoduleText = "a submodule: its content is not in this repository and was not looked at; vendor it, or name it in the Puppetfile";

/**
 * Puppet follows links, in the sandbox, and nobody else: one that stands for code was neither parsed nor linted, and one that leads out of
 * the tree leads elsewhere on every machine, so they block; any other is only told.
 */
async function ofLink(repository: Repository, entries: ReadonlyMap<string, TreeEntry>, path: string): Promise<Finding> {
  if (syntaxKind(path) !== null)
    return finding("error", { path }, "symlink", "a symlink in the place of code: nobody looks behind it, so put the file itself here");
  const target = await targetOf(repository, entries.get(path));
  if (target === null || escapes(entries, path, target))
    return finding(
      "error",
      { path },
      "symlink-escape",
      "a symlink that leads out of the repository, or through another one: put the file itself here",
    );
  return finding("notice", { path }, "symlink", "a symlink: nobody looks behind it");
}

/** Null for a target that no file system takes. */
async function targetOf(repository: Repository, entry: TreeEntry | undefined): Promise<string | null> {
  if (entry === undefined || entry.size === 0 || entry.size > 4096) return null;
  return (await repository.readObject(entry.oid))?.toString("utf8") ?? null;
}

/** By the names alone, and so none of the folders on the way may be a link. */
function escapes(entries: ReadonlyMap<string, TreeEntry>, path: string, target: string): boolean {
  if (target.startsWith("/") || target.includes("\0")) return true;
  let at = dirname(path);
  for (const name of target.split("/")) {
    at = join(at, name);
    if (at === "..") return true;
    if (entries.get(at)?.mode === LINK) return true;
  }
  return false;
}

const finding = findingsOf("syntax");
