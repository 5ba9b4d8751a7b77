import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdvancePorts } from "../../src/engine/advance.ts";
import type { CheckResult } from "../../src/engine/ports/judge.ts";
import { groundsOf } from "../../src/engine/judging.ts";
import { checkOf } from "../../src/engine/pair-check.ts";
import { known, unknown, type Snapshot } from "../../src/gate/facts.ts";
import { Problem } from "../../src/problem.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import * as w from "../gate/world.ts";
import { openTestDatabase } from "../store/open.ts";
import { memoryMirror } from "./stand-ins/mirror.ts";

const about = { title: "A change", opener: "alice", openedAt: "2026-11-21T10:00:00Z" };

/** Checks that can't begin, or could not be done, over a real store and a clock that is set. */
let store: Store;
beforeAll(async () => {
  store = await createStore(await openTestDatabase(), (error) => {
    throw error;
  });
});
afterAll(async () => store.close());

const change = { repository: 5, number: 7 };
const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };
let repository = 5;
const now = new Date("2026-03-01T12:00:00Z");

it("leaves a change alone that waits for the organisation's policy to come back, and has the sweep look at one that may be told", async () => {
  await store.records.saveRepository(origin);
  await store.transaction((records) => records.wake(change));
  const job = await store.take("advance", 30);
  if (job === null) throw new Error("nobody was woken");
  const ports = { store, now: () => now, edition: "one" } as unknown as AdvancePorts;
  const ask = (organisation: Snapshot["organisation"]): ReturnType<typeof checkOf> =>
    checkOf(ports, origin, { ...change, attempts: 0, lease: job.lease }, w.facts({ organisation }), null);
  const passing = await ask(unknown("GitHub answered 502"));
  expect(passing.state).toMatchObject({ state: "failed", final: false, problem: { hint: "It is asked again by itself." } });
  const verdict = { outcome: "blocked", reasons: [] } as const;
  const decided = { state: "open", baseRef: "main", base: w.base, head: w.head, verdict, standing: "unknown", answers: [], about } as const;
  await store.records.saveDecision(change, decided, now);
  await store.held(job.lease, (records) => records.settleTurn(job));
  expect(await store.records.unfinished()).toEqual([change]);
  await store.transaction((records) => records.wake(change));
  const second = await store.take("advance", 30);
  if (second === null) throw new Error("nobody was woken");
  const lasting = await checkOf(
    ports,
    origin,
    { ...change, attempts: 0, lease: second.lease },
    w.facts({ organisation: unknown("it is hidden", "an owner of acme: show it") }),
    null,
  );
  expect(lasting).toEqual({
    state: {
      state: "failed",
      final: true,
      problem: {
        code: "organisation-policy",
        text: "Whether the organisation has a policy could not be learnt: it is hidden.",
        hint: "An owner of acme: show it.",
      },
    },
    outcome: null,
  });
  await store.held(second.lease, (records) => records.settleTurn(second));
  expect(await store.records.unfinished()).toEqual([]);
});

const head = { base: w.base, head: w.head };
const problem = { code: "puppetdb-unreachable", text: "PuppetDB is away.", hint: "See that it runs." };
const away: CheckResult = { ok: false, problem };
const missing: CheckResult = {
  ok: true,
  checked: w.checked({
    verdict: { outcome: "unknown", reasons: [{ rule: "modules", outcome: "unknown", text: "stdlib can't be had", passing: true }] },
  }),
};

it.each([
  ["a check that could not be done", away, "failed", "the check failed: PuppetDB is away."],
  ["a check that missed modules", missing, "done", "the check missed what may be there by now"],
] as const)("%s is tried again for as long as it is wanted, less and less often", async (_, result, state, why) => {
  const of = { repository: ++repository, number: 7 };
  await store.records.saveRepository({ ...origin, repository: { ...origin.repository, id: of.repository } });
  await store.transaction((records) => records.wake(of));
  const job = await store.take("advance", 30);
  if (job === null) throw new Error("nobody was woken");
  let clock = now;
  let asked = 0;
  const ports = {
    store,
    now: () => clock,
    edition: "one",
    checkDelays: [15, 60, 300],
    checks: { start: async () => void (asked += 1) },
  } as unknown as AdvancePorts;
  const ask = (): ReturnType<typeof checkOf> =>
    checkOf(ports, origin, { ...of, attempts: 0, lease: job.lease }, w.facts({ organisation: known(null) }), null);
  const grounds = groundsOf("one", null);
  for (const [tries, seconds] of [15, 60, 300, 300, 300, 300].entries()) {
    await store.held(job.lease, (records) => records.saveCheck(of, head, { result, grounds }, clock));
    const again = new Date(clock.getTime() + seconds * 1000).toISOString();
    // However many events there are meanwhile, none of them brings it nearer or puts it off.
    for (const part of [0, 0.5, 0.9]) {
      clock = new Date(Date.parse(again) - seconds * 1000 * (1 - part));
      const { state: stands, outcome } = await ask();
      expect(stands).toMatchObject({ state, again });
      const after = Math.round(seconds * (1 - part) * 1000) / 1000;
      const wait: unknown = { settled: false, why, after: expect.closeTo(after, 2) };
      expect(outcome).toEqual(after > 60 ? null : wait);
    }
    expect(asked).toBe(tries);
    clock = new Date(again);
    // Nothing is shown of a try before it tells something else.
    expect(await ask()).toMatchObject({ state: { state }, outcome: null });
    expect(asked).toBe(tries + 1);
  }
  await store.held(job.lease, (records) => records.settleTurn(job));
});

