import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface, type Interface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { App, Repo } from "../../src/demo/github/state.ts";
import { newDatabaseUrl } from "../store/open.ts";

/**
 * The server is killed (SIGKILL) at the worst moment of every write: GitHub has the request, does what it asks, and nobody is there for
 * the answer. Whatever was lost must be found again after the next start, without another webhook, and nothing may happen twice.
 */
const name = "acme/control";
const config = { webhookSecret: "a secret for tests", host: "127.0.0.1", port: 0, logLevel: "fatal" };
let folder: string;
let github: GitHub;
let app: App;
let repo: Repo;
let databaseUrl: string | undefined;
let child: { process: ChildProcess; lines: Interface } | null = null;

beforeAll(async () => {
  databaseUrl = await newDatabaseUrl();
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-killed-"));
  github = await createGitHub({ folder: join(folder, "github") });
  for (const login of ["alice", "bob"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  repo = await github.repository(name);
  for (const login of ["alice", "bob"]) github.collaborator(name, login, "write");
  await github.as("bob").commit(name, { branch: "main", files: { "site.pp": "" }, message: "begin" });
  const permissions = {
    contents: "write",
    pull_requests: "write",
    checks: "write",
    members: "read",
    statuses: "read",
    actions: "read",
  } as const;
  const events = ["pull_request", "pull_request_review", "issue_comment", "push", "check_run"];
  app = github.app({ name: "Puppet Gate", owner: "acme", webhookSecret: config.webhookSecret, permissions, events });
  github.install(app, { on: "acme" });
});
afterAll(async () => {
  await end("SIGTERM");
  await github.close();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  const { origin } = await github.listen();
  const whole = {
    ...config,
    app: { id: app.id, privateKey: app.privateKey },
    dataFolder: join(folder, "data"),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    github: { api: `${origin}/api/v3`, html: origin },
  };
  const argument = JSON.stringify({ config: whole, folder: repo.folder });
  const started = spawn(process.execPath, [fileURLToPath(import.meta.resolve("./serve-child.ts")), argument], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(started.stdout);
  child = { process: started, lines };
  const [url] = (await once(lines, "line")) as [string];
  github.webhooks(app, `${url}/api/github/webhooks`);
}

async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const ending = child?.process;
  child = null;
  if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
  const ended = once(ending, "exit");
  if (signal === "SIGTERM") ending.stdin?.end();
  else ending.kill(signal);
  await ended;
}

/** Kills the server in the middle of the next request of this route, then starts it again once that happened. */
async function killedDuring(route: string, story: () => Promise<unknown>): Promise<void> {
  const killed = new Promise<void>((resolve) => {
    const run = async (): Promise<void> => {
      await end("SIGKILL");
      resolve();
    };
    github.faults.next({ kind: "meanwhile", route, run });
  });
  await story();
  await killed;
  await github.settled();
  await start();
  await quiet();
}

async function quiet(): Promise<void> {
  for (let n = 0; n < 2; n += 1) {
    await github.settled();
    const answer = child === null ? Promise.resolve() : once(child.lines, "line");
    child?.process.stdin?.write("\n");
    await answer;
  }
}

describe("a server that is killed", () => {
  it("loses nothing and repeats nothing", { timeout: 180_000 }, async () => {
    await start();
    const alice = github.as("alice");
    const issue = "/repos/{owner}/{repo}/issues/{issue_number}";
    let number = 0;
    let head = "";
    await killedDuring("POST /repos/{owner}/{repo}/check-runs", async () => {
      head = await alice.commit(name, { branch: "topic", files: { "a.pp": "" }, message: "topic" });
      number = (await alice.openPull(name, { head: "topic", title: "topic" })).number;
    });
    const comments = (): string[] => [...repo.comments.values()].filter(({ appId }) => appId === app.id).map(({ body }) => body);
    const runs = (): (string | null)[] => [...repo.checkRuns.values()].map(({ conclusion }) => conclusion);
    expect(runs()).toEqual(["action_required"]);
    expect(comments()).toHaveLength(1);

    for (const route of [`POST ${issue}/comments`, `POST ${issue}/labels`]) {
      await killedDuring(route, async () => {
        head = await alice.commit(name, { branch: "topic", files: { [`${route.length}.pp`]: "" }, message: route });
        // The one comment is there already; deleted, it has to be written anew.
        for (const { id, appId } of repo.comments.values()) if (appId === app.id) repo.comments.delete(id);
      });
      expect(comments()).toHaveLength(1);
      expect(repo.pulls.get(number)?.labelIds).toHaveLength(2);
    }
    expect(runs().at(-1)).toBe("action_required");

    await killedDuring("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", () =>
      github.as("bob").review(name, number, { event: "APPROVE" }),
    );
    expect(runs().at(-1)).toBe("success");
    expect(comments()[0]).toContain("### Ready: alice can say /merge");

    let asked = 0;
    await killedDuring("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", async () => {
      asked = Number((await alice.comment(name, number, "/merge")).id);
    });
    const merged = repo.pulls.get(number)?.merged;
    expect(comments()).toHaveLength(1);
    expect(comments()[0]).toContain(`### Landed as ${merged?.sha}`);
    expect(comments()[0]).toContain("What landed is what was checked, to the byte");
    expect(repo.comments.get(asked)?.reactions.map(({ content }) => content)).toEqual(["eyes", "rocket"]);
    expect(repo.refs.get("main")).toBe(merged?.sha);
    expect(head).toBe(repo.pulls.get(number)?.head.sha);
    expect(github.faults.armed()).toEqual([]);
  });
});
