import { describe, expect, it } from "vitest";
import { KeptBase } from "../../../src/engine/kept/kept-base.ts";
import { memoryCache } from "../../../src/engine/memory-cache.ts";
import { prove, type Proven } from "../../../src/engine/night/prove.ts";
import type { CompileCache } from "../../../src/engine/ports/cache.ts";
import type { CompileOutcome } from "../../../src/engine/ports/compile.ts";
import type { OpenTree } from "../../../src/engine/ports/puppet.ts";
import { changedOf } from "../../plan/world.ts";
import { compiles, fails, node } from "./world.ts";

const nodes = ["d", "b", "a", "c"].map(node);

const soon = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** A tree that says of a node what `says` gives for its nth compile. What it said is kept as the number of the compile. Where `isReversed`, those that were asked for last are told first. */
function tree(says: (certname: string, nth: number) => CompileOutcome, isReversed = false) {
  const asked: string[] = [];
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  const open: OpenTree = {
    compile: async (queue, onOutcome, { raw }) => {
      const tell: Array<() => void> = [];
      for await (const { certname } of queue) {
        const nth = asked.filter((name) => name === certname).length;
        asked.push(certname);
        const outcome = says(certname, nth);
        tell.push(() => (raw === true ? onOutcome(outcome, Buffer.from(String(nth))) : onOutcome(outcome)));
        if (!isReversed) tell.pop()?.();
        // What is kept of a node has been read by the time that the next one is asked for.
        await soon();
      }
      for (const one of tell.toReversed()) one();
    },
    nodeStatements: unused,
    definitions: unused,
    syntax: unused,
    lint: unused,
    fixLint: unused,
    close: unused,
  };
  return { asked, open, says };
}

interface Night {
  cache: CompileCache;
  after?: string | null;
  /** So many nodes, then something else has to be done. */
  room?: number;
  now?: (certname: string, nth: number) => CompileOutcome;
  of?: typeof nodes;
  isReversed?: boolean;
  signal?: AbortSignal;
}

const keptOf = (cache: CompileCache, said: (certname: string, nth: number) => CompileOutcome): Promise<KeptBase> =>
  KeptBase.open({
    cache,
    distrusted: null,
    scope: "scope",
    listing: { files: new Map(), root: "/etc", modulepath: [], manifest: "/etc/manifests", unlisted: [] },
    standIns: null,
    changedSince: async () => changedOf({}),
    lacking: () => null,
    readKept: (certname, raw) => said(certname, Number(raw.toString())),
  });

/** What checks kept of base. */
async function checked(said: (certname: string) => CompileOutcome, of = nodes): Promise<CompileCache> {
  const cache = memoryCache(2 ** 20);
  const kept = await keptOf(cache, said);
  for (const each of of) kept.add(each, said(each.certname), Buffer.from("0"));
  await kept.save();
  return cache;
}

async function night({
  cache,
  after = null,
  room = 99,
  now = (name) => compiles(name),
  of = nodes,
  isReversed = false,
  signal = new AbortController().signal,
}: Night): Promise<Proven & { asked: string[]; opened: number }> {
  const { open, asked } = tree(now, isReversed);
  let [opened, left] = [0, room];
  const proven = await prove({
    kept: await keptOf(cache, (name) => compiles(name)),
    nodes: of,
    after,
    open: async () => {
      opened += 1;
      return open;
    },
    mayGoOn: async () => left-- > 0,
    cores: 2,
    signal,
  });
  return { ...proven, asked, opened };
}

