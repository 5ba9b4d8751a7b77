import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/catalog/catalog.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { compilePairs, type Decision, type PairWork } from "../../src/engine/compile-pairs.ts";
import { KeptBase, type KeptBaseInput } from "../../src/engine/kept/kept-base.ts";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import type { CompileCache } from "../../src/engine/ports/cache.ts";
import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import type { Changed } from "../../src/plan/changed.ts";
import type { Listing } from "../../src/plan/listing.ts";
import type { Trace } from "../../src/plan/trace.ts";
import { fileCause } from "../../src/plan/cause.ts";
import { changedOf, traceOf } from "../plan/world.ts";

const node = (certname: string, uptime = 1): NodeFacts => ({
  certname,
  origin: "given",
  values: { uptime, os: "Debian" },
  trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
});
const nodes = ["a", "b", "c"].map((name) => node(name));
const native: Catalog["resources"][number] = {
  type: "Notify",
  title: "x",
  key: "x",
  parameters: new Map(),
  exported: false,
  source: null,
  kind: "native",
};
const catalog = (certname: string): Catalog => ({ certname, resources: [native], contains: [], classes: ["base"] });
const trace = (more: Partial<Trace> = {}): Trace => traceOf({ manifests: ["base"], ...more });

/** A file that this node alone reads. */
const fileOf = (certname: string): string => `/etc/of/${certname}`;
const changedFor = (some: readonly NodeFacts[]): Changed =>
  changedOf({ files: new Map(some.map(({ certname }) => [fileOf(certname), fileCause(`of/${certname}`)])) });

/** What base's compiles come to: by default a catalog that read one fact. */
const compiled = (certname: string, more: Partial<Trace> = {}): CompileOutcome => ({
  certname,
  ok: true,
  catalog: catalog(certname),
  taints: new Taints(),
  reads: { facts: [["os"]], used: [], missing: [], collectors: [], trace: trace({ files: [fileOf(certname)], ...more }) },
});
const failed = (certname: string, code: "compile" | "timeout"): CompileOutcome => ({
  certname,
  ok: false,
  error: { code, message: "no", path: null, line: null },
});

/** A tree that compiles by a table and keeps count of what it was asked. What a limit ended may not be kept, so it has no raw answer. */
function table(outcome: (certname: string) => CompileOutcome): OpenTree & { asked: string[]; how: string[] } {
  const asked: string[] = [];
  const how: string[] = [];
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  return {
    asked,
    how,
    compile: async (queue, onOutcome, { workers, raw, trace: isTraced }) => {
      how.push(`${workers}${raw === true ? " raw" : ""}${isTraced === true ? " trace" : ""}`);
      for await (const { certname } of queue) {
        asked.push(certname);
        const said = outcome(certname);
        if (raw === true && (said.ok || said.error.code === "compile")) onOutcome(said, Buffer.from(certname));
        else onOutcome(said);
      }
    },
    nodeStatements: unused,
    definitions: unused,
    syntax: unused,
    lint: unused,
    fixLint: unused,
    close: unused,
  };
}

const listing = (oid: string): Listing => ({
  files: new Map([["/etc/x", { mode: "100644", oid }]]),
  root: "/etc",
  modulepath: [],
  manifest: "/etc/manifests",
  unlisted: [],
});

interface Given {
  cache?: CompileCache | null;
  tree?: string;
  of?: readonly NodeFacts[];
  base?: (certname: string) => CompileOutcome;
  merged?: (certname: string) => CompileOutcome;
  decide?: (certname: string, fresh: boolean) => Decision;
  differs?: (certname: string) => boolean;
  standIns?: string | null;
  lacking?: string;
  traceMerged?: boolean;
  signal?: AbortSignal;
  load?: KeptBaseInput["readKept"];
}

/** One check: who was compiled where, and what came of it. */
async function run({ cache = null, tree = "1", of = nodes, base = compiled, merged = compiled, ...given }: Given) {
  const input: KeptBaseInput = {
    cache,
    distrusted: (await cache?.distrusted("scope")) ?? null,
    scope: "scope",
    listing: listing(tree),
    standIns: given.standIns ?? null,
    changedSince: async () => changedFor(nodes.filter(({ certname }) => given.differs?.(certname) ?? false)),
    lacking: () => given.lacking ?? null,
    readKept: given.load ?? ((certname) => base(certname)),
  };
  const kept = await KeptBase.open(input);
  const [onBase, onMerged] = [table(base), table(merged)];
  const opened: string[] = [];
  const pairs: string[] = [];
  const same: string[] = [];
  const steps: string[] = [];
  const work: PairWork = {
    nodes: of,
    kept,
    openBase: async () => (opened.push("base"), onBase),
    openMerged: async () => (opened.push("merged"), onMerged),
    decide: (certname, { untold }, fresh) =>
      untold === null ? (given.decide?.(certname, fresh) ?? { kind: "compile", why: "asked" }) : { kind: "compile", why: untold },
    onSame: (certname) => same.push(certname),
    onPair: ({ certname, base: left, merged: right, cached }, why) =>
      pairs.push(`${certname} ${left.ok} ${right.ok} ${cached ? "kept" : "new"} ${why ?? "-"}`),
    onStep: (done, total) => steps.push(`${done}/${total}`),
    traceMerged: given.traceMerged ?? false,
    cores: 2,
    signal: given.signal,
  };
  await compilePairs(work);
  await kept.save();
  const how = { base: onBase.how, merged: onMerged.how };
  return { pairs: pairs.sort(), same, steps, opened, base: onBase.asked, merged: onMerged.asked, how };
}

