/** Where the lines of a file's diff are: what a comment on lines may stand on. */

export type Side = "LEFT" | "RIGHT";

interface DiffLine {
  /** Lines below the first `@@`, which is how GitHub's older API names a place. */
  position: number;
  hunk: number;
  left: number | null;
  right: number | null;
  /** The hunk down to this line. */
  context: string;
}

/** @param patch a file's hunks, as the API shows them */
function diffLines(patch: string): DiffLine[] {
  const found: DiffLine[] = [];
  let hunk = 0;
  let start = 0;
  let left = 0;
  let right = 0;
  const rows = patch.split("\n");
  for (const [position, row] of rows.entries()) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(row);
    if (header !== null) {
      [hunk, start, left, right] = [hunk + 1, position, Number(header[1]), Number(header[2])];
      continue;
    }
    if (row.startsWith("\\")) continue;
    const onLeft = !row.startsWith("+");
    const onRight = !row.startsWith("-");
    const context = rows.slice(start, position + 1).join("\n");
    found.push({ position, hunk, left: onLeft ? left : null, right: onRight ? right : null, context });
    if (onLeft) left += 1;
    if (onRight) right += 1;
  }
  return found;
}

export interface Place {
  line: number;
  side: Side;
  startLine: number | null;
  startSide: Side | null;
}

/** GitHub's words for a place that is not there; each is true of one thing. */
export type Misplaced =
  | "line must be part of the diff"
  | "start line must precede the end line"
  | "start line must be part of the same hunk";

/** The place in a diff that a comment asks for, or why there is none. */
export function findPlace(patch: string | null, { line, side, startLine, startSide }: Place): DiffLine | Misplaced {
  const all = patch === null ? [] : diffLines(patch);
  const at = (number: number, where: Side): DiffLine | undefined =>
    all.find((entry) => (where === "LEFT" ? entry.left : entry.right) === number);
  const end = at(line, side);
  if (end === undefined) return "line must be part of the diff";
  if (startLine === null) return end;
  const start = at(startLine, startSide ?? side);
  if (start === undefined || start.hunk !== end.hunk) return "start line must be part of the same hunk";
  return start.position < end.position ? end : "start line must precede the end line";
}

/** The line at a position of the older API. */
export function placeAt(patch: string | null, position: number): Place | null {
  const found = patch === null ? undefined : diffLines(patch).find((entry) => entry.position === position);
  if (found === undefined) return null;
  const side = found.right === null ? "LEFT" : "RIGHT";
  return { line: found.right ?? found.left ?? 0, side, startLine: null, startSide: null };
}
