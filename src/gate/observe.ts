import { matchesGlob } from "../policy/glob.ts";
import type { Facts } from "./facts.ts";

/**
 * Whether the policy only observes this change: the whole repository, or each of the paths it touches. A name that can't be compared with
 * a pattern is none of these paths, and neither is nothing at all.
 */
export function isObserved({ check }: Facts): boolean {
  if (check.state !== "done") return false;
  const { mode, observePaths } = check.policy;
  const { paths } = check;
  const isPath = (path: string): boolean => !path.startsWith('"') && observePaths.some((glob) => matchesGlob(path, glob));
  return mode === "observe" || (paths.length > 0 && paths.every(isPath));
}