describe("compiling pairs", () => {
  it("case 65: compiles base by itself, hands over every pair once, and counts", async () => {
    const came = await run({ merged: (name) => (name === "b" ? failed(name, "compile") : compiled(name)) });
    expect(came.pairs).toEqual(["a true true new asked", "b true false new asked", "c true true new asked"]);
    expect(came.steps.at(0)).toBe("0/3");
    expect(came.steps.at(-1)).toBe("6/6");
  });

  it("compiles with the change only what that may reach, and does not even open it where that is nothing", async () => {
    const decide = (certname: string): Decision => (certname === "b" ? { kind: "compile", why: "hiera key x" } : { kind: "same" });
    const some = await run({ decide });
    expect(some).toMatchObject({ pairs: ["b true true new hiera key x"], same: ["a", "c"], merged: ["b"] });
    const none = await run({ decide: () => ({ kind: "same" }) });
    expect(none).toMatchObject({ pairs: [], same: ["a", "b", "c"], opened: ["base"] });
    const looked = await run({ decide: () => ({ kind: "look" }) });
    expect(looked).toMatchObject({ pairs: ["a true true new -", "b true true new -", "c true true new -"], opened: ["base"] });
  });

  it("takes base from the cache the second time, and does not open it", async () => {
    const cache = memoryCache(2 ** 20);
    await run({ cache });
    const again = await run({ cache });
    expect(again).toMatchObject({
      pairs: ["a true true kept asked", "b true true kept asked", "c true true kept asked"],
      opened: ["merged"],
    });
    const nothing = await run({ cache, decide: () => ({ kind: "same" }) });
    expect(nothing).toMatchObject({ same: ["a", "b", "c"], opened: [] });
  });

  it.each([
    ["a fact that it read", [node("a", 1), { ...node("b"), values: { uptime: 1, os: "RedHat" } }], ["b"]],
    ["a fact that nobody read", [node("a", 2), node("b", 9)], []],
    ["trusted facts", [node("a"), { ...node("b"), trusted: { ...node("b").trusted, extensions: { pp_role: "x" } } }], ["b"]],
    ["the ENC's word", [node("a"), { ...node("b"), enc: { classes: {}, parameters: { x: 1 }, environment: null } }], ["b"]],
    ["the server", [node("a"), { ...node("b"), server: { serverversion: null, servername: "other", serverip: "127.0.0.1" } }], ["b"]],
  ])("compiles base anew after a change of %s", async (_, of, compiledAgain) => {
    const cache = memoryCache(2 ** 20);
    await run({ cache });
    expect((await run({ cache, of })).base).toEqual(compiledAgain);
  });

  it("keeps for another tree what rests on nothing that differs there, and from then on that is its own", async () => {
    const cache = memoryCache(2 ** 20);
    await run({ cache });
    expect((await run({ cache, tree: "2", differs: (name) => name === "c" })).base).toEqual(["c"]);
    expect((await run({ cache, tree: "2", differs: () => true })).base).toEqual([]);
    expect((await run({ cache, tree: "3", differs: () => false })).base).toEqual([]);
  });

  it.each([
    ["what failed", (name: string) => failed(name, "compile"), "it does not compile on base", true],
    ["what a limit ended", (name: string) => failed(name, "timeout"), "it does not compile on base", false],
    [
      "what is impure",
      (name: string) => compiled(name, { impure: ["the function time"] }),
      "its catalog rests on more than the tree: the function time",
      true,
    ],
  ])("compiles %s with every change, and keeps it for the very same tree alone", async (_, base, why, isKept) => {
    const cache = memoryCache(2 ** 20);
    const first = await run({ cache, base, of: [node("a")] });
    expect(first.pairs[0]).toContain(why);
    expect((await run({ cache, base, of: [node("a")] })).base).toEqual(isKept ? [] : ["a"]);
    expect((await run({ cache, base, of: [node("a")], tree: "2" })).base).toEqual(["a"]);
  });

  it("a trace that tells of less than the catalog shows is discarded", async () => {
    const came = await run({ lacking: "class base", of: [node("a")], decide: () => ({ kind: "same" }) });
    expect(came.pairs).toEqual(["a true true new its compile told of less than its catalog shows: class base is missing"]);
  });

  it("stand-ins count for whoever asked for anything outside", async () => {
    const cache = memoryCache(2 ** 20);
    const base = (name: string): CompileOutcome => compiled(name, { outside: name === "b" });
    await run({ cache, base, standIns: "one" });
    expect((await run({ cache, base, standIns: "two" })).base).toEqual(["b"]);
  });

  it("compiles base after all where what was kept is gone, whatever was waiting for it", async () => {
    const whole = memoryCache(2 ** 20);
    await run({ cache: whole });
    const answers = new Set(nodes.map(({ certname }) => certname));
    const cache: CompileCache = {
      ...whole,
      read: async (key) => whole.read(key).then((body) => (body !== null && answers.has(body.toString()) ? null : body)),
    };
    const came = await run({ cache });
    expect(came.base.toSorted()).toEqual(["a", "b", "c"]);
    expect(came.pairs).toEqual(["a true true new asked", "b true true new asked", "c true true new asked"]);
    const looked = await run({ cache, decide: (_, fresh) => (fresh ? { kind: "same" } : { kind: "look" }) });
    expect(looked.same.toSorted()).toEqual(["a", "b", "c"]);
  });

  it("counts what is compiled after all, and compiles nothing of the change twice for it", async () => {
    const whole = memoryCache(2 ** 20);
    await run({ cache: whole });
    const cache: CompileCache = {
      ...whole,
      read: async (key) => whole.read(key).then((body) => (body?.toString() === "b" ? null : body)),
    };
    const came = await run({ cache, merged: (name) => (name === "b" ? failed(name, "compile") : compiled(name)) });
    expect(came.pairs).toEqual(["a true true kept asked", "b true false new asked", "c true true kept asked"]);
    expect([came.base, came.merged.toSorted()]).toEqual([["b"], ["a", "b", "c"]]);
    expect(came.steps.at(0)).toBe("0/0");
    expect(came.steps.at(-1)).toBe("4/4");
  });

  it("compiles with the change what base had to compile after all, where nothing else is left to do", async () => {
    const whole = memoryCache(2 ** 20);
    await run({ cache: whole, of: [node("a")] });
    const cache: CompileCache = { ...whole, read: async (key) => whole.read(key).then((body) => (body?.toString() === "a" ? null : body)) };
    const decide = (_: string, fresh: boolean): Decision => (fresh ? { kind: "compile", why: "gone" } : { kind: "look" });
    expect(await run({ cache, of: [node("a")], decide })).toMatchObject({ base: ["a"], merged: ["a"], pairs: ["a true true new gone"] });
  });

  it("looks at a kept catalog as it is on both sides", async () => {
    const cache = memoryCache(2 ** 20);
    await run({ cache });
    const came = await run({ cache, decide: (_, fresh) => ({ kind: fresh ? "same" : "look" }) });
    expect(came).toMatchObject({ pairs: ["a true true kept -", "b true true kept -", "c true true kept -"], opened: [], steps: ["0/0"] });
  });

  it("says of each node whether base compiled it just now", async () => {
    const cache = memoryCache(2 ** 20);
    await run({ cache, of: nodes.slice(0, 2) });
    const said: string[] = [];
    const decide = (certname: string, fresh: boolean): Decision => (said.push(`${certname} ${fresh}`), { kind: "same" });
    await run({ cache, decide });
    expect(said.sort()).toEqual(["a false", "b false", "c true"]);
  });

  it("asks base for what can be kept, and the change's side for traces only where they are of use", async () => {
    expect((await run({})).how).toEqual({ base: ["2 raw trace"], merged: ["2"] });
    expect((await run({ traceMerged: true })).how.merged).toEqual(["2 trace"]);
  });

  it.each<[string, kept: number, all: number, compiledToo: number, how: { base: string[]; merged: string[] }]>([
    ["two new nodes have one worker", 0, 2, 2, { base: ["1 raw trace"], merged: ["1"] }],
    ["three have as many as there are processors", 0, 3, 3, { base: ["2 raw trace"], merged: ["2"] }],
    ["of many that are new it is not known yet how many the change reaches", 0, 3, 1, { base: ["2 raw trace"], merged: ["2"] }],
    ["of kept ones it is", 3, 3, 2, { base: [], merged: ["1"] }],
    ["and more of them have more", 3, 3, 3, { base: [], merged: ["2"] }],
    ["one of many is new", 2, 3, 1, { base: ["1 raw trace"], merged: ["2"] }],
  ])("%s", async (_, keptCount, all, reachedCount, how) => {
    const cache = memoryCache(2 ** 20);
    if (keptCount > 0) await run({ cache, of: nodes.slice(0, keptCount) });
    const decide = (certname: string): Decision =>
      nodes.findIndex((each) => each.certname === certname) < reachedCount ? { kind: "compile", why: "asked" } : { kind: "same" };
    expect((await run({ cache, of: nodes.slice(0, all), decide })).how).toEqual(how);
  });

  it("ends with what is wrong with a kept catalog", async () => {
    const cache = memoryCache(2 ** 20);
    await run({ cache });
    const load = (): never => {
      throw new Error("no such answer");
    };
    await expect(run({ cache, load })).rejects.toThrow("no such answer");
  });

  it("ends when it is called off, whichever side is waiting, and begins nothing more", async () => {
    for (const side of ["base", "merged"] as const) {
      const off = new AbortController();
      const outcome = (name: string): CompileOutcome => {
        if (name === "b") off.abort(new Error("off"));
        return compiled(name);
      };
      const came = run({ signal: off.signal, [side]: outcome });
      await expect(came).rejects.toThrow("off");
    }
    const off = AbortSignal.abort(new Error("before"));
    await expect(run({ signal: off })).rejects.toThrow("before");
  });

  it("a side that fails in the middle ends the other one, though that has all it was given", async () => {
    const failing = (name: string): CompileOutcome => {
      if (name === "b") throw new Error("the sandbox burst");
      return compiled(name);
    };
    await expect(run({ base: failing })).rejects.toThrow("the sandbox burst");
    await expect(run({ merged: failing })).rejects.toThrow("the sandbox burst");
  });

  it("hears nothing of nodes that nobody asked for", async () => {
    const stranger = (name: string): CompileOutcome => compiled(name === "b" ? "stranger" : name);
    const both = run({ base: stranger, of: nodes.slice(0, 1) });
    expect((await both).pairs).toEqual(["a true true new asked"]);
  });

  it("uses and keeps nothing of what is not to be trusted", async () => {
    const cache = memoryCache(2 ** 20);
    await run({ cache });
    await cache.distrust("scope", { repository: "repo", why: "a plan was wrong" });
    expect((await run({ cache })).base).toEqual(["a", "b", "c"]);
  });

  it("a side that can't be opened ends the other one, and is what is said", async () => {
    const broken: PairWork["openBase"] = () => Promise.reject(new Error("no sandbox"));
    const kept = await KeptBase.open({
      cache: null,
      distrusted: null,
      scope: "scope",
      listing: listing("1"),
      standIns: null,
      changedSince: async () => changedFor(nodes),
      lacking: () => null,
      readKept: (certname) => compiled(certname),
    });
    const sides = {
      kept,
      nodes,
      openBase: broken,
      openMerged: async () => table(compiled),
      cores: 2,
      traceMerged: false,
      signal: undefined,
    };
    const none = { onSame: () => {}, onPair: () => {}, onStep: () => {}, decide: (): Decision => ({ kind: "same" }) };
    await expect(compilePairs({ ...sides, ...none })).rejects.toThrow("no sandbox");
  });

  it("keeps of a node that base says the same of it at every compile, for as long as it is the same catalog", async () => {
    const cache = memoryCache(2 ** 20);
    const inputOf = (tree: string): KeptBaseInput => ({
      cache,
      distrusted: null,
      scope: "scope",
      listing: listing(tree),
      standIns: null,
      changedSince: async () => changedFor(nodes.slice(1, 2)),
      lacking: () => null,
      readKept: (certname) => compiled(certname),
    });
    const open = (tree: string) => KeptBase.open(inputOf(tree));
    await run({ cache });
    const first = await open("1");
    first.addSteady(nodes.map(({ certname }) => certname));
    await Promise.all([first.save(), first.save()]);
    const steady = async (tree: string) => {
      const kept = await open(tree);
      return nodes.map((node) => kept.find(node)?.steady ?? false);
    };
    expect(await steady("1")).toEqual(nodes.map(() => true));
    let records = 0;
    const writeRecord: CompileCache["writeRecord"] = (...record) => ((records += 1), cache.writeRecord(...record));
    const again = await KeptBase.open({ ...inputOf("1"), cache: { ...cache, writeRecord } });
    again.addSteady(nodes.map(({ certname }) => certname));
    await again.save();
    expect(records).toBe(0);
    expect((await steady("2")).slice(0, 2)).toEqual([true, false]);
  });
});
