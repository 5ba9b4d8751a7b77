import { describe, expect, it } from "vitest";

import { LineSet } from "../../src/git/lines.ts";
import { PatchReader } from "../../src/git/patch.ts";

const meta = (letter: string, from = "100644", to = "100644"): string => `:${from} ${to} ${"1".repeat(40)} ${"2".repeat(40)} ${letter}\0`;
const output = Buffer.from(
  `${meta("M")}a.pp\0${meta("R090")}old\nname\0new\0${meta("T", "120000", "100644")}link\0\0` +
    // Content that looks like heads, and a last line without a line break.
    `diff --git a/a.pp b/a.pp\nindex 1..2 100644\n--- a/a.pp\n+++ b/a.pp\n@@ -2,2 +2 @@ class a {\n-@@ -1 +900 @@\n-diff --git a/x b/x\n+diff --git a/y b/y\n\\ No newline at end of file\n` +
    `@@ -9,0 +9,3 @@\n+@@ -1,0 +1,99 @@\n+\n+\\ No newline\n` +
    `diff --git "a/old\\nname" b/new\nsimilarity index 90%\nrename from x\nrename to new\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n` +
    `diff --git a/link b/link\ndeleted file mode 120000\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\ndiff --git a/link b/link\nnew file mode 100644\n@@ -0,0 +1,2 @@\n+a\n+b\n`,
);

describe("reading git's patches as they come", () => {
  it.each([1, 2, 3, 7, 64, 100_000])("in pieces of %i bytes", (size) => {
    const reader = new PatchReader();
    for (let at = 0; at < output.length; at += size) reader.push(output.subarray(at, at + size));
    reader.end();
    expect(reader.changes.map(({ letter, paths }) => [letter, ...paths.map(String)])).toEqual([
      ["M", "a.pp"],
      ["R", "old\nname", "new"],
      ["T", "link"],
    ]);
    expect(reader.changes[2]).toMatchObject({ oldMode: "120000", newMode: "100644" });
    expect(reader.sections.map((lines) => Array.from(lines))).toEqual([[2, 9, 10, 11], [1], [], [1, 2]]);
  });

  it.each([
    ["in a record", 20],
    ["before a path", meta("M").length],
    ["in a hunk", output.length - 3],
    ["in a line of a head", output.indexOf("similarity") + 4],
  ])("says when it broke off %s", (_, size) => {
    const reader = new PatchReader();
    reader.push(output.subarray(0, size));
    expect(() => reader.end()).toThrow("broke off");
  });

  it("has nothing where nothing changed", () => {
    const reader = new PatchReader();
    reader.end();
    expect(reader.changes).toEqual([]);
  });
});

describe("a set of lines", () => {
  const set = new LineSet();
  set.add(2, 3);
  set.add(5, 1);
  set.add(9, 0);
  set.add(10, 2);
  const same = new Set([2, 3, 4, 5, 10, 11]);

  it("has what was added", () => {
    expect([...set]).toEqual([...same]);
    expect(set.size).toBe(6);
    expect([0, 1, 2, 5, 6, 9, 10, 11, 12, 2.5].filter((line) => set.has(line))).toEqual([2, 5, 10, 11]);
  });

  it("is as good as a Set", () => {
    const other = new Set([5, 6]);
    expect([...set.keys()]).toEqual([...same.keys()]);
    expect([...set.entries()]).toEqual([...same.entries()]);
    expect(set.union(other)).toEqual(same.union(other));
    expect(set.intersection(other)).toEqual(new Set([5]));
    expect(set.difference(other)).toEqual(same.difference(other));
    expect(set.symmetricDifference(other)).toEqual(same.symmetricDifference(other));
    expect([set.isSubsetOf(other), set.isSupersetOf(other), set.isDisjointFrom(other), set.isSupersetOf(new Set([2]))]).toEqual([
      false,
      false,
      false,
      true,
    ]);
    const seen: number[] = [];
    set.forEach((line) => seen.push(line));
    expect(seen).toEqual([...same]);
  });

  it("takes a file of a million lines in no room", () => {
    const large = new LineSet();
    large.add(1, 50_000_000);
    expect(large.has(50_000_000) && !large.has(50_000_001)).toBe(true);
  });

  it("counts the gaps as changed once there are too many of them", () => {
    const scattered = new LineSet();
    for (let line = 1; line < 300_000; line += 2) scattered.add(line, 1);
    expect([1, 2, 199_999].map((line) => scattered.has(line))).toEqual([true, false, true]);
    expect([200_002, 299_998, 299_999, 300_000].map((line) => scattered.has(line))).toEqual([true, true, true, false]);
  });
});
