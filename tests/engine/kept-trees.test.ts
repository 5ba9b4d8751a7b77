import { describe, expect, it, vi } from "vitest";
import { keepTrees, treeKey, type KeepLimits, type TreeRequest } from "../../src/engine/kept-trees.ts";
import { startDeadline } from "../../src/engine/deadline.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";

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

describe("what is kept of trees", () => {
  const gate = (): { tree: OpenTree; closing: PromiseWithResolvers<void>; closed: () => number } => {
    const closing = Promise.withResolvers<void>();
    let closed = 0;
    const close = async (): Promise<void> => {
      await closing.promise;
      closed += 1;
    };
    return { tree: { close } as OpenTree, closing, closed: () => closed };
  };
  const settled = async (work: Promise<unknown>): Promise<boolean> => {
    let isSettled = false;
    void work.finally(() => (isSettled = true));
    await new Promise((resolve) => setImmediate(resolve));
    return isSettled;
  };

  it("is closed before whoever gave back the last of them, or closes all, goes on", async () => {
    const { tree, closing, closed } = gate();
    const trees = keepTrees({ most: 1, idleSeconds: 60, freeMemory: () => 2 ** 31 });
    const first = await trees.borrow({ branch: "main", key: "A" }, async () => tree);
    await first.close();
    const second = await trees.borrow({ branch: "main", key: "B" }, async () => ({ close: async () => {} }) as OpenTree);
    // A goes, since B is the newer tip; its sandbox ends in its own time.
    const given = second.close();
    expect(await settled(given)).toBe(false);
    const all = trees.close();
    expect(await settled(all)).toBe(false);
    closing.resolve();
    await Promise.all([given, all]);
    expect(closed()).toBe(1);
  });

  it("is closed once when all is over, those that are lent when they come back", async () => {
    const { told, borrow, trees } = stage();
    const [one, other] = [await borrow("A"), await borrow("B")];
    await one.close();
    await trees.close();
    expect(told).toEqual(["+A", "+B", "-A"]);
    await other.close();
    expect(told).toEqual(["+A", "+B", "-A", "-B"]);
    await trees.close();
    expect(told).toHaveLength(4);
  });

  it("does not keep the process alive, nor a timer of what is gone", async () => {
    vi.useFakeTimers();
    try {
      const { borrow, trees } = stage({ idleSeconds: 60 });
      await (await borrow("A/main", "main")).close();
      expect(vi.getTimerCount()).toBe(1);
      await (await borrow("B", "main")).close();
      expect(vi.getTimerCount()).toBe(1);
      await trees.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    [2 ** 30, ["+A"]],
    [2 ** 30 - 1, ["+A", "-A"]],
  ])("is something where %d bytes of memory are left, or nothing", async (bytes, expected) => {
    const { told, borrow } = stage({ freeMemory: () => bytes });
    await (await borrow("A")).close();
    expect(told).toEqual(expected);
  });

  it("is one tree for two checks at once, closed when both gave it back", async () => {
    const { told, borrow } = stage({ most: 0 });
    const [one, other] = [await borrow("A"), await borrow("A")];
    await one.close();
    expect(told).toEqual(["+A"]);
    await other.close();
    expect(told).toEqual(["+A", "-A"]);
  });

  it("is in use as long as one of several has it, for however long", async () => {
    vi.useFakeTimers();
    try {
      const { told, borrow } = stage({ idleSeconds: 60 });
      const [one, other] = [await borrow("A"), await borrow("A")];
      await one.close();
      await vi.advanceTimersByTimeAsync(200_000);
      expect([told, vi.getTimerCount()]).toEqual([["+A"], 0]);
      await other.close();
      expect(vi.getTimerCount()).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("lets the process end while it waits", async () => {
    const { borrow, trees } = stage();
    const timers = vi.spyOn(globalThis, "setTimeout");
    try {
      await (await borrow("A")).close();
      expect(timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
    } finally {
      timers.mockRestore();
      await trees.close();
    }
  });

  it("is told of a tree that could not be closed once, to who gave it back", async () => {
    const trees = keepTrees({ most: 0, idleSeconds: 60, freeMemory: () => 2 ** 31 });
    const borrow = (key: string, close: () => Promise<void>) => trees.borrow({ branch: key, key }, async () => ({ close }) as OpenTree);
    const bad = await borrow("A", () => Promise.reject(new Error("it does not end")));
    const good = await borrow("B", async () => {});
    await expect(bad.close()).rejects.toThrow("it does not end");
    await good.close();
    await trees.close();
  });

  it("is idle for whole seconds", async () => {
    vi.useFakeTimers();
    try {
      const { told, borrow } = stage({ idleSeconds: 60 });
      await (await borrow("A")).close();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(told).toEqual(["+A", "-A"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is a newer tree under a key whose first opening failed late", async () => {
    const { told, borrow, trees } = stage();
    const opening = Promise.withResolvers<OpenTree>();
    const failing = trees.borrow({ branch: "main", key: "A" }, () => opening.promise);
    // Meanwhile the branch moved on, and back.
    await (await borrow("B", "main")).close();
    opening.reject(new Error("no"));
    await expect(failing).rejects.toThrow("no");
    await (await borrow("B", "main")).close();
    expect(told).toEqual(["+B"]);
    await trees.close();
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
    const mine = { in: "disk" as const, folder: "/m", only: null };
    expect(treeKey({ ...one, layout: { ...inTree, modulepath: [mine] } })).toBeNull();
    expect(treeKey({ ...one, layout: { ...inTree, modulepath: [...inTree.modulepath, mine] } })).toBeNull();
    const tree = (path: string) => treeKey({ ...one, layout: { ...inTree, modulepath: [{ in: "tree", path }] } });
    expect(tree("site")).not.toBe(tree("modules"));
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

  it("is counted anew when it is set anew", () => {
    vi.useFakeTimers();
    try {
      const deadline = startDeadline(undefined);
      deadline.set(1);
      deadline.set(3);
      vi.advanceTimersByTime(120_000);
      expect(deadline.signal.aborted).toBe(false);
      vi.advanceTimersByTime(60_000);
      expect(deadline.signal.aborted).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
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
