import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Failure } from "../../src/engine/ports/forge.ts";
import type { News, Place } from "../../src/engine/ports/news.ts";
import { createTells, lostSince, type Tells, type TellsPorts } from "../../src/engine/rollout/tell.ts";
import type { Origin } from "../../src/gate/event.ts";
import { Problem } from "../../src/problem.ts";
import type { Event } from "../../src/rollout/effects.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { memoryLog } from "../engine/stand-ins/world.ts";
import { openTestDatabase } from "../store/open.ts";

/** News on a real database, told at places that note what they hear. */
let database: Database;
let store: Store;
let count = 0;
let origin: Origin;
let at: Date;
let log: ReturnType<typeof memoryLog>;

beforeAll(async () => {
  database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
});
afterAll(async () => store.close());
beforeEach(async () => {
  at = new Date("2026-11-22T12:00:00Z");
  log = memoryLog();
  await store.records.dropRepositories([count], at);
  count += 1;
  origin = { installation: 1, repository: { id: count, owner: "acme", name: `control-${count}` } };
  await store.records.saveRepository(origin);
});

const later = (minutes: number): void => void (at = new Date(at.getTime() + minutes * 60_000));
const moved = (release: string): Event => ({ kind: "moved", lane: "canary", release });
const happen = (...releases: string[]): Promise<void> => store.transaction((records) => records.addNews(count, releases.map(moved), at));
const away = new Problem({ code: "away", text: "the server is away.", hint: "Bring it back." });

/** Notes what it hears, and fails where it is told to. */
class Ear implements Place {
  heard: string[] = [];
  failing: Error | null = null;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async tell(_: Origin, { event }: News): Promise<void> {
    this.heard.push(("release" in event ? event.release : null) ?? "");
    if (this.failing !== null) throw this.failing;
  }
}

const tellsOf = (places: readonly Place[], more: Partial<TellsPorts> = {}): Tells =>
  createTells({ places, isServed: () => true, store, forge: { explain: () => null }, now: () => at, log: log.log, ...more });

async function tell(tells: Tells, signal: AbortSignal = new AbortController().signal): Promise<void> {
  await tells.ask();
  const job = await store.take("tell", 30);
  if (job === null) throw new Error("nobody asked for the news to be told");
  await store.held(job.lease, await tells.perform(job, signal));
}

const behind = async (): Promise<unknown[]> =>
  (await store.records.placesBehind(count, lostSince(at))).map(({ place, waiting, lost, attempts, why }) => ({
    place,
    waiting,
    lost,
    attempts,
    why,
  }));

