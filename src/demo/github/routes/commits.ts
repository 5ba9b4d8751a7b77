import { compare, comparisonOf } from "../comparison.ts";
import { commitOf } from "../git.ts";
import { readCommit, readChanges } from "../history.ts";
import { Refusal, notFound, ok, paginate, type Answer } from "../http/answers.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { commitShape, fileShape } from "../shapes/commit.ts";
import { repoPage, repoUrl } from "../shapes/repository.ts";
import type { Schemas } from "../shapes/schemas.ts";
import type { Comparison } from "../state.ts";

/** Commits, branches' tips and comparisons, with the limits at which GitHub's lists end. */

/** A pull request's commits after which the list ends. https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request */
const mostPullCommits = 250;
/** Its files after which the list ends. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files */
const mostPullFiles = 3000;
/** Files of a comparison. https://docs.github.com/en/rest/commits/commits#compare-two-commits */
const mostComparedFiles = 300;

export const commitRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", ["pull_requests:read"], "read", async (call) => {
    const { commits } = await comparisonOf(call.world, pullOf(call));
    const page = paginate(commits.slice(0, mostPullCommits), call.url);
    return { ...ok(page.items.map((commit) => commitShape(call.world, call.repo, commit))), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/files", ["pull_requests:read"], "read", async (call) => {
    const pull = pullOf(call);
    const { files } = await comparisonOf(call.world, pull);
    const page = paginate(files.slice(0, mostPullFiles), call.url);
    return { ...ok(page.items.map((file) => fileShape(call.world, call.repo, pull.head.sha, file))), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/branches/{branch}", ["contents:read"], "read", branch),
  forRepo("GET /repos/{owner}/{repo}/commits/{ref}", ["contents:read"], "read", commit),
  forRepo("GET /repos/{owner}/{repo}/compare/{basehead}", ["contents:read"], "read", comparison),
];

async function branch({ world, repo, params }: RepoCall): Promise<Answer> {
  const name = params["branch"] ?? "";
  const sha = await commitOf(repo.folder, `refs/heads/${name}`);
  if (sha === null) throw new Refusal(404, "Branch not found");
  const url = `${repoUrl(world, repo)}/branches/${encodeURIComponent(name)}`;
  return ok({
    name,
    commit: commitShape(world, repo, await readCommit(repo.folder, sha)),
    _links: { self: url, html: `${repoPage(world, repo)}/tree/${name}` },
    protected: false,
    protection: { enabled: false, required_status_checks: { contexts: [], checks: [] } },
    protection_url: `${url}/protection`,
  } satisfies Schemas["branch-with-protection"]);
}

async function commit({ world, repo, params }: RepoCall): Promise<Answer> {
  const ref = params["ref"] ?? "";
  const sha = await commitOf(repo.folder, ref);
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${ref}`);
  const data = await readCommit(repo.folder, sha);
  const [parent] = data.parents;
  const files = parent === undefined ? [] : await readChanges(repo.folder, parent, sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const stats = { additions, deletions, total: additions + deletions };
  const shapes = files.slice(0, mostComparedFiles).map((file) => fileShape(world, repo, sha, file));
  return ok({ ...commitShape(world, repo, data), stats, files: shapes } satisfies Schemas["commit"]);
}

async function comparison({ world, repo, params, url }: RepoCall): Promise<Answer> {
  const [baseName = "", headName = ""] = (params["basehead"] ?? "").split("...");
  const base = await commitOf(repo.folder, baseName);
  const head = await commitOf(repo.folder, headName);
  if (base === null || head === null) throw notFound();
  const ahead: Comparison = await compare(repo.folder, base, head);
  const behind = await compare(repo.folder, head, base);
  if (ahead.from === null) throw new Refusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  const ways = [ahead.commits.length > 0, behind.commits.length > 0].join();
  const status = ({ "true,true": "diverged", "true,false": "ahead", "false,true": "behind", "false,false": "identical" } as const)[
    ways as "true,true"
  ];
  const page = `${repoPage(world, repo)}/compare/${baseName}...${headName}`;
  const commits = paginate(ahead.commits, url);
  return {
    ...ok({
      url: `${repoUrl(world, repo)}/compare/${baseName}...${headName}`,
      html_url: page,
      permalink_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      base_commit: commitShape(world, repo, await readCommit(repo.folder, base)),
      merge_base_commit: commitShape(world, repo, await readCommit(repo.folder, ahead.from)),
      status,
      ahead_by: ahead.commits.length,
      behind_by: behind.commits.length,
      total_commits: ahead.commits.length,
      commits: commits.items.map((data) => commitShape(world, repo, data)),
      files: ahead.files.slice(0, mostComparedFiles).map((file) => fileShape(world, repo, head, file)),
    } satisfies Schemas["commit-comparison"]),
    headers: commits.headers,
  };
}
