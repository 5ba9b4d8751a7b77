import { afterAll, beforeAll, expect, it } from "vitest";
import type { Told } from "../../src/catalog/expect/told.ts";
import { saveExpectationResults } from "../../src/store/statements/expectations.ts";
import type { Rollout } from "../../src/rollout/state.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { readingsOf } from "../../src/wiring/readings.ts";
import { openTestDatabase } from "./open.ts";

/** What a database that has something of everything tells in numbers. */
const now = new Date();
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
const origin = { installation: 1, repository: { id: 7, owner: "acme", name: "control" } };
const rollout: Rollout = {
  lanes: [
    {
      lane: "canary",
      environment: "canary",
      verified: "c0",
      stage: null,
      halt: { why: { kind: "person", by: { id: 1, name: "alice" }, reason: "no" }, at: ago(600).getTime() },
      let: null,
    },
    { lane: "all", environment: "production", verified: "c0", stage: null, halt: null, let: null },
  ],
  quarantined: [{ commit: "c1", lane: "canary", at: 0 }],
  paused: null,
};
const decided = {
  state: "open",
  baseRef: "main",
  base: null,
  head: "h",
  standing: "waiting",
  verdict: {
    outcome: "blocked",
    reasons: [
      { rule: "lint", outcome: "pass", text: "" },
      { rule: "peer", outcome: "pending", text: "" },
      { rule: "peer", outcome: "pending", text: "another" },
      { rule: "night shift", outcome: "unknown", text: "" },
      { rule: "tried", outcome: "fail", text: "", observed: true },
    ],
  },
  answers: [],
  about: { title: "t", opener: null, openedAt: now.toISOString() },
} as unknown as Parameters<Store["records"]["saveDecision"]>[1];
let store: Store;

beforeAll(async () => {
  const database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
  const { records } = store;
  await records.saveRepository(origin);
  await store.transaction(async (inside) => {
    for (const number of [1, 2, 3]) await inside.wake({ repository: 7, number });
  });
  await records.saveDecision({ repository: 7, number: 1 }, decided, ago(300));
  // Decided on again, it stands as it did.
  await records.saveDecision({ repository: 7, number: 1 }, decided, ago(10));
  await records.saveDecision(
    { repository: 7, number: 2 },
    { ...decided, standing: "pass", verdict: { outcome: "pass", reasons: [] } },
    ago(60),
  );
  const results = async (number: number, ...outcomes: ("broken" | "holds")[]): Promise<void> => {
    const told = outcomes.map((outcome, at) => ({ origin: "base", path: "e.yml", severity: "block", name: `e${at}`, outcome }) as Told);
    await saveExpectationResults(database, { repository: 7, number }, { head: "h", told }, now);
  };
  await results(1, "broken");
  await results(2, "holds");
  for (const number of [4, 5]) {
    await store.transaction(async (inside) => inside.wake({ repository: 7, number }));
    await results(number, "broken", "broken");
    await records.saveDecision({ repository: 7, number }, { ...decided, state: "merged" }, ago(5));
  }
  await results(5, "holds", "holds");
  await records.intendEffects({ repository: 7, number: 1 }, [{ kind: "labels", add: ["a"], remove: [] }], ago(90));
  await records.freezeBranch(7, "main", { number: 1, why: "x", since: now.toISOString() });
  await records.saveRollout(7, { rollout }, now);
  const sight = { held: [], waits: { why: "PuppetDB is away", hint: null }, manual: [] };
  const nodes = [{ kind: "newly-failed", count: 4, certnames: ["a", "b"] } as const];
  await records.saveSight(7, { ...sight, lanes: { canary: { unseen: null, nodes, missing: [] } } }, ago(30));
  await records.addNews(
    7,
    [
      { kind: "done", release: "c0" },
      { kind: "done", release: "c1" },
    ],
    now,
  );
  const [first] = await records.newsAfter(7, 0, 1);
  await records.saveToldTo(7, "announce/ops", {
    seq: first?.seq ?? 0,
    attempts: 1,
    nextAt: now,
    why: "it is away",
    lost: 2,
    lostAt: ago(60),
  });
  await store.transaction((inside) =>
    inside.appendEntries(7, [{ kind: "landed", subject: "pull/3", actor: null, evidence: [], key: "k" }], ago(45)),
  );
  await store.log.savePlace({
    name: "https://user:hush@audit.example/T0/secret",
    size: null,
    toldAt: null,
    failingSince: ago(7200),
    why: "x",
  });
});
afterAll(async () => store.close());

it("is told, each number by its labels", async () => {
  const told = readingsOf(await store.readings(), new Map(), now.getTime());
  const value = (name: string, ...labels: string[]): number | undefined =>
    told.find(([one, of]) => one === name && of.join(" ") === labels.join(" "))?.[2];
  expect(value("repositories")).toBe(1);
  expect(value("jobs", "advance", "due")).toBe(5);
  expect(value("changes_open", "acme/control", "waiting")).toBe(1);
  expect(value("changes_open", "acme/control", "new")).toBe(1);
  expect(value("changes_waiting_seconds", "acme/control", "waiting")).toBeGreaterThanOrEqual(300);
  expect(value("changes_waiting_longest_seconds", "acme/control", "pass")).toBeLessThan(300);
  expect(value("changes_held", "acme/control", "peer", "pending")).toBe(1);
  expect(value("changes_held", "acme/control", "night shift", "unknown")).toBe(1);
  expect(told.filter(([name]) => name === "changes_held")).toHaveLength(2);
  const caught = ["open", "despite", "mended", "closed"].map((outcome) => value("changes_caught", "acme/control", outcome));
  expect(caught).toEqual([1, 1, 1, undefined]);
  expect(value("effects_outstanding")).toBe(1);
  expect(value("effects_oldest_seconds")).toBeGreaterThanOrEqual(90);
  expect(value("branches_frozen", "acme/control")).toBe(1);
  expect(value("rollout_lane_state", "acme/control", "canary", "halted")).toBe(1);
  expect(value("rollout_lane_state", "acme/control", "all", "still")).toBe(1);
  expect(value("rollout_lane_seconds", "acme/control", "canary")).toBe(600);
  expect(value("rollout_lane_nodes", "acme/control", "canary", "newly-failed")).toBe(4);
  expect(value("rollout_blind", "acme/control")).toBe(1);
  expect(value("rollout_quarantined", "acme/control")).toBe(1);
  expect(value("rollout_look_seconds", "acme/control")).toBeGreaterThanOrEqual(30);
  expect(value("news_waiting", "announce/ops")).toBe(1);
  expect(value("news_lost", "announce/ops")).toBe(2);
  expect(value("places_failing", "announce/ops")).toBe(1);
  expect(value("ledger_entries")).toBe(1);
  expect(value("ledger_unsigned_seconds")).toBeGreaterThanOrEqual(45);
  // Its path lets anybody speak there.
  expect(value("ledger_place_failing_seconds", "webhook at audit.example")).toBeGreaterThanOrEqual(7200);
  expect(JSON.stringify(told)).not.toMatch(/hush|secret|alice/u);
});
