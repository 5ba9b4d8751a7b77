import type { Place } from "./git.ts";
import { git } from "./git.ts";
import { gitTooOld, problem } from "./problems.ts";

/** `merge-tree --write-tree` came with 2.38. */
const OLDEST = [2, 38] as const;

/** Throws a Problem when git is missing or too old. */
export async function requireGit(place: Place): Promise<void> {
  const { stdout } = await git(place, ["--version"], { seconds: 20 });
  const version = /\d+\.\d+(?:\.\d+)*/u.exec(stdout.toString())?.[0] ?? stdout.toString().trim();
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))) throw problem(gitTooOld(version));
}
