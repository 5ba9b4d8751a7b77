import { beforeEach, describe, expect, it } from "vitest";
import type { CheckJob, Job } from "../../src/engine/ports/jobs.ts";
import type { CheckResult, JudgeRequest } from "../../src/engine/ports/judge.ts";
import { createChecks, groundsOf, type Checks } from "../../src/engine/judging.ts";
import type { Checked } from "../../src/gate/facts.ts";
import { Problem } from "../../src/problem.ts";
import * as w from "../gate/world.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** Checks as jobs, with a judge that tests answer for. */
interface Asked {
  request: JudgeRequest;
  signal: AbortSignal;
  answer: (checked: Checked) => void;
  fail: (error: Error) => void;
}
let world: World;
let asked: Asked[];
let news: number;
let checks: Checks;
beforeEach(() => {
  world = newWorld();
  world.store.book.checks.clear();
  [asked, news] = [[], 0];
  checks = createChecks({
    judge: (request, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
        asked.push({ request, signal, answer: resolve, fail: reject });
      }),
    store: world.store,
    now: () => world.time.now,
    log: world.ports.log,
    edition: "one",
    onAsked: () => void (news += 1),
  });
});
const request = (more: Partial<JudgeRequest> = {}): JudgeRequest => ({
  origin,
  number: 7,
  base: { ref: "main", sha: w.base },
  head: w.head,
  organisation: null,
  ...more,
});
const job = (more: Partial<JudgeRequest> = {}): Job<CheckJob> => ({
  queue: "check",
  id: "1",
  data: { ...change, request: request(more) },
  lease: world.store.lease,
});
const never = new AbortController().signal;
const policy = { path: "acme/.github", text: "version: 1\n" };
const pair = { base: w.base, head: w.head };

/** Performs it, answers, and keeps its end. */
async function performed(answer: (one: Asked) => void, given = job(), lost = never): Promise<void> {
  const ending = checks.perform(given, lost);
  await expect.poll(() => asked.length, { interval: 1 }).toBeGreaterThan(0);
  for (const one of asked) answer(one);
  await world.store.held(world.store.lease, await ending);
}
const found = (): Promise<unknown> => world.store.records.findCheck(change, pair);

describe("a check", () => {
  it("is asked for, and somebody is told to look for it", async () => {
    await checks.start(change, request());
    expect(world.store.book.checksAsked.get("5#7")).toEqual(request());
    expect(news).toBe(1);
  });

  it("keeps its result, wakes its change, and ends", async () => {
    await performed(({ answer }) => answer(w.checked()));
    expect(asked.map((one) => one.request)).toEqual([request()]);
    expect(await found()).toEqual({
      attempts: 1,
      endedAt: world.time.now,
      grounds: groundsOf("one", null),
      result: { ok: true, checked: w.checked() },
    });
    expect(world.store.book.woken).toEqual(["5#7"]);
    expect(world.store.book.ended).toMatchObject([{ how: "ended" }]);
    expect(world.store.book.proofs).toEqual([{ source: "sample", verdicts: 0, missed: 0, repository: 5, at: world.time.now }]);
    expect(world.told()).toEqual([]);
    expect(world.said).toEqual([]);
  });

  it("that could not be done keeps what people may read of it, and says it in the log", async () => {
    const problem = { code: "puppetdb-unreachable", text: "PuppetDB is away.", hint: "See that it runs." };
    await performed(({ fail }) => fail(new Problem(problem)));
    expect(await found()).toMatchObject({ result: { ok: false, problem } });
    expect(world.said).toMatchObject([
      { level: "warn", message: "a check could not be done", fields: { number: 7, base: w.base, head: w.head, err: new Problem(problem) } },
    ]);
  });

  it("that failed over what nobody foresaw keeps nothing of that", async () => {
    await performed(({ fail }) => fail(new TypeError("s3cr3t is not a function")));
    const problem = { code: "gate-fault", text: "The gate itself failed over it.", hint: "Its operators find the error in its log." };
    expect(await found()).toMatchObject({ result: { ok: false, problem } });
  });

  it("counts what a sample proved, and has everything else checked anew where that was wrong", async () => {
    world.decided({ number: 8 });
    const coverage = { plan: { sampled: 5, missed: ["web01"] } } as unknown as NonNullable<Checked["report"]["coverage"]>;
    await performed(({ answer }) => answer(w.checked({ coverage })));
    expect(world.store.book.proofs).toMatchObject([{ verdicts: 5, missed: 1 }]);
    expect(world.store.book.woken).toEqual(["5#7", "5#8"]);
    const evidence = [JSON.stringify({ commits: [w.base, w.head], missed: [{ certname: "web01" }] })];
    expect(world.store.book.entries).toMatchObject([{ kind: "kept-compile-wrong", subject: "pull/7", evidence }]);
    expect(await found()).not.toBeNull();
  });

  it("counts a sample that proved all", async () => {
    const coverage = { plan: { sampled: 5, missed: [] } } as unknown as NonNullable<Checked["report"]["coverage"]>;
    await performed(({ answer }) => answer(w.checked({ coverage })));
    expect(world.store.book.proofs).toMatchObject([{ verdicts: 5, missed: 0 }]);
    expect(world.told()).toEqual([]);
  });
});

