import type { Finding } from "../catalog/effects.ts";
import type { ModuleChange } from "../gate/report.ts";
import type { ModuleResolver, TreeEntry } from "./ports.ts";
import type { OutsideModule, SideModules } from "./resolve-modules.ts";

/** Paths that a report names of one module. */
const mostFiles = 50;

/** What a change of the Puppetfile makes of each module: which commits come, which files change. Modules whose content stays are left out. */
export async function moduleChanges(base: SideModules, merged: SideModules, resolver: ModuleResolver): Promise<ModuleChange[]> {
  const names = [...new Set([...base.outside.keys(), ...merged.outside.keys()])].toSorted();
  const changes: ModuleChange[] = [];
  for (const name of names) {
    const before = contentOf(base.outside.get(name));
    const after = contentOf(merged.outside.get(name));
    if (before?.id === after?.id) continue;
    const wanted = merged.outside.get(name)?.wanted ?? base.outside.get(name)?.wanted;
    const commits = before && after && wanted ? await resolver.history(wanted.source, before.id, after.id) : null;
    changes.push({
      name,
      before: before?.version ?? null,
      after: after?.version ?? null,
      line: merged.outside.get(name)?.wanted.line ?? null,
      commits: commits === null ? null : { ...commits, subjects: [...commits.subjects] },
      ...filesBetween(before?.files ?? [], after?.files ?? []),
    });
  }
  return changes;
}

const contentOf = (module: OutsideModule | undefined) => (module?.resolved?.ok === true ? module.resolved : null);

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
  changes.map((change) => ({
    check: "modules",
    severity: "notice",
    path: "Puppetfile",
    line: change.line,
    column: null,
    code: "module-changed",
    message: changeWords(change),
    onChangedLine: false,
  }));

function changeWords({ name, before, after, commits, files, moreFiles }: ModuleChange): string {
  if (before === null) return `${name} ${after ?? ""} comes in`;
  if (after === null) return `${name} ${before} goes`;
  const total = files.length + moreFiles;
  const parts = [
    ...(commits === null ? [] : [`${plural(commits.ahead, "commit")} more`]),
    ...(commits !== null && commits.behind > 0 ? [`${commits.behind} fewer: this is no step forward in one line of history`] : []),
    `${plural(total, "file")} of it ${total === 1 ? "changes" : "change"}`,
  ];
  return `${name} ${before} -> ${after}: ${parts.join(", ")}`;
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
