import { beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../../../src/engine/ports/jobs.ts";
import type { NightJob, NightProven, NightRequest } from "../../../src/engine/ports/night.ts";
import { createNights } from "../../../src/engine/night/nights.ts";
import { recordWrong } from "../../../src/engine/night/wrong.ts";
import { known, unknown } from "../../../src/gate/facts.ts";
import { Problem } from "../../../src/problem.ts";
import * as w from "../../gate/world.ts";
import { Down } from "../stand-ins/forge.ts";
import { newWorld, origin, type World } from "../stand-ins/world.ts";

/** When nights are asked for, what holds them up, and what follows from a node that was wrong. */
let world: World;
let asked: NightRequest[];
/** What the judge does, with what it was given beside the request. */
let judged: (on: { mayGoOn: () => Promise<boolean>; signal: AbortSignal }) => Promise<NightProven>;
const sha = "9".repeat(40);
const proven = (more: Partial<NightProven> = {}): NightProven => ({ sha, after: null, verdicts: 4, missed: [], ...more });
const underway = { night: "2026-03-01", after: null, isThrough: false, notBefore: null };
beforeEach(() => {
  world = newWorld();
  asked = [];
  judged = async () => proven();
  world.store.book.nights.set("5:main", underway);
});
const job: Job<NightJob> = {
  queue: "night",
  id: "1",
  data: { repository: 5 },
  lease: { name: "night 5", epoch: 9 } as Job<NightJob>["lease"],
};
const nights = (start: number | null = 120) =>
  createNights({
    ...world.ports,
    night:
      start === null
        ? null
        : {
            start,
            judge: (request, on) => {
              asked.push(request);
              return judged(on);
            },
          },
  });
async function performed(start: number | null = 120, signal = new AbortController().signal): Promise<string[]> {
  const end = await nights(start).perform(job, signal);
  await world.store.held(world.store.lease, end);
  return world.store.book.ended.map(({ how }) => how);
}
const night = (): unknown => world.store.book.nights.get("5:main");
const lines = (): string[] => world.said.map(({ level, message }) => `${level}: ${message}`);

describe("nights are asked for", () => {
  it("for each repository, by the night that has begun", async () => {
    world.store.book.nights.set("5:main", { ...underway, isThrough: true });
    world.time.now = new Date("2026-03-02T12:00:00Z");
    await nights().ask();
    expect(night()).toEqual({ ...underway, night: "2026-03-02" });
    // What begins at noon or later has not begun yet.
    world.store.book.nights.set("5:main", { ...underway, isThrough: true });
    await nights(13 * 60).ask();
    expect(night()).toEqual({ ...underway, isThrough: true });
  });

  it("never where there are none", async () => {
    world.store.book.nights.clear();
    await nights(null).ask();
    expect(world.store.book.nights.size).toBe(0);
  });
});

describe("a night", () => {
  it("compiles base from where it was left, by the organisation's policy", async () => {
    const policy = { path: "acme/.github/.github/puppet-gate.yml", text: "version: 1\n" };
    world.forge.organisation = known(policy);
    world.store.book.nights.set("5:main", { ...underway, after: "web05" });
    expect(await performed()).toEqual(["ended"]);
    expect(asked).toEqual([{ origin, branch: "main", after: "web05", organisation: policy }]);
    expect(night()).toEqual({ ...underway, isThrough: true });
    expect(world.store.book.proofs).toEqual([{ source: "night", verdicts: 4, missed: 0, repository: 5, at: world.time.now }]);
    expect(world.told()).toEqual([]);
    expect(world.said).toEqual([]);
  });

  it("that was left is not through", async () => {
    judged = async () => proven({ after: "web07" });
    await performed();
    expect(night()).toEqual({ ...underway, after: "web07" });
  });

  it.each<[string, number | null, () => void]>([
    ["nights were turned off", null, () => undefined],
    ["none is left", 120, () => world.store.book.nights.clear()],
    ["its repository is gone", 120, () => world.store.book.repositories.clear()],
  ])("ends where %s", async (_, start, given) => {
    given();
    expect(await performed(start)).toEqual(["ended"]);
    expect(asked).toEqual([]);
    expect(world.store.book.proofs).toEqual([]);
  });

  it("goes on for five minutes, while no check waits", async () => {
    const may: boolean[] = [];
    const later = (milliseconds: number): void => void (world.time.now = new Date(world.time.now.getTime() + milliseconds));
    judged = async ({ mayGoOn }) => {
      may.push(await mayGoOn());
      world.store.book.checksAsked.set("5#7", {} as never);
      may.push(await mayGoOn());
      world.store.book.checksAsked.clear();
      later(5 * 60_000 - 1);
      may.push(await mayGoOn());
      later(1);
      may.push(await mayGoOn());
      return proven();
    };
    await performed();
    expect(may).toEqual([true, false, true, false]);
  });

  it("that is called off is put back, and nothing is said", async () => {
    const controller = new AbortController();
    judged = async ({ signal }) => {
      controller.abort(new Error("the gate is stopping"));
      signal.throwIfAborted();
      return proven();
    };
    expect(await performed(120, controller.signal)).toEqual(["again"]);
    expect(night()).toEqual(underway);
    expect(world.said).toEqual([]);
    expect(world.store.book.proofs).toEqual([]);
  });

  const fields = { repository: origin.repository, branch: "main" };
  it.each<[string, () => void, string, object]>([
    [
      "the organisation's policy can't be told",
      () => void (world.forge.organisation = unknown("GitHub answered 502")),
      "warn: the nightly compile waits: whether the organisation has a policy can't be told now: GitHub answered 502",
      fields,
    ],
    [
      "GitHub fails",
      () => void world.forge.failing.set("organisationPolicy", new Down("GitHub answered 502")),
      "warn: the nightly compile waits: GitHub answered 502",
      fields,
    ],
    [
      "something is away",
      () => void (judged = () => Promise.reject(new Problem({ code: "x", text: "PuppetDB is away.", hint: "" }))),
      "warn: the nightly compile waits: PuppetDB is away.",
      fields,
    ],
    [
      "the gate itself fails",
      () => void (judged = () => Promise.reject(new TypeError("x is not a function"))),
      "error: the nightly compile failed over a fault of the gate",
      { ...fields, err: new TypeError("x is not a function") },
    ],
  ])("waits a quarter of an hour where %s", async (_, given, line, said) => {
    world.store.book.nights.set("5:main", { ...underway, after: "web05" });
    given();
    expect(await performed()).toEqual(["ended"]);
    expect(night()).toEqual({ ...underway, after: "web05", notBefore: new Date(world.time.now.getTime() + 15 * 60_000) });
    expect(lines()).toEqual([line]);
    expect(world.said[0]?.fields).toEqual(said);
    expect(world.store.book.proofs).toEqual([]);
  });

  it("that finds a node wrong says so, and has everything checked anew", async () => {
    judged = async () => proven({ missed: [{ certname: "web07", differs: ["content of File[/etc/motd]"] }] });
    world.decided({ number: 8 });
    world.store.book.checksAsked.set("5#8", {} as never);
    await performed();
    const missed = [{ certname: "web07", differs: ["content of File[/etc/motd]"] }];
    expect(world.store.book.proofs).toMatchObject([{ verdicts: 4, missed: 1 }]);
    expect(world.store.book.checks.size).toBe(0);
    expect(world.store.book.checksAsked.size).toBe(0);
    expect(world.store.book.woken).toEqual(["5#7", "5#8"]);
    expect(world.store.book.entries).toEqual([
      {
        repository: 5,
        at: world.time.now,
        kind: "kept-compile-wrong",
        subject: "branch/main",
        actor: null,
        evidence: [JSON.stringify({ commits: [sha], missed })],
        key: `kept-compile-wrong:branch/main:${sha}`,
      },
    ]);
    const said = { repository: 5, branch: "main", sha, node: "web07", differs: missed[0]?.differs };
    expect(world.said).toEqual([
      { level: "error", fields: said, message: "base compiles to another catalog than was kept: a fault of puppet-gate" },
    ]);
  });
});

describe("a compile that was wrong", () => {
  it("has every open change checked anew, in the order of their numbers, but for the one that says so itself", async () => {
    for (const number of [10, 9, 8]) world.decided({ number });
    world.decided({ number: 11, state: "closed" });
    await world.store.held(world.store.lease, (records) =>
      recordWrong(
        records,
        5,
        { subject: "pull/7", commits: [w.base, w.head], missed: [{ certname: "web07" }] },
        { except: 7, at: world.time.now },
      ),
    );
    expect(world.store.book.woken).toEqual(["5#8", "5#9", "5#10"]);
    // Its own check stays.
    expect(world.store.book.checks.size).toBe(1);
    expect(world.store.book.entries).toMatchObject([{ subject: "pull/7", key: `kept-compile-wrong:pull/7:${w.base}..${w.head}` }]);
  });
});
