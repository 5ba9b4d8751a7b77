import { sign } from "node:crypto";
import { ProbotOctokit } from "probot";
import type { GitHub } from "../../src/demo/github/github.ts";
import type { App } from "../../src/demo/github/state.ts";
import { advance } from "../../src/engine/advance.ts";
import { explainBranches } from "../../src/engine/explain-branch.ts";
import type { OpenMirror } from "../../src/engine/ports/mirror.ts";
import type { HeldTurn } from "../../src/engine/ports/jobs.ts";
import type { Judge } from "../../src/engine/ports/judge.ts";
import type { Log } from "../../src/engine/ports/log.ts";
import { createChecks } from "../../src/engine/judging.ts";
import { createNights } from "../../src/engine/night/nights.ts";
import { createPolicySight } from "../../src/engine/policy-sight.ts";
import { createReceiver } from "../../src/engine/receive.ts";
import { sweepOnce } from "../../src/engine/sweep.ts";
import { takeTurn } from "../../src/engine/turns.ts";
import { createWorker } from "../../src/engine/worker.ts";
import type { Origin } from "../../src/gate/event.ts";
import type { Api } from "../../src/github/api.ts";
import { createForge } from "../../src/github/forge.ts";
import { readEvent } from "../../src/github/inbound.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";

/** One life of the gate's process, wired as `src/main.ts` wires it: database, network, git and compiler are the simulation's. */
export interface GatePorts {
  github: GitHub;
  app: App;
  /** A token of the App's installation. */
  token: string;
  database: Database;
  fetch: typeof fetch;
  openMirror: OpenMirror;
  judge: Judge;
  now: () => Date;
  log: Log;
}

export interface Gate {
  store: Store;
  /** Takes a webhook in, as the HTTP server does once its signature is checked. */
  receive(request: { headers: Readonly<Record<string, string>>; body: string }): Promise<void>;
  advance(turn: HeldTurn): Promise<unknown>;
}

export const delays = [2, 10, 30, 120, 300, 900, 1_800, 3_600];
export const checkDelays = [15, 60, 300];
const leaseSeconds = 30;
const keptDays = 30;
export const edition = "simulated";

export async function startGate(ports: GatePorts): Promise<Gate> {
  const { app, now, log, openMirror } = ports;
  const store = await createStore(ports.database, (error) => log.warn({ err: error }, "the database has trouble"));
  const api = octokitWith(ports, ports.token);
  const identity = { id: app.id, slug: async () => app.slug, api: async () => octokitWith(ports, appToken(app)) };
  const policies = {
    mode: "auto" as const,
    seen: (owner: number) => store.records.organisationPolicyOf(owner),
    save: (owner: number, sha256: string) => store.records.saveOrganisationPolicy(owner, sha256, now()),
    drop: (owner: number) => store.records.dropOrganisationPolicy(owner),
  };
  const forge = createForge(async () => api, identity, policies);
  const checks = createChecks({ judge: ports.judge, edition, store, now, log, onAsked: () => worker.nudge() });
  const signature = { name: `${app.slug}[bot]`, email: `${app.slug}[bot]@users.noreply.github.com` };
  const advancing = {
    store,
    forge,
    checks,
    edition,
    now,
    log,
    checkDelays,
    openMirror,
    committer: async () => signature,
    noreply: "users.noreply.github.com",
  };
  const turns = { advance: (turn: HeldTurn) => advance(advancing, turn), explain: (error: unknown) => forge.explain(error), log, delays };
  const explain = (origin: Origin, tips: ReadonlyMap<string, string>): Promise<void> =>
    explainBranches({ store, forge, openMirror, now, log }, origin, tips);
  const sight = createPolicySight({ forge, mode: "auto", log });
  const nights = createNights({ night: null, store, forge, now, log });
  const worker = createWorker({
    store,
    work: {
      advance: (job) => takeTurn(turns, job),
      check: (job, signal) => checks.perform(job, signal),
      night: (job, signal) => nights.perform(job, signal),
      // Rollouts have storms of their own (tests/rollout).
      roll: async (job) => (records) => records.endJob(job),
      tell: async (job) => (records) => records.endJob(job),
      sweep: (job) => sweepOnce({ store, forge, explain, prune: async () => undefined, sight, nights: () => nights.ask(), now, log }, job),
    },
    atOnce: { advance: 4, check: 2, night: 1, roll: 1, sweep: 1, tell: 1 },
    leaseSeconds,
    log,
  });
  const receiver = createReceiver({ store, forge, now, log, onNews: () => worker.nudge() });
  await store.records.forgetOld(new Date(now().getTime() - keptDays * 86_400_000));
  await store.transaction(async (records) => {
    await records.wakeAll(await records.givenUp());
    await records.askDiscovery();
    await records.askSweep();
  });
  worker.nudge();
  return {
    store,
    advance: turns.advance,
    receive: async ({ headers, body }) => {
      const [id = "", name = ""] = [headers["x-github-delivery"], headers["x-github-event"]];
      await receiver.receive({ id, name, event: readEvent(name, JSON.parse(body) as unknown, app.id) });
    },
  };
}

/** As `src/github/app.ts` sets Octokit up, but for how it gets its tokens: their signatures are made on threads, in no order. */
const Octokit = ProbotOctokit.defaults((options: object) => ({ ...options, retry: { enabled: false }, throttle: { enabled: false } }));

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const octokitWith = ({ fetch }: GatePorts, token: string): Api =>
  new Octokit({ authStrategy: () => authBy(token), baseUrl: "https://api.github.com", request: { fetch }, log: silent });

/** Octokit's token authentication. */
function authBy(token: string): object {
  const hook = async (request: (options: object) => Promise<unknown>, route: object, parameters?: object): Promise<unknown> => {
    const { endpoint } = request as unknown as {
      endpoint: { merge(route: object, parameters?: object): { headers: Record<string, string> } };
    };
    const options = endpoint.merge(route, parameters);
    options.headers["authorization"] = `Bearer ${token}`;
    return request(options);
  };
  return Object.assign(async () => ({ type: "token", token }), { hook });
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
function appToken({ id, privateKey }: App): string {
  const present = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iss: String(id), iat: present - 5, exp: present + 300 })}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
}
