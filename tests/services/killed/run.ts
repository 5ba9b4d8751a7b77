import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import type { WebhookRequest } from "../../../src/demo/github/deliveries.ts";
import { isRefusal, type Scene } from "../../simulation/actors.ts";
import { createChance } from "../../simulation/chance.ts";
import type { Patch } from "../../simulation/plants.ts";
import { notePusher, observe } from "../../simulation/truth.ts";
import { createWatch, type Violation, type Watch } from "../../simulation/watch.ts";
import { openPulls } from "../../simulation/world.ts";
import { createDatabase, dropDatabase } from "../postgres.ts";
import { isLanding } from "./aims.ts";
import { checkLeft } from "./leftovers.ts";
import { busyPeople } from "./people.ts";
import { rest } from "./rest.ts";
import type { Life } from "./server.ts";
import { createServers } from "./servers.ts";
import { watchStandstills } from "./standstills.ts";
import type { Passing } from "./taps.ts";
import { createRealWorld } from "./world.ts";

/**
 * One run: two real processes of `puppet-gate serve` on one PostgreSQL, people at work, and SIGKILL at moments that chance chose. The seed draws
 * what people do, which moments are looked for and what becomes of webhooks; when each thing truly happens is the machine's.
 */
export interface RunRequest {
  seed: number;
  kills: number;
  repositories: number;
  /** Of a PostgreSQL in which databases may be made. */
  postgres: string;
  /** What is exchanged in the product's text as it is loaded. */
  patches: readonly Patch[];
  /** Hears of everything that happens. */
  say: (text: string) => void;
}

export interface RunResult {
  seed: number;
  violations: readonly Violation[];
  /** How many kills met which moment. */
  kinds: Readonly<Record<string, number>>;
  counts: Readonly<
    Record<"kills" | "starts" | "deeds" | "webhooks" | "requests" | "statements" | "landings" | "landingsAmongKills", number>
  >;
  seconds: { kills: number; rest: number };
}

/** GitHub asks for a second between two writes, and a lease lasts half a minute: with both a run would be waiting most of the time. */
export const hurried: readonly Patch[] = [
  { file: "main.ts", find: "throttled: parts.throttled ?? true", replace: "throttled: false" },
  { file: "main.ts", find: "const defaultLeaseSeconds = 30;", replace: "const defaultLeaseSeconds = 5;" },
];

