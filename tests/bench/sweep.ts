import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../src/config.ts";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { Log } from "../../src/engine/ports/log.ts";
import type { Origin } from "../../src/gate/event.ts";
import { sweep, type Swept } from "../../src/engine/sweep.ts";
import { authenticateBy, createApp } from "../../src/github/app.ts";
import type { Forge } from "../../src/engine/ports/forge.ts";
import { createForge } from "../../src/github/forge.ts";
import { openDatabase } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { policiesIn } from "../github/stage.ts";
import { median, ofRuns, seconds, type Section } from "./table.ts";

const about = { title: "A change", opener: "alice", openedAt: "2026-11-21T10:00:00Z" };

/** How long the minute's sweep takes over so many open changes, and how many requests it costs. */
interface SweepTimes {
  changes: number;
  /** Milliseconds of each sweep over changes of which none moved, and the requests of one. */
  quiet: readonly number[];
  quietRequests: number;
  /** The same where some had moved without a webhook; `woken` of them were found. */
  moved: number;
  movedRequests: number;
  woken: number;
  /** Reading every change by itself, as a loop over the list does: computed from `sampled` of them. */
  one: number;
  oneRequests: number;
  sampled: number;
}

const name = "acme/control";
const moves = 5;
const sampled = 50;
const log: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields, text) => process.stderr.write(`${text} ${JSON.stringify(fields)}\n`),
};

export async function sectionOfSweep(): Promise<Section> {
  const { changes, quiet, quietRequests, moved, movedRequests, woken, one, oneRequests, sampled } = await benchSweep(500, 5);
  const promised = "60 s";
  return {
    rows: [
      {
        what: `a sweep over ${changes} open changes, none moved`,
        measured: `${ofRuns(quiet)}, ${quietRequests} requests`,
        promised,
        instead: `reading each by itself: ${seconds(one)}, ${oneRequests} requests (${sampled} changes' time, times ${changes / sampled})`,
      },
      {
        what: `the same when ${woken} had moved without a webhook`,
        measured: `${seconds(moved)}, ${movedRequests} requests, ${woken} found`,
        promised,
        instead: "",
      },
    ],
    about:
      "Sweeps run on the embedded database, with GitHub's stand-in in the same process: latencies of the network are not in it, so its requests are counted.",
  };
}

/** Sweeps over `changes` open pull requests of the stand-in, each decided on before. Latencies of the network are not in it. */
async function benchSweep(changes: number, runs: number): Promise<SweepTimes> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-sweep-"));
  try {
    const { github, config, origin, asked, ask } = await world(folder, changes);
    const store = await createStore(await openDatabase(config.dataFolder), (error) => log.error({ err: error }, "the queues have trouble"));
    try {
      const forge = await forgeOf(config, ask);
      await decideOnAll(store, forge, origin);
      const once = async (): Promise<{ milliseconds: number; requests: number; swept: Swept }> => {
        const before = asked();
        const start = performance.now();
        const swept = await sweep({
          store,
          forge,
          explain: async () => undefined,
          prune: async () => undefined,
          sight: async () => undefined,
          nights: async () => undefined,
          now: () => new Date(),
          log,
        });
        return { milliseconds: performance.now() - start, requests: asked() - before, swept };
      };
      await once(); // what the gate itself said since the last look is seen
      const quiet = [];
      for (let run = 0; run < runs; run += 1) quiet.push(await once());
      if (quiet.some(({ swept }) => swept.woken !== 0)) throw new Error("a sweep over changes that did not move woke some");
      for (let number = 1; number <= moves; number += 1)
        await github.as("bob").review(name, number, { event: "COMMENT", body: "Looks well." });
      const moved = await once();
      const single = await readEach(store, forge, asked);
      return {
        changes,
        quiet: quiet.map(({ milliseconds }) => milliseconds),
        quietRequests: median(quiet.map(({ requests }) => requests)),
        moved: moved.milliseconds,
        movedRequests: moved.requests,
        woken: moved.swept.woken,
        one: (single.milliseconds / sampled) * changes,
        oneRequests: (single.requests / sampled) * changes,
        sampled,
      };
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface World {
  github: GitHub;
  config: Config;
  origin: Origin;
  /** How many requests GitHub has had. */
  asked: () => number;
  ask: typeof fetch;
}

async function world(folder: string, changes: number): Promise<World> {
  const github = await createGitHub({ folder: join(folder, "github"), rateLimit: 1_000_000 });
  for (const login of ["alice", "bob"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  const repo = await github.repository(name);
  for (const login of ["alice", "bob"]) github.collaborator(name, login, "write");
  await github.as("alice").commit(name, { branch: "main", files: { "manifests/site.pp": "node default { }\n" }, message: "begin" });
  await github.pulls(name, changes, { by: "alice" });
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    webhookSecret: "a secret for measuring",
    permissions: { contents: "write", pull_requests: "write", checks: "write", members: "read", statuses: "read", actions: "read" },
    events: ["pull_request", "push"],
  });
  const installation = github.install(app, { on: "acme" });
  const origin = { installation: installation.id, repository: { id: repo.id, owner: "acme", name: "control" } };
  const config: Config = {
    app: { id: app.id, privateKey: app.privateKey },
    webhookSecret: "a secret for measuring",
    host: "127.0.0.1",
    port: 0,
    dataFolder: join(folder, "data"),
    github: { api: "https://api.github.com", html: "https://github.com" },
    organisationPolicy: "auto",
    logLevel: "error",
  };
  let requests = 0;
  const ask: typeof fetch = async (input, init) => {
    requests += 1;
    return github.fetch(input, init);
  };
  return { github, config, origin, asked: () => requests, ask };
}

/** Keeps a decision on everything that is open, as turns would have, without the minutes that five hundred turns take. */
async function decideOnAll(store: Store, forge: Forge, origin: Origin): Promise<void> {
  const open = await forge.openChanges(origin);
  const repository = origin.repository.id;
  const at = new Date();
  await store.transaction(async (records) => {
    await records.saveRepository(origin);
    await records.wakeAll(open.map(({ number }) => ({ repository, number })));
  });
  const decided = { state: "open", verdict: { outcome: "pass", reasons: [] }, standing: "pass", answers: [], about } as const;
  for (const { number, head, base } of open)
    await store.records.saveDecision({ repository, number }, { ...decided, baseRef: base.ref, base: base.tip, head }, at);
}

async function forgeOf(config: Config, ask: typeof fetch): Promise<Forge> {
  const probot = await createApp({
    id: config.app.id,
    privateKey: config.app.privateKey,
    webhookSecret: config.webhookSecret,
    api: config.github.api,
    logLevel: "error",
    fetch: ask,
    throttled: false,
  });
  return createForge(
    authenticateBy(probot),
    { id: config.app.id, slug: async () => "puppet-gate", api: () => probot.auth() },
    policiesIn(new Map()),
  );
}

async function readEach(store: Store, forge: Forge, asked: () => number): Promise<{ milliseconds: number; requests: number }> {
  const [origin] = await store.records.allOrigins();
  if (origin === undefined) throw new Error("the gate knows of no repository");
  const before = asked();
  const start = performance.now();
  for (let number = 1; number <= sampled; number += 1) await forge.snapshot(origin, number);
  return { milliseconds: performance.now() - start, requests: asked() - before };
}
