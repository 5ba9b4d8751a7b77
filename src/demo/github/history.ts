import { git } from "./git.ts";

/** Reading commits and differences out of a bare repository. */

export interface Identity {
  name: string;
  email: string;
  /** ISO 8601, in UTC. */
  date: string;
}

export interface CommitData {
  sha: string;
  tree: string;
  parents: string[];
  author: Identity;
  committer: Identity;
  message: string;
}

const format = ["%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B"].join("%x00");

/** Commits that `args` of `git log` select, in git's order; with `paths`, those that touch one of them. */
export async function readCommits(folder: string, args: readonly string[], paths: readonly string[] = []): Promise<CommitData[]> {
  const text = await git(folder, ["log", `--format=${format}%x01`, ...args, "--", ...paths]);
  return text
    .split("\u0001")
    .map((entry) => entry.replace(/^\n/, "").split("\0"))
    .filter((fields) => fields.length === 10)
    .map(([sha = "", tree = "", parents = "", an = "", ae = "", at = "", cn = "", ce = "", ct = "", message = ""]) => ({
      sha,
      tree,
      parents: parents === "" ? [] : parents.split(" "),
      author: { name: an, email: ae, date: isoOf(at) },
      committer: { name: cn, email: ce, date: isoOf(ct) },
      message: message.replace(/\n$/, ""),
    }));
}

export async function readCommit(folder: string, sha: string): Promise<CommitData> {
  const [commit] = await readCommits(folder, ["-1", sha]);
  if (commit === undefined) throw new Error(`No commit ${sha} in ${folder}.`);
  return commit;
}

/** GitHub writes times in whole seconds and UTC. */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

const isoOf = (epochSeconds: string): string => isoSeconds(new Date(Number(epochSeconds) * 1000));

export interface FileChange {
  filename: string;
  previous: string | null;
  status: "added" | "removed" | "modified" | "renamed" | "changed";
  /** The new blob, or the old one of a removed file. */
  blob: string;
  additions: number;
  deletions: number;
}

/** The empty tree, to compare with where there is nothing to compare with. */
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

const selection = (from: string | null, to: string): string[] => [
  "-M",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  from ?? emptyTree,
  to,
];

/** Files that differ between two commits (null: nothing at all), with renames found, in git's order. */
export async function readChanges(folder: string, from: string | null, to: string): Promise<FileChange[]> {
  const output = await git(folder, ["diff", "--raw", "--numstat", "-z", "--no-abbrev", ...selection(from, to)]);
  const tokens = output.split("\0").values();
  const next = (): string => tokens.next().value ?? "";
  const changes: FileChange[] = [];
  let counted = 0;
  // First a record for each file with modes, blobs and status, then in the same order one with its counts.
  for (let token = next(); token !== ""; token = next()) {
    if (!token.startsWith(":")) {
      const [added = "-", removed = "-", path = ""] = token.split("\t");
      // A renamed file's two names follow as records of their own.
      const names = path === "" ? 2 : 0;
      for (let n = 0; n < names; n += 1) next();
      const change = changes[counted++];
      if (change !== undefined) Object.assign(change, { additions: countOf(added), deletions: countOf(removed) });
      continue;
    }
    const [oldMode = "", newMode = "", oldBlob = "", newBlob = "", letter = ""] = token.slice(1).split(" ");
    const previous = /^[RC]/.test(letter) ? next() : null;
    const status = statusOf(letter, oldMode, newMode, oldBlob === newBlob);
    changes.push({ filename: next(), previous, status, blob: status === "removed" ? oldBlob : newBlob, additions: 0, deletions: 0 });
  }
  return changes;
}

/** A binary file has a dash. */
const countOf = (field: string): number => (field === "-" ? 0 : Number(field));

/** Lines of a patch above which GitHub leaves it out. */
const longestPatch = 20_000;

/** The hunks of each file of {@link readChanges}, in its order; null for a binary file, a mode change, and what is too long. */
export async function readPatches(folder: string, from: string | null, to: string): Promise<(string | null)[]> {
  const output = await git(folder, ["-c", "core.quotePath=false", "diff", ...selection(from, to)]);
  return output.split(/^(?=diff --git )/m).map(hunksOf);
}

function statusOf(letter: string, oldMode: string, newMode: string, sameBlob: boolean): FileChange["status"] {
  if (letter.startsWith("A")) return "added";
  if (letter.startsWith("D")) return "removed";
  if (letter.startsWith("R")) return "renamed";
  return sameBlob && oldMode !== newMode ? "changed" : "modified";
}

function hunksOf(patch: string): string | null {
  const start = patch.search(/^@@ /m);
  if (start < 0) return null;
  const hunks = patch.slice(start).replace(/\n$/, "");
  return hunks.split("\n").length > longestPatch ? null : hunks;
}
