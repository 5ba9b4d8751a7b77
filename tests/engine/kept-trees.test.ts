import { describe, expect, it, vi } from "vitest";
import { keepTrees, treeKey, type KeepLimits, type TreeRequest } from "../../src/engine/kept-trees.ts";
import { startDeadline } from "../../src/engine/deadline.ts";
import type { OpenTree } from "../../src/engine/ports.ts";

/** Trees that tell when they are opened and closed. */
function stage(limits: Partial<KeepLimits> = {}) {
  const told: string[] = [];
  const trees = keepTrees({ most: 2, idleSeconds: 60, freeMemory: () => 2 ** 31, ...limits });
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  const borrow = (name: string, branch = name): Promise<OpenTree> =>
    trees.borrow({ branch, key: name }, async () => {
      told.push(`+${name}`);
      const close = async (): Promise<void> => void told.push(`-${name}`);
      return { compile: unused, nodeStatements: unused, syntax: unused, lint: unused, fixLint: unused, definitions: unused, close };
    });
  return { told, trees, borrow };
}

/** `+A` borrows A, `-A` gives it back; a branch's name stands behind a slash. */
const stories: Array<[string, string, string, Partial<KeepLimits>?]> = [
  ["stay open for the next check", "+A -A +A -A", "+A"],
  ["are shared by checks at the same time", "+A +A -A -A", "+A"],
  ["are closed when a newer tip of their branch is opened", "+A/main -A +B/main -B", "+A +B -A"],
  ["that are in use then are closed when they are given back", "+A/main +B/main -A -B", "+A +B -A"],
  ["of other branches stay", "+A/main -A +B/next -B +A/main -A", "+A +B"],
  ["go when there are too many, first those that were unused longest", "+A -A +B -B +A -A +C -C", "+A +B +C -B"],
  ["in use do not count", "+A +B +C -A -B -C", "+A +B +C -A"],
  ["are not kept where memory is short", "+A -A +A -A", "+A -A +A -A", { freeMemory: () => 2 ** 29 }],
  ["are not kept where none is to be", "+A -A", "+A -A", { most: 0 }],
];

describe("trees of base", () => {
  it.each(stories)("%s", async (_, doings, expected, limits) => {
    const { told, trees, borrow } = stage(limits);
    const lent = new Map<string, OpenTree[]>();
    for (const doing of doings.split(" ")) {
      const [name = "", branch = name] = doing.slice(1).split("/");
      if (doing.startsWith("+")) lent.set(name, [...(lent.get(name) ?? []), await borrow(name, branch)]);
      else await lent.get(name)?.shift()?.close();
    }
    expect(told.join(" ")).toBe(expected);
    await trees.close();
    expect(told.filter((each) => each.startsWith("+")).length).toBe(told.filter((each) => each.startsWith("-")).length);
  });

  it("are closed once nobody used them for so long", async () => {
    vi.useFakeTimers();
    try {
      const { told, borrow } = stage({ idleSeconds: 60 });
      await (await borrow("A")).close();
      await vi.advanceTimersByTimeAsync(59_000);
      const again = await borrow("A");
      await vi.advanceTimersByTimeAsync(120_000);
      await again.close();
      await vi.advanceTimersByTimeAsync(59_000);
      expect(told).toEqual(["+A"]);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(told).toEqual(["+A", "-A"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("that can't be opened are nobody's, and are tried again", async () => {
    const { trees, borrow, told } = stage();
    const failing = trees.borrow({ branch: "A", key: "A" }, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    await (await borrow("A")).close();
    expect(told).toEqual(["+A"]);
    await trees.close();
  });

  it("given back twice are given back once", async () => {
    const { told, borrow, trees } = stage({ most: 0 });
    const [one, other] = [await borrow("A"), await borrow("A")];
    await one.close();
    await one.close();
    expect(told).toEqual(["+A"]);
    await other.close();
    await trees.close();
    expect(told).toEqual(["+A", "-A"]);
  });
});

describe("the key of a tree", () => {
  const limits = { nodeSeconds: 1, startSeconds: 1, memoryMib: 1, processes: 1, outputMib: 1 };
  const inTree: TreeRequest["layout"] = { name: "production", modulepath: [{ in: "tree", path: "modules" }], manifest: "manifests" };
  const one: TreeRequest = { tree: "t", layout: inTree, limits, versions: { puppet: "7" }, standIns: null };
  const withModule = (folder: string, id: string): TreeRequest => ({
    ...one,
    layout: { ...inTree, modulepath: [{ in: "disk", folder, only: ["stdlib"], id }] },
  });
  const others: Array<[string, TreeRequest]> = [
    ["tree", { ...one, tree: "u" }],
    ["environment", { ...one, layout: { ...inTree, name: "testing" } }],
    ["main manifest", { ...one, layout: { ...inTree, manifest: "site.pp" } }],
    ["module path", { ...one, layout: { ...inTree, modulepath: [] } }],
    ["limit", { ...one, limits: { ...limits, memoryMib: 2 } }],
    ["version", { ...one, versions: { puppet: "8" } }],
    ["stand-ins", { ...one, standIns: "s" }],
    ["module from elsewhere", withModule("/cache/1", "1")],
  ];
  it.each(others)("is another one with another %s", (_, other) => {
    expect(treeKey(other)).not.toBe(treeKey(one));
    expect(treeKey(structuredClone(other))).toBe(treeKey(other));
  });

  it("is the same wherever modules lie that can't change, and there is none where they can", () => {
    expect(treeKey(withModule("/cache/1", "1"))).toBe(treeKey(withModule("/cache/2", "1")));
    expect(treeKey(withModule("/cache/1", "1"))).not.toBe(treeKey(withModule("/cache/1", "2")));
    expect(treeKey({ ...one, layout: { ...inTree, modulepath: [{ in: "disk", folder: "/m", only: null }] } })).toBeNull();
  });
});

describe("a check's time", () => {
  it("ends it with the limit's name", async () => {
    vi.useFakeTimers();
    try {
      const deadline = startDeadline(undefined);
      deadline.set(2);
      await vi.advanceTimersByTimeAsync(119_000);
      expect(deadline.signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(deadline.signal.reason).toMatchObject({
        code: "check-time",
        text: expect.stringContaining("2 minutes that compile.check_minutes"),
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not matter once the check is over, and who calls it off is heard", () => {
    vi.useFakeTimers();
    try {
      const controller = new AbortController();
      const deadline = startDeadline(controller.signal);
      deadline.set(1);
      deadline.clear();
      vi.advanceTimersByTime(120_000);
      expect(deadline.signal.aborted).toBe(false);
      controller.abort("off");
      expect(deadline.signal.reason).toBe("off");
    } finally {
      vi.useRealTimers();
    }
  });
});