describe("the check of a change, by what is known of it", () => {
  const repo = { "data/x.yaml": "a: 1\n" };
  interface Given {
    snapshot?: Partial<Snapshot>;
    /** What is known of the pair, how often it was tried, and how many seconds ago. */
    kept?: { result: CheckResult; attempts?: number; ago?: number; grounds?: string };
    trusted?: boolean;
    policy?: string | null;
    /** Commits that the remote has no more. */
    gone?: readonly string[];
    fault?: Error;
  }
  const world = async ({ snapshot = {}, kept, trusted = false, policy = null, gone = [], fault }: Given) => {
    const started: unknown[] = [];
    const commits = { [w.base]: { ...repo, ...(policy === null ? {} : { ".github/puppet-gate.yml": policy }) } };
    const mirror = memoryMirror({ commits });
    const found = kept && {
      grounds: groundsOf("one", null),
      attempts: 1,
      ...kept,
      endedAt: new Date(now.getTime() - (kept.ago ?? 0) * 1000),
    };
    const ports = {
      store: { records: { findCheck: async () => found ?? null, trustOf: async () => (trusted ? w.bob : null) } },
      now: () => now,
      edition: "one",
      checkDelays: [15, 60],
      checks: { start: async (_: unknown, request: unknown) => void started.push(request) },
      openMirror: async () => {
        if (fault !== undefined) throw fault;
        return Object.assign(mirror, { keep: async (_: number, wanted: readonly string[]) => wanted.filter((sha) => gone.includes(sha)) });
      },
    } as unknown as AdvancePorts;
    const came = await checkOf(
      ports,
      origin,
      { ...change, attempts: 0, lease: {} as never },
      w.facts({ organisation: known(null), ...snapshot }),
      head,
    );
    return { ...came, started, closed: mirror.closed };
  };
  const done: CheckResult = { ok: true, checked: w.checked() };

  it.each<[string, Given, string, number]>([
    ["nothing is known of the pair", {}, "running", 1],
    ["it was done", { kept: { result: done } }, "done", 0],
    ["it was done on other grounds", { kept: { result: done, grounds: "other" } }, "running", 1],
    ["it could not be done, and is tried again later", { kept: { result: away, ago: 5 } }, "failed", 0],
    ["it could not be done, and its time has come", { kept: { result: away, ago: 15 } }, "failed", 1],
    ["it was done and missed something, and its time has come", { kept: { result: missing, ago: 20 } }, "done", 1],
    ["nobody knows base's tip", { snapshot: { base: { ref: "main", tip: unknown("GitHub answered 502") } } }, "impossible", 0],
    ["it is closed", { snapshot: { state: "closed" } }, "impossible", 0],
    ["it is of a fork", { snapshot: { fork: true } }, "untrusted", 0],
    ["it is of a fork, and somebody said so", { snapshot: { fork: true }, trusted: true }, "running", 1],
    ["it is of a fork, and base asks nobody", { snapshot: { fork: true }, policy: "version: 1\nforks: run\n" }, "running", 1],
    ["it is of a fork, and base's policy can't be read", { snapshot: { fork: true }, policy: "version: 2\n" }, "untrusted", 0],
    ["it is of a fork, and base is gone", { snapshot: { fork: true }, policy: "version: 1\nforks: run\n", gone: [w.base] }, "untrusted", 0],
    ["it is of a fork, and was checked", { snapshot: { fork: true }, kept: { result: done } }, "done", 0],
  ])("where %s", async (_, given, state, started) => {
    const came = await world(given);
    expect([came.state.state, came.started.length]).toEqual([state, started]);
  });

  it("begins with what is to be judged, and what is known of the pair before it", async () => {
    const { state, started } = await world({});
    expect(state).toEqual({ state: "running", previous: head });
    expect(started).toEqual([{ origin, number: 7, base: { ref: "main", sha: w.base }, head: w.head, organisation: null }]);
  });

  it("waits for a try that is near, and leaves a later one to the sweep", async () => {
    const near = await world({ kept: { result: away, ago: 5 } });
    expect(near.outcome).toEqual({ settled: false, why: "the check failed: PuppetDB is away.", after: 10 });
    expect(near.state).toMatchObject({ final: false, again: new Date(now.getTime() + 10_000).toISOString() });
    const last = await world({ kept: { result: { ok: false, problem: { ...problem, code: "bad-policy" } }, attempts: 3 } });
    expect([last.state, last.outcome]).toEqual([{ state: "failed", problem: { ...problem, code: "bad-policy" }, final: true }, null]);
    expect((await world({ kept: { result: done } })).state).toEqual({ state: "done", ...(done.ok ? done.checked : {}) });
  });

  it("closes the mirror that it looked into, and tells a fault from a mirror that can't be had", async () => {
    expect((await world({ snapshot: { fork: true } })).closed).toBe(1);
    const away_ = new Problem({ code: "git", text: "No mirror.", hint: "Wait." });
    expect((await world({ snapshot: { fork: true }, fault: away_ })).state.state).toBe("untrusted");
    await expect(world({ snapshot: { fork: true }, fault: new TypeError("a fault") })).rejects.toThrow("a fault");
  });
});
