import { spawn, type ChildProcess } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { App, Repo } from "../../src/demo/github/state.ts";
import { openPostgres } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { startPostgres, type PostgresServer } from "./postgres.ts";

/** Two whole servers in processes of their own on one PostgreSQL, which is restarted in the middle; one of the two is killed. */
const name = "acme/control";
const secret = "a secret for tests";
const leaseSeconds = 2;
let folder: string;
let postgres: PostgresServer;
let databaseUrl: string;
let github: GitHub;
let app: App;
let repo: Repo;
const servers: { process: ChildProcess; url: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-two-"));
  postgres = await startPostgres();
  databaseUrl = await postgres.create();
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
  app = github.app({ name: "Puppet Gate", owner: "acme", webhookSecret: secret, permissions, events });
  github.install(app, { on: "acme" });
  servers.push(await start("one"), await start("two"));
});
afterAll(async () => {
  for (const { process: child } of servers) await end(child, "SIGTERM");
  await github.close();
  await postgres.close();
  await rm(folder, { recursive: true });
});

async function start(data: string): Promise<{ process: ChildProcess; url: string }> {
  const { origin } = await github.listen();
  const config = {
    webhookSecret: secret,
    host: "127.0.0.1",
    port: 0,
    logLevel: "fatal",
    app: { id: app.id, privateKey: app.privateKey },
    dataFolder: join(folder, data),
    databaseUrl,
    github: { api: `${origin}/api/v3`, html: origin },
  };
  const program = fileURLToPath(import.meta.resolve("../engine-gate/serve-child.ts"));
  const child = spawn(process.execPath, [program, JSON.stringify({ config, folder: repo.folder, leaseSeconds })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  return { process: child, url };
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  if (signal === "SIGTERM") child.stdin?.end();
  else child.kill(signal);
  await ended;
}

const urlOf = (at: number): string => servers[at]?.url ?? "";
const comments = (number: number): string[] =>
  [...repo.comments.values()].filter((comment) => comment.number === number && comment.appId === app.id).map(({ body }) => body);
const runs = (head: string): (string | null)[] =>
  [...repo.checkRuns.values()].filter(({ headSha }) => headSha === head).map(({ conclusion }) => conclusion);
async function propose(branch: string): Promise<{ number: number; head: string }> {
  const alice = github.as("alice");
  const head = await alice.commit(name, { branch, from: "main", files: { [`${branch}.pp`]: "" }, message: branch });
  const { number } = await alice.openPull(name, { head: branch, title: branch });
  return { number, head };
}
const send = (url: string, id: string, body: string, event: string): Promise<Response> =>
  fetch(`${url}/api/github/webhooks`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": id,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
  });

describe("two servers on one database", () => {
  it("check a change once and say it once, whichever of them hears of it, and both of the same delivery", async () => {
    github.webhooks(app, `${urlOf(0)}/api/github/webhooks`);
    const { number, head } = await propose("first");
    await expect.poll(() => runs(head)).toEqual(["action_required"]);
    const opened = github.deliveries().find(({ event, action }) => event === "pull_request" && action === "opened");
    expect((await send(urlOf(1), opened?.guid ?? "", String(opened?.body), "pull_request")).status).toBe(200);
    github.webhooks(app, `${urlOf(1)}/api/github/webhooks`);
    await github.as("bob").review(name, number, { event: "APPROVE" });
    await expect.poll(() => runs(head)).toEqual(["success"]);
    await expect.poll(() => comments(number)[0] ?? "").toContain("Ready");
    expect(comments(number)).toHaveLength(1);
  });

  it("answer 500 while the database is away, and go on when it is back", async () => {
    await postgres.stop();
    const opened = github.deliveries().find(({ event, action }) => event === "pull_request" && action === "opened");
    const id = randomUUID();
    expect((await send(urlOf(0), id, String(opened?.body), "pull_request")).status).toBe(500);
    await postgres.start();
    await expect.poll(async () => (await send(urlOf(0), id, String(opened?.body), "pull_request")).status).toBe(200);
    const { head } = await propose("after");
    await expect.poll(() => runs(head)).toEqual(["action_required"]);
  });

  it("take over what one of them was at when it was killed, and say it once", async () => {
    // The second one alone, so that it is known which of the two writes.
    const [first] = servers.splice(0, 1);
    if (first !== undefined) await end(first.process, "SIGTERM");
    github.webhooks(app, `${urlOf(0)}/api/github/webhooks`);
    const killed = new Promise<void>((resolve) => {
      const run = async (): Promise<void> => {
        const [holder] = servers.splice(0, 1);
        servers.push(await start("three"));
        if (holder !== undefined) await end(holder.process, "SIGKILL");
        resolve();
      };
      github.faults.next({ kind: "meanwhile", route: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", run });
    });
    const { number, head } = await propose("taken-over");
    await killed;
    await expect.poll(() => runs(head).at(-1)).toBe("action_required");
    await expect.poll(() => comments(number).length).toBe(1);
    await expect.poll(() => comments(number)[0] ?? "").toContain("Waiting for review");
  });
});

describe("a holder that stood still", () => {
  let one: Store;
  let other: Store;
  beforeAll(async () => {
    const url = await postgres.create();
    const open = async (): Promise<Store> =>
      createStore(await openPostgres(url, () => undefined), (error) => {
        throw error;
      });
    one = await open();
    other = await open();
  });
  afterAll(async () => {
    await one.close();
    await other.close();
  });
  const change = { repository: 7, number: 1 };
  const wake = (store: Store): Promise<void> => store.transaction((records) => records.wake(change));

  it("case 74: writes nothing once another process took its repository over", async () => {
    await one.records.saveRepository({ installation: 5, repository: { id: 7, owner: "acme", name: "control" } });
    await wake(one);
    const old = await one.take("advance", 0.2);
    if (old === null) throw new Error("no turn is due");
    expect(await other.take("advance", 30)).toBeNull();
    await expect.poll(() => other.takeBack()).toBe(1);
    const next = await other.take("advance", 30);
    if (next === null) throw new Error("the turn was not given back");
    expect(await one.renew(30)).toEqual(new Set());
    const late = one.held(old.lease, (records) => records.addAnswered(change, [1], new Date()));
    await expect(late).rejects.toMatchObject({ name: "LeaseLost" });
    expect(await other.records.answeredComments(change)).toEqual(new Set());
    await other.held(next.lease, (records) => records.settleTurn(next));
  });

  it("is waited for by whoever would take it over, while it writes", async () => {
    await wake(one);
    const job = await one.take("advance", 0);
    if (job === null) throw new Error("no turn is due");
    let taken: Promise<number> = Promise.resolve(-1);
    await one.held(job.lease, async (records) => {
      taken = other.takeBack();
      await records.addAnswered(change, [2], new Date());
      await records.settleTurn(job);
    });
    expect(await taken).toBe(0);
    expect(await other.records.answeredComments(change)).toEqual(new Set([2]));
  });

  it("loses no wake whose transaction ends after the turn that was queued could have been done", async () => {
    await wake(one);
    let early: unknown = "not asked";
    await one.transaction(async (records) => {
      await records.wake(change);
      early = await other.take("advance", 30);
    });
    expect(early).toBeNull();
    const job = await other.take("advance", 30);
    if (job === null) throw new Error("the wake was lost");
    await other.held(job.lease, (records) => records.settleTurn(job));
    expect(await one.records.countJobs()).toBe(0);
  });
});
