import { atLeast, fullName, must } from "../lookup.ts";
import type { Permission, Repo } from "../state.ts";
import type { World } from "../world.ts";
import { nodeId, userShape } from "./account.ts";
import type { Schemas } from "./schemas.ts";

export function repoUrl({ urls, state }: World, repo: Repo): string {
  return `${urls.api}/repos/${fullName(state, repo)}`;
}

export function repoPage({ urls, state }: World, repo: Repo): string {
  return `${urls.html}/${fullName(state, repo)}`;
}

export function repositoryShape(world: World, repo: Repo) {
  const url = repoUrl(world, repo);
  const page = repoPage(world, repo);
  const open = repo.pulls
    .values()
    .filter((pull) => pull.state === "open")
    .toArray().length;
  const forks = world.state.repos
    .values()
    .filter((other) => other.parentId === repo.id)
    .toArray().length;
  return {
    id: repo.id,
    node_id: nodeId("R", repo.id),
    name: repo.name,
    full_name: fullName(world.state, repo),
    private: repo.private,
    owner: userShape(world, must(world.state.accounts, repo.ownerId)),
    html_url: page,
    description: repo.description,
    fork: repo.parentId !== null,
    url,
    ...repositoryAddresses(url),
    created_at: repo.createdAt,
    updated_at: repo.pushedAt,
    pushed_at: repo.pushedAt,
    git_url: `${page.replace(/^https?:/, "git:")}.git`,
    ssh_url: `git@${new URL(page).host}:${fullName(world.state, repo)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: "Puppet",
    has_issues: true,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repo.private ? ("private" as const) : ("public" as const),
    forks,
    open_issues: open,
    watchers: 0,
    default_branch: repo.defaultBranch,
  } satisfies Schemas["repository"];
}

/** A role, by the flags of the older permissions that it includes. */
export function permissionFlags(role: Permission) {
  return {
    admin: role === "admin",
    maintain: atLeast(role, "maintain"),
    push: atLeast(role, "write"),
    triage: atLeast(role, "triage"),
    pull: atLeast(role, "read"),
  };
}

/** What only reading one repository says: how it may be merged into. */
export function fullRepositoryShape(world: World, repo: Repo) {
  return {
    ...repositoryShape(world, repo),
    allow_merge_commit: repo.mergeMethods.has("merge"),
    allow_squash_merge: repo.mergeMethods.has("squash"),
    allow_rebase_merge: repo.mergeMethods.has("rebase"),
    allow_auto_merge: false,
    delete_branch_on_merge: repo.deleteBranchOnMerge,
    allow_update_branch: false,
    network_count: 0,
    subscribers_count: 0,
  } satisfies Schemas["full-repository"];
}

function repositoryAddresses(url: string) {
  return {
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    hooks_url: `${url}/hooks`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
  };
}
