import { describe, expect, it } from "vitest";
import { createSlots, type Slot } from "../../src/engine/slots.ts";

/** Asks for slots, in the order of the names, and tells who got one; `end` ends somebody's work. */
function stage(count: number) {
  const slots = createSlots(count);
  const checks = new Map<string, ReturnType<typeof slots.enter>>();
  const shares = new Map<string, Slot>();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const asked = (names: string, signal?: AbortSignal): Promise<unknown>[] =>
    names.split(" ").map(async (name) => {
      // "A.base.1": a check, its side, and which work of it.
      const [check = "", side = ""] = name.split(".");
      const entered = checks.get(check) ?? slots.enter();
      checks.set(check, entered);
      const share = shares.get(`${check}.${side}`) ?? entered.share();
      shares.set(`${check}.${side}`, share);
      return share(() => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      }, signal);
    });
  /** Of those whose end does not matter. */
  const ask = (names: string): void => void asked(names);
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ask, asked, end, begun };
}

describe("slots", () => {
  it("are all one check's as long as it is alone", async () => {
    const { ask, begun } = stage(3);
    ask("A.base.1 A.base.2 A.base.3 A.base.4");
    await Promise.resolve();
    expect(begun).toEqual(["A.base.1", "A.base.2", "A.base.3"]);
  });

  const cases: Array<[string, number, string, string[], string[]]> = [
    [
      "go to both sides of a check in turn, so that pairs come together",
      2,
      "A.base.1 A.base.2 A.base.3 A.merged.1 A.merged.2 A.merged.3",
      ["A.base.1", "A.base.2", "A.merged.1", "A.merged.2", "A.base.3"],
      // The first two came when nobody else was there.
      ["A.base.1", "A.base.2", "A.merged.1", "A.base.3", "A.merged.2", "A.merged.3"],
    ],
    [
      "go to the check that has fewest at work",
      2,
      "A.base.1 A.base.2 A.base.3 A.base.4 B.base.1 B.base.2",
      ["A.base.1", "A.base.2", "B.base.1", "A.base.3"],
      ["A.base.1", "A.base.2", "B.base.1", "A.base.3", "B.base.2", "A.base.4"],
    ],
    [
      "go round among checks on one processor",
      1,
      "A.base.1 A.base.2 B.base.1 B.merged.1 C.base.1 A.merged.1",
      ["A.base.1", "B.base.1", "C.base.1", "A.merged.1", "B.merged.1"],
      ["A.base.1", "B.base.1", "C.base.1", "A.merged.1", "B.merged.1", "A.base.2"],
    ],
  ];
  it.each(cases)("%s", async (_, count, asked, ended, expected) => {
    const { ask, end, begun } = stage(count);
    ask(asked);
    await Promise.resolve();
    for (const name of ended) await end(name);
    expect(begun).toEqual(expected);
  });

  it("go to what is patient when nothing else has fewer at work", async () => {
    const { share } = createSlots(1).enter();
    const [base, files] = [share(), share("patient")];
    const begun: string[] = [];
    const work = (name: string) => async (): Promise<void> => void begun.push(name);
    await Promise.all([base(work("first")), files(work("lint")), files(work("syntax")), base(work("second")), base(work("third"))]);
    expect(begun).toEqual(["first", "second", "third", "lint", "syntax"]);
  });

  it("are given back by work that fails", async () => {
    const slot = createSlots(1).enter().share();
    await expect(slot(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await slot(async () => "next")).toBe("next");
  });

  it("are not given to who was called off while waiting, or before", async () => {
    const { ask, asked, end, begun } = stage(1);
    ask("A.base.1");
    const off = new AbortController();
    const called = asked("B.base.1 B.base.2", off.signal).map((each) => each.catch((error: unknown) => String(error)));
    ask("C.base.1");
    off.abort("off");
    expect(await Promise.all(called)).toEqual(["off", "off"]);
    await end("A.base.1");
    expect(begun).toEqual(["A.base.1", "C.base.1"]);
    await expect(asked("D.base.1", off.signal)[0]).rejects.toBe("off");
  });

  it("are one at least", async () => {
    expect(await createSlots(0).enter().share()(async () => "done")).toBe("done");
  });

  it("ask no more of a signal once the work has begun, or was called off", async () => {
    const listeners: string[] = [];
    const signal = {
      aborted: false,
      reason: "off",
      addEventListener: (name: string) => void listeners.push(`+${name}`),
      removeEventListener: (name: string) => void listeners.push(`-${name}`),
    };
    await createSlots(1).enter().share()(async () => {}, signal as unknown as AbortSignal);
    expect(listeners).toEqual(["+abort", "-abort"]);
  });

  it("go to who has fewest at work, though others have waited longer", async () => {
    const { ask, end, begun } = stage(2);
    ask("A.base.1 B.base.1 A.base.2 B.base.2");
    await Promise.resolve();
    await end("B.base.1");
    expect(begun).toEqual(["A.base.1", "B.base.1", "B.base.2"]);
  });

  it("go to the side of a check that has waited longest, where all have as many at work", async () => {
    const { ask, end, begun } = stage(1);
    ask("A.base.1 A.base.2 A.merged.1 A.base.3 A.merged.2");
    await Promise.resolve();
    for (const name of ["A.base.1", "A.merged.1", "A.base.2", "A.merged.2"]) await end(name);
    expect(begun).toEqual(["A.base.1", "A.merged.1", "A.base.2", "A.merged.2", "A.base.3"]);
  });
});
