import { z } from "zod";
import { atLeast, must, permissionOf } from "../lookup.ts";
import { branches, commitOf, git, runGit } from "../git.ts";
import { accountOf, knownAccount } from "../http/actor.ts";
import { Refusal, notFound, ok, paginate, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forAnybody, forRepo, type RepoCall, type Route } from "../http/router.ts";
import { fullRepositoryShape, permissionFlags, repoPage, repoUrl } from "../shapes/repository.ts";
import { publicUserShape, userShape } from "../shapes/account.ts";
import { refShape } from "../shapes/git-data.ts";
import type { Schemas } from "../shapes/schemas.ts";
import type { Permission } from "../state.ts";

/** Repositories, their files, refs and collaborators; users. */

export const repositoryRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}", ["metadata:read"], "read", async ({ world, repo }) => ok(fullRepositoryShape(world, repo))),
  forRepo("PATCH /repos/{owner}/{repo}", ["administration:write"], "admin", async (call) =>
    call.world.exclusively(call.repo, async () => update(call)),
  ),
  forRepo("GET /repos/{owner}/{repo}/contents/{path}", ["contents:read"], "read", contents),
  forRepo("GET /repos/{owner}/{repo}/git/ref/{ref}", ["contents:read"], "read", gitRef),
  forRepo("GET /repos/{owner}/{repo}/branches", ["contents:read"], "read", async (call) => {
    const page = paginate([...(await branches(call.repo.folder))], call.url);
    const items = page.items.map(([name, sha]) => ({
      name,
      commit: { sha, url: `${repoUrl(call.world, call.repo)}/commits/${sha}` },
      protected: false,
    }));
    return { ...ok(items), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/collaborators/{username}/permission", ["metadata:read"], "read", permission),
  forAnybody("GET /user", async ({ world, actor }) => {
    if (actor.kind === "installation") throw new Refusal(403, "Resource not accessible by integration");
    return ok(publicUserShape(world, accountOf(actor)));
  }),
  forAnybody("GET /users/{username}", async ({ world, params }) =>
    ok(publicUserShape(world, knownAccount(world.state, params["username"] ?? ""))),
  ),
  forAnybody("GET /user/{account_id}", async ({ world, params }) => {
    const account = world.state.accounts.get(Number(params["account_id"]));
    if (account === undefined) throw notFound();
    return ok(publicUserShape(world, account));
  }),
];

const updateRequest = z.object({ default_branch: z.string().optional(), delete_branch_on_merge: z.boolean().optional() });

/** @see https://docs.github.com/en/rest/repos/repos#update-a-repository */
async function update({ world, repo, body }: RepoCall): Promise<Answer> {
  const { default_branch: branch = repo.defaultBranch, delete_branch_on_merge: deletes = repo.deleteBranchOnMerge } = take(
    updateRequest,
    body,
  );
  if (!repo.refs.has(branch)) {
    const message = `The branch ${branch} was not found. Please push that ref first or create it via the Git Data API.`;
    throw validationFailed({ resource: "Repository", field: "default_branch", code: "invalid", message });
  }
  Object.assign(repo, { defaultBranch: branch, deleteBranchOnMerge: deletes });
  await git(repo.folder, ["symbolic-ref", "HEAD", `refs/heads/${branch}`]);
  return ok(fullRepositoryShape(world, repo));
}

/** Bytes above which the contents API gives a file without its content. https://docs.github.com/en/rest/repos/contents */
const largestInline = 1024 * 1024;

async function contents({ world, repo, params, url }: RepoCall): Promise<Answer> {
  const ref = url.searchParams.get("ref") ?? repo.defaultBranch;
  const path = (params["path"] ?? "").replaceAll(/^\/+|\/+$/g, "");
  const commit = await commitOf(repo.folder, ref);
  if (commit === null) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const [, mode, kind, sha] = /^(\d+) (\w+) ([0-9a-f]{40})\t/.exec(await git(repo.folder, ["ls-tree", "-z", commit, "--", path])) ?? [];
  if (sha === undefined || kind === undefined) throw notFound();
  const api = `${repoUrl(world, repo)}/contents/${encodeURI(path)}?ref=${encodeURIComponent(ref)}`;
  const page = `${repoPage(world, repo)}/blob/${commit}/${encodeURI(path)}`;
  if (kind !== "blob") throw new Refusal(403, "This stand-in serves files only.");
  const blob = (await runGit(repo.folder, ["cat-file", "blob", sha])).stdout;
  const inline = blob.length <= largestInline;
  const common = {
    size: blob.length,
    name: path.split("/").at(-1) ?? path,
    path,
    sha,
    url: api,
    html_url: page,
    download_url: `${repoPage(world, repo)}/raw/${commit}/${encodeURI(path)}`,
  };
  const git_url = `${repoUrl(world, repo)}/git/blobs/${sha}`;
  const links = { self: api, git: git_url, html: page };
  if (mode === "120000")
    return ok({ ...common, type: "symlink", target: blob.toString("utf8"), git_url, _links: links } satisfies Schemas["content-symlink"]);
  const content = inline ? blob.toString("base64").replaceAll(/.{60}/g, "$&\n") : "";
  return ok({
    ...common,
    type: "file",
    encoding: inline ? "base64" : "none",
    content,
    git_url,
    _links: links,
  } satisfies Schemas["content-file"]);
}

async function gitRef({ world, repo, params }: RepoCall): Promise<Answer> {
  const name = `refs/${(params["ref"] ?? "").replace(/^refs\//, "")}`;
  const listing = await git(repo.folder, ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", "--count=1", name]);
  const [sha = "", type = "", found] = listing.split(" ");
  if (found !== name) throw notFound();
  return ok(refShape(world, repo, name, sha, type));
}

/** The permission that the older field knows, by the newer roles. */
const legacy: Record<Permission, "admin" | "write" | "read" | "none"> = {
  admin: "admin",
  maintain: "write",
  write: "write",
  triage: "read",
  read: "read",
  none: "none",
};

/** @see https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user */
async function permission({ world, repo, actor, params }: RepoCall): Promise<Answer> {
  if (actor.kind === "user" && !atLeast(permissionOf(world.state, repo, actor.account), "write")) {
    throw new Refusal(403, "Must have push access to view collaborator permission.");
  }
  const account = knownAccount(world.state, params["username"] ?? "");
  const role = permissionOf(world.state, repo, account);
  const user = { ...userShape(world, must(world.state.accounts, account.id)), permissions: permissionFlags(role), role_name: role };
  return ok({ permission: legacy[role], role_name: role, user } satisfies Schemas["repository-collaborator-permission"]);
}
