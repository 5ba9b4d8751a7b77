import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FailedDelivery, OpenChange } from "../../src/engine/ports/forge.ts";
import type { KnownChange } from "../../src/engine/ports/change-records.ts";
import { createPolicySight } from "../../src/engine/policy-sight.ts";
import { movedChanges, sweep, type Swept } from "../../src/engine/sweep.ts";
import type { Origin } from "../../src/gate/event.ts";
import { Problem } from "../../src/problem.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { base, head, older } from "../gate/world.ts";
import { openTestDatabase } from "../store/open.ts";

const about = { title: "A change", opener: "alice", openedAt: "2026-11-21T10:00:00Z" };

/** A sweep over a real store and a small GitHub of lists. */
const at = "2026-03-01T12:00:00.000Z";
const seen = JSON.stringify({ updatedAt: at, checks: "SUCCESS" });
const known: KnownChange = { number: 1, baseRef: "main", pair: { base, head }, seen };
const listed: OpenChange = { number: 1, updatedAt: at, head, base: { ref: "main", tip: base }, checks: "SUCCESS" };

describe("what has moved", () => {
  it.each<[string, KnownChange[], OpenChange[], number[]]>([
    ["nothing", [known], [listed], []],
    ["a head", [known], [{ ...listed, head: older }], [1]],
    ["the tip of base", [known], [{ ...listed, base: { ref: "main", tip: older } }], [1]],
    ["the base branch was taken away", [known], [{ ...listed, base: { ref: "main", tip: null } }], [1]],
    ["another base branch", [known], [{ ...listed, base: { ref: "stable", tip: base } }], [1]],
    ["somebody wrote or reviewed", [known], [{ ...listed, updatedAt: "2026-03-01T12:00:01.000Z" }], [1]],
    ["a check of somebody else's", [known], [{ ...listed, checks: "FAILURE" }], [1]],
    ["it was not opened to our knowledge", [], [listed], [1]],
    ["it was never decided on", [{ ...known, pair: null }], [listed], [1]],
    ["it is not open any more", [known], [], [1]],
    ["some of many", [known, { ...known, number: 2 }, { ...known, number: 3 }], [{ ...listed, number: 2, head: older }, listed], [2, 3]],
  ])("%s", (_name, before, now, expected) => {
    expect(movedChanges(before, now).map(({ number }) => number)).toEqual(expected);
  });
});

let store: Store;
beforeAll(async () => {
  store = await createStore(await openTestDatabase(), (error) => {
    throw error;
  });
});
afterAll(async () => store.close());

function origin(id: number): Origin {
  return { installation: 5, repository: { id, owner: "acme", name: `control-${id}` } };
}
const lists = new Map<number, OpenChange[] | Error>();
let failed: FailedDelivery[] = [];
const redelivered: string[] = [];
const refused: string[] = [];
/** Where the App is installed, by GitHub's word. */
let installed = [1, 2, 3].map(origin);
const said: string[] = [];
const explained: [number, Record<string, string>][] = [];
/** By repository, the changes that something is kept for. */
const pruned: [number, number[]][] = [];
let now = new Date(at);

const log = {
  info: () => undefined,
  warn: (_fields: object, message: string) => void said.push(message),
  error: (_fields: object, message: string) => void said.push(message),
};
/** Organisations whose policy is out of sight, by GitHub's word. */
let unseen: string[] = [];
const sight = createPolicySight({ forge: { organisationsUnseen: async () => unseen }, mode: "auto", log });

const run = (): Promise<Swept> =>
  sweep({
    store,
    sight,
    nights: async () => {},
    forge: {
      openChanges: async ({ repository }) => {
        const list = lists.get(repository.id) ?? [];
        if (list instanceof Error) throw list;
        return list;
      },
      failedDeliveries: async (since) => failed.filter((delivery) => new Date(delivery.at) >= since),
      installations: async () => [...new Set(installed.map(({ installation }) => installation))],
      repositories: async (installation) => installed.filter((each) => each.installation === installation),
      refuseMergeGroup: async (_origin, sha) => {
        if (sha === older) throw new Error("GitHub answered 502");
        refused.push(sha);
      },
      redeliver: async (id) => {
        redelivered.push(id);
      },
      explain: (error) => (error instanceof Error && error.message.startsWith("GitHub") ? { text: error.message, after: 0 } : null),
    },
    explain: async ({ repository }, tips) => {
      explained.push([repository.id, Object.fromEntries(tips)]);
    },
    prune: async ({ repository }, open) => {
      pruned.push([repository.id, [...open]]);
      if (pruned.length === 2) throw new Problem({ code: "git", text: "The disk is full.", hint: "" });
    },
    now: () => now,
    log,
  });

/** Every change that has a turn now; takes the turns. */
async function turns(): Promise<string[]> {
  const taken: string[] = [];
  for (let job = await store.take("advance", 30); job !== null; job = await store.take("advance", 30)) {
    const { lease, data } = job;
    const done = job;
    taken.push(`${data.repository}#${data.number}`);
    await store.held(lease, (records) => records.settleTurn(done));
  }
  return taken.sort();
}

