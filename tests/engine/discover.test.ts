import { beforeEach, describe, expect, it } from "vitest";
import { discover } from "../../src/engine/discover.ts";
import type { Origin } from "../../src/gate/event.ts";
import { Down } from "./stand-ins/forge.ts";
import { memoryLog, newWorld, type World } from "./stand-ins/world.ts";

/** Where the App is installed, as it comes to be known without webhooks. */
let world: World;
let looked: number;
let log: ReturnType<typeof memoryLog>;
const at = (id: number, installation = 1): Origin => ({ installation, repository: { id, owner: "acme", name: `control-${id}` } });
beforeEach(() => {
  world = newWorld();
  looked = 0;
  log = memoryLog();
  world.store.book.repositories.clear();
  for (const origin of [at(1), at(2), at(3, 2)])
    world.store.book.repositories.set(origin.repository.id, { ...origin, goneAt: null, sweptAt: null });
  world.forge.installed = [at(1), at(2), at(3, 2)];
});
const run = (): Promise<void> =>
  discover({
    store: world.store,
    forge: world.forge,
    sight: async () => void (looked += 1),
    now: () => world.time.now,
    log: log.log,
  });
const ids = async (): Promise<number[]> => (await world.store.records.allOrigins()).map(({ repository }) => repository.id);

describe("a look at where the App is installed", () => {
  it("is taken each hour, or when it is asked for", async () => {
    await run();
    await run();
    expect(world.forge.asked).toEqual(["installations", "repositories 1", "repositories 2"]);
    world.time.now = new Date(world.time.now.getTime() + 3_599_999);
    await run();
    expect(looked).toBe(1);
    world.time.now = new Date(world.time.now.getTime() + 1);
    await run();
    expect(looked).toBe(2);
    await world.store.records.askDiscovery();
    await run();
    expect(looked).toBe(3);
  });

  it("says nothing where nothing is otherwise", async () => {
    await run();
    expect(await ids()).toEqual([1, 2, 3]);
    expect(log.said).toEqual([]);
    expect(world.store.book.discoveredAt).toEqual(world.time.now);
  });

  it("finds repositories that no webhook told of", async () => {
    world.forge.installed = [...world.forge.installed, at(4), at(5, 2)];
    await run();
    expect(await ids()).toEqual([1, 2, 3, 4, 5]);
    const fields = { repositories: ["acme/control-4", "acme/control-5"] };
    expect(log.said).toEqual([{ level: "info", fields, message: "repositories were found that no webhook had told of" }]);
  });

  it("asks nothing of those that are gone any more", async () => {
    world.forge.installed = [at(1)];
    await run();
    expect(await ids()).toEqual([1]);
    const fields = { repositories: ["acme/control-2", "acme/control-3"] };
    expect(log.said).toMatchObject([{ level: "warn", fields }]);
    expect(world.store.book.repositories.get(2)?.goneAt).toEqual(world.time.now);
  });

  it("takes one that moved to another installation for the same", async () => {
    world.forge.installed = [at(1), at(2, 2), at(3, 2)];
    await run();
    expect(await world.store.records.originOf(2)).toEqual(at(2, 2));
    expect(log.said).toEqual([]);
  });

  it("takes none for gone whose installation can't be read, and asks again with the next sweep", async () => {
    world.forge.failing.set("repositories 1", new Down("GitHub answered 502"));
    world.forge.installed = [at(1), at(4, 2)];
    await run();
    expect(await ids()).toEqual([1, 2, 4]);
    expect(world.store.book.discoveredAt).toBeNull();
    expect(log.lines().slice(0, 2)).toEqual([
      "warn: its repositories can't be told now: GitHub answered 502",
      "info: repositories were found that no webhook had told of",
    ]);
    expect(log.said[0]?.fields).toEqual({ installation: 1 });
    expect(log.said[2]?.fields).toEqual({ repositories: ["acme/control-3"] });
    expect(looked).toBe(1);
  });

  it.each<[string, string, Error]>([
    ["the installations can't be read", "installations", new Down("GitHub answered 502")],
    ["the gate itself fails", "repositories 1", new TypeError("x is not a function")],
  ])("is asked for again where %s, and changes nothing", async (_, where, error) => {
    world.forge.failing.set(where, error);
    world.forge.installed = [];
    if (where !== "installations") world.forge.installed = [at(1)];
    await expect(run()).rejects.toThrow(error);
    expect(await ids()).toEqual([1, 2, 3]);
    expect(world.store.book.discoveredAt).toBeNull();
    expect(looked).toBe(0);
  });
});
