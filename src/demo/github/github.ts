import { mkdir } from "node:fs/promises";
import { noticeBranches } from "./branches.ts";
import { sendBurst, type Acknowledgement, type BurstRequest } from "./burst.ts";
import type { WorkflowRun } from "./commit-records.ts";
import { createDeliveries, type Delivery, type WebhookTarget } from "./deliveries.ts";
import { eventNames } from "./events.ts";
import { createFaults, type Fault } from "./faults.ts";
import { keepElsewhere, type GitStandIn } from "./git.ts";
import { isoSeconds } from "./history.ts";
import { createHandler } from "./http/handler.ts";
import { startServer } from "./http/server.ts";
import { ghostAccount, webFlowAccount } from "./identities.ts";
import { pushRoute } from "./http/smart-git.ts";
import { createInstallations, type Installations } from "./installations.ts";
import { limitsOfGitHub, type Limits } from "./limits.ts";
import { accountByLogin } from "./lookup.ts";
import { createPulls, type ManyPullsRequest } from "./many-pulls.ts";
import { createMemberships, type Memberships } from "./membership.ts";
import { pingPayload } from "./payloads.ts";
import { createPeople, type People } from "./people.ts";
import { createPerson, findRepo, type Person } from "./person.ts";
import { createRuleset, type RulesetRequest } from "./rules/making.ts";
import type { Ruleset } from "./rules/ruleset.ts";
import { routes } from "./routes/all.ts";
import {
  createAccount,
  createApp,
  createFork,
  createRepository,
  install,
  type AppRequest,
  type InstallRequest,
  type RepositoryRequest,
} from "./setting-up.ts";
import { emptyState, type Account, type App, type Installation, type Repo, type State } from "./state.ts";
import { runWorkflow, type WorkflowRequest } from "./workflows.ts";
import { createLanes, type World } from "./world.ts";

/** A GitHub to try things on: its state in memory, its git on disk, its API in process and over HTTP. */

export interface GitHubOptions {
  /** Where the bare repositories go; made when it is not there. */
  folder: string;
  /** The present. Without it the machine's clock. */
  now?: () => Date;
  /** The clock that installations' tokens end by, where a story's runs ahead of the machine's; `now` without it. */
  tokenClock?: () => Date;
  /** The same seed gives the same ids, GUIDs and tokens. */
  seed?: string;
  /** Requests an hour for each identity; GitHub's 5000 without it. */
  rateLimit?: number;
  /** Lists that end sooner than GitHub's, to see what comes of it. */
  limits?: Partial<Limits>;
  /** Runs git's commands without git and without a disk; `folder` is a mere name then. */
  git?: GitStandIn;
}

export interface GitHub extends Memberships, People, Installations {
  /** Everything it knows, to look at. Change it through what is below. */
  readonly state: State;
  /** The REST API for Octokit's `request.fetch`: any host, with or without `/api/v3`. */
  readonly fetch: typeof fetch;
  /** Serves the API (`/api/v3`) and git (`/owner/repo.git`) on a free port of 127.0.0.1. */
  listen(): Promise<{ origin: string; host: string }>;
  /** Stops the server, where there is one. */
  close(): Promise<void>;

  // The world, before the story begins.
  user(login: string, details?: { name?: string; emails?: string[]; type?: "User" | "Bot" }): Account;
  organization(login: string, members?: Readonly<Record<string, "member" | "admin">>): Account;
  /** @param name `owner/name`; the owner must exist */
  repository(name: string, request?: RepositoryRequest): Promise<Repo>;
  fork(name: string, owner: string): Promise<Repo>;
  /** Many open pull requests at once, without webhooks; gives their numbers. */
  pulls(name: string, count: number, request: ManyPullsRequest): Promise<number[]>;
  /** Rules for branches, from now on. */
  ruleset(name: string, request: RulesetRequest): Ruleset;
  app(request: AppRequest): App;
  /** Sends the App's `installation` event. */
  install(app: App, request: InstallRequest): Installation;
  /** Where an App's webhooks go; a ping is sent there at once. */
  webhooks(app: App, target: WebhookTarget): void;

