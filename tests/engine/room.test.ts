import { describe, expect, it } from "vitest";
import { Binary, Deferred, Secret, type Value } from "../../src/catalog/catalog.ts";
import type { Change } from "../../src/catalog/change.ts";
import { Room } from "../../src/engine/room.ts";
import { configFindings } from "../../src/engine/subject.ts";
import { apartHere } from "./stand-ins/apart.ts";

const change = (before: Value, after: Value): Change => ({
  type: "File",
  title: "/x",
  attribute: "content",
  change: "changed",
  kind: "system",
  before,
  after,
  source: null,
});

describe("what a check holds of a change's effects", () => {
  it.each<[name: string, before: Value, after: Value]>([
    ["a text", "x".repeat(2_000), null],
    ["a text in a hash", null, { a: ["x".repeat(2_000)] }],
    ["many small things", null, Array.from({ length: 100 }, () => 1)],
    ["a Deferred's arguments", new Deferred("f", ["x".repeat(2_000)]), null],
  ])("is bounded over all nodes: %s", (_, before, after) => {
    const room = new Room(4_000);
    room.take([change(before, after)], 0);
    expect(() => room.take([change(before, after)], 0)).toThrow(/does more than a check can hold/);
  });

  it("counts little for what is told by a digest, and something for each restart", () => {
    const room = new Room(1_000);
    room.take([change(new Secret("x".repeat(64)), new Binary("y".repeat(64), 2 ** 30))], 0);
    room.take([change(1, 2)], 0);
    expect(() => room.take([change(1, 2)], 3)).toThrow(/does more than a check can hold/);
  });
});

describe("how much a change is taken to be", () => {
  /** In bytes: the smallest room that takes it. */
  const sizeOf = (before: Value, restarts = 0): number => {
    let room = 0;
    for (; ; room += 1) {
      try {
        new Room(room).take([change(before, null)], restarts);
        return room;
      } catch {
        // A little more, then.
      }
    }
  };
  // A change is 300, a value of no text 8, what is in a list or a hash 16 more.
  it.each<[string, Value, number]>([
    ["a text by its length", "x".repeat(100), 300 + 100 + 8],
    ["what is no text", true, 300 + 8 + 8],
    ["a secret", new Secret("x".repeat(64)), 300 + 8 + 8],
    ["bytes", new Binary("y".repeat(64), 2 ** 30), 300 + 8 + 8],
    ["a list", ["abc", null], 300 + 16 + 3 + 16 + 8 + 8],
    ["a hash", { a: "abc" }, 300 + 16 + 3 + 8],
    ["a function of the agent", new Deferred("f", ["abc"]), 300 + 16 + 3 + 8],
    ["a list of nothing", [], 300 + 8],
  ])("%s", (_, value, bytes) => expect(sizeOf(value)).toBe(bytes));

  it("restarts too", () => expect(sizeOf("", 2)).toBe(300 + 8 + 2 * 200));
});

describe("classification and stand-ins of the repository", () => {
  const told = async (path: string, oldPath: string | null = null): Promise<string[]> => {
    const changed = [{ path, oldPath, status: "modified" as const, mode: "100644", added: new Set<number>() }];
    const findings = await configFindings({} as never, "", changed, { enc: "site-data/enc.yaml", standIns: "stand-ins/" }, apartHere);
    return findings.map(({ code, severity }) => `${severity} ${code}`);
  };

  it.each([
    ["site-data/enc.yaml", null, ["notice classification-of-base"]],
    ["stand-ins/files/etc/private.yaml", null, ["notice stand-ins-of-base"]],
    ["aside/private.yaml", "stand-ins/files/etc/private.yaml", ["notice stand-ins-of-base"]],
    ["stand-ins2/x", null, []],
    ["site-data/enc.yaml.bak", null, []],
  ])("a change to %s (once %s) is told, since the next change is judged with it", async (path, old, expected) => {
    expect(await told(path, old)).toEqual(expected);
  });
});
