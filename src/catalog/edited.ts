import type { ChangedText } from "./edits.ts";

/** A changed manifest, asked about places in it. */
export interface Edited {
  /** Whether a line, from one, is new. */
  isNew(line: number): boolean;
  /** Whether a line is new from the given one up to the one that closes what is declared there. */
  isNewWithin(line: number): boolean;
  /** The first new line, in a type's defaults, that names the attribute. */
  defaultLine(type: string, attribute: string): number | null;
}

/** Reads a manifest by its lines, once: each answer then takes the same time, however long the text is. */
export function readEdited({ after, added }: ChangedText): Edited {
  const lines = (after ?? "").split("\n");
  /** By line: how many lines up to it are new, and where the next line is that closes something. */
  const upTo = new Int32Array(lines.length + 2);
  const close = new Int32Array(lines.length + 2).fill(lines.length);
  for (let line = 1; line <= lines.length + 1; line += 1) upTo[line] = (upTo[line - 1] ?? 0) + Number(added.has(line));
  for (let line = lines.length; line >= 1; line -= 1)
    close[line] = /^\s*\}/u.test(lines[line - 1] ?? "") ? line : (close[line + 1] ?? lines.length);
  const defaults = newDefaults(lines, added);
  return {
    isNew: (line) => added.has(line),
    isNewWithin: (line) => {
      if (line < 1 || line > lines.length) return false;
      return (upTo[close[line + 1] ?? lines.length] ?? 0) > (upTo[line - 1] ?? 0);
    },
    defaultLine: (type, attribute) => defaults.get(`${type} ${attribute}`) ?? null,
  };
}

/** New lines in the defaults of types (`File { mode => … }`), by type and word. */
function newDefaults(lines: readonly string[], added: ReadonlySet<number>): Map<string, number> {
  const found = new Map<string, number>();
  let type: string | null = null;
  for (const [at, line] of lines.entries()) {
    type = /^\s*([A-Z]\w*(?:::[A-Z]\w*)*) \{/u.exec(line)?.[1] ?? type;
    if (type === null) continue;
    if (added.has(at + 1))
      for (const word of line.split(/[\s{,]+/u)) if (!found.has(`${type} ${word}`)) found.set(`${type} ${word}`, at + 1);
    if (line.includes("}")) type = null;
  }
  return found;
}
