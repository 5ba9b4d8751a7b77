/** New text for a run of lines of the merge result, as a person could take it over with one click. */
export interface Suggestion {
  path: string;
  /** First and last line that it replaces, from 1. */
  line: number;
  endLine: number;
  /** The lines in their place, without an end of line at the end; empty removes them. */
  text: string;
}

/**
 * What a fixer changed in a file, as suggestions for runs of lines that the change touches itself (`changed`): what it would mend
 * elsewhere is nobody's business here. puppet-lint mends within lines, so that lines are compared one by one; where their number
 * differs, what lies between the common start and the common end is one run.
 */
export function suggestionsOf(path: string, text: string, fixed: string, changed: ReadonlySet<number>): Suggestion[] {
  const [before, after] = [linesOf(text), linesOf(fixed)];
  const runs = before.length === after.length ? runsOf(before, after) : [middleOf(before, after)];
  return runs
    .filter(({ from, to }) => to > from && range(from, to).every((at) => changed.has(at + 1)))
    .map(({ from, to, lines }) => ({ path, line: from + 1, endLine: to, text: lines.join("\n") }));
}

/** Lines `from` (from 0) up to but without `to`, and what stands there instead. */
interface Run {
  from: number;
  to: number;
  lines: readonly string[];
}

function runsOf(before: readonly string[], after: readonly string[]): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < before.length; at += 1) {
    if (before[at] === after[at]) continue;
    const from = at;
    while (at < before.length && before[at] !== after[at]) at += 1;
    runs.push({ from, to: at, lines: after.slice(from, at) });
  }
  return runs;
}

function middleOf(before: readonly string[], after: readonly string[]): Run {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let tail = 0;
  while (tail < Math.min(before.length, after.length) - from && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { from, to: before.length - tail, lines: after.slice(from, after.length - tail) };
}

/** A file's last line ends like any other: without that, mending the end of a file would touch no line at all. */
const linesOf = (text: string): string[] => text.split("\n");
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);
