import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Log } from "../../src/engine/ports/log.ts";
import type { RolloutMirror } from "../../src/engine/rollout/branches.ts";
import { createRolls, type Rolls } from "../../src/engine/rollout/rolls.ts";
import type { Prediction, RolloutJudge, RolloutSite } from "../../src/engine/ports/rollout.ts";
import type { Origin } from "../../src/gate/event.ts";
import type { Entry } from "../../src/ledger/entry.ts";
import { known, unknown } from "../../src/policy/known.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import type { Member } from "../../src/rollout/members.ts";
import type { Run } from "../../src/rollout/runs.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { lanesNamed, minute } from "../rollout/world.ts";
import { openTestDatabase } from "../store/open.ts";

/** Whole rollouts on a real database; what git has, what compiles and what agents tell are tables. */
let database: Database;
let store: Store;
let count = 0;
let origin: Origin;
let at: Date;
let branches: Branches;

beforeAll(async () => {
  at = new Date("2026-11-22T12:00:00Z");
  database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
});
afterAll(async () => store.close());
beforeEach(async () => {
  branches = new Branches();
  count += 1;
  origin = { installation: 1, repository: { id: count, owner: "acme", name: `control-${count}` } };
  await store.records.saveRepository(origin);
});
// The next one has the queue for itself.
afterEach(async () => {
  await store.records.dropRepositories([count], at);
});

const lanes = lanesNamed("canary", "lon", "rest");
const certnames = ["canary1", "canary2", "lon1", "web1", "web2"];

/** The branches of a remote, whose line is that of `main`. */
class Branches {
  readonly line = [{ sha: shaOf("begin"), reverts: null as string | null }];
  readonly tips = new Map(lanes.map(({ environment }) => [environment, shaOf("begin")]));

  tipOf(branch: string): string {
    return (branch === "main" ? this.line.at(-1)?.sha : this.tips.get(branch)) ?? "";
  }

  commit(text: string, reverts: string | null = null): string {
    const sha = shaOf(text);
    this.line.push({ sha, reverts });
    return sha;
  }

  mirror(): RolloutMirror {
    return {
      heads: async (names) => ({
        defaultBranch: "refs/heads/main",
        tip: this.tipOf("main"),
        tips: new Map(names.map((each) => [each, this.tips.get(each) ?? null])),
      }),
      tipOf: async (branch) => this.tipOf(branch),
      lineOf: async (_, after) => {
        const from = this.line.findIndex(({ sha }) => sha === after);
        return {
          tip: this.tipOf("main"),
          steps: from < 0 ? null : this.line.slice(from + 1).map(({ sha }) => ({ sha, parents: [] })),
        };
      },
      revertsOf: async ({ sha }) => this.line.flatMap((one) => (one.sha === sha && one.reverts !== null ? [one.reverts] : [])),
      blame: async () => null,
      changedIn: async () => [],
      fingerprint: async (sha) => ({ tree: sha, whole: sha, parts: [] }),
      push: async ({ branch, expected, commit }) => {
        if (this.tips.get(branch) !== expected) return { kind: "refused", reason: "base-moved", text: "it is elsewhere" };
        this.tips.set(branch, commit);
        return { kind: "merged", sha: commit };
      },
      close: async () => undefined,
    };
  }
}

const shaOf = (text: string): string => createHash("sha1").update(text).digest("hex");

const member = (certname: string): Member => ({
  certname,
  trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
  enc: null,
  classes: null,
  assumed: false,
  datacentre: known(null),
  services: known([]),
});

/** What compilers and agents do. */
class Site {
  /** What each environment has on the compilers. */
  served = new Map<string, string>();
  /** Commits on which a node's Service[nginx] fails. */
  bad = new Map<string, string>();
  down = false;
  deploys: string[] = [];
  runs: Run[] = [];

  readonly site: RolloutSite = {
    repository: `Acme/control-${count}`,
    assign: null,
    compilers: {
      deploy: async (environment) => {
        this.deploys.push(environment);
        this.served.set(environment, branches.tipOf(environment));
        return [];
      },
      served: async (environment) =>
        known([
          { compiler: "puppet1", commit: this.served.get(environment) ?? null, why: null, modules: [{ name: "stdlib", version: "1" }] },
        ]),
    },
    reports: {
      since: async (environment, since) =>
        this.down
          ? unknown("PuppetDB does not answer")
          : known({
              runs: this.runs.filter((run) => run.environment === environment && run.producedAt > since),
              active: new Set(certnames),
              now: at.getTime(),
              unread: new Map(),
            }),
    },
  };

