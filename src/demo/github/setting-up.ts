import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { subscribable } from "./events.ts";
import { branches, git } from "./git.ts";
import { accountByLogin, covers, must, repoByName } from "./lookup.ts";
import { installationPayload } from "./payloads.ts";
import type { Account, App, AppPermissions, Installation, MergeMethod, Repo } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** Making people, repositories, Apps and installations: what on GitHub is done on pages, before a story begins. */

export function createAccount(world: World, request: { login: string; type: Account["type"]; name?: string; emails?: string[] }): Account {
  const { state } = world;
  if (accountByLogin(state, request.login) !== undefined) throw new Error(`There is an account ${request.login} already.`);
  const account: Account = {
    id: state.ids.next(),
    login: request.login,
    type: request.type,
    name: request.name ?? null,
    emails: request.emails ?? [],
    createdAt: stamp(world),
    members: new Map(),
    deleted: false,
  };
  state.accounts.set(account.id, account);
  return account;
}

export interface RepositoryRequest {
  /** A git repository on disk to start from: all its branches. Without it the repository is empty. */
  from?: string;
  defaultBranch?: string;
  private?: boolean;
  description?: string;
  mergeMethods?: readonly MergeMethod[];
  /** Whether GitHub removes the head branch of what it merged. */
  deleteBranchOnMerge?: boolean;
}

/** What GitHub's git servers do: keep pull requests' refs from being pushed, give any commit by its id, and filter. */
const serving: readonly (readonly [string, string])[] = [
  ["http.receivepack", "true"],
  ["receive.hideRefs", "refs/pull"],
  ["uploadpack.allowAnySHA1InWant", "true"],
  ["uploadpack.allowFilter", "true"],
];

export async function createRepository(world: World, folder: string, name: string, request: RepositoryRequest): Promise<Repo> {
  const { state } = world;
  const [login = "", short = ""] = name.split("/");
  const owner = accountByLogin(state, login);
  if (owner === undefined || short === "") throw new Error(`"${name}" is not OWNER/NAME with an owner the stand-in has.`);
  if (repoByName(state, login, short) !== undefined) throw new Error(`There is a repository ${name} already.`);
  const defaultBranch = request.defaultBranch ?? "main";
  const bare = join(folder, `${owner.login}+${short}.git`);
  if (request.from === undefined) await git(folder, ["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`, bare]);
  else await git(folder, ["clone", "--quiet", "--bare", "--no-local", request.from, bare]);
  await git(bare, ["symbolic-ref", "HEAD", `refs/heads/${defaultBranch}`]);
  for (const [key, value] of serving) await git(bare, ["config", key, value]);
  const at = stamp(world);
  const repo: Repo = {
    id: state.ids.next(),
    ownerId: owner.id,
    name: short,
    description: request.description ?? null,
    private: request.private ?? true,
    defaultBranch,
    folder: bare,
    parentId: null,
    collaborators: new Map(),
    mergeMethods: new Set(request.mergeMethods ?? ["merge", "squash", "rebase"]),
    deleteBranchOnMerge: request.deleteBranchOnMerge ?? false,
    refs: await branches(bare),
    activities: [],
    nextNumber: 1,
    pulls: new Map(),
    comments: new Map(),
    lineComments: new Map(),
    labels: new Map(),
    checkRuns: new Map(),
    suites: new Map(),
    workflowRuns: new Map(),
    statuses: [],
    deployments: new Map(),
    rulesets: new Map(),
    createdAt: at,
    pushedAt: at,
  };
  state.repos.set(repo.id, repo);
  return repo;
}

export async function createFork(world: World, folder: string, parent: Repo, owner: Account): Promise<Repo> {
  const { defaultBranch, name, private: hidden } = parent;
  const fork = await createRepository(world, folder, `${owner.login}/${name}`, { from: parent.folder, defaultBranch, private: hidden });
  fork.parentId = parent.id;
  return fork;
}

export interface AppRequest {
  /** One that GitHub gave it; a new one without it. */
  id?: number;
  name: string;
  /** Login of the owner. */
  owner: string;
  permissions: AppPermissions;
  events: readonly string[];
  webhookSecret: string;
  /** PEM; without it a new key is made. */
  privateKey?: string;
  /** Without it nobody can sign in. */
  client?: { id: string; secret: string; callbacks: readonly string[] };
}

export function createApp(world: World, request: AppRequest): App {
  const { state } = world;
  const owner = accountByLogin(state, request.owner);
  if (owner === undefined) throw new Error(`The stand-in has no account ${request.owner}.`);
  for (const event of request.events) {
    const needs = subscribable[event];
    if (needs === undefined) throw new Error(`The stand-in sends no event "${event}"; it knows ${Object.keys(subscribable).join(", ")}.`);
    if (!needs.some((name) => name in request.permissions))
      throw new Error(`To subscribe to "${event}" an App needs the permission ${needs.join(" or ")}.`);
  }
  const slug = request.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const privateKey =
    request.privateKey ??
    generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: "spki", format: "pem" }).toString();
  const bot = createAccount(world, { login: `${slug}[bot]`, type: "Bot" });
  const app: App = {
    id: request.id ?? state.ids.next(),
    slug,
    name: request.name,
    ownerId: owner.id,
    botId: bot.id,
    privateKey,
    publicKey,
    permissions: { metadata: "read", ...request.permissions },
    events: [...request.events],
    webhookSecret: request.webhookSecret,
    client: request.client ?? null,
    createdAt: stamp(world),
  };
  state.apps.set(app.id, app);
  return app;
}

export interface InstallRequest {
  /** Login of the account it is installed on. */
  on: string;
  /** Names of that account's repositories; all of them without it. */
  repositories?: readonly string[];
  /** Less than the App asks for, where the owner did not grant it all. */
  permissions?: AppPermissions;
}

export function install(world: World, app: App, request: InstallRequest): Installation {
  const { state } = world;
  const account = accountByLogin(state, request.on);
  if (account === undefined) throw new Error(`The stand-in has no account ${request.on}.`);
  const chosen = request.repositories?.map((name) => {
    const repo = repoByName(state, account.login, name);
    if (repo === undefined) throw new Error(`${account.login} has no repository ${name}.`);
    return repo.id;
  });
  const installation: Installation = {
    id: state.ids.next(),
    appId: app.id,
    accountId: account.id,
    permissions: { metadata: "read", ...(request.permissions ?? app.permissions) },
    events: [...app.events],
    repositories: chosen === undefined ? "all" : new Set(chosen),
    createdAt: stamp(world),
    suspendedAt: null,
  };
  state.installations.set(installation.id, installation);
  const repos = state.repos
    .values()
    .filter((repo) => covers(installation, repo))
    .toArray();
  world.deliveries.send(app, "installation", installationPayload(world, installation, repos, must(state.accounts, app.ownerId)));
  return installation;
}
