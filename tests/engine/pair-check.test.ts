import { afterAll, beforeAll, expect, it } from "vitest";
import type { AdvancePorts } from "../../src/engine/advance.ts";
import type { CheckResult } from "../../src/engine/gate-ports.ts";
import { groundsOf } from "../../src/engine/judging.ts";
import { checkOf } from "../../src/engine/pair-check.ts";
import { known, unknown, type Snapshot } from "../../src/gate/facts.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import * as w from "../gate/world.ts";
import { openTestDatabase } from "../store/open.ts";

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
  const decided = { state: "open", baseRef: "main", base: w.base, head: w.head, verdict, standing: "unknown", answers: [] } as const;
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