  /** Every node runs once, with what its environment has. */
  run(): void {
    for (const certname of certnames) {
      const lane = lanes.find(
        ({ members }) => members !== "rest" && "certnames" in members && certname.startsWith(members.certnames[0]?.slice(0, -1) ?? "-"),
      );
      const environment = lane?.environment ?? "production";
      const version = this.served.get(environment) ?? "";
      const failed = this.bad.get(version) === certname ? ["Service[nginx]"] : [];
      const status = failed.length > 0 ? "failed" : "unchanged";
      const id = `${this.runs.length}`;
      const rest = { cached: "not_used", noop: false, noopPending: false, producer: "puppet1", changed: [] } as const;
      this.runs.push({ certname, id, environment, status, version, producedAt: at.getTime(), took: 20_000, failed, ...rest });
    }
  }
}

const prediction: Prediction = { classes: [{ name: "class", certnames, touched: ["File[/etc/motd]", "Service[nginx]"] }] };

class Killed extends Error {}

interface Play {
  site: Site;
  rolls: Rolls;
  said: string[];
}

/** `calls` counts whatever leaves this process; at the one that is named it dies, before or after. */
function play(site = new Site(), kill: { at: number; after: boolean } | null = null): Play & { calls: () => number } {
  let calls = 0;
  const said: string[] = [];
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (kill !== null && calls === kill.at && !kill.after) throw new Killed();
    const result = await work();
    if (kill !== null && calls === kill.at) throw new Killed();
    // Whoever was killed does nothing more.
    if (kill !== null && calls > kill.at) throw new Killed();
    return result;
  };
  const judge: RolloutJudge = {
    survey: async () => ({
      policy: { ...defaultPolicy, lanes, rollout: { ...defaultPolicy.rollout, runMinutes: 5 } },
      policyDigest: "digest",
      members: certnames.map(member),
    }),
    predict: () => step(async () => prediction),
  };
  const log = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [
      level,
      (...args: unknown[]) => void said.push(args.map((x) => (typeof x === "string" ? x : JSON.stringify(x))).join(" ")),
    ]),
  ) as unknown as Log;
  const mirrors = async (): Promise<RolloutMirror> => {
    const mirror = branches.mirror();
    return { ...mirror, push: (move) => step(() => mirror.push(move)) };
  };
  const killing: RolloutSite = {
    ...site.site,
    compilers: { ...site.site.compilers, deploy: (environment, signal) => step(() => site.site.compilers.deploy(environment, signal)) },
  };
  const rolls = createRolls({
    site: killing,
    judge,
    store: { ...store, held: (lease, work) => step(() => store.held(lease, work)) },
    forge: {
      explain: () => null,
      organisationPolicy: async () => known(null),
      pullsOf: async () => known([]),
      labelsOf: async () => known([]),
      contributionsTo: async () => unknown("nobody asks"),
    },
    openMirror: mirrors,
    now: () => at,
    log,
  });
  return { site, rolls, said, calls: () => calls };
}

async function look({ rolls }: Play): Promise<void> {
  await rolls.ask();
  const job = await store.take("roll", 30);
  if (job === null) throw new Error("nobody asked for a look");
  const end = await rolls.perform(job, AbortSignal.timeout(60_000));
  await store.held(job.lease, end);
}

/** So many times: a look, and a run of all agents five minutes later. */
async function pass(one: Play, times: number): Promise<void> {
  for (let passed = 0; passed < times; passed += 1) {
    await look(one);
    at = new Date(at.getTime() + 5 * minute);
    one.site.run();
  }
}

const tips = (): string[] => lanes.map(({ environment }) => branches.tipOf(environment));

async function entries(): Promise<string[]> {
  const { rows } = await database.query<{ entry: string }>("select entry from entries where repository = $1 order by seq", [count]);
  return rows.map(({ entry }) => JSON.parse(entry) as Entry).map(({ kind, subject }) => `${kind} ${subject}`);
}

/** What happened, and for each lane's end, once, how its nodes ended. */
async function happened(): Promise<{ steps: string[]; nodes: string[] }> {
  const all = await entries();
  const isOfNodes = (entry: string): boolean => entry.startsWith("lane-nodes ");
  return { steps: all.filter((entry) => !isOfNodes(entry)), nodes: all.filter(isOfNodes) };
}

/** What every place is told. */
const news = async (): Promise<string[]> =>
  (await store.records.newsAfter(count, 0, 100)).map(({ event }) => ("lane" in event ? `${event.kind} ${event.lane}` : event.kind));
const told = (lane: string): string[] => ["entered", "moved", "ready", "passed"].map((kind) => `${kind} ${lane}`);

