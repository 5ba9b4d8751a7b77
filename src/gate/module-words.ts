import { counted } from "./explain.ts";
import type { ModuleChange, Report } from "./report.ts";

/** What every surface says of a module from elsewhere whose pin or content changes. Text in it is as it came: surfaces make it safe. */

/** `8.1.0 -> 9.0.0`, `comes in, 9.0.0`, `goes, was 8.1.0`; `mark` makes a version safe for the surface. */
export function versionsOf({ before, after }: ModuleChange, mark: (version: string) => string = (version) => version): string {
  if (before === null) return `comes in${after === null ? "" : `, ${mark(after)}`}`;
  return after === null ? `goes, was ${mark(before)}` : `${mark(before)} -> ${mark(after)}`;
}

/** How much of it changes, and whose word its new commit is, as clauses. */
export function moduleFacts({ before, after, commits, files, moreFiles, published, unseen }: ModuleChange): string[] {
  const total = files.length + moreFiles;
  const both = before !== null && after !== null;
  return [
    ...(commits === null ? [] : [`${counted(commits.ahead, "commit")} more`]),
    ...(commits !== null && commits.behind > 0 ? [`${commits.behind} fewer: this is no step forward in one line of history`] : []),
    ...(unseen === undefined && both ? [`${counted(total, "file")} of it ${total === 1 ? "changes" : "change"}`] : []),
    ...(published === true ? ["a branch or tag of its upstream has the new commit"] : []),
    ...(published === false ? ["NO branch or tag of its upstream has the new commit: it may be anybody's, of a fork"] : []),
    ...(unseen === undefined ? [] : [`its content can't be compared: ${unseen}`]),
  ];
}

/** Modules with what is wrong before the others, else in the report's order. */
export const modulesOf = ({ modules = [] }: Report): ModuleChange[] => modules.toSorted((a, b) => weightOf(a) - weightOf(b));

const weightOf = ({ published, unseen }: ModuleChange): number => (published === false ? 0 : unseen === undefined ? 2 : 1);
