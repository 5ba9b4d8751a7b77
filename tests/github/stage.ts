import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { App, Installation, Repo } from "../../src/demo/github/state.ts";
import type { Origin } from "../../src/gate/event.ts";
import type { AppIdentity, Authenticate } from "../../src/github/api.ts";
import { authenticateBy, createApp, identify, needed } from "../../src/github/app.ts";
import type { OrganisationPolicies } from "../../src/github/organisation.ts";
import { createForge, type GitHubForge } from "../../src/github/forge.ts";

/**
 * The forge over the stand-in's HTTP server, as it is used with a GitHub Enterprise Server: the App has the permissions that `app.yml`
 * asks for and no more, so that what they do not allow fails here.
 */
export interface Stage {
  github: GitHub;
  app: App;
  installation: Installation;
  name: string;
  repo: Repo;
  origin: Origin;
  forge: GitHubForge;
  authenticate: Authenticate;
  identity: AppIdentity;
  /** How organisations' policies are looked for. */
  policies: OrganisationPolicies;
  /** Every answer so far: `304 GET /repos/acme/control`. */
  answers: string[];
  /** A pull request of alice's with these files; gives its number and head. */
  propose(branch: string, files: Readonly<Record<string, string>>): Promise<{ number: number; head: string }>;
  close(): Promise<void>;
}

/** What is remembered of organisations' policies, in memory. */
export const policiesIn = (seen: Map<number, string>): OrganisationPolicies => ({
  mode: "auto",
  seen: async (owner) => seen.get(owner) ?? null,
  save: async (owner, sha256) => void seen.set(owner, sha256),
  drop: async (owner) => void seen.delete(owner),
});

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-forge-"));
  const github = await createGitHub({ folder });
  const { origin: address } = await github.listen();
  for (const login of ["alice", "bob", "carol", "dora"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme", { carol: "admin" });
  const name = "acme/control";
  const repo = await github.repository(name);
  for (const login of ["alice", "bob"]) github.collaborator(name, login, "write");
  const files = { "site.pp": "node default { }\n", "motd.pp": "class motd {\n  $a = \"x\"\n  $b = 'y'\n}\n" };
  await github.as("carol").commit(name, { branch: "main", files, message: "Begin" });
  const webhookSecret = "a secret of the tests";
  const app = github.app({ name: "Puppet Gate", owner: "acme", webhookSecret, ...needed, events: [...needed.events] });
  github.webhooks(app, async () => undefined);
  const installation = github.install(app, { on: "acme" });
  const answers: string[] = [];
  const policies = policiesIn(new Map());
  const probot = await createApp({
    id: app.id,
    privateKey: app.privateKey,
    webhookSecret,
    api: `${address}/api/v3`,
    logLevel: "fatal",
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      answers.push(`${response.status} ${init?.method ?? "GET"} ${new URL(response.url).pathname.replace("/api/v3", "")}`);
      return response;
    },
    throttled: false,
  });
  const identity: AppIdentity = { id: app.id, slug: async () => (await identify(probot))?.slug ?? "", api: () => probot.auth() };
  return {
    github,
    app,
    installation,
    name,
    repo,
    origin: { installation: installation.id, repository: { id: repo.id, owner: "acme", name: "control" } },
    answers,
    forge: createForge(authenticateBy(probot), identity, policies),
    authenticate: authenticateBy(probot),
    identity,
    policies,
    propose: async (branch, changed) => {
      const alice = github.as("alice");
      const head = await alice.commit(name, { branch, from: "main", files: changed, message: branch });
      const { number } = await alice.openPull(name, { head: branch, title: `Title of ${branch}`, body: "Why." });
      return { number, head };
    },
    close: async () => {
      await github.settled();
      await github.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
