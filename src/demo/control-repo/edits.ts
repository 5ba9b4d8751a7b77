import type { TreeFile } from "./history.ts";
import { textFile } from "./history.ts";
import type { Files } from "./sources.ts";

/** One step of a change to a tree, as a person would describe it. */
export type Edit = Write | Replace;
type Write = { edit: "write"; path: string; text: string; mode?: TreeFile["mode"] };
type Replace = { edit: "replace"; path: string; from: string; to: string };

/** A new or rewritten file. */
export const write = (path: string, text: string, mode: TreeFile["mode"] = "file"): Edit => ({ edit: "write", path, text, mode });
/** A symbolic link. */
export const link = (path: string, target: string): Edit => write(path, target, "link");
/** A passage, which has to stand in the file exactly once, put in other words. */
export const replace = (path: string, from: string, to: string): Replace => ({ edit: "replace", path, from, to });
/** Lines put right behind a passage that stands in the file exactly once. */
export const addAfter = (path: string, passage: string, lines: string): Edit => replace(path, passage, `${passage}${lines}`);

/** What the edits leave of each path they touch; later ones see what earlier ones did. */
export function applyEdits(tree: Files, edits: readonly Edit[]): Map<string, TreeFile> {
  const touched = new Map<string, TreeFile>();
  for (const each of edits) {
    touched.set(each.path, applyEdit(each, touched.get(each.path) ?? tree.get(each.path)));
  }
  return touched;
}

function applyEdit(each: Edit, before: TreeFile | undefined): TreeFile {
  if (each.edit === "write") return textFile(each.text, each.mode);
  if (before === undefined) throw new Error(`a story edits ${each.path}, which is not in the sample control repo`);
  const text = before.content.toString();
  const parts = text.split(each.from);
  if (parts.length !== 2)
    throw new Error(`a story replaces ${JSON.stringify(each.from)}, which ${each.path} has ${parts.length - 1} times, not once`);
  return { mode: before.mode, content: Buffer.from(parts.join(each.to)) };
}
