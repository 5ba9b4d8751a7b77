import { beforeEach, describe, expect, it } from "vitest";
import { createReceiver, refuse } from "../../src/engine/receive.ts";
import type { Event } from "../../src/gate/event.ts";
import { Down } from "./stand-ins/forge.ts";
import { newWorld, origin, type World } from "./stand-ins/world.ts";

/** What is done at once for a delivery, and what GitHub's answer does not wait for. */
let world: World;
let news: number;
beforeEach(() => {
  world = newWorld();
  news = 0;
});
const receiver = () => createReceiver({ ...world.ports, onNews: () => void (news += 1) });
const troubles = () => world.said.filter(({ level }) => level !== "info");
const command: Event = { ...origin, kind: "change-touched", number: 7, push: null, comment: 101 };
const queue: Event = { ...origin, kind: "merge-group", head: "abc" };

async function received(...events: (Event | null)[]): Promise<void> {
  const made = receiver();
  for (const [at, event] of events.entries()) await made.receive({ id: `d${at}`, name: "x", event });
  await made.settled();
}

describe("a delivery", () => {
  it.each<[string, Event | null, string[]]>([
    ["with a command has it acknowledged", command, ["react 101"]],
    ["without one does not", { ...origin, kind: "change-touched", number: 7, push: null }, []],
    ["of a merge queue has it refused", queue, ["refuseMergeGroup abc"]],
    ["of something else does nothing", { ...origin, kind: "repository-touched" }, []],
    ["that means nothing does nothing", null, []],
  ])("%s", async (_, event, asked) => {
    await received(event);
    expect(world.forge.asked).toEqual(asked);
    expect(news).toBe(1);
    expect(troubles()).toEqual([]);
  });

  it("is one line of the log, with what it is about", async () => {
    await received(command, null);
    const fields = { event: "x", isNews: true };
    expect(world.said).toEqual([
      {
        level: "info",
        fields: { ...fields, meaning: "change-touched", repository: origin.repository, number: 7 },
        message: "a webhook was kept",
      },
      { level: "info", fields: { ...fields, meaning: "none" }, message: "a webhook was kept" },
    ]);
  });

  it("that is known does nothing again", async () => {
    const made = receiver();
    for (let times = 0; times < 2; times += 1) await made.receive({ id: "d1", name: "x", event: command });
    await made.settled();
    expect(world.forge.asked).toEqual(["react 101"]);
    expect(news).toBe(1);
  });

  it("leaves nothing to be made up for", async () => {
    await received(command, queue);
    expect([...world.store.book.reacted]).toEqual([101]);
    expect(world.store.book.mergeGroups).toEqual([]);
    expect([...world.store.book.deliveries.keys()]).toEqual(["d0", "d1"]);
  });

  it("is answered before GitHub is asked for anything, and done once that is", async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    world.forge.react = () => held;
    const made = receiver();
    await made.receive({ id: "d1", name: "x", event: command });
    expect(news).toBe(1);
    const order: string[] = [];
    const end = made.settled().then(() => order.push("settled"));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    order.push("let go");
    letGo();
    await end;
    expect(order).toEqual(["let go", "settled"]);
    expect([...world.store.book.reacted]).toEqual([101]);
    await made.settled();
  });

  it.each<[string, Event, string, string]>([
    ["a command", command, "react 101", "a command could not be acknowledged; its turn does it"],
    ["a merge queue", queue, "refuseMergeGroup abc", "a merge queue could not be refused; the next sweep does it"],
  ])("of %s that GitHub would not take leaves it to be made up for", async (_, event, where, what) => {
    world.forge.failing.set(where, new Down("GitHub answered 502"));
    await received(event);
    world.forge.failing.set(where, new TypeError("x is not a function"));
    const made = receiver();
    await made.receive({ id: "other", name: "x", event });
    await made.settled();
    expect(troubles()).toEqual([
      { level: "warn", fields: { repository: origin.repository }, message: `${what}: GitHub answered 502` },
      { level: "error", fields: { repository: origin.repository, err: new TypeError("x is not a function") }, message: what },
    ]);
    expect(world.store.book.reacted.size).toBe(0);
    expect(world.store.book.mergeGroups.length).toBe(event === queue ? 2 : 0);
  });

  it("says which repositories were lost, and which are back since when", async () => {
    const { repository } = origin;
    await received({ installation: 1, kind: "installation", state: "deleted", added: [], removed: [] });
    const gone = world.time.now;
    world.time.now = new Date(gone.getTime() + 60_000);
    const made = receiver();
    await made.receive({
      id: "back",
      name: "x",
      event: { installation: 1, kind: "installation", state: "active", added: [repository], removed: [] },
    });
    expect(troubles()).toEqual([
      { level: "warn", fields: { repository }, message: "the gate has no access to this repository any more, and asks nothing of it" },
      {
        level: "warn",
        fields: { repository, since: gone, until: world.time.now },
        message: "the gate has access to this repository again; it was blind meanwhile",
      },
    ]);
  });
});

it("a merge queue that GitHub would not refuse is still to be refused", async () => {
  world.store.book.mergeGroups.push({ repository: 5, head: "abc" }, { repository: 5, head: "def" });
  world.forge.failing.set("refuseMergeGroup abc", new Down("GitHub answered 502"));
  await expect(refuse(world.ports, origin, "abc")).rejects.toThrow("502");
  await refuse(world.ports, origin, "def");
  expect(world.store.book.mergeGroups).toEqual([{ repository: 5, head: "abc" }]);
});
