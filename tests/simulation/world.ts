import { generateKeyPairSync } from "node:crypto";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { App, Pull, Repo } from "../../src/demo/github/state.ts";
import type { Chance } from "./chance.ts";
import { createMemoryGit, type MemoryGit } from "./git/command.ts";
import { createObjects, type KnownObjects, type Objects } from "./git/objects.ts";
import { compile, type Compiled } from "./compiler.ts";
import { actionsId, policies, policyFile } from "./policies.ts";
import { tableContents, type Contents } from "./contents.ts";
import type { UnderWay } from "./temptations.ts";

/** The people and repositories of one seed, and what they truly did: what a webhook told or an API answered is another matter. */
export interface World {
  github: GitHub;
  objects: KnownObjects;
  app: App;
  /** Of another App's, which can report checks. */
  foreignToken: string;
  repos: readonly { name: string; repo: Repo }[];
  truth: Truth;
  /** What people write. */
  contents: Contents;
  /** Whether commits name people of whom GitHub knows no account, or not yet. */
  hasStrangers: boolean;
  /** What the check of a pair has to come to, by what is written. */
  compile: (base: string, head: string) => Compiled;
  /** What people began and will go on with. */
  underWay: UnderWay[];
  /** How often each temptation came. */
  tempted: Map<string, number>;
}

/** A world whose git is in memory. */
export interface SimulatedWorld extends World {
  objects: Objects;
  git: MemoryGit;
  /** Of the App's installation, for good: how tokens are got is not simulated. */
  token: string;
}

/** Reviews, words and pushes as they were given, by the ids that GitHub gave them. */
export interface Truth {
  step: number;
  /** Which process did what was done last. */
  mover: object | null;
  reviews: Map<number, { user: number; head: string; into: string; bases: ReadonlySet<string>; step: number }>;
  words: Map<number, { user: number; head: string; step: number; isMail: boolean }>;
  /** Heads that a pull request had, by `repository#number`. */
  heads: Map<string, string[]>;
  /** Commits that people pushed as a branch's tip, by repository and commit. */
  pushers: Map<string, Set<number>>;
  /** The same, as far as a webhook told the gate. */
  toldPushers: Map<string, Set<number>>;
  /** Tips that each branch had since a head came: `repository#number head`. */
  tipsSince: Map<string, Set<string>>;
}

export const people = ["alice", "bob", "carol", "dave", "erin"] as const;
/** What each may do with the repositories at the beginning. */
export const permissions = { alice: "write", bob: "write", carol: "admin", dave: "write", erin: "read" } as const;
export const outsider = "frank";
export const branches = ["main", "release"] as const;

const secret = "a secret for tests";
/** Making keys takes long, and no seed depends on them. */
const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

export async function createWorld(chance: Chance, now: () => Date): Promise<SimulatedWorld> {
  const objects = createObjects();
  const git = createMemoryGit(objects);
  // One seed at a time has this name.
  const github = await createGitHub({ folder: "/simulated", now, git: (...asked) => git.run(...asked), rateLimit: 1_000_000 });
  const populated = await populate(github, chance, { repositories: () => 1 + chance.below(2), contents: tableContents });
  return { ...populated, objects, git, hasStrangers: true, compile: (base, head) => compile(objects, base, head) };
}

/** Makes the people, the Apps and the repositories of a world. */
export async function populate(
  github: GitHub,
  chance: Chance,
  { repositories, contents }: { repositories: () => number; contents: Contents },
): Promise<Omit<World, "objects" | "compile" | "hasStrangers"> & { token: string }> {
  for (const login of [...people, outsider]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme", { carol: "admin" });
  github.team("acme/sre", { members: ["carol", "dave"] });
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    webhookSecret: secret,
    privateKey,
    permissions: { contents: "write", pull_requests: "write", checks: "write", statuses: "read", actions: "read", members: "read" },
    events: [
      "pull_request",
      "pull_request_review",
      "issue_comment",
      "push",
      "check_run",
      "check_suite",
      "status",
      "member",
      "membership",
      "team",
      "organization",
    ],
  });
  github.app({
    id: actionsId,
    name: "GitHub Actions",
    owner: "acme",
    webhookSecret: secret,
    privateKey,
    permissions: { checks: "write" },
    events: [],
  });
  const foreign = github.app({
    name: "Other",
    owner: "acme",
    webhookSecret: secret,
    privateKey,
    permissions: { checks: "write" },
    events: [],
  });
  const tokens = [app, foreign].map((one) => tokenFor(github, github.install(one, { on: "acme" }).id, one));
  const repos = [];
  for (let n = 1; n <= repositories(); n += 1) repos.push(await createRepo(github, chance, contents, `acme/control-${n}`));
  const [token = "", foreignToken = ""] = tokens;
  const truth: Truth = {
    step: 0,
    mover: null,
    toldPushers: new Map(),
    heads: new Map(),
    reviews: new Map(),
    words: new Map(),
    pushers: new Map(),
    tipsSince: new Map(),
  };
  return { github, app, token, foreignToken, repos, truth, contents, underWay: [], tempted: new Map() };
}

function tokenFor(github: GitHub, installationId: number, app: App): string {
  const token = `ghs_${app.slug}`;
  const holder = { kind: "installation" as const, installationId, permissions: app.permissions, repositories: "all" as const };
  github.state.tokens.set(token, { token, holder, expiresAt: null });
  return token;
}

async function createRepo(github: GitHub, chance: Chance, contents: Contents, name: string): Promise<{ name: string; repo: Repo }> {
  const repo = await github.repository(name, { private: true });
  for (const login of people) github.collaborator(name, login, permissions[login]);
  const files = { [policyFile]: chance.pick(policies).text, ...contents.begin };
  const carol = github.as("carol");
  const begin = await carol.commit(name, { branch: "main", files, message: "begin" });
  await carol.moveBranch(name, "release", begin);
  return { name, repo };
}

export const openPulls = (repo: Repo): Pull[] => [...repo.pulls.values()].filter(({ state }) => state === "open");
export const keyOf = (repo: Repo, number: number): string => `${repo.id}#${number}`;
