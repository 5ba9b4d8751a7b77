import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProbotOctokit } from "probot";
import { onTestFinished } from "vitest";
import type { WebhookRequest } from "../../src/demo/github/deliveries.ts";
import { createGitHub, type GitHub, type GitHubOptions } from "../../src/demo/github/github.ts";
import type { App, AppPermissions, Installation } from "../../src/demo/github/state.ts";

/** A small world for the tests: an organisation, four people, one private repository, and an App installed on it. */

const permissions: AppPermissions = { checks: "write", contents: "write", issues: "write", pull_requests: "write" };
export const repo = { owner: "acme", repo: "control" };
export const secret = "the secret of the webhook";

/** One key for all tests of a file: making one takes longer than most of them. */
const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const usualEvents = ["pull_request", "pull_request_review", "issue_comment", "push", "check_run"];

export interface Stage {
  github: GitHub;
  app: App;
  installation: Installation;
  received: WebhookRequest[];
  folder: string;
  /** Octokit as Probot makes it, without its waits; as the installation unless given another App or token. */
  octokit: (auth?: object) => ProbotOctokit;
  /** Names of events received, as `pull_request.opened`. */
  told: () => string[];
}

export async function setStage(options: Partial<GitHubOptions> & { granted?: AppPermissions; events?: string[] } = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "github-stand-in-"));
  const github = await createGitHub({ folder: join(folder, "repositories"), ...options });
  onTestFinished(async () => {
    await github.settled();
    await github.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const login of ["alice", "bob", "carol", "mallory"])
    github.user(login, { name: `${login} of acme`, emails: [`${login}@acme.example`] });
  github.organization("acme", { carol: "admin" });
  await github.repository("acme/control");
  github.collaborator("acme/control", "alice", "write");
  github.collaborator("acme/control", "bob", "write");
  await github
    .as("alice")
    .commit("acme/control", { branch: "main", files: { "site.pp": "node default {}\n", "a.txt": "1\n2\n3\n" }, message: "Begin" });
  const events = [...usualEvents, ...(options.events ?? [])];
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    permissions: { ...permissions, ...options.granted },
    events,
    webhookSecret: secret,
    privateKey,
  });
  const received: WebhookRequest[] = [];
  github.webhooks(app, async (request) => {
    received.push(request);
  });
  const installation = github.install(app, { on: "acme", ...(options.granted === undefined ? {} : { permissions: options.granted }) });
  await github.settled();
  received.length = 0;
  return {
    github,
    app,
    installation,
    received,
    folder,
    octokit: (auth) =>
      createOctokit({
        auth: auth ?? { appId: app.id, privateKey: app.privateKey, installationId: installation.id },
        request: { fetch: github.fetch },
      }),
    told: () => received.map(nameOf),
  };
}

export function nameOf({ headers, body }: WebhookRequest): string {
  const { action } = JSON.parse(body) as { action?: string };
  return [headers["x-github-event"], action].filter((part) => part !== undefined).join(".");
}

/** Probot's own Octokit; its throttle spaces writes a second apart, and its retries would hide the refusals that tests look at. */
export function createOctokit(options: object): ProbotOctokit {
  return new ProbotOctokit({ throttle: { enabled: false }, retry: { enabled: false }, log: silent, ...options });
}

const nothing = (): undefined => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A pull request of alice's that changes one line of a.txt. */
export async function openChange({ github }: Stage, branch = "change"): Promise<{ number: number; head: string }> {
  const alice = github.as("alice");
  const head = await alice.commit("acme/control", { branch, from: "main", files: { "a.txt": "1\ntwo\n3\n" }, message: `Change ${branch}` });
  const { number } = await alice.openPull("acme/control", { head: branch, title: `Change ${branch}` });
  return { number, head };
}
