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
import { createWorker } from "../../src/engine/worker.ts";
import { openPostgres, type Database } from "../../src/store/database.ts";
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
  let database: Database;
  let one: Store;
  let other: Store;
  beforeAll(async () => {
    const url = await postgres.create();
    const open = async (on: Database): Promise<Store> =>
      createStore(on, (error) => {
        throw error;
      });
    database = await openPostgres(url, () => undefined);
    one = await open(database);
    other = await open(await openPostgres(url, () => undefined));
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

  it("has its change looked at once more, because what it did last may have come after that look", async () => {
    const turns: string[] = [];
    const taken = Promise.withResolvers<void>();
    await wake(one);
    const worker = createWorker({
      store: one,
      work: {
        advance: async (job) => {
          turns.push(job.data.number === change.number ? "turn" : "another");
          if (turns.length === 1) {
            // Somebody else takes over, looks and is done, all while this one stands still between its intention and the push.
            await database.query("update leases set expires_at = clock_timestamp()");
            await other.takeBack();
            const theirs = await other.take("advance", 30);
            if (theirs === null) throw new Error("the turn was not given back");
            await other.held(theirs.lease, (records) => records.settleTurn(theirs));
          } else taken.resolve();
          return (records) => records.settleTurn(job);
        },
        check: async () => Promise.reject(new Error("there is no check")),
        night: async () => Promise.reject(new Error("there is no night")),
        roll: async () => Promise.reject(new Error("there is no rollout")),
        sweep: async () => Promise.reject(new Error("there is no sweep")),
        tell: async () => Promise.reject(new Error("there are no news")),
      },
      atOnce: { advance: 1, check: 0, night: 0, roll: 0, sweep: 0, tell: 0 },
      leaseSeconds: 30,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    worker.nudge();
    await taken.promise;
    await worker.settled();
    await worker.stop();
    expect(turns).toEqual(["turn", "turn"]);
  });

  it.each(["is taken and done at once", "waits"])(
    "loses no wake beside another's that is not committed yet, whose turn %s",
    async (how) => {
      const begun = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      const first = one.transaction(async (records) => {
        await records.wake(change);
        begun.resolve();
        await go.promise;
      });
      await begun.promise;
      const kept = Promise.withResolvers<void>();
      const second = other.transaction(async (records) => {
        await records.wakeAll([change]);
        await kept.promise;
      });
      // It waits for the first, which made the same job.
      await expect
        .poll(
          async () =>
            (await database.query("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")).rows,
        )
        .toHaveLength(1);
      go.resolve();
      await first;
      const early = how === "waits" ? null : await one.take("advance", 30);
      if (early !== null) await one.held(early.lease, (records) => records.settleTurn(early));
      kept.resolve();
      await second;
      const job = await one.take("advance", 30);
      if (job === null) throw new Error("the wake was lost");
      await one.held(job.lease, (records) => records.settleTurn(job));
      expect(await one.records.countJobs()).toBe(0);
    },
  );

  it("wakes many in any order beside each other, and neither waits for ever", async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    const keys = (some: readonly number[]): { repository: number; number: number }[] => some.map((number) => ({ repository: 7, number }));
    await Promise.all([
      one.transaction((records) => records.wakeAll(keys(numbers))),
      other.transaction((records) => records.wakeAll(keys(numbers.toReversed()))),
      one.transaction((records) => records.wakeAll(keys(numbers.slice(10, 30)))),
      other.transaction((records) => records.wakeAll(keys(numbers.slice(0, 20).toReversed()))),
    ]);
    const done: number[] = [];
    for (let job = await one.take("advance", 30); job !== null; job = await one.take("advance", 30)) {
      const { number } = job.data;
      const ended = job;
      done.push(number);
      await one.held(ended.lease, (records) => records.settleTurn(ended));
    }
    expect(done.toSorted((a, b) => a - b)).toEqual(numbers);
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
