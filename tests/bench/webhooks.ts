import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import { openPostgres } from "../../src/store/database.ts";
import { startPostgres } from "../services/postgres.ts";
import { type Section, wholeMs } from "./table.ts";

/** What people wait for besides compiles: `serve` in a process of its own, on a real PostgreSQL, with the stand-in as GitHub and a table as judge. */
interface WebhookTimes {
  /** Deliveries a second, and how many in all. */
  perSecond: number;
  sent: number;
  /** Milliseconds from a delivery's sending to its answer. */
  acknowledged: { p50: number; p99: number };
  /** Milliseconds that the event loop of `serve` was late meanwhile, while it had turns to take besides. */
  loop: { p50: number; p99: number; most: number };
  /** Deliveries that were not answered with 200, or answered and not kept. */
  lost: number;
  /** Milliseconds from before the review is given to the request that updates the check run, on an idle lane. */
  reviewToCheckRun: { p50: number; p95: number; runs: number };
}

const name = "acme/control";
const secret = "a secret for benchmarks";

export async function sectionOfWebhooks(): Promise<Section> {
  const { perSecond, sent, acknowledged, loop, lost, reviewToCheckRun } = await benchWebhooks({ perSecond: 100, sent: 2_000, reviews: 20 });
  const median = (milliseconds: number): string => `${wholeMs(milliseconds)} in the median`;
  return {
    rows: [
      {
        what: `a webhook acknowledged, ${perSecond} a second`,
        measured: `${wholeMs(acknowledged.p99)} at the 99th percentile, ${median(acknowledged.p50)}; ${lost} of ${sent} lost`,
        promised: "50 ms at the 99th percentile, none lost",
        instead: "",
      },
      {
        what: "a review delivered to its check-run request, without a compile",
        measured: `${wholeMs(reviewToCheckRun.p95)} at the 95th percentile, ${median(reviewToCheckRun.p50)} (${reviewToCheckRun.runs} runs)`,
        promised: "1 s at the 95th percentile",
        instead: "",
      },
    ],
    about:
      "Webhooks go to `puppet-gate serve` in a process of its own, on a PostgreSQL that waits for the disk at every commit; the stand-in for GitHub, with its git, runs on the same machine. " +
      `While they came, serve took turns for the changes that they were about, and its event loop was late by ${wholeMs(loop.p99)} at the 99th percentile, ${wholeMs(loop.most)} at most. An acknowledged webhook is one that is in the database.`,
  };
}

async function benchWebhooks({ perSecond, sent, reviews }: { perSecond: number; sent: number; reviews: number }): Promise<WebhookTimes> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-webhooks-"));
  const postgres = await startPostgres({ durable: true });
  const github = await createGitHub({ folder: join(folder, "github") });
  try {
    const databaseUrl = await postgres.create();
    const { app, server } = await open(github, folder, databaseUrl);
    try {
      const reviewToCheckRun = await timeReviews(github, server, reviews);
      const answers = await github.burst(app, name, { count: sent, perSecond });
      const loop = await settled(server);
      const kept = await keptOf(
        databaseUrl,
        answers.map(({ guid }) => guid),
      );
      const times = answers.map(({ ms }) => ms);
      return {
        perSecond,
        sent,
        acknowledged: { p50: percentile(times, 50), p99: percentile(times, 99) },
        loop,
        lost: answers.filter(({ guid, status }) => status !== 200 || !kept.has(guid)).length,
        reviewToCheckRun,
      };
    } finally {
      await end(server.child);
    }
  } finally {
    await github.close();
    await postgres.close();
    await rm(folder, { recursive: true });
  }
}

interface Server {
  child: ChildProcess;
  lines: ReturnType<typeof createInterface>;
}

async function open(github: GitHub, folder: string, databaseUrl: string): Promise<{ app: ReturnType<GitHub["app"]>; server: Server }> {
  for (const login of ["alice", "bob"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  const repo = await github.repository(name);
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
  const app = github.app({ name: "Puppet Gate", owner: "acme", webhookSecret: secret, permissions, events });
  github.install(app, { on: "acme" });
  const { origin } = await github.listen();
  const config = {
    webhookSecret: secret,
    host: "127.0.0.1",
    port: 0,
    logLevel: "fatal",
    app: { id: app.id, privateKey: app.privateKey },
    dataFolder: join(folder, "data"),
    databaseUrl,
    github: { api: `${origin}/api/v3`, html: origin },
  };
  const program = fileURLToPath(import.meta.resolve("../engine-gate/serve-child.ts"));
  const child = spawn(process.execPath, [program, JSON.stringify({ config, folder: repo.folder, leaseSeconds: 30 })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout);
  const [url] = (await once(lines, "line")) as [string];
  github.webhooks(app, `${url}/api/github/webhooks`);
  return { app, server: { child, lines } };
}

/** A new change each time, looked at until nothing is left to do, and then approved. */
async function timeReviews(github: GitHub, server: Server, runs: number): Promise<WebhookTimes["reviewToCheckRun"]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const branch = `change-${run}`;
    await github.as("alice").commit(name, { branch, from: "main", files: { [`${branch}.pp`]: "" }, message: branch });
    const { number } = await github.as("alice").openPull(name, { head: branch, title: branch });
    await quiet(github, server);
    const asked = new Promise<number>((resolve) => {
      const arrived = async (): Promise<void> => resolve(performance.now());
      github.faults.next({ kind: "meanwhile", route: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", run: arrived });
    });
    const start = performance.now();
    await github.as("bob").review(name, number, { event: "APPROVE" });
    times.push((await asked) - start);
    await quiet(github, server);
  }
  return { p50: percentile(times, 50), p95: percentile(times, 95), runs };
}

async function quiet(github: GitHub, server: Server): Promise<void> {
  for (let look = 0; look < 2; look += 1) {
    await github.settled();
    await settled(server);
  }
}

async function settled({ child, lines }: Server): Promise<WebhookTimes["loop"]> {
  const answer = once(lines, "line") as Promise<[string]>;
  child.stdin?.write("\n");
  return JSON.parse((await answer)[0]) as WebhookTimes["loop"];
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.stdin?.end();
  await ended;
}

async function keptOf(databaseUrl: string, guids: readonly string[]): Promise<Set<string>> {
  const database = await openPostgres(databaseUrl, (error) => {
    throw error;
  });
  const { rows } = await database.query<{ id: string }>("select id from deliveries where id = any($1)", [[...guids]]);
  await database.close();
  return new Set(rows.map(({ id }) => id));
}

/** The value that so many percent are not above, by nearest rank. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(Math.ceil((sorted.length * percent) / 100) - 1, 0)];
  if (value === undefined) throw new Error("there is no percentile of nothing");
  return value;
}
