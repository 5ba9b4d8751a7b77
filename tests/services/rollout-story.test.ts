import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import { rolloutJudge } from "../../src/engine/rollout/rollout-judge.ts";
import type { RolloutJudge } from "../../src/engine/ports/rollout.ts";
import { createSlots } from "../../src/engine/slots.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { createPuppetDbCatalogs } from "../../src/fleet/puppetdb-catalogs.ts";
import { createPuppetDbRuns } from "../../src/fleet/puppetdb-runs.ts";
import { openMirror } from "../../src/git/mirror.ts";
import { createModuleResolver } from "../../src/git/modules/resolver.ts";
import type { Entry } from "../../src/ledger/entry.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import type { StageVerdict } from "../../src/rollout/stage-verdict.ts";
import type { LaneState } from "../../src/rollout/state.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { type Remote, serveGit } from "../git/remote.ts";
import { openTestDatabase } from "../store/open.ts";
import { type Behaviour, send, storedIn } from "./lanes/agents.ts";
import { agents, type Commits, makeControl } from "./lanes/control.ts";
import { openDoor, StoryTime } from "./lanes/door.ts";
import { type Death, Play, type PlayOptions, type World } from "./lanes/play.ts";
import { type RealPuppetDb, startRealPuppetDb, until } from "./puppetdb.ts";

/**
 * Rollouts on real parts: git over HTTP, PostgreSQL, PuppetDB, Puppet for what is expected, and compilers that are deployed by a program. Every repository is
 * a story of its own beside the others; all begin with the same commits, and time passes for all of them at once.
 */
const few = agents.filter(({ certname }) => certname.includes("web1"));
const some = agents.filter(({ certname }) => /[12]\./u.test(certname));
const on = (which: RegExp, commit: () => string, special: ReturnType<Behaviour>): Behaviour => {
  return ({ certname }, served) => (which.test(certname) && served === commit() ? special : null);
};
const release = (): string => commits.change;

const deaths: ReadonlyArray<readonly [row: string, name: string, death: Death, files: Record<string, string>]> = [
  ["intent, before the branch is moved", "die-intent", { at: "push", after: false }, {}],
  ["the branch was moved, before that is recorded", "die-moved", { at: "push", after: true }, {}],
  ["the move is recorded, before the deploy", "die-undeployed", { at: "deploy", after: false }, {}],
  ["a compiler is half deployed", "die-half", { at: "deploy", after: true }, { "puppet2/half": "" }],
  ["deployed, before the flush", "die-unflushed", { at: "deploy", after: true }, { "puppet1/unflushed": "" }],
  ["all served, before that is recorded", "die-served", { at: "deploy", after: true }, {}],
  ["during the bake", "die-bake", { at: "watch", after: true }, {}],
  ["the verdict is stored", "die-verdict", { at: "verdict", after: true }, {}],
];

/** A branch of a module moves between two lanes. */
const moved = Object.fromEntries(["puppet1", "puppet2"].map((compiler) => [`${compiler}/modules.production_lon`, "2.0.0"]));

const stories: readonly PlayOptions[] = [
  { name: "good", hides: [] },
  { name: "lies", members: few, hides: ["Exec[evil]"] },
  { name: "class-fails", behaviour: on(/-db/u, release, { kind: "fails", resource: "Service[db]" }) },
  { name: "hidden", members: some, behaviour: on(/^canary-web2/u, release, { kind: "cached" }) },
  { name: "silent", members: some, behaviour: on(/^lon-db1/u, release, { kind: "silent" }) },
  { name: "docs", members: some },
  { name: "floats", members: few, files: moved },
  ...deaths.map(([, name, death, files]) => ({ name, death, files, members: few })),
];

let commits: Commits;
let folder = "";
let time: StoryTime;
let puppetDb: RealPuppetDb;
let door: Awaited<ReturnType<typeof openDoor>>;
let remote: Remote;
let database: Database;
let store: Store;
let puppet: ReturnType<typeof createPuppet>;
let plays: ReadonlyMap<string, Play>;
/** The good one's first lane: when PuppetDB was stopped, while it was, and in the end. */
let seen: { before: LaneState; during: LaneState[]; halts: string[][]; tips: string[][] };

const play = (name: string): Play => {
  const found = plays.get(name);
  if (found === undefined) throw new Error(`there is no story ${name}`);
  return found;
};

async function lookAll(): Promise<void> {
  for (const one of await underWay()) await one.rolls.ask();
  const performed: Promise<void>[] = [];
  for (let job = await store.take("roll", 600); job !== null; job = await store.take("roll", 600)) {
    const { repository } = job.data;
    const of = [...plays.values()].find(({ origin }) => origin.repository.id === repository);
    if (of === undefined) throw new Error(`nobody knows the repository ${repository}`);
    performed.push(of.perform(job));
  }
  await Promise.all(performed);
}

