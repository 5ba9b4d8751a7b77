import { describe, expect, it } from "vitest";
import { factsDigest } from "../../src/plan/facts-digest.ts";
import type { FactPath } from "../../src/plan/trace.ts";

const facts = { os: { family: "Debian", release: { major: "12" } }, uptime: "1 day", none: null, list: ["a"] };

describe("the digest of the facts that were read", () => {
  it.each<[string, FactPath[], object, boolean]>([
    ["a fact that nobody read", [["os", "family"]], { uptime: "2 days" }, true],
    ["a fact that was read", [["uptime"]], { uptime: "2 days" }, false],
    ["something beside what was read", [["os", "family"]], { os: { family: "Debian", release: { major: "13" } } }, true],
    ["something below what was read", [["os"]], { os: { family: "Debian", release: { major: "13" } } }, false],
    ["anything, where all was read", [[]], { uptime: "2 days" }, false],
    ["a missing fact that comes to be there", [["new"]], { new: "x" }, false],
    ["a missing fact that comes to be null", [["new"]], { new: null }, false],
    ["another order of keys", [["os"]], { os: { release: { major: "12" }, family: "Debian" } }, true],
    ["nothing that was read", [], { os: 1, uptime: 2 }, true],
  ])("%s", (_, reads, change, same) => {
    expect(factsDigest(reads, { ...facts, ...change }) === factsDigest(reads, facts)).toBe(same);
  });

  it("does not depend on the order of reads, and tells paths from one another", () => {
    const a = ["os", "family"];
    const b = ["uptime"];
    expect(factsDigest([a, b, a], facts)).toBe(factsDigest([b, a], facts));
    expect(factsDigest([["none"]], facts)).not.toBe(factsDigest([["nope"]], facts));
    expect(factsDigest([["constructor"]], facts)).toBe(factsDigest([["constructor"]], { ...facts, uptime: 3 }));
  });
});
