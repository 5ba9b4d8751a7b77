import { isAncestor } from "../git.ts";
import { ok, paginate, type Answer } from "../http/answers.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { pullSimpleShape } from "../shapes/pull.ts";

/** https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit */
export const commitPullRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", ["pull_requests:read", "contents:read"], "read", list),
];

/** The pull request that brought a commit in, as its own or as the commit that merged it. */
async function list({ world, repo, params, url }: RepoCall): Promise<Answer> {
  const sha = params["commit_sha"] ?? "";
  const found = [];
  for (const pull of repo.pulls.values()) {
    const isOwn = pull.merged?.sha === sha || (await isAncestor(repo.folder, sha, pull.head.sha));
    const isBase = !isOwn || (pull.merged?.sha !== sha && (await isAncestor(repo.folder, sha, pull.base.sha)));
    if (isOwn && !isBase) found.push(pull);
  }
  const page = paginate(found, url);
  return { ...ok(page.items.map((pull) => pullSimpleShape(world, pull))), headers: page.headers };
}