async function runAll(): Promise<void> {
  const reports = (await underWay()).flatMap((one) => one.run()).filter((report) => report !== null);
  const before = await storedIn(puppetDb);
  for (const [catalog, values] of (await underWay()).flatMap((one) => one.compiled())) {
    await puppetDb.submit("replace_facts", 5, values as typeof values & { certname: string });
    await puppetDb.submit("replace_catalog", 9, catalog as typeof catalog & { certname: string });
  }
  await send(puppetDb, reports);
  await until(async () => (await storedIn(puppetDb)) === before + reports.length);
}

/** Where something is still to happen: a lane that stands still, and one that has all, wait for nobody. */
async function underWay(): Promise<Play[]> {
  const states = await Promise.all([...plays.values()].map(async (one) => ({ one, rollout: await one.rollout() })));
  return states.flatMap(({ one, rollout }) => {
    const isOver = rollout?.lanes.some(({ halt }) => halt !== null) === true || rollout?.lanes.at(-1)?.verified === one.merged;
    return isOver ? [] : [one];
  });
}

async function halted(): Promise<string[]> {
  const states = await Promise.all([...plays.values()].map(async (one) => ({ one, rollout: await one.rollout() })));
  return states.flatMap(({ one, rollout }) => (rollout?.lanes.some(({ halt }) => halt !== null) === true ? [one.name] : []));
}

/** Everybody looks, four minutes pass, and every agent runs. */
async function pass(times: number): Promise<void> {
  for (let passed = 0; passed < times; passed += 1) {
    await lookAll();
    time.pass(4);
    await runAll();
  }
}

/** How each node ended is an entry of its own, beside what happened. */
async function words(name: string): Promise<string[]> {
  const { id } = play(name).origin.repository;
  const { rows } = await database.query<{ entry: string }>("select entry from entries where repository = $1 order by seq", [id]);
  return rows
    .map(({ entry }) => JSON.parse(entry) as Entry)
    .flatMap(({ kind, subject }) => (kind === "lane-nodes" ? [] : [`${kind} ${subject}`]));
}
/** By which each lane was found good, as every place is told. */
async function verdicts(name: string): Promise<StageVerdict[]> {
  const news = await store.records.newsAfter(play(name).origin.repository.id, 0, 100);
  return news.flatMap(({ event }) => (event.kind === "passed" ? [event.verdict] : []));
}
const through = (...lanes: string[]): string[] =>
  lanes.flatMap((lane) => ["entered", "moved", "ready", "passed"].map((kind) => `lane-${kind} lane/${lane}`));
const whole = [...through("canary", "lon", "rest"), "rollout-done rollout"];

/** Of many repositories with the same commits, each is compiled once. */
function onceEach(judge: RolloutJudge): RolloutJudge {
  const kept = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const made = (kept.get(key) ?? work()) as Promise<T>;
    kept.set(key, made);
    return made;
  };
  return {
    survey: (asked, signal) => once(asked.commit, () => judge.survey(asked, signal)),
    predict: (asked, signal) => once(`${asked.before}..${asked.release}`, () => judge.predict(asked, signal)),
  };
}

