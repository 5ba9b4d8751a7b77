import { LineSet } from "./lines.ts";

/** One line of `git diff-tree --raw`. */
export interface RawChange {
  oldMode: string;
  newMode: string;
  /** `A` added, `M` modified, `D` deleted, `R` renamed, `T` changed into another kind of file. */
  letter: string;
  /** One path, or the old and the new one of a rename. */
  paths: Buffer[];
}

/**
 * Reads what `git diff-tree -z --raw -p -U0` writes, as it comes: the list of changes, an empty record, then their patches in the same order.
 * Of the patches only the heads of hunks are kept (`@@ -2 +2,3 @@`: three lines from line 2 on are new), so that memory does not grow
 * with the files. Content can't pass for a head: a hunk says how many lines it has, and they are counted off.
 */
export class PatchReader {
  readonly changes: RawChange[] = [];
  /** For each `diff --git` in the patches: the new file's lines that the old one does not have. */
  readonly sections: LineSet[] = [];

  #inPatches = false;
  /** A record or a line that has not ended yet. */
  #held: Buffer[] = [];
  /** Lines of the current hunk that are still to come, and whether the line being passed over is one of them. */
  #hunkLines = 0;
  #midLine: "counts" | "remark" | null = null;

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (!this.#inPatches) at = this.#takeUntil(0, chunk, at, (record) => this.#record(record));
      else if (this.#hunkLines > 0) at = this.#passLine(chunk, at);
      else at = this.#takeUntil(NEWLINE, chunk, at, (line) => this.#head(line));
    }
  }

  /** To be called at the end. Throws when the output broke off. */
  end(): void {
    const incomplete = this.changes.some(({ letter, paths }) => paths.length < pathsOf(letter));
    if (incomplete || this.#held.length > 0 || this.#hunkLines > 0) throw new Error("git's patch broke off");
  }

  #takeUntil(end: number, chunk: Buffer, at: number, take: (bytes: Buffer) => void): number {
    const found = chunk.indexOf(end, at);
    this.#held.push(chunk.subarray(at, found === -1 ? chunk.length : found));
    if (found === -1) return chunk.length;
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    take(bytes);
    return found + 1;
  }

  #record(record: Buffer): void {
    const last = this.changes.at(-1);
    if (last && last.paths.length < pathsOf(last.letter)) last.paths.push(record);
    else if (record.length === 0) this.#inPatches = true;
    else {
      const [oldMode = "", newMode = "", , , status = ""] = record.toString("latin1").slice(1).split(" ");
      this.changes.push({ oldMode, newMode, letter: status.charAt(0), paths: [] });
    }
  }

  // With `-U0` all that stands between hunks begins with a word; paths are quoted there, so that none can hold a line of its own.
  #head(line: Buffer): void {
    if (line.subarray(0, 11).toString("latin1") === "diff --git ") this.sections.push(new LineSet());
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u.exec(line.subarray(0, 100).toString("latin1"));
    if (!hunk) return;
    const [, removed = "1", first = "", added = "1"] = hunk;
    this.sections.at(-1)?.add(Number(first), Number(added));
    this.#hunkLines = Number(removed) + Number(added);
  }

  #passLine(chunk: Buffer, at: number): number {
    // "\ No newline at end of file" is a remark on the line before it.
    this.#midLine ??= chunk[at] === BACKSLASH ? "remark" : "counts";
    const found = chunk.indexOf(NEWLINE, at);
    if (found === -1) return chunk.length;
    if (this.#midLine === "counts") this.#hunkLines -= 1;
    this.#midLine = null;
    return found + 1;
  }
}

const NEWLINE = 10;
const BACKSLASH = 92;

const pathsOf = (letter: string): number => (letter === "R" || letter === "C" ? 2 : 1);
