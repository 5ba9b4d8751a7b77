import { beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../../src/engine/ports/jobs.ts";
import type { OpenChange } from "../../src/engine/ports/forge.ts";
import { sweep, sweepOnce, type Swept } from "../../src/engine/sweep.ts";
import { Problem } from "../../src/problem.ts";
import * as w from "../gate/world.ts";
import { Down } from "./stand-ins/forge.ts";
import { newWorld, origin, type World } from "./stand-ins/world.ts";

/** What a sweep does at once at most, and what keeps it from the rest. */
let world: World;
let done: string[];
let failing: Map<string, Error>;
beforeEach(() => {
  world = newWorld();
  world.store.book.discoveredAt = world.time.now;
  [done, failing] = [[], new Map()];
});
const beside = (name: string) => async (): Promise<void> => {
  done.push(name);
  const error = failing.get(name);
  if (error !== undefined) throw error;
};
const ports = () => ({
  ...world.ports,
  explain: beside("explain"),
  prune: beside("prune"),
  sight: beside("sight"),
  nights: beside("nights"),
});
const run = (): Promise<Swept> => sweep(ports());
const lines = (): string[] => world.said.map(({ level, message }) => `${level}: ${message}`);
const listed = (number: number): OpenChange => ({
  number,
  updatedAt: "2026-03-01T12:00:00.000Z",
  head: w.head,
  base: { ref: "main", tip: w.base },
  checks: null,
});
const range = (count: number, from = 1): number[] => Array.from({ length: count }, (_, at) => from + at);
/** How many changes each transaction wakes. */
function countWakes(): number[] {
  const counts: number[] = [];
  const transaction = world.store.transaction.bind(world.store);
  world.store.transaction = async (work) => {
    const before = world.store.book.woken.length;
    const result = await transaction(work);
    counts.push(world.store.book.woken.length - before);
    return result;
  };
  return counts;
}

describe("a sweep", () => {
  it("wakes what moved, fifty in one transaction, and says so", async () => {
    world.store.book.changes.clear();
    world.forge.open.set(5, range(51).map(listed));
    const counts = countWakes();
    expect(await run()).toEqual({ woken: 51, redelivered: 0 });
    expect(counts.filter((count) => count > 0)).toEqual([50, 1]);
    expect(world.store.book.changes.get("5#51")?.seen).toBe(JSON.stringify({ updatedAt: listed(1).updatedAt, checks: null }));
    expect(world.said).toEqual([
      { level: "info", fields: { woken: 51, redelivered: 0 }, message: "the sweep found what no webhook had told of" },
    ]);
  });

  it("wakes all whose time has come, fifty in one transaction", async () => {
    for (const number of range(101)) world.decided({ number, due: world.time.now });
    world.forge.open.set(5, []);
    const counts = countWakes();
    expect((await run()).woken).toBe(202);
    // All of them are gone, too, and woken for that before.
    expect(counts).toEqual([50, 50, 1, 0, 0, 0]);
  });

  it("wakes all that was intended and not done, fifty in one transaction", async () => {
    for (const number of range(51)) {
      world.decided({ number, state: "merged" });
      await world.store.held(world.store.lease, (records) =>
        records.intendEffects({ repository: 5, number }, [{ kind: "labels", add: [], remove: [] }], world.time.now),
      );
    }
    const counts = countWakes();
    expect((await run()).woken).toBe(51);
    expect(counts).toEqual([0, 50, 1]);
  });

  it("says nothing where it finds nothing", async () => {
    world.store.book.changes.clear();
    expect(await run()).toEqual({ woken: 0, redelivered: 0 });
    expect(world.said).toEqual([]);
    expect(done).toEqual(["explain", "prune", "nights"]);
  });

  it("looks at all repositories with open changes, and at twenty others in turn", async () => {
    world.store.book.repositories.clear();
    world.store.book.changes.clear();
    for (const id of range(30))
      world.store.book.repositories.set(id, { ...origin, repository: { ...origin.repository, id }, goneAt: null, sweptAt: null });
    for (const repository of [29, 30]) {
      world.decided({ repository });
      world.forge.open.set(repository, [listed(7)]);
    }
    await run();
    const asked = (): number[] =>
      world.forge.asked.splice(0).flatMap((name) => (name.startsWith("openChanges ") ? [Number(name.slice(12))] : []));
    expect(asked()).toEqual([...range(20), 29, 30]);
    world.time.now = new Date(world.time.now.getTime() + 60_000);
    await run();
    expect(asked()).toEqual([...range(12), ...range(8, 21), 29, 30]);
  });

  it("asks for fifty deliveries again at most, and goes on with the next", async () => {
    world.forge.failed = range(60).map((id) => ({ id: `i${id}`, guid: `g${id}`, event: "push", at: world.time.now.toISOString() }));
    world.store.book.changes.clear();
    expect(await run()).toEqual({ woken: 0, redelivered: 50 });
    expect(world.forge.asked.find((name) => name.startsWith("redeliver "))).toBe("redeliver i60");
    expect(lines()).toEqual(["info: the sweep found what no webhook had told of"]);
    expect(await run()).toEqual({ woken: 0, redelivered: 10 });
    expect(world.store.book.redeliveries.size).toBe(60);
  });

  it("asks for those of the last three days", async () => {
    const ago = (milliseconds: number): string => new Date(world.time.now.getTime() - milliseconds).toISOString();
    const days = 3 * 86_400_000;
    world.forge.failed = [
      { id: "1", guid: "new", event: "push", at: ago(days) },
      { id: "2", guid: "old", event: "push", at: ago(days + 1) },
    ];
    await run();
    expect(world.forge.asked.filter((name) => name.startsWith("redeliver "))).toEqual(["redeliver 1"]);
  });
});

describe("what fails in a sweep", () => {
  const fault = new TypeError("x is not a function");
  const down = new Down("GitHub answered 502");
  it.each<[string, string, () => void, object]>([
    ["the list of installations", "installations", () => void (world.store.book.discoveredAt = null), {}],
    [
      "a merge queue",
      "refuseMergeGroup abc",
      () => void (world.store.book.mergeGroups = [{ repository: 5, head: "abc" }]),
      { repository: origin.repository },
    ],
    ["a repository", "openChanges 5", () => undefined, { repository: origin.repository }],
    ["failed deliveries", "failedDeliveries", () => undefined, {}],
  ])("keeps nobody from the rest, and is said: %s", async (_, where, given, fields) => {
    world.decided({ state: "closed", due: world.time.now });
    for (const error of [down, fault]) {
      given();
      world.forge.failing.set(where, error);
      await run();
    }
    expect(world.said.filter(({ message }) => !message.startsWith("the sweep found"))).toEqual([
      { level: "warn", fields, message: "not swept: GitHub answered 502" },
      { level: "error", fields: { ...fields, err: fault }, message: "a sweep failed over a fault of the gate" },
    ]);
    expect(world.store.book.woken).toEqual(["5#7"]);
    expect(done.filter((name) => name === "nights")).toHaveLength(2);
  });

  it.each(["explain", "nights"])("keeps nobody from the rest: %s", async (where) => {
    failing.set(where, fault);
    world.forge.failed = [{ id: "1", guid: "g", event: "push", at: world.time.now.toISOString() }];
    expect(await run()).toMatchObject({ redelivered: 1 });
    expect(lines()[0]).toBe("error: a sweep failed over a fault of the gate");
  });

  it("is said of what this machine keeps, and kept for the next", async () => {
    failing.set("prune", new Problem({ code: "git", text: "The disk is full.", hint: "" }));
    expect((await run()).woken).toBe(1);
    failing.set("prune", fault);
    expect((await run()).woken).toBe(0);
    expect(world.said.map(({ level, message, fields }) => [level, message, fields["repository"]])).toEqual([
      ["warn", "what is kept for closed changes stays until the next sweep: The disk is full.", origin.repository],
      ["info", "the sweep found what no webhook had told of", undefined],
      ["error", "a sweep failed over a fault of the gate", origin.repository],
    ]);
  });

  it("looks for policies after it knows where the App is installed", async () => {
    world.store.book.discoveredAt = null;
    world.forge.installed = [origin];
    await run();
    expect(done[0]).toBe("sight");
  });
});

describe("a sweep as a job", () => {
  const job: Job<object> = { queue: "sweep", id: "1", data: {}, lease: { name: "sweep", epoch: 2 } as Job<object>["lease"] };
  it.each<[string, () => void, string[]]>([
    ["that came through", () => world.store.book.changes.clear(), []],
    [
      "that broke off",
      () => void (world.store.records.takeOrigins = () => Promise.reject(new Error("no such column"))),
      ["error: a sweep broke off"],
    ],
  ])("%s is followed by the next in a minute", async (_, given, said) => {
    given();
    const end = await sweepOnce(ports(), job);
    expect(world.store.book.ended).toEqual([]);
    await world.store.held(world.store.lease, end);
    expect(world.store.book.ended).toEqual([{ how: "settled", job, seconds: 60 }]);
    expect(lines()).toEqual(said);
    expect(world.said.map(({ fields }) => fields)).toEqual(said.map(() => ({ err: new Error("no such column") })));
  });
});
