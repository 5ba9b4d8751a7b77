import { git, runGit } from "./git.ts";
import { isOutdated } from "./line-comments.ts";
import { identityOf } from "./identities.ts";
import type { FileEdit } from "./importing.ts";
import { must, noreply } from "./lookup.ts";
import { pushCommit } from "./pushing.ts";
import type { Account, LineComment, Pull } from "./state.ts";
import type { World } from "./world.ts";

/**
 * What "Commit suggestion" does on a pull request's page: a commit on its head branch by whoever presses it, with whoever suggested
 * it as co-author. https://docs.github.com/en/pull-requests/how-tos/review-changes-in-pull-requests/incorporating-feedback-in-your-pull-request
 */
export async function applySuggestions(world: World, pull: Pull, by: Account, ids: readonly number[]): Promise<string> {
  const { state } = world;
  const repo = must(state.repos, pull.repoId);
  const comments = ids.map((id) => must(repo.lineComments, id));
  const files: Record<string, FileEdit> = {};
  for (const path of new Set(comments.map((comment) => comment.path))) {
    const own = comments.filter((comment) => comment.path === path);
    for (const comment of own) {
      if (comment.side === "LEFT") throw new Error("Applying suggestions on deleted lines is not supported.");
      if (await isOutdated(world, pull, comment)) throw new Error("Outdated suggestions cannot be applied.");
    }
    const mode = (await git(repo.folder, ["ls-tree", pull.head.sha, "--", path])).startsWith("100755") ? "100755" : "100644";
    const text = (await runGit(repo.folder, ["cat-file", "blob", `${pull.head.sha}:${path}`])).stdout.toString("utf8");
    files[path] = { mode, content: edited(text, own) };
  }
  const [only] = comments;
  const title = only !== undefined && comments.length === 1 ? `Update ${only.path}` : "Apply suggestions from code review";
  const others = [...new Set(comments.map(({ userId }) => userId))].filter((id) => id !== by.id).map((id) => must(state.accounts, id));
  const trailers = others.map((account) => `Co-authored-by: ${nameOf(world, account)}`);
  return pushCommit(world, must(state.repos, pull.head.repoId), by, {
    branch: pull.head.ref,
    files,
    message: [title, ...(trailers.length === 0 ? [] : [trailers.join("\n")])].join("\n\n"),
    committer: "GitHub <noreply@github.com>",
    signed: true,
  });
}

function nameOf(world: World, account: Account): string {
  const { name, email } = account.type === "Bot" ? { name: account.login, email: noreply(account) } : identityOf(account, world.now());
  return `${name} <${email}>`;
}

/** From the last place to the first, so that the lines still to change keep their numbers. */
function edited(text: string, comments: readonly LineComment[]): string {
  const lines = text.split(/(?<=\n)/);
  for (const { body, line, startLine } of [...comments].sort((a, b) => b.line - a.line)) {
    const [, suggestion] = /```suggestion[^\n]*\n([\s\S]*?)```/.exec(body) ?? [];
    if (suggestion === undefined) throw new Error("The comment suggests nothing.");
    const first = startLine ?? line;
    lines.splice(first - 1, line - first + 1, suggestion);
  }
  return lines.join("");
}