export async function runKilled({ seed, kills, repositories, postgres, patches, say: print }: RunRequest): Promise<RunResult> {
  const chance = createChance(seed);
  const began = performance.now();
  const say = (text: string): void => print(`${((performance.now() - began) / 1000).toFixed(1)} ${text}`);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "puppet-gate-sigkill-")));
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  for (const each of [folder, temporary]) chmodSync(each, 0o755);
  const patchFile = join(folder, "patches.json");
  writeFileSync(patchFile, JSON.stringify(patches));
  const databaseUrl = await createDatabase(postgres);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();

  const violations: Violation[] = [];
  const counts = { deeds: 0, webhooks: 0, requests: 0, statements: 0 };
  const state = { isCalm: false, isOver: false, numbers: 0 };
  let watch: Watch | null = null;
  const note = (): void => {
    if (watch === null) return;
    truth.step += 1;
    observe(world);
    watch.remember();
    watch.look();
  };
  const world = await createRealWorld(folder, chance, repositories, note);
  const { truth, app, github } = world;
  const violate = (found: Omit<Violation, "step">): void => {
    if (violations.some(({ text }) => text === found.text)) return;
    violations.push({ ...found, step: truth.step });
    say(`rule ${found.rule} is broken: ${found.text}`);
  };
  /** Whose request moved a base branch last, by repository. */
  const movers = new Map<string, Life>();
  watch = createWatch(world, violate, (repo) => movers.get(repo.name) ?? null);
  const standstills = watchStandstills(say);

  const onPassing = (life: Life, passing: Passing): void => {
    const { kind, label, way } = passing;
    if (way === "there") counts[kind === "database" ? "statements" : "requests"] += 1;
    if (kind === "database") return;
    const read = way === "there" ? /^GET \/repos\/(?<name>[^/]+\/[^/]+)\/pulls\/(?<number>\d+)$/u.exec(label)?.groups : undefined;
    if (!label.startsWith("GET ") || read !== undefined) note();
    const key = `${read?.["name"] ?? ""}#${read?.["number"] ?? ""}`;
    if (read !== undefined) life.reads.set(key, [...(life.reads.get(key) ?? []).slice(-3), truth.step]);
    const moved = isLanding({ label })
      ? /^(?:POST|PUT \/repos) ?\/[^/]+\/(?<repo>[^/]+?)(?:\.git)?\//u.exec(label)?.groups?.["repo"]
      : undefined;
    if (moved !== undefined) movers.set(moved, life);
  };
  const origin = new URL(world.origin);
  const isKeptInDatabase = chance.is(0.5);
  const servers = await createServers({
    chance,
    ports: { http: Number(origin.port), postgres: Number(new URL(databaseUrl).port) },
    nodeOptions: patches.length > 0 ? ["--import", join(import.meta.dirname, "programs", "patched.ts")] : [],
    environmentOf: (name, taps) => ({
      TMPDIR: temporary,
      PUPPET_GATE_TEST_PATCHES: patchFile,
      APP_ID: String(app.id),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: app.webhookSecret,
      PUPPET_GATE_DATA: join(folder, name),
      DATABASE_URL: Object.assign(new URL(databaseUrl), { port: String(taps.postgres) }).href,
      PORT: "0",
      GHE_HOST: `127.0.0.1:${taps.http}`,
      GHE_PROTOCOL: "http",
      PUPPET_GATE_NIGHT: "none",
      // Of two servers on one database one has the ledger's key.
      ...(name === "two" ? { PUPPET_GATE_LEDGER_SIGN: "apart" } : {}),
      ...(isKeptInDatabase ? { PUPPET_GATE_CACHE: "database" } : {}),
    }),
    onPassing,
    onFault: (text) => {
      if (standstills.explain(text)) say(`after a standstill: ${text.slice(0, 200)}`);
      else if (!state.isOver) violate({ rule: 0, text });
    },
    say,
  });

  const send = async (life: Life, { headers, body }: WebhookRequest): Promise<number> => {
    const url = `${life.url() ?? "http://127.0.0.1:1"}/api/github/webhooks`;
    const { status } = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
    return status;
  };
  github.webhooks(app, async (request) => {
    counts.webhooks += 1;
    const fate = state.isCalm ? 0 : chance.below(100);
    // GitHub takes it for delivered, and nobody heard it.
    if (fate >= 95) return 200;
    const able = servers.listening();
    if (fate >= 90 || able.length === 0) throw new Error("nobody is there");
    const to = fate >= 78 ? [chance.pick(able), chance.pick(able)] : [chance.pick(able)];
    const [first, ...others] = await Promise.allSettled(to.map((life) => send(life, request)));
    if ([first, ...others].some((answer) => answer?.status === "fulfilled" && answer.value === 200)) notePusher(truth, request);
    if (first?.status !== "fulfilled") throw new Error("no answer", { cause: first?.reason });
    return first.value;
  });

  const sceneOf = (own: typeof chance, which: number, number: number | null): Scene => {
    const place = world.repos[which];
    if (place === undefined) throw new Error("no such repository");
    const open = openPulls(place.repo);
    const pull = number === null ? (open[own.below(open.length)] ?? null) : (place.repo.pulls.get(number) ?? null);
    return { world, chance: own, ...place, pull, count: () => ++state.numbers, tick: () => world.tick() };
  };
  const doDeed = async (name: string, scene: Scene, run: (at: Scene) => Promise<unknown>): Promise<void> => {
    try {
      await run(scene);
      say(`${name} in ${scene.name}${scene.pull === null ? "" : ` #${scene.pull.number}`}`);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    note();
  };
  const act = async (): Promise<void> => {
    counts.deeds += 1;
    const own = createChance(seed * 10_007 + counts.deeds);
    const scene = sceneOf(own, own.below(world.repos.length), null);
    const deed = scene.pull === null && own.is(0.7) ? (busyPeople[0] ?? own.weighted(busyPeople)) : own.weighted(busyPeople);
    await doDeed(deed.name, scene, deed.run);
  };
  /** Compiles take seconds: people who wait for none of them would only keep the machine busy. */
  const isBehind = async (): Promise<boolean> => {
    const { rows } = await client.query<{ there: boolean }>("select to_regclass('jobs.job') is not null as there");
    if (rows[0]?.there !== true) return true;
    const { rows: left } = await client.query<{ jobs: number }>(
      "select count(*)::int as jobs from jobs.job where name in ('check', 'advance')",
    );
    return (left[0]?.jobs ?? 0) > 5;
  };
  const people = async (): Promise<void> => {
    while (!state.isCalm) {
      await servers.revive(false);
      if (!(await isBehind())) await act();
      await pause(50 + chance.below(500));
    }
  };

  try {
    await servers.revive(true);
    const busy = people();
    const killing = async (): Promise<void> => {
      while (!state.isCalm && servers.counts.kills < kills) await servers.killOne();
    };
    const killed = killing();
    try {
      await Promise.race([killed, busy]);
    } finally {
      state.isCalm = true;
      await Promise.all([killed, busy]);
    }
    const landingsAmongKills = watch.landings.length;
    const calmed = performance.now();
    // What a webhook told whose answer was lost, the gate knows as well.
    for (const { headers, body } of github.deliveries()) notePusher(truth, { headers, body });
    await servers.revive(true);
    await rest({
      world,
      watch,
      violate,
      databaseUrl,
      client,
      servers,
      say,
      act: async (run, repo, pull) => doDeed("deed", sceneOf(chance, repo, pull), run),
    });
    state.isOver = true;
    for (const { name, code } of await servers.end())
      if (code !== 0) violate({ rule: 0, text: `process ${name} ended with ${code ?? "a signal"} when it was asked to` });
    for (const text of await checkLeft({ folder, temporary, families: servers.families, client })) violate({ rule: 0, text });
    return {
      seed,
      violations,
      kinds: servers.kinds,
      counts: { ...counts, ...servers.counts, landings: watch.landings.length, landingsAmongKills },
      seconds: { kills: (calmed - began) / 1000, rest: (performance.now() - calmed) / 1000 },
    };
  } finally {
    state.isOver = true;
    standstills.end();
    await servers.close();
    await github.close();
    await client.end();
    await dropDatabase(databaseUrl, postgres);
    rmSync(folder, { recursive: true, force: true });
  }
}