describe("news", () => {
  it("are told at every place, once and in order", async () => {
    const [one, other] = [new Ear("one"), new Ear("other")];
    await happen("a", "b");
    await tell(tellsOf([one, other]));
    await happen("c");
    await tell(tellsOf([one, other]));
    await tell(tellsOf([one, other]));
    expect((await store.records.newsAfter(count, 0, 1))[0]).toEqual({
      seq: expect.any(Number) as number,
      repository: count,
      at,
      event: moved("a"),
    });
    expect([one.heard, other.heard]).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
    expect(await behind()).toEqual([]);
  });

  it("are told in order where there are more than are read at once", async () => {
    const ear = new Ear("one");
    const all = Array.from({ length: 250 }, (_, index) => `r${index}`);
    await happen(...all);
    await tell(tellsOf([ear]));
    expect(ear.heard).toEqual(all);
  });

  it("wait where a place fails, with no place behind it, and are told again after a while, in order", async () => {
    const [one, other] = [new Ear("one"), new Ear("other")];
    one.failing = away;
    await happen("a", "b");
    await tell(tellsOf([one, other]));
    expect([one.heard, other.heard]).toEqual([["a"], ["a", "b"]]);
    expect(await behind()).toEqual([{ place: "one", waiting: 2, lost: 0, attempts: 1, why: "the server is away. Bring it back." }]);
    expect(log.lines()).toEqual(["warn: one could not be told what happened to a release: the server is away. Bring it back."]);
    one.failing = null;
    await tell(tellsOf([one, other]));
    expect(one.heard).toEqual(["a"]);
    later(1);
    await tell(tellsOf([one, other]));
    expect([one.heard, other.heard]).toEqual([
      ["a", "a", "b"],
      ["a", "b"],
    ]);
    expect(await behind()).toEqual([]);
  });

  const limited: Failure = { text: "GitHub's limit is reached", after: 3_600 };
  it.each<[string, Partial<TellsPorts>, Error, string[], number[]]>([
    ["after waits that grow", {}, away, [], [1, 3, 8, 18, 38, 68, 98]],
    ["not before the forge lets them", { forge: { explain: () => limited } }, new Error("403"), [], [60, 120]],
    [
      "after a fault of the gate, which is logged",
      {},
      new Error("odd"),
      ["error: news could not be told over a fault of the gate"],
      [1, 3],
    ],
  ])("are tried again %s", async (_, more, failing, logged, minutes) => {
    const ear = new Ear("one");
    ear.failing = failing;
    await happen("a");
    const tried: number[] = [];
    for (let passed = 0; passed <= (minutes.at(-1) ?? 0); passed += 1) {
      const before = ear.heard.length;
      await tell(tellsOf([ear], more));
      if (ear.heard.length > before) tried.push(passed);
      later(1);
    }
    expect(tried).toEqual([0, ...minutes]);
    expect(log.lines()).toEqual(expect.arrayContaining(logged));
  });

  it("are given up on after a day, which is logged and counted, and the next are told", async () => {
    const ear = new Ear("one");
    ear.failing = away;
    await happen("a");
    await tell(tellsOf([ear]));
    later(24 * 60 - 1);
    await happen("b");
    await tell(tellsOf([ear]));
    expect(await behind()).toMatchObject([{ waiting: 2, lost: 0, attempts: 2 }]);
    later(30);
    await tell(tellsOf([ear]));
    expect(log.lines().at(-1)).toBe("error: one is never told what happened to a release a day ago: the server is away. Bring it back.");
    expect(await behind()).toEqual([{ place: "one", waiting: 1, lost: 1, attempts: 3, why: "the server is away. Bring it back." }]);
    ear.failing = null;
    later(30);
    await tell(tellsOf([ear]));
    expect(ear.heard).toEqual(["a", "a", "a", "b"]);
    expect(await behind()).toEqual([{ place: "one", waiting: 0, lost: 1, attempts: 0, why: null }]);
    // It is shown for a week, in which somebody sees it, and counted anew after that.
    later(7 * 24 * 60);
    expect(await behind()).toEqual([]);
    await happen("c");
    ear.failing = away;
    await tell(tellsOf([ear]));
    expect(await behind()).toMatchObject([{ waiting: 1, lost: 0 }]);
    later(24 * 60);
    await tell(tellsOf([ear]));
    expect(await behind()).toMatchObject([{ waiting: 0, lost: 1 }]);
  });

  it("of a place that there is no more wait for nobody, and one that comes back begins with the last day's", async () => {
    const [ear, gone] = [new Ear("one"), new Ear("gone")];
    gone.failing = away;
    await happen("a");
    await tell(tellsOf([ear, gone]));
    expect(await behind()).toMatchObject([{ place: "gone", waiting: 1 }]);
    await tell(tellsOf([ear]));
    expect(await behind()).toEqual([]);
    later(25 * 60);
    await happen("b");
    gone.failing = null;
    await tell(tellsOf([ear, gone]));
    expect(gone.heard).toEqual(["a", "b"]);
  });

  it("are told again where the process dies before it is kept that they were", async () => {
    const ear = new Ear("one");
    await happen("a", "b");
    const dying = { ...store, held: async () => Promise.reject(new Error("the process is gone")) };
    const tells = tellsOf([ear], { store: dying });
    await tells.ask();
    const job = await store.take("tell", 30);
    if (job === null) throw new Error("nobody asked");
    await expect(tells.perform(job, new AbortController().signal)).rejects.toThrow("what was told could not be kept");
    await store.held(job.lease, (records) => records.again(job));
    await tell(tellsOf([ear]));
    expect(ear.heard).toEqual(["a", "a", "b"]);
  });

  it("are not kept as told by a process that lost its lease", async () => {
    const ear = new Ear("one");
    await happen("a");
    await tellsOf([ear]).ask();
    const job = await store.take("tell", 30);
    if (job === null) throw new Error("nobody asked");
    const lost = { ...job, lease: { ...job.lease, epoch: job.lease.epoch + 1_000 } };
    await tellsOf([ear]).perform(lost, new AbortController().signal);
    expect([ear.heard, (await store.records.toldTo(count, "one", at)).seq]).toEqual([["a"], 0]);
    await store.held(job.lease, (records) => records.endJob(job));
  });

  it("are put back where the gate is stopped while a place is told", async () => {
    const stop = new AbortController();
    const deaf: Place = { name: "deaf", tell: () => new Promise(() => stop.abort(new Error("the gate is stopping"))) };
    await happen("a");
    await tell(tellsOf([deaf]), stop.signal);
    expect(await store.take("tell", 30)).toMatchObject({ data: { repository: count } });
    expect([log.lines(), (await store.records.toldTo(count, "deaf", at)).attempts]).toEqual([[], 0]);
    await database.query("delete from leases");
    await database.query("delete from jobs.job where name = 'tell'");
  });

  it("leave a place that shows how things are a time to, also where nothing happened or it could not be told; what fails there is logged", async () => {
    const kept: string[] = [];
    const failing = { why: null as Error | null };
    const keep = async (of: Origin): Promise<void> => {
      kept.push(of.repository.name);
      if (failing.why !== null) throw failing.why;
    };
    const place: Place = { name: "comment", tell: async () => Promise.reject(away), keep };
    await tell(tellsOf([place]));
    await happen("a");
    await tell(tellsOf([place]));
    failing.why = away;
    await tell(tellsOf([place]));
    expect(kept).toEqual(Array.from({ length: 3 }, () => origin.repository.name));
    expect(log.lines()).toEqual([
      "warn: comment could not be told what happened to a release: the server is away. Bring it back.",
      "warn: comment may not show where releases are now: the server is away. Bring it back.",
    ]);
  });

  it("count as not told where a place does not answer in time", async () => {
    const deaf: Place = { name: "deaf", tell: () => new Promise(() => undefined) };
    const ear = new Ear("one");
    await happen("a");
    await tell(tellsOf([deaf, ear], { seconds: 0.02 }));
    expect(await behind()).toEqual([{ place: "deaf", waiting: 1, lost: 0, attempts: 1, why: "it took longer than 0.02 seconds" }]);
    expect(ear.heard).toEqual(["a"]);
  });

  it("of more than a day ago are not told at a place that is new", async () => {
    const ear = new Ear("new");
    await happen("long ago");
    later(25 * 60);
    await happen("today");
    await tell(tellsOf([ear]));
    expect(ear.heard).toEqual(["today"]);
  });

  it("of a repository that the server does not roll out, or that is gone, are told nobody", async () => {
    const ear = new Ear("one");
    await happen("a");
    const tells = tellsOf([ear]);
    await tells.ask();
    const job = await store.take("tell", 30);
    if (job === null) throw new Error("nobody asked");
    const elsewhere = tellsOf([ear], { isServed: () => false });
    await elsewhere.perform(job, new AbortController().signal);
    await store.records.dropRepositories([count], at);
    await store.held(job.lease, await tells.perform(job, new AbortController().signal));
    await elsewhere.ask();
    expect([ear.heard, await store.take("tell", 30)]).toEqual([[], null]);
  });

  it("are asked for by nobody where there is no place", async () => {
    await happen("a");
    await tellsOf([]).ask();
    expect(await store.take("tell", 30)).toBeNull();
  });

  it("that come while others are told are told by a job of their own, asked for as they are kept", async () => {
    const ear = new Ear("one");
    await happen("a");
    const tells = tellsOf([ear]);
    await tells.ask();
    const job = await store.take("tell", 30);
    if (job === null) throw new Error("nobody asked");
    const end = await tells.perform(job, new AbortController().signal);
    await store.held(job.lease, end);
    await happen("b");
    await store.transaction((records) => records.askTells([count]));
    await tell(tells);
    expect(ear.heard).toEqual(["a", "b"]);
  });
});