describe("a sweep", () => {
  it("wakes what moved in any repository once, and says of which one GitHub would not tell", async () => {
    for (const id of [1, 2, 3]) await store.records.saveRepository(origin(id));
    lists.set(1, [listed, { ...listed, number: 2 }]);
    lists.set(2, new Error("GitHub answered 502"));
    lists.set(3, [listed]);
    expect(await run()).toEqual({ woken: 3, redelivered: 0 });
    expect(said).toEqual([
      "not swept: GitHub answered 502",
      "what is kept for closed changes stays until the next sweep: The disk is full.",
    ]);
    expect(pruned).toEqual([
      [1, [1, 2]],
      [3, [1]],
    ]);
    expect(explained).toEqual([
      [1, { main: base }],
      [3, { main: base }],
    ]);
    expect(await turns()).toEqual(["1#1", "1#2", "3#1"]);
    const verdict = { outcome: "blocked", reasons: [] } as const;
    const decided = { state: "open", baseRef: "main", base, head, verdict, standing: "blocked", answers: [], about } as const;
    for (const [repository, number] of [
      [1, 1],
      [1, 2],
      [3, 1],
    ] as const) {
      await store.records.saveDecision({ repository, number }, decided, now);
      await store.records.saveCheck(
        { repository, number },
        { base, head },
        { result: { ok: false, problem: { code: "x", text: "", hint: "" } }, grounds: "" },
        now,
      );
    }
    expect(await run()).toEqual({ woken: 0, redelivered: 0 });
    lists.set(1, [{ ...listed, checks: "PENDING" }]);
    expect(await run()).toEqual({ woken: 2, redelivered: 0 });
    expect(await turns()).toEqual(["1#1", "1#2"]);
    await store.records.saveDecision({ repository: 1, number: 2 }, { ...decided, state: "closed" }, now);
    lists.clear();
    lists.set(1, [{ ...listed, checks: "PENDING" }]);
    lists.set(3, [listed]);
    expect(await run()).toEqual({ woken: 0, redelivered: 0 });
  });

  it("wakes what was intended and not done, and what waited for its time", async () => {
    const change = { repository: 3, number: 1 };
    await store.records.intendEffects(change, [{ kind: "labels", add: [], remove: [] }], now);
    await store.records.setDue({ repository: 1, number: 1 }, now);
    expect(await run()).toEqual({ woken: 2, redelivered: 0 });
    expect(await turns()).toEqual(["1#1", "3#1"]);
  });

  it("refuses what a merge queue made and was not refused at once, and tries again what GitHub would not take", async () => {
    for (const sha of [head, older]) await store.records.addMergeGroup(1, sha, now);
    await run();
    await run();
    expect(refused).toEqual([head]);
    expect((await store.records.mergeGroups(now)).map((group) => group.head)).toEqual([older]);
    await store.records.endMergeGroup(1, older);
    said.length = 0;
  });

  it("learns each hour where the App is installed, and asks nothing of what is gone until it is back", async () => {
    installed = [1, 2, 4].map(origin);
    expect((await store.records.allOrigins()).map(({ repository }) => repository.id)).toEqual([1, 2, 3]);
    const before = now;
    now = new Date(now.getTime() + 3_600_000);
    await run();
    expect((await store.records.allOrigins()).map(({ repository }) => repository.id)).toEqual([1, 2, 4]);
    expect(await store.records.originOf(3)).toBeNull();
    installed = [1, 2, 3].map(origin);
    await store.records.askDiscovery();
    await run();
    expect((await store.records.allOrigins()).map(({ repository }) => repository.id)).toEqual([1, 2, 3]);
    now = before;
    await turns();
    said.length = 0;
  });

  it("warns once of an organisation whose policy is out of sight", async () => {
    unseen = ["acme"];
    for (let times = 0; times < 2; times += 1) {
      await store.records.askDiscovery();
      await run();
    }
    expect(said.splice(0)).toEqual([expect.stringContaining("whether acme has a policy for all its repositories can't be told") as string]);
    const forge = { organisationsUnseen: async () => unseen };
    await createPolicySight({ forge, mode: "none", log })();
    expect(said).toEqual([]);
    await turns();
  });

  it("has failed deliveries sent again, the oldest first, each later than before, and not those that came in after all", async () => {
    await store.records.addDelivery({ id: "late", name: "push", event: null, receivedAt: now });
    const delivery = { event: "push", at };
    failed = [
      { ...delivery, id: "13", guid: "third" },
      { ...delivery, id: "12", guid: "late" },
      { ...delivery, id: "11", guid: "first" },
      { ...delivery, id: "10", guid: "old", at: "2026-02-20T12:00:00Z" },
    ];
    expect((await run()).redelivered).toBe(2);
    expect(redelivered).toEqual(["11", "13"]);
    expect((await run()).redelivered).toBe(0);
    now = new Date(now.getTime() + 120_000);
    expect((await run()).redelivered).toBe(2);
    for (let times = 0; times < 20; times += 1) {
      now = new Date(now.getTime() + 6 * 3_600_000 * (times === 0 ? 1 : 0.5));
      await run();
    }
    expect(redelivered.filter((id) => id === "11")).toHaveLength(7);
  });
});
