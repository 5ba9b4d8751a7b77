import { beforeEach, describe, expect, it } from "vitest";
import { acknowledge } from "../../src/engine/acknowledge.ts";
import type { Failure } from "../../src/engine/ports/forge.ts";
import type { CommentFacts } from "../../src/gate/facts.ts";
import { known, unknown, type Facts } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";
import { Down } from "./stand-ins/forge.ts";
import { change, newWorld, origin, type World } from "./stand-ins/world.ts";

/** Which comments a turn acknowledges. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const heard = (comments: Facts["comments"], answered: number[] = []): Promise<Failure[]> =>
  acknowledge(world.ports, {
    lease: world.store.lease,
    origin,
    change,
    facts: w.facts({ comments }),
    memory: w.memory({ answered: new Set(answered) }),
    report: null,
  });
const comment = (id: number, more: Partial<CommentFacts> = {}): CommentFacts => w.comment(w.alice, "/merge", { id, ...more });

describe("a turn acknowledges", () => {
  it.each<[string, CommentFacts, number[], boolean]>([
    ["a command", comment(101), [], true],
    ["no command of a bot", comment(101, { author: w.renovate }), [], false],
    ["none of an account that is gone", comment(101, { author: null }), [], false],
    ["none that was answered", comment(101), [101], false],
    ["nothing that is no command", comment(101, { body: "I would /merge this" }), [], false],
  ])("%s", async (_, given, answered, expected) => {
    expect(await heard(known([given]), answered)).toEqual([]);
    expect(world.forge.asked).toEqual(expected ? ["react 101"] : []);
    expect([...world.store.book.reacted]).toEqual(expected ? [101] : []);
  });

  it("nothing twice", async () => {
    world.store.book.reacted.add(101);
    await heard(known([comment(101), comment(102)]));
    expect(world.forge.asked).toEqual(["react 102"]);
  });

  it("nothing while it can't tell the comments", async () => {
    expect(await heard(unknown("GitHub answered 502"))).toEqual([]);
    expect(world.forge.asked).toEqual([]);
  });

  it("the others where GitHub refuses one, which is tried again", async () => {
    world.forge.failing.set("react 101", new Down("GitHub answered 403", 9));
    expect(await heard(known([comment(101), comment(102)]))).toEqual([{ text: "GitHub answered 403", after: 9 }]);
    expect([...world.store.book.reacted]).toEqual([102]);
    expect(world.said).toMatchObject([{ level: "warn", message: "GitHub answered 403", fields: { ...change, comment: 101 } }]);
  });

  it("nothing more after a fault of the gate", async () => {
    world.forge.failing.set("react 101", new TypeError("x is not a function"));
    await expect(heard(known([comment(101)]))).rejects.toThrow("x is not a function");
  });
});