  // The story.
  as(login: string): Person;
  /** GitHub Actions runs a workflow of the repository, set off by a person. */
  workflow(name: string, login: string, request: WorkflowRequest): Promise<WorkflowRun>;
  /** Notices branches that were moved in the bare repository by other means than a push over HTTP. */
  pushed(name: string, login: string): Promise<void>;
  readonly faults: { next(fault: Fault): void; armed(): readonly Fault[]; disarm(): void };
  /** Every webhook so far, oldest first. */
  deliveries(): readonly Delivery[];
  redeliver(id: number): void;
  /** Sends an App many webhooks of a repository at a given rate, and gives how long each one's answer took. */
  burst(app: App, name: string, request: BurstRequest): Promise<Acknowledgement[]>;
  /** Sends what `late` and `reordered` faults hold back. */
  deliverLate(): void;
  /** Resolves when no webhook is on its way. */
  settled(): Promise<void>;
}

export async function createGitHub(options: GitHubOptions): Promise<GitHub> {
  const leave = options.git === undefined ? null : keepElsewhere(options.folder, options.git);
  if (leave === null) await mkdir(options.folder, { recursive: true });
  const now = options.now ?? (() => new Date());
  const state = emptyState(options.seed ?? "puppet-gate");
  for (const account of [webFlowAccount, ghostAccount]) state.accounts.set(account.id, { ...account });
  const faults = createFaults(new Set([...routes.map(({ name }) => name), pushRoute]), eventNames);
  const lanes = createLanes();
  const deliveries = createDeliveries({ ids: state.ids, stamp: () => isoSeconds(now()) }, faults);
  const urls = { api: "https://api.github.com", html: "https://github.com" };
  const limits = { ...limitsOfGitHub, ...options.limits };
  const world: World = {
    state,
    urls,
    faults,
    deliveries,
    limits,
    now,
    tokenClock: options.tokenClock ?? now,
    exclusively: async (repo, work) => lanes(repo.id, work),
  };
  const handler = createHandler(world, routes, options.rateLimit ?? 5000);
  let server: Awaited<ReturnType<typeof startServer>> | null = null;
  const account = (login: string): Account => {
    const found = accountByLogin(state, login);
    if (found === undefined) throw new Error(`The stand-in has no account ${login}.`);
    return found;
  };

  return {
    state,
    fetch: async (input, init) => handler(new Request(input, init)),
    listen: async () => {
      server ??= await startServer(world, handler);
      Object.assign(urls, { api: `${server.origin}/api/v3`, html: server.origin });
      return { origin: server.origin, host: server.host };
    },
    close: async () => {
      await server?.close();
      server = null;
      leave?.();
    },
    user: (login, details = {}) => createAccount(world, { login, type: "User", ...details }),
    organization: (login, members = {}) => {
      const organization = createAccount(world, { login, type: "Organization" });
      for (const [member, role] of Object.entries(members)) organization.members.set(account(member).id, role);
      return organization;
    },
    repository: async (name, request = {}) => createRepository(world, options.folder, name, request),
    fork: async (name, owner) => createFork(world, options.folder, findRepo(world, name), account(owner)),
    ...createMemberships(world),
    ...createPeople(world),
    ...createInstallations(world),
    pulls: async (name, count, request) => createPulls(world, findRepo(world, name), account(request.by), count, request),
    ruleset: (name, request) => createRuleset(world, findRepo(world, name), request),
    app: (request) => createApp(world, request),
    install: (app, request) => install(world, app, request),
    webhooks: (app, target) => {
      deliveries.target(app, target);
      deliveries.send(app, "ping", pingPayload(world, app));
    },
    workflow: async (name, login, request) => runWorkflow(world, findRepo(world, name), account(login), request),
    as: (login) => createPerson(world, handler, account(login)),
    pushed: async (name, login) => {
      const repo = findRepo(world, name);
      await world.exclusively(repo, async () => noticeBranches(world, repo, account(login)));
    },
    faults,
    deliveries: () => deliveries.list(),
    redeliver: (id) => deliveries.redeliver(id),
    burst: async (app, name, request) => sendBurst(world, app, findRepo(world, name), request),
    deliverLate: () => deliveries.deliverLate(),
    settled: async () => deliveries.settled(),
  };
}