describe("a rollout", () => {
  it("carries a good release through all lanes, each after the one before", async () => {
    const one = play();
    for (const { environment } of lanes) one.site.served.set(environment, branches.tipOf(environment));
    one.site.run();
    await look(one);
    const release = branches.commit("change");
    await pass(one, 1);
    expect(tips()).toEqual([release, expect.not.stringMatching(release), expect.not.stringMatching(release)]);
    await pass(one, 20);
    expect(tips()).toEqual([release, release, release]);
    const through = (lane: string): string[] => ["entered", "moved", "ready", "passed"].map((kind) => `lane-${kind} lane/${lane}`);
    expect(await happened()).toEqual({
      steps: [...through("canary"), ...through("lon"), ...through("rest").slice(0, 4), "rollout-done rollout"],
      nodes: ["canary", "lon", "rest"].map((lane) => `lane-nodes lane/${lane}`),
    });
    expect(one.site.deploys).toEqual(lanes.map(({ environment }) => environment));
    expect(await news()).toEqual([...["canary", "lon", "rest"].flatMap(told), "done"]);
  });

  it("halts a bad one in the first lane that has it, and lets in what takes it back", async () => {
    const one = play();
    for (const { environment } of lanes) one.site.served.set(environment, branches.tipOf(environment));
    one.site.run();
    await look(one);
    const before = branches.tipOf("main");
    const bad = branches.commit("bad");
    one.site.bad.set(bad, "canary1");
    await pass(one, 8);
    expect(tips()).toEqual([bad, before, before]);
    const kept = await store.records.rolloutOf(count);
    expect(kept?.rollout.lanes[0]?.halt?.why).toMatchObject({
      kind: "verdict",
      verdict: { kind: "failed", troubles: [{ kind: "touched-failed", certnames: ["canary1"], resources: ["Service[nginx]"] }] },
    });
    const pairs = async (release: string): Promise<string[]> =>
      (
        await database.query<{ before: string }>("select before from predictions where repository = $1 and release = $2", [count, release])
      ).rows.map((row) => row.before);
    expect(await pairs(bad)).toEqual([before]);
    const good = branches.commit("good", bad);
    await pass(one, 24);
    expect(tips()).toEqual([good, good, good]);
    // Some of the first lane's nodes had the bad one by then, and some had not.
    expect((await pairs(good)).sort()).toEqual([bad, before].sort());
  });

  it("waits while the fleet can't be seen, and goes on after that", async () => {
    const one = play();
    for (const { environment } of lanes) one.site.served.set(environment, branches.tipOf(environment));
    one.site.run();
    await look(one);
    const release = branches.commit("change");
    await pass(one, 1);
    one.site.down = true;
    await pass(one, 10);
    expect(tips()[1]).not.toBe(release);
    one.site.down = false;
    await pass(one, 20);
    expect(tips()).toEqual([release, release, release]);
  });

  it("moves nothing that somebody else moved", async () => {
    const one = play();
    for (const { environment } of lanes) one.site.served.set(environment, branches.tipOf(environment));
    one.site.run();
    await look(one);
    const first = branches.tipOf("main");
    const release = branches.commit("change");
    branches.tips.set("production", release);
    await pass(one, 1);
    const kept = await store.records.rolloutOf(count);
    expect(kept?.rollout.lanes[2]?.halt?.why).toEqual({ kind: "moved-elsewhere", tip: release });
    expect(branches.tipOf("production_lon")).toBe(first);
  });

  /** The whole of the first lane's stage, and the entry into the second. */
  const steps = 14;
  it.each(
    Array.from({ length: steps }, (_, index) => index + 1).flatMap((calls) => [
      { calls, after: false },
      { calls, after: true },
    ]),
  )("ends the same where the process dies at its call $calls (after it: $after)", async ({ calls, after }) => {
    const site = new Site();
    for (const { environment } of lanes) site.served.set(environment, branches.tipOf(environment));
    site.run();
    await look(play(site));
    const release = branches.commit("change");
    const first = play(site, { at: calls, after });
    for (let times = 0; first.calls() < calls; times += 1) {
      expect(times).toBeLessThan(20);
      await pass(first, 1);
    }
    await pass(play(site), 18);
    expect(tips()).toEqual([release, release, release]);
    const through = (lane: string): string[] => ["entered", "moved", "ready", "passed"].map((kind) => `lane-${kind} lane/${lane}`);
    expect(await happened()).toEqual({
      steps: [...through("canary"), ...through("lon"), ...through("rest"), "rollout-done rollout"],
      nodes: ["canary", "lon", "rest"].map((lane) => `lane-nodes lane/${lane}`),
    });
    const baselines = await database.query("select 1 from baselines where repository = $1", [count]);
    expect(baselines.rows).toHaveLength(lanes.length);
    expect(await news()).toEqual([...["canary", "lon", "rest"].flatMap(told), "done"]);
  });
});