describe("a night", () => {
  it("compiles every node, in order, and compares each with what is kept", async () => {
    const cache = await checked((name) => compiles(name));
    expect(await night({ cache })).toEqual({ after: null, verdicts: 4, missed: [], asked: ["a", "b", "c", "d"], opened: 1 });
  });

  it("finds the node that base does not compile to what is kept, after a second compile", async () => {
    const cache = await checked((name) => compiles(name));
    const now = (name: string): CompileOutcome => compiles(name, name === "c" ? { says: { greeting: "bye" } } : {});
    const came = await night({ cache, now });
    expect(came).toMatchObject({ verdicts: 4, missed: [{ certname: "c", differs: ["message of Notify[greeting]"] }] });
    expect(came.asked).toEqual(["a", "b", "c", "d", "c"]);
  });

  it("takes what differs at every compile for chance", async () => {
    const cache = await checked((name) => compiles(name));
    const now = (name: string, nth: number): CompileOutcome => compiles(name, { says: { greeting: `hell${nth === 0 ? "p" : "q"}` } });
    expect(await night({ cache, now })).toMatchObject({ verdicts: 4, missed: [] });
  });

  it("names no secret that a title holds", async () => {
    const cache = await checked((name) => compiles(name));
    const now = (name: string): CompileOutcome =>
      compiles(name, { says: { greeting: "hello", "login s3cr3t-enough": "x" }, secret: "s3cr3t-enough" });
    expect((await night({ cache, now })).missed[0]?.differs).toEqual(["Notify[login [secret]]"]);
  });

  it("stops when something else has to be done, and goes on there the next time", async () => {
    const cache = await checked((name) => compiles(name));
    // The first is asked for before anything is opened.
    expect(await night({ cache, room: 3 })).toEqual({ after: "b", verdicts: 2, missed: [], asked: ["a", "b"], opened: 1 });
    expect(await night({ cache, after: "b" })).toEqual({ after: null, verdicts: 2, missed: [], asked: ["c", "d"], opened: 1 });
    expect(await night({ cache, after: "b", room: 0 })).toEqual({ after: "b", verdicts: 0, missed: [], asked: [], opened: 0 });
    expect(await night({ cache, after: "d" })).toEqual({ after: null, verdicts: 0, missed: [], asked: [], opened: 0 });
  });

  it("keeps what nobody compiled since, so that base is warm in the morning", async () => {
    const cache = await checked((name) => compiles(name), nodes.slice(0, 2));
    expect(await night({ cache })).toMatchObject({ verdicts: 2 });
    expect(await night({ cache })).toMatchObject({ verdicts: 4 });
  });

  it.each([
    ["what fails on base", (name: string) => fails(name)],
    ["what rests on more than the tree", (name: string) => compiles(name, { impure: ["the function time"], says: { x: "other" } })],
  ])("proves nothing of %s: nobody concluded anything from it", async (_, said) => {
    const cache = await checked(said);
    expect(await night({ cache })).toMatchObject({ verdicts: 0, missed: [] });
  });

  it("proves nothing of what a limit ended", async () => {
    const cache = await checked((name) => compiles(name));
    expect(await night({ cache, now: (name) => fails(name, "timeout") })).toMatchObject({ after: null, verdicts: 0, missed: [] });
  });

  it("compiles the single node that is left", async () => {
    const cache = await checked((name) => compiles(name));
    expect(await night({ cache, after: "c" })).toMatchObject({ after: null, verdicts: 1, asked: ["d"] });
  });

  it("tells of nodes by their names, whichever was compiled first", async () => {
    const cache = await checked((name) => compiles(name));
    const now = (name: string): CompileOutcome => compiles(name, { says: { greeting: "bye" } });
    const { missed } = await night({ cache, now, isReversed: true });
    expect(missed.map(({ certname }) => certname)).toEqual(["a", "b", "c", "d"]);
  });

  it("waits for what is kept, however slow that is to be read", async () => {
    const kept = await checked((name) => compiles(name));
    const read: CompileCache["read"] = async (key) => {
      for (let times = 0; times < 3; times += 1) await soon();
      return kept.read(key);
    };
    const now = (name: string): CompileOutcome => compiles(name, { says: { greeting: "bye" } });
    expect((await night({ cache: { ...kept, read }, now })).missed).toHaveLength(4);
  });

  it("begins no more nodes once twenty differ: that many are enough to tell", async () => {
    const many = Array.from({ length: 25 }, (_, at) => node(`n${String(at).padStart(2, "0")}`));
    const cache = await checked((name) => compiles(name), many);
    const now = (name: string): CompileOutcome => compiles(name, { says: { greeting: "bye" } });
    const { after, asked, missed } = await night({ cache, now, of: many });
    expect(asked).toHaveLength(2 * 20);
    expect(missed).toHaveLength(20);
    expect(after).toBe("n19");
  });

  it("that is called off ends at once, and keeps nothing", async () => {
    const cache = await checked((name) => compiles(name), []);
    const controller = new AbortController();
    const asked: string[] = [];
    const now = (name: string): CompileOutcome => {
      asked.push(name);
      controller.abort(new Error("the gate is stopping"));
      return compiles(name);
    };
    await expect(night({ cache, now, signal: controller.signal })).rejects.toThrow("the gate is stopping");
    expect(asked).toEqual(["a"]);
    expect(await night({ cache })).toMatchObject({ verdicts: 0 });
  });
});
