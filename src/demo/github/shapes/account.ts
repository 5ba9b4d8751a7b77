import { ghostAccount } from "../identities.ts";
import { must } from "../lookup.ts";
import type { Account, App, Installation, Repo } from "../state.ts";
import type { World } from "../world.ts";
import type { Schemas } from "./schemas.ts";

/** A GraphQL node id: opaque to clients, the same for the same thing. */
export function nodeId(prefix: string, id: number): string {
  return `${prefix}_${Buffer.from(`stand-in:${id}`).toString("base64url")}`;
}

/** An account as GitHub shows it: whoever deleted theirs is the ghost. */
export function userShape({ urls }: World, known: Account) {
  const account = known.deleted ? ghostAccount : known;
  const url = `${urls.api}/users/${encodeURIComponent(account.login)}`;
  const page = account.type === "Bot" ? `apps/${account.login.replace(/\[bot\]$/, "")}` : account.login;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === "Organization" ? "O" : account.type === "Bot" ? "BOT" : "U", account.id),
    avatar_url: `${urls.html}/avatars/u/${account.id}`,
    gravatar_id: "",
    url,
    html_url: `${urls.html}/${page}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: "public",
    site_admin: false,
  } satisfies Schemas["simple-user"];
}

export function publicUserShape(world: World, account: Account) {
  return {
    ...userShape(world, account),
    name: account.name,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  } satisfies Schemas["public-user"];
}

export function appShape(world: World, app: App) {
  const { state, urls } = world;
  return {
    id: app.id,
    slug: app.slug,
    client_id: `Iv23stand-in${app.id}`,
    node_id: nodeId("A", app.id),
    owner: userShape(world, must(state.accounts, app.ownerId)),
    name: app.name,
    description: null,
    external_url: `${urls.html}/apps/${app.slug}`,
    html_url: `${urls.html}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
    installations_count: state.installations
      .values()
      .filter((installation) => installation.appId === app.id)
      .toArray().length,
  } satisfies Schemas["integration"];
}

export function installationShape(world: World, installation: Installation) {
  const { state, urls } = world;
  const account = must(state.accounts, installation.accountId);
  const url = `${urls.api}/app/installations/${installation.id}`;
  return {
    id: installation.id,
    account: userShape(world, account),
    repository_selection: installation.repositories === "all" ? ("all" as const) : ("selected" as const),
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${urls.api}/installation/repositories`,
    html_url: `${urls.html}/settings/installations/${installation.id}`,
    app_id: installation.appId,
    app_slug: must(state.apps, installation.appId).slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by:
      installation.suspendedAt === null ? null : userShape(world, must(state.accounts, must(state.apps, installation.appId).ownerId)),
    suspended_at: installation.suspendedAt,
  } satisfies Schemas["installation"];
}

/** How an account stands to a repository, as comments and reviews say it. */
export function associationOf({ state }: World, repo: Repo, accountId: number): Schemas["author-association"] {
  const owner = must(state.accounts, repo.ownerId);
  if (owner.id === accountId) return "OWNER";
  if (owner.members.has(accountId)) return "MEMBER";
  return repo.collaborators.has(accountId) ? "COLLABORATOR" : "NONE";
}
