import { type Place, git, requireObjectId, splitNul } from "./git.ts";
import { commitsBetween } from "./history.ts";
import { unquotePath } from "./quote.ts";
import { shownPath } from "./tree.ts";

/** A part of a branch's own line: what `to` has and `after` has not, merges as one commit each. */
export interface Range {
  after: string;
  to: string;
}

export interface BlamedLine {
  text: string;
  /** The commit of the range that wrote it; null for a line that is older. */
  commit: string | null;
}

/** Manifests and data are a hundredth of this. */
const MOST_BYTES = 2 ** 20;
const SECONDS = 60;

/**
 * Who of a range wrote the lines of a file as `to` has it, by `git blame --first-parent`, which follows renames. Null where `to` has no such file, or one that
 * is no text of up to a MiB.
 */
export async function blame(place: Place, { after, to }: Range, path: string): Promise<BlamedLine[] | null> {
  const bytes = bytesOf(path);
  if (bytes === null) return null;
  const [commit, old] = [requireObjectId(to), requireObjectId(after)];
  // Of a link or a submodule nobody can ask for a line, and a path may say anything: only a file that git lists is asked about.
  const listed = splitNul((await git(place, ["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit])).stdout);
  const own = listed.find((record) => record.subarray(record.indexOf(9) + 1).equals(bytes));
  const [mode = "", , , size = ""] = own?.subarray(0, own.indexOf(9)).toString("latin1").split(/ +/u) ?? [];
  if (!mode.startsWith("100") || !(Number(size) <= MOST_BYTES)) return null;
  // A path that is not UTF-8 can't be handed to a program from here.
  if (!bytes.equals(Buffer.from(bytes.toString()))) return null;
  const options = ["--first-parent", "--line-porcelain", "--no-textconv"];
  const args = ["blame", ...options, `${old}..${commit}`, "--", bytes.toString()];
  return linesOf((await git(place, args, { seconds: SECONDS })).stdout.toString());
}

/** An agent's report may name a path that no git would write. */
function bytesOf(path: string): Buffer | null {
  try {
    return unquotePath(path);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Each line: a header with the commit, more about it, `boundary` where it is the range's end and older, and the text after a tab. */
function linesOf(answer: string): BlamedLine[] {
  const lines: BlamedLine[] = [];
  let [commit, isOld] = ["", false];
  for (const line of answer.split("\n")) {
    const [, sha] = /^([0-9a-f]{40}|[0-9a-f]{64}) \d+ \d+(?: \d+)?$/u.exec(line) ?? [];
    if (line.startsWith("\t")) {
      lines.push({ text: line.slice(1), commit: isOld ? null : commit });
      [commit, isOld] = ["", false];
    } else if (sha !== undefined && commit === "") commit = sha;
    else if (line === "boundary") isOld = true;
  }
  return lines;
}

/** What each commit of a range changes of the one before it in its line, by path, the old name of a rename too; the oldest first. */
export async function changedIn(place: Place, { after, to }: Range): Promise<{ commit: string; paths: string[] }[]> {
  const steps = await commitsBetween(place, { head: to, without: [after], firstParent: true });
  const changed: { commit: string; paths: string[] }[] = [];
  for (const { sha, parents } of steps.toReversed()) {
    const options = ["-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv"];
    const from = parents[0] === undefined ? ["--root"] : [];
    const ends = parents[0] === undefined ? [sha] : [parents[0], sha];
    const { stdout } = await git(place, ["diff-tree", ...options, ...from, "--no-commit-id", "--end-of-options", ...ends]);
    changed.push({ commit: sha, paths: splitNul(stdout).map(shownPath) });
  }
  return changed;
}
