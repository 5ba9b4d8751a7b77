import { git, lines, mergeBase, runGit } from "../git.ts";
import { granted, type Actor } from "../http/actor.ts";
import type { Repo } from "../state.ts";
import type { RefMove } from "./violations.ts";

/** An App needs a permission of its own to bring a change of a workflow to a branch, even one that somebody else committed. */

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** GitHub's refusal of a move that changes a workflow's file, or null. */
export async function workflowRefusal(repo: Repo, actor: Actor, { before, after }: RefMove): Promise<string | null> {
  if (after === null || actor.kind !== "installation" || granted(actor.permissions, "workflows:write")) return null;
  const base = before ?? (await defaultTip(repo));
  // What base changed since the two parted is no doing of this move.
  const known = base === null ? emptyTree : ((await mergeBase(repo.folder, base, after)) ?? emptyTree);
  const changed = lines(
    await git(repo.folder, ["diff", "--name-only", "--no-renames", "--diff-filter=d", known, after, "--", ".github/workflows"]),
  );
  const [first] = changed;
  if (first === undefined) return null;
  return `refusing to allow a GitHub App to create or update workflow \`${first}\` without \`workflows\` permission`;
}

async function defaultTip(repo: Repo): Promise<string | null> {
  const found = await runGit(repo.folder, ["rev-parse", "--verify", "--quiet", `refs/heads/${repo.defaultBranch}`], { accept: [1, 128] });
  return found.code === 0 ? found.stdout.toString("utf8").trim() : null;
}
