import { describe, expect, it } from "vitest";
import { Binary, Deferred, Secret, type Value } from "../../src/catalog/catalog.ts";
import type { Change } from "../../src/catalog/change.ts";
import { Room } from "../../src/engine/room.ts";
import { configFindings } from "../../src/engine/subject.ts";

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

describe("classification and stand-ins of the repository", () => {
  const told = async (path: string, oldPath: string | null = null): Promise<string[]> => {
    const changed = [{ path, oldPath, status: "modified" as const, mode: "100644", added: new Set<number>() }];
    const findings = await configFindings({} as never, "", changed, { enc: "site-data/enc.yaml", standIns: "stand-ins/" });
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
