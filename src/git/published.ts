import type { ModuleHistory } from "../engine/ports/modules.ts";
import { type Place, git, requireObjectId } from "./git.ts";
import { hasCommit } from "./history.ts";
import { isRefName } from "./ref-name.ts";

/** The commit of a branch or tag by its full name; null where there is none. */
export async function publishedCommit(place: Place, ref: string): Promise<string | null> {
  if (!isRefName(ref)) return null;
  const args = ["rev-parse", "--quiet", "--verify", "--end-of-options", `${ref}^{commit}`];
  const { exitCode, stdout } = await git(place, args, { answers: [0, 1, 128] });
  return exitCode === 0 ? stdout.toString().trim() : null;
}

/**
 * Whether a branch or a tag has a commit. A host that keeps forks in one store of objects gives a fork's commit by its id as if it were its
 * own; only what the repository itself publishes is its owners' word.
 */
export async function isPublished(place: Place, commit: string): Promise<boolean> {
  if (!(await hasCommit(place, commit))) return false;
  const args = ["for-each-ref", "--count=1", "--format=%(refname)", "--contains", requireObjectId(commit), "refs/heads", "refs/tags"];
  return (await git(place, args)).stdout.length > 0;
}

const mostSubjects = 10;

export async function distanceOf(place: Place, from: string, to: string): Promise<ModuleHistory> {
  const range = `${requireObjectId(from)}...${requireObjectId(to)}`;
  const { stdout } = await git(place, ["rev-list", "--left-right", "--count", "--end-of-options", range]);
  const [behind = 0, ahead = 0] = stdout.toString().trim().split(/\s+/u).map(Number);
  const shown = ["log", "-z", "--format=%s", "--no-show-signature", `--max-count=${mostSubjects}`, "--end-of-options", to, `^${from}`];
  const subjects = (await git(place, shown)).stdout.toString("utf8").split("\0").filter(Boolean);
  return { ahead, behind, subjects: subjects.map((subject) => subject.slice(0, 200)) };
}
