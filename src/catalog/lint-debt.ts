import type { Finding } from "./effects.ts";
import type { Unplaced } from "./finding.ts";

/** What is needed of a changed file: its name on either side, and the lines of the new file that the old one does not have. */
export interface ChangedLines {
  path: string;
  oldPath: string | null;
  status: "added" | "modified" | "removed" | "renamed";
  added: ReadonlySet<number>;
}

/** The text of the changed files on either side, by the side's own path: a renamed file is under its old path in `base`. */
export interface SideTexts {
  base: ReadonlyMap<string, string>;
  head: ReadonlyMap<string, string>;
}

export interface LintComparison {
  /** What base does not have. */
  introduced: Finding[];
  /** How many of head's errors and warnings base has too. */
  debt: number;
}

/**
 * Tells findings that the change brought from those that were there before. Two findings are the same if file (through a rename),
 * code, severity, message and the text of their line are, whatever their line numbers: a line that only moved or was indented anew
 * is not new. They are counted as a multiset, so that a second copy of a bad line is. Of equal findings, those on unchanged lines
 * are matched first, which leaves the one on the changed line as the new one.
 *
 * A finding on a line whose text is not at hand matches nothing, and neither does one that says a file could not be checked (its code
 * begins with `unchecked-`): what nobody looked at on either side is unknown, not old. They count as introduced.
 */
export function compareLint(
  base: readonly Unplaced[],
  head: readonly Unplaced[],
  changed: readonly ChangedLines[],
  texts: SideTexts,
): LintComparison {
  const changes = new Map(changed.map((file) => [file.path, file]));
  const baseLines = lineReader(texts.base);
  const headLines = lineReader(texts.head);
  const known = new Map<string, number>();
  for (const finding of base) {
    const key = keyOf(finding, finding.path, baseLines);
    if (key !== null) known.set(key, (known.get(key) ?? 0) + 1);
  }

  const placed = head.map((finding): Finding => Object.assign({}, finding, { onChangedLine: isOnChangedLine(finding, changes) }));
  const old = new Set<Finding>();
  for (const finding of placed.toSorted((a, b) => Number(a.onChangedLine) - Number(b.onChangedLine))) {
    const basePath = finding.path === null ? null : (changes.get(finding.path)?.oldPath ?? finding.path);
    const key = keyOf(finding, basePath, headLines);
    const left = key === null ? 0 : (known.get(key) ?? 0);
    if (key === null || left === 0) continue;
    known.set(key, left - 1);
    old.add(finding);
  }

  return {
    introduced: placed.filter((finding) => !old.has(finding)),
    debt: [...old].filter(({ severity }) => severity !== "notice").length,
  };
}

/** `basePath` is the file's name on base, the one name that both sides' keys are made of. Null where it can't be compared. */
function keyOf(finding: Unplaced, basePath: string | null, lines: LineReader): string | null {
  if (finding.code.startsWith("unchecked-")) return null;
  const text = finding.line === null || finding.path === null ? "" : lines(finding.path, finding.line);
  if (text === null) return null;
  return JSON.stringify([basePath, finding.check, finding.code, finding.severity, finding.message, text.trim()]);
}

const isOnChangedLine = ({ path, line }: Unplaced, changes: ReadonlyMap<string, ChangedLines>): boolean =>
  path !== null && line !== null && (changes.get(path)?.added.has(line) ?? false);

type LineReader = (path: string, line: number) => string | null;

/** Lines as puppet-lint counts them: divided by line feeds alone. A number past the end is the end's: parsers say so of what is unclosed. */
function lineReader(texts: ReadonlyMap<string, string>): LineReader {
  const split = new Map<string, string[]>();
  return (path, line) => {
    const text = texts.get(path);
    if (text === undefined) return null;
    const lines = split.get(path) ?? text.split("\n");
    split.set(path, lines);
    return lines[line - 1] ?? "";
  };
}