describe("a check that somebody did meanwhile", () => {
  const done: CheckResult = { ok: true, checked: w.checked() };
  const passing = w.checked({
    verdict: { outcome: "unknown", reasons: [{ rule: "modules", outcome: "unknown", text: "", passing: true }] },
  });
  const keep = (result: CheckResult, grounds = groundsOf("one", null)): void =>
    void world.store.book.checks.set(`5#7 ${w.base}..${w.head}`, { attempts: 1, endedAt: world.time.now, grounds, result });

  it("is not done again, and its change is woken", async () => {
    keep(done);
    await world.store.held(world.store.lease, await checks.perform(job(), never));
    expect(asked).toEqual([]);
    expect(await found()).toMatchObject({ attempts: 1, result: done });
    expect(world.store.book.woken).toEqual(["5#7"]);
    expect(world.store.book.ended).toMatchObject([{ how: "ended" }]);
  });

  it.each<[string, CheckResult, string | undefined]>([
    ["and could not", { ok: false, problem: { code: "x", text: "", hint: "" } }, undefined],
    ["by other programs", done, groundsOf("two", null)],
    ["by another policy of the organisation", done, groundsOf("one", policy)],
    ["and is to be tried again", { ok: true, checked: passing }, undefined],
  ])("%s is done again", async (_, result, grounds) => {
    keep(result, grounds);
    await performed(({ answer }) => answer(w.checked()));
    expect(asked).toHaveLength(1);
    expect(await found()).toMatchObject({ result: done, grounds: groundsOf("one", null) });
  });
});

describe("a check that is called off", () => {
  const calledOff = async (off: () => Promise<void>): Promise<string> => {
    const ending = checks.perform(job(), never);
    await expect.poll(() => asked.length, { interval: 1 }).toBe(1);
    await off();
    const { aborted, reason } = asked[0]?.signal ?? never;
    if (!aborted) asked[0]?.answer(w.checked());
    await world.store.held(world.store.lease, await ending);
    const ends = world.store.book.ended.map(({ how }) => how);
    expect(ends).toEqual([aborted ? "again" : "ended"]);
    expect(world.store.book.checks.size).toBe(aborted ? 0 : 1);
    expect(world.store.book.woken).toEqual(aborted ? [] : ["5#7"]);
    // Nobody has to look into what was wanted.
    expect(world.said).toEqual([]);
    return aborted ? (reason as Error).message : "goes on";
  };

  it.each<[string, Partial<JudgeRequest>, string]>([
    ["of the same pair", {}, "goes on"],
    ["of a newer head", { head: w.older }, "a newer head or base is to be checked"],
    ["of a newer base", { base: { ref: "main", sha: w.older } }, "a newer head or base is to be checked"],
    ["of another policy", { organisation: policy }, "a newer head or base is to be checked"],
  ])("since one %s is asked for: %s", async (_, more, outcome) => {
    expect(await calledOff(() => checks.start(change, request(more)))).toBe(outcome);
  });

  it("since its change is open no more", async () => {
    await checks.start(change, request());
    expect(await calledOff(() => checks.end(change))).toBe("the change is open no more");
    expect(world.store.book.checksAsked.size).toBe(0);
  });

  it("is not one of another change", async () => {
    expect(await calledOff(() => checks.end({ ...change, number: 8 }))).toBe("goes on");
    asked.length = 0;
  });

  it("since its lease is lost, is put back and nothing is kept of it", async () => {
    const lost = new AbortController();
    const ending = checks.perform(job(), lost.signal);
    await expect.poll(() => asked.length, { interval: 1 }).toBe(1);
    lost.abort(new Error("the gate is stopping"));
    await world.store.held(world.store.lease, await ending);
    expect(world.store.book.ended).toMatchObject([{ how: "again" }]);
    expect(world.store.book.checks.size).toBe(0);
    expect(world.store.book.proofs).toEqual([]);
  });

  it("is the one that is under way, and not one that is over", async () => {
    const first = checks.perform(job(), never);
    await expect.poll(() => asked.length, { interval: 1 }).toBe(1);
    // It was taken over here, while the first has not ended yet.
    const second = checks.perform(job({ head: w.older }), never);
    await expect.poll(() => asked.length, { interval: 1 }).toBe(2);
    asked[0]?.answer(w.checked());
    await first;
    await checks.end(change);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    await second;
    // Nobody is at it any more.
    await checks.end(change);
    await checks.start(change, request({ head: w.tree }));
  });
});

it("what a check rests on besides its pair is told apart", () => {
  const grounds = [groundsOf("one", null), groundsOf("two", null), groundsOf("one", policy), groundsOf("one", { ...policy, text: "" })];
  expect(new Set(grounds).size).toBe(4);
  expect(groundsOf("one", { ...policy, path: "elsewhere" })).toBe(groundsOf("one", policy));
});