describe("the line of a base branch", () => {
  const stepsOf = (...texts: string[]): { sha: string; number: number | null }[] =>
    texts.map((text) => ({ sha: text.slice(0, 1), number: text.length > 1 ? Number(text.slice(1)) : null }));
  const save = (...texts: string[]): Promise<void> => store.transaction((records) => records.saveLine(count, stepsOf(...texts), at));
  const kept = async (from: string): Promise<string[]> =>
    (await store.records.lineFrom(count, from)).map(
      ({ sha, number, place, seenAt }) => `${place} ${sha} ${number} ${seenAt.getTime() - begun}`,
    );
  let begun: number;
  beforeEach(() => {
    begun = at.getTime();
  });

  it.each<[string, string[][], string, string[]]>([
    ["is kept in its order", [["a", "b1", "c2"]], "a", ["0 a null 0", "1 b 1 0", "2 c 2 0"]],
    ["is given from a commit on", [["a", "b1", "c2"]], "b", ["1 b 1 0", "2 c 2 0"]],
    ["is given whole from a commit that is not on it", [["a", "b1"]], "x", ["0 a null 0", "1 b 1 0"]],
    [
      "grows",
      [
        ["a", "b1"],
        ["b1", "c2"],
      ],
      "a",
      ["0 a null 0", "1 b 1 0", "2 c 2 60000"],
    ],
    [
      "learns later which pull request it was, and forgets none",
      [
        ["a", "b", "c2"],
        ["a", "b1", "c"],
      ],
      "a",
      ["0 a null 0", "1 b 1 0", "2 c 2 0"],
    ],
    [
      "loses what a force-push took away",
      [
        ["a", "b1", "c2", "d3"],
        ["b1", "d3", "e4"],
      ],
      "a",
      ["0 a null 0", "1 b 1 0", "2 d 3 0", "3 e 4 60000"],
    ],
    [
      "begins anew behind all that was",
      [
        ["a", "b1"],
        ["x", "y2"],
      ],
      "a",
      ["0 a null 0", "1 b 1 0", "2 x null 60000", "3 y 2 60000"],
    ],
    ["of nothing is nothing", [[]], "a", []],
  ])("%s", async (_, saves, from, expected) => {
    for (const each of saves) {
      await save(...each);
      later(1);
    }
    expect(await kept(from)).toEqual(expected);
  });
});
