import { git, runGit } from "./git.ts";

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

/** Commits that `args` of `git log` select, in git's order. */
export async function readCommits(folder: string, args: readonly string[]): Promise<CommitData[]> {
  const text = await git(folder, ["log", `--format=${format}%x01`, ...args, "--"]);
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
  /** The unified hunks, or null for a binary file, a mode change, and what is longer than GitHub shows. */
  patch: string | null;
}

/** Lines of a patch above which GitHub leaves it out. */
const longestPatch = 20_000;

/** Files that differ between two commits, with renames found, in git's order. */
export async function readChanges(folder: string, from: string, to: string): Promise<FileChange[]> {
  const selection = ["-M", "--no-color", "--no-ext-diff", "--no-textconv", from, to];
  const raw = (await runGit(folder, ["diff", "--raw", "-z", "--no-abbrev", ...selection])).stdout.toString("utf8").split("\0");
  const numbers = (await runGit(folder, ["diff", "--numstat", "-z", ...selection])).stdout.toString("utf8").split("\0");
  const patches = (await git(folder, ["-c", "core.quotePath=false", "diff", ...selection])).split(/^(?=diff --git )/m);
  const changes: FileChange[] = [];
  let n = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [oldMode = "", newMode = "", oldBlob = "", newBlob = "", status = ""] = (raw[i] ?? "").replace(/^:/, "").split(" ");
    const renamed = /^[RC]/.test(status);
    const first = raw[i + 1] ?? "";
    const filename = renamed ? (raw[i + 2] ?? "") : first;
    if (renamed) i += 1;
    const [added = "-", removed = "-", path = ""] = (numbers[n] ?? "").split("\t");
    n += path === "" ? 3 : 1;
    changes.push({
      filename,
      previous: renamed ? first : null,
      status: statusOf(status, oldMode, newMode, oldBlob === newBlob),
      blob: status.startsWith("D") ? oldBlob : newBlob,
      additions: added === "-" ? 0 : Number(added),
      deletions: removed === "-" ? 0 : Number(removed),
      patch: hunksOf(patches[changes.length] ?? ""),
    });
  }
  return changes;
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
