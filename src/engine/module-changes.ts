import { findingsOf } from "../catalog/finding.ts";
import type { Finding } from "../catalog/effects.ts";
import { moduleFacts, versionsOf } from "../gate/module-words.ts";
import type { ModuleChange } from "../gate/report.ts";
import type { ModuleResolver, ModuleSource } from "./ports/modules.ts";
import type { TreeEntry } from "./ports/repository.ts";
import type { OutsideModule, SideModules } from "./resolve-modules.ts";

/** Paths that a report names of one module. */
const mostFiles = 50;

/**
 * What a change of the Puppetfile makes of each module: which commits come, which files change. Modules whose content stays are left out, as are
 * those of which neither side's was had and whose line says the same.
 */
export async function moduleChanges(base: SideModules, merged: SideModules, resolver: ModuleResolver): Promise<ModuleChange[]> {
  const names = [...new Set([...base.outside.keys(), ...merged.outside.keys()])].toSorted();
  const changes: ModuleChange[] = [];
  for (const name of names) {
    const [was, is] = [base.outside.get(name), merged.outside.get(name)];
    const [before, after] = [contentOf(was), contentOf(is)];
    if (before?.id === after?.id) continue;
    const unseen = [before, after].flatMap((side) => side?.unseen ?? []);
    const commits = unseen.length === 0 && before && after && is ? await resolver.history(is.wanted.source, before.id, after.id) : null;
    changes.push({
      name,
      before: before?.version ?? null,
      after: after?.version ?? null,
      line: is?.wanted.line ?? null,
      commits: commits === null ? null : { ...commits, subjects: [...commits.subjects] },
      ...(unseen.length === 0 ? filesBetween(before?.files ?? [], after?.files ?? []) : { files: [], moreFiles: 0 }),
      ...(after?.published === undefined ? {} : { published: after.published }),
      ...(unseen.length === 0 ? {} : { unseen: [...new Set(unseen)].join("; ") }),
    });
  }
  return changes;
}

interface Content {
  /** The same for the same content; for what was not had, the same for the same words of the Puppetfile. */
  id: string;
  version: string;
  files: readonly TreeEntry[];
  published?: boolean;
  /** Why nobody knows its content. */
  unseen?: string;
}

function contentOf(module: OutsideModule | undefined): Content | null {
  if (module === undefined) return null;
  const { source } = module.wanted;
  const { resolved } = module;
  if (resolved?.ok === true) {
    const { id, version, files } = resolved;
    // A commit is taken from nowhere but the branches and tags of its repository.
    return { id, version, files, ...(source.kind === "git" ? { published: true } : {}) };
  }
  const unseen = resolved?.text ?? "base's policy does not say where modules may be fetched from (`modules.sources`)";
  const published = resolved?.unpublished === true ? { published: false } : {};
  return { id: JSON.stringify(source), version: pinOf(source), files: [], unseen, ...published };
}

/** What a line of a Puppetfile asks for, as it is written there. */
export function pinOf(source: ModuleSource): string {
  if (source.kind === "forge") return source.version ?? "the newest release";
  if (source.kind === "git") return source.point?.name ?? "the default branch";
  return source.kind === "tree" ? "what lies in the tree" : "what only running the line would tell";
}

function filesBetween(before: readonly TreeEntry[], after: readonly TreeEntry[]): Pick<ModuleChange, "files" | "moreFiles"> {
  const old = new Map(before.map((file) => [file.path, file]));
  const left = new Set(old.keys());
  const files: ModuleChange["files"] = [];
  for (const { path, oid, mode } of after) {
    left.delete(path);
    const was = old.get(path);
    if (was === undefined) files.push({ path, status: "added" });
    else if (was.oid !== oid || was.mode !== mode) files.push({ path, status: "modified" });
  }
  for (const path of left) files.push({ path, status: "removed" });
  const sorted = files.toSorted((a, b) => weightOf(a.path) - weightOf(b.path) || (a.path < b.path ? -1 : 1));
  return { files: sorted.slice(0, mostFiles), moreFiles: Math.max(0, sorted.length - mostFiles) };
}

/** What reaches nodes comes first; a module's own tests and papers last. */
function weightOf(path: string): number {
  if (/^(?:lib|manifests|templates|files|functions|types|data)\/|^hiera\.yaml$/u.test(path)) return 0;
  return /^(?:spec|\.)|\.md$/u.test(path) ? 2 : 1;
}

/** The same as findings, for every surface: each on its line of the Puppetfile. */
export const moduleFindings = (changes: readonly ModuleChange[]): Finding[] =>
  changes.map((change) =>
    findingsOf("modules")(
      change.published === false ? "error" : "notice",
      { path: "Puppetfile", line: change.line },
      "module-changed",
      [`${change.name} ${versionsOf(change)}`, moduleFacts(change).join(", ")].filter((text) => text !== "").join(": "),
    ),
  );
