import { compare, comparisonOf } from "../comparison.ts";
import { commitOf, git } from "../git.ts";
import { readChanges, readCommit, readCommits, readPatches, type FileChange } from "../history.ts";
import { Refusal, notFound, ok, paginate, type Answer } from "../http/answers.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { accountByEmail, same } from "../lookup.ts";
import { commitShape, fileShape } from "../shapes/commit.ts";
import { repoPage, repoUrl } from "../shapes/repository.ts";
import type { Schemas } from "../shapes/schemas.ts";

/** Commits, branches' tips and comparisons, with the limits at which GitHub's lists end. */

export const commitRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", ["pull_requests:read"], "read", async (call) => {
    const { commits } = await comparisonOf(call.world, pullOf(call));
    const page = paginate(commits.slice(0, call.world.limits.pullCommits), call.url);
    return { ...ok(page.items.map((commit) => commitShape(call.world, call.repo, commit))), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/pulls/{pull_number}/files", ["pull_requests:read"], "read", async (call) => {
    const pull = pullOf(call);
    const { from, files } = await comparisonOf(call.world, pull);
    const shapes = await fileShapes(call, files.slice(0, call.world.limits.pullFiles), from, pull.head.sha);
    const page = paginate(shapes, call.url);
    return { ...ok(page.items), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/branches/{branch}", ["contents:read"], "read", branch),
  forRepo("GET /repos/{owner}/{repo}/commits", ["contents:read"], "read", list),
  forRepo("GET /repos/{owner}/{repo}/commits/{ref}", ["contents:read"], "read", commit),
  forRepo("GET /repos/{owner}/{repo}/compare/{basehead}", ["contents:read"], "read", comparison),
];

async function fileShapes({ world, repo }: RepoCall, files: readonly FileChange[], from: string | null, to: string) {
  const patches = await readPatches(repo.folder, from, to);
  return files.map((file, index) => fileShape(world, repo, to, file, patches[index] ?? null));
}

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

/** @see https://docs.github.com/en/rest/commits/commits#list-commits */
async function list({ world, repo, url }: RepoCall): Promise<Answer> {
  if (repo.refs.size === 0) throw new Refusal(409, "Git Repository is empty.");
  const start = await commitOf(repo.folder, url.searchParams.get("sha") ?? repo.defaultBranch);
  if (start === null) throw notFound();
  const path = url.searchParams.get("path");
  const author = url.searchParams.get("author");
  const commits = await readCommits(repo.folder, [start], path === null ? [] : [path]);
  const wanted = (email: string): boolean =>
    author === null || same(email, author) || accountByEmail(world.state, email)?.login.toLowerCase() === author.toLowerCase();
  const page = paginate(
    commits.filter((data) => wanted(data.author.email)),
    url,
  );
  return { ...ok(page.items.map((data) => commitShape(world, repo, data))), headers: page.headers };
}

async function commit(call: RepoCall): Promise<Answer> {
  const { world, repo, params } = call;
  const ref = params["ref"] ?? "";
  const sha = await commitOf(repo.folder, ref);
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${ref}`);
  const data = await readCommit(repo.folder, sha);
  const parent = data.parents[0] ?? null;
  const files = await readChanges(repo.folder, parent, sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const stats = { additions, deletions, total: additions + deletions };
  const shapes = await fileShapes(call, files.slice(0, world.limits.comparedFiles), parent, sha);
  return ok({ ...commitShape(world, repo, data), stats, files: shapes } satisfies Schemas["commit"]);
}

function statusOf(ahead: number, behind: number): Schemas["commit-comparison"]["status"] {
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return behind > 0 ? "behind" : "identical";
}

async function comparison(call: RepoCall): Promise<Answer> {
  const { world, repo, params, url } = call;
  const [baseName = "", headName = ""] = (params["basehead"] ?? "").split("...");
  const base = await commitOf(repo.folder, baseName);
  const head = await commitOf(repo.folder, headName);
  if (base === null || head === null) throw notFound();
  const { from, commits, files } = await compare(repo.folder, base, head);
  if (from === null) throw new Refusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  const behind = Number(await git(repo.folder, ["rev-list", "--count", `${head}..${base}`]));
  const page = `${repoPage(world, repo)}/compare/${baseName}...${headName}`;
  // Asked for as a whole, a comparison ends early; asked for page by page, it shows its files with the first page alone.
  const paged = url.searchParams.has("page") || url.searchParams.has("per_page");
  const listed = paged ? paginate(commits, url) : { items: commits.slice(0, world.limits.comparedCommits), headers: {} };
  const shown = Number(url.searchParams.get("page") ?? 1) > 1 ? [] : files.slice(0, world.limits.comparedFiles);
  return {
    ...ok({
      url: `${repoUrl(world, repo)}/compare/${baseName}...${headName}`,
      html_url: page,
      permalink_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      base_commit: commitShape(world, repo, await readCommit(repo.folder, base)),
      merge_base_commit: commitShape(world, repo, await readCommit(repo.folder, from)),
      status: statusOf(commits.length, behind),
      ahead_by: commits.length,
      behind_by: behind,
      total_commits: commits.length,
      commits: listed.items.map((data) => commitShape(world, repo, data)),
      files: await fileShapes(call, shown, from, head),
    } satisfies Schemas["commit-comparison"]),
    headers: listed.headers,
  };
}