describe.skipIf(!existsSync("/usr/share/puppetdb/puppetdb.jar"))("a rollout on real parts", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "puppet-gate-story-"));
    commits = makeControl(join(folder, "control"));
    time = new StoryTime();
    const starting = startRealPuppetDb(process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "");
    database = await openTestDatabase();
    store = await createStore(database, (error) => {
      throw error;
    });
    remote = await serveGit(join(folder, "git"), null);
    puppet = createPuppet({ secretKey: "a key for tests" });
    const openJudged = async () => {
      const mirror = await openMirror({
        url: `${remote.url}/acme/good.git`,
        folder: join(folder, "judged.git"),
        credentials: async () => null,
      });
      await mirror.fetchPublished();
      return mirror;
    };
    const judge = rolloutJudge({
      inventory,
      puppet,
      puppetDb: null,
      slots: createSlots(availableParallelism()),
      now: () => performance.now(),
      today: () => "2026-11-22",
      cores: availableParallelism(),
      cache: memoryCache(2 ** 26),
      openMirror: openJudged,
      openModules: () => createModuleResolver({ cache: join(folder, "modules"), credentials: async () => null, allowed: [] }),
    });
    puppetDb = await starting;
    door = await openDoor(() => puppetDb.url, time);
    const address = { url: door.url, ca: null, cert: null, key: null };
    const world: World = {
      folder,
      url: remote.url,
      commits,
      store,
      judge: onceEach(judge),
      now: () => time.now(),
      openCatalogs: () => createPuppetDbCatalogs(address, (text) => createHmac("sha256", "a key for tests").update(text).digest("hex")),
      openReports: () => createPuppetDbRuns(address, { clock: () => time.now() }),
      agents,
    };
    plays = new Map(stories.map((options, index) => [options.name, new Play(index + 1, world, options)]));
    for (const one of plays.values()) await one.begin();
    for (let runs = 0; runs < 2; runs += 1) {
      time.pass(4);
      await runAll();
    }
    await lookAll();
    for (const one of plays.values()) one.merge(one.name === "docs" ? commits.docs : commits.change);
    await pass(2);
    // In the middle of the first lane's bake.
    const before = await play("good").lane("canary");
    const halts = await halted();
    await puppetDb.stop();
    const during: LaneState[] = [];
    const tips: string[][] = [play("good").tips()];
    for (let looks = 0; looks < 3; looks += 1) {
      await lookAll();
      time.pass(8);
      during.push(await play("good").lane("canary"));
      tips.push(play("good").tips());
    }
    await puppetDb.start();
    await runAll();
    await lookAll();
    seen = { before, during, tips, halts: [halts, await halted()] };
    for (let times = 0; times < 20 && (await underWay()).length > 0; times += 1) await pass(1);
  }, 900_000);
  afterAll(async () => {
    door?.close();
    await remote?.close();
    await puppet?.close();
    await store?.close();
    await puppetDb?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tipsAt = (...at: ("begin" | "change" | "docs")[]): string[] => at.map((each) => commits[each]);

  it("carries a good change through all three lanes of 21 nodes", async () => {
    expect(play("good").tips()).toEqual(tipsAt("change", "change", "change"));
    expect(await words("good")).toEqual(whole);
    expect((await verdicts("good")).map(({ counts }) => counts)).toEqual([{ pass: 4 }, { pass: 6 }, { pass: 11 }]);
  });

  it("halts one that fails on one kind of nodes in the first lane that has any", async () => {
    expect(play("class-fails").tips()).toEqual(tipsAt("change", "change", "begin"));
    const { halt } = await play("class-fails").lane("lon");
    expect(halt?.why).toMatchObject({
      kind: "verdict",
      verdict: { kind: "failed", troubles: [{ kind: "touched-failed", resources: ["Service[db]"] }] },
    });
    expect(JSON.stringify(halt)).toMatch(/lon-db1.*lon-db2.*lon-db3/u);
  });

  it("sees a compile that an old catalog hides", async () => {
    expect(play("hidden").tips()).toEqual(tipsAt("change", "begin", "begin"));
    expect((await play("hidden").lane("canary")).halt?.why).toMatchObject({
      verdict: { kind: "failed", troubles: [{ kind: "compile-failed", certnames: ["canary-web2.example.com"] }] },
    });
  });

  it("sees a node that falls silent", async () => {
    expect(play("silent").tips()).toEqual(tipsAt("change", "change", "begin"));
    expect((await play("silent").lane("lon")).halt?.why).toMatchObject({
      verdict: { kind: "failed", troubles: [{ kind: "newly-silent", certnames: ["lon-db1.example.com"] }] },
    });
  });

  it("stands still while PuppetDB is stopped, and takes nobody for silent after it", () => {
    expect(seen.before.stage).toMatchObject({ phase: "watched", release: commits.change });
    expect(seen.before.stage?.observedMinutes).toBeGreaterThan(0);
    for (const { stage, halt } of seen.during) expect([stage?.observedMinutes, halt]).toEqual([seen.before.stage?.observedMinutes, null]);
    expect(new Set(seen.tips.map(String)).size).toBe(1);
    // What real catalogs say is confirmed by the first look after it.
    expect(seen.halts[1]?.filter((name) => name !== "lies")).toEqual(seen.halts[0]);
  });

  it("takes one that changes no node through all lanes without a bake, and says so", async () => {
    expect(play("docs").tips()).toEqual(tipsAt("docs", "docs", "docs"));
    expect(await words("docs")).toEqual(whole);
    expect(await verdicts("docs")).toEqual(Array.from({ length: 3 }, () => ({ kind: "passed", counts: {}, unchanged: true })));
  });

  it("halts where compilers give nodes another catalog than the one that was looked at", async () => {
    expect(play("lies").tips()).toEqual(tipsAt("change", "begin", "begin"));
    expect((await play("lies").lane("canary")).halt?.why).toMatchObject({
      verdict: {
        kind: "failed",
        troubles: [{ kind: "catalog-differs", certnames: ["canary-web1.example.com"], resources: ["Exec[evil]"] }],
      },
    });
    const kept = await database.query<{ before: string }>("select before::text as before from baselines");
    // Of the good one each node's real catalog was compared, too; of both only digests are kept.
    expect(kept.rows.filter(({ before }) => before.includes("catalog"))).toHaveLength(2);
    expect(JSON.stringify(kept.rows)).not.toMatch(/motd 1|running/u);
  });

  it("does not let a module float from lane to lane", async () => {
    expect((await play("floats").lane("lon")).halt?.why).toEqual({
      kind: "modules-differ",
      than: "canary",
      modules: [{ name: "stdlib", before: "1.0.0", now: "2.0.0" }],
    });
  });

  it.each(deaths)("ends the same where the process dies: %s", async (_, name) => {
    expect(play(name).died).toBe(true);
    expect(play(name).tips()).toEqual(tipsAt("change", "change", "change"));
    expect(await words(name)).toEqual(whole);
    // Each of two compilers, once for each lane at least.
    expect(play(name).flushes()).toBeGreaterThanOrEqual(6);
  });
});
