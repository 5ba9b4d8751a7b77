import { describe, expect, it } from "vitest";
import { Taints } from "../../../src/catalog/taints.ts";
import { KeptBase, type KeptBaseInput } from "../../../src/engine/kept/kept-base.ts";
import { memoryCache } from "../../../src/engine/memory-cache.ts";
import type { CacheRecord, CompileCache } from "../../../src/engine/ports/cache.ts";
import type { CompileOutcome } from "../../../src/engine/ports/compile.ts";
import type { NodeFacts } from "../../../src/engine/ports/nodes.ts";
import { fileCause } from "../../../src/plan/cause.ts";
import type { Listing } from "../../../src/plan/listing.ts";
import { changedOf, traceOf } from "../../plan/world.ts";
import { compiles, fails, node } from "../night/world.ts";

const listing = (oid: string, more: Partial<Listing> = {}): Listing => ({
  files: new Map([["/etc/x", { mode: "100644", oid }]]),
  root: "/etc",
  modulepath: [],
  manifest: "/etc/manifests",
  unlisted: [],
  ...more,
});
const open = (cache: CompileCache | null, tree = "1", more: Partial<KeptBaseInput> = {}): Promise<KeptBase> =>
  KeptBase.open({
    cache,
    distrusted: null,
    scope: "scope",
    listing: listing(tree),
    standIns: null,
    changedSince: async () => changedOf({}),
    lacking: () => null,
    readKept: (certname) => compiles(certname),
    ...more,
  });
/** A compile that reads the fact `os`, and a file of its own. */
const reads = (certname: string): CompileOutcome => {
  const outcome = compiles(certname);
  if (!outcome.ok || outcome.reads === undefined) return outcome;
  return { ...outcome, reads: { ...outcome.reads, trace: traceOf({ manifests: ["base"], files: [`/etc/of/${certname}`] }) } };
};
const [a, b, c] = [node("a"), node("b"), node("c")];
const raw = (text: string): Buffer => Buffer.from(`answer of ${text}`);
const other = (of: NodeFacts): NodeFacts => ({ ...of, values: { os: "Debian", uptime: 1 } });

/** What a cache was asked to write, in order. */
function told(inner: CompileCache = memoryCache(2 ** 24)): { cache: CompileCache; log: string[]; late: PromiseWithResolvers<void> } {
  const log: string[] = [];
  const late = Promise.withResolvers<void>();
  const cache: CompileCache = {
    ...inner,
    write: async (name, body) => {
      if (body.toString() === "answer of a") await late.promise;
      log.push(body.toString().startsWith("answer of") ? body.toString() : "part");
      await inner.write(name, body);
    },
    writeRecord: async (...record) => (log.push("record"), inner.writeRecord(...record)),
  };
  return { cache, log, late };
}

describe("what is kept of base", () => {
  it("is known in the check that compiled it, also what nobody can say anything of", async () => {
    for (const cache of [null, memoryCache(2 ** 20)]) {
      const kept = await open(cache);
      kept.add(a, reads("a"), raw("a"));
      kept.add(b, fails("b"), raw("b"));
      expect(kept.find(a)?.untold).toBeNull();
      expect(kept.find(b)?.untold).toBe("it does not compile on base");
      expect(kept.find(c)).toBeNull();
      expect(await kept.load("c")).toBeNull();
      expect((await kept.load("a")) !== null).toBe(cache !== null);
    }
  });

  it("rests on the facts that its compile told of, and on all of them where it told of none", async () => {
    const cache = memoryCache(2 ** 20);
    const first = await open(cache);
    first.add(a, reads("a"), raw("a"));
    first.add(b, fails("b"), raw("b"));
    const { reads: _, ...silent } = compiles("c") as Extract<CompileOutcome, { ok: true }>;
    first.add(c, silent, raw("c"));
    await first.save();
    const again = await open(cache);
    expect([a, b, c].map((each) => again.find(each) !== null)).toEqual([true, true, true]);
    expect([a, b, c].map((each) => again.find(other(each)) !== null)).toEqual([true, false, false]);
    expect(again.find(c)?.untold).toBe("what its catalog rests on was not told");
    // A trace that lacks something says nothing of facts either.
    const lacking = await open(null, "1", { lacking: () => "class x" });
    expect(lacking.add(a, reads("a"), null)).toMatchObject({ trace: null, facts: { paths: [[]] }, outside: true });
  });

  it("rests on stand-ins where its compile asked for any, and where nobody can say", async () => {
    const cache = memoryCache(2 ** 20);
    const first = await open(cache, "1", { standIns: "one" });
    first.add(a, reads("a"), raw("a"));
    first.add(b, fails("b"), raw("b"));
    await first.save();
    const found = async (standIns: string | null): Promise<boolean[]> => {
      const kept = await open(cache, "1", { standIns });
      return [a, b].map((each) => kept.find(each) !== null);
    };
    expect([await found("one"), await found("two"), await found(null)]).toEqual([
      [true, true],
      [true, false],
      [true, false],
    ]);
  });

  it("has the secrets of a compile, failed or not, and what a report takes of its catalog", async () => {
    const kept = await open(null);
    expect(kept.add(a, compiles("a", { secret: "correct horse" }), null)).toMatchObject({
      secrets: ["correct horse"],
      residue: { classes: ["base"] },
    });
    const taints = new Taints();
    taints.add("battery staple");
    expect(kept.add(b, { ...fails("b"), taints }, null)).toMatchObject({
      secrets: ["battery staple"],
      residue: null,
      trace: null,
    });
    expect(kept.add(c, fails("c"), null)).toMatchObject({ secrets: [], answer: "" });
  });
});

describe("what is kept for another tree", () => {
  it("is what nothing differs for that its trace tells of, and is that tree's own from then on", async () => {
    const cache = memoryCache(2 ** 24);
    const first = await open(cache);
    for (const each of [a, c]) first.add(each, reads(each.certname), raw(each.certname));
    first.add(b, fails("b"), raw("b"));
    await first.save();
    const changedSince = async () => changedOf({ files: new Map([["/etc/of/c", fileCause("of/c")]]) });
    const second = await open(cache, "2", { changedSince });
    expect([a, b, c].map((each) => second.find(each) !== null)).toEqual([true, false, false]);
    // Nothing was compiled, and it is kept all the same.
    await second.save();
    const never = async (): Promise<never> => Promise.reject(new Error("it is its own"));
    const third = await open(cache, "2", { changedSince: never });
    expect([a, b, c].map((each) => third.find(each) !== null)).toEqual([true, false, false]);
  });

  it("is looked for in the newest four records, of which one may be broken", async () => {
    const good = memoryCache(2 ** 24);
    const first = await open(good);
    first.add(a, reads("a"), raw("a"));
    await first.save();
    const records: CacheRecord[] = [];
    for await (const record of good.newest("scope")) records.push(record);
    const broken: CacheRecord = { name: "x", body: Buffer.from('{"version":0}') };
    const found = async (count: number): Promise<boolean> => {
      let asked = 0;
      async function* newest(): AsyncGenerator<CacheRecord> {
        for (const record of [...Array.from({ length: count }, () => broken), ...records, broken]) {
          asked += 1;
          yield record;
        }
      }
      const kept = await open({ ...good, newest }, "2");
      expect(asked).toBe(Math.min(4, count + 1));
      return kept.find(a) !== null;
    };
    expect([await found(0), await found(3), await found(4)]).toEqual([true, true, false]);
  });

  it.each<[string, Partial<Listing>]>([
    ["root", { root: "/other" }],
    ["module path", { modulepath: ["/etc/modules"] }],
    ["main manifest", { manifest: "/etc/site.pp" }],
    ["folder of this machine", { unlisted: [{ folder: "/m", copy: "1" }] }],
    ["file's mode", { files: new Map([["/etc/x", { mode: "100755", oid: "1" }]]) }],
    ["file's name", { files: new Map([["/etc/y", { mode: "100644", oid: "1" }]]) }],
  ])("is compared where the other has another %s", async (_, more) => {
    const cache = memoryCache(2 ** 24);
    const first = await open(cache);
    first.add(a, reads("a"), raw("a"));
    await first.save();
    let compared = 0;
    const changedSince = async () => ((compared += 1), changedOf({}));
    await open(cache, "1", { changedSince });
    expect(compared).toBe(0);
    await open(cache, "1", { listing: listing("1", more), changedSince });
    expect(compared).toBe(1);
  });
});

describe("keeping", () => {
  it("writes answers before the record that names them, once, and nothing where nothing is new", async () => {
    const { cache, log, late } = told();
    const kept = await open(cache);
    await kept.save();
    expect(log).toEqual([]);
    for (const each of [a, b, c]) kept.add(each, reads(each.certname), raw(each.certname));
    const saved = kept.save();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(["answer of b", "answer of c"]);
    late.resolve();
    await saved;
    expect(log[2]).toBe("answer of a");
    expect(log.at(-1)).toBe("record");
    const count = log.length;
    await kept.save();
    expect(log).toHaveLength(count);
  });

  it("leaves out what may not be kept", async () => {
    const cache = memoryCache(2 ** 24);
    const kept = await open(cache);
    kept.add(a, reads("a"), raw("a"));
    kept.add(b, fails("b", "timeout"), null);
    await kept.save();
    const again = await open(cache);
    expect([a, b].map((each) => again.find(each) !== null)).toEqual([true, false]);
  });

  it("neither reads nor writes what is not to be trusted", async () => {
    const inner = memoryCache(2 ** 24);
    const first = await open(inner);
    first.add(a, reads("a"), raw("a"));
    await first.save();
    const { cache, log, late } = told(inner);
    late.resolve();
    const kept = await open(cache, "1", { distrusted: "a plan was wrong" });
    expect([kept.distrusted, kept.find(a)]).toEqual(["a plan was wrong", null]);
    kept.add(a, reads("a"), raw("a"));
    kept.addSteady(["a"]);
    await kept.save();
    expect(log).toEqual([]);
    expect((await open(inner)).distrusted).toBeNull();
  });

  it("says of a node that it is steady once, and of none that it has not, or can't say anything of", async () => {
    const { cache, log, late } = told();
    late.resolve();
    const kept = await open(cache);
    kept.add(a, reads("a"), raw("a"));
    kept.add(b, fails("b"), raw("b"));
    await kept.save();
    const count = log.length;
    kept.addSteady(["b", "nobody"]);
    await kept.save();
    expect(log).toHaveLength(count);
    kept.addSteady(["a", "b"]);
    await kept.save();
    expect([a, b].map((each) => kept.find(each)?.steady)).toEqual([true, undefined]);
    expect(log.length).toBeGreaterThan(count);
  });

  it("holds no more than 32 traces spelt out, and plans the same", async () => {
    const kept = await open(null);
    const names = Array.from({ length: 33 }, (_, at) => node(`n${at}`));
    const isSpelt = (of: NodeFacts): boolean => Object.keys(kept.find(of) ?? {}).includes("trace");
    for (const each of names.slice(0, 31)) kept.add(each, reads(each.certname), null);
    expect(names.slice(0, 31).every(isSpelt)).toBe(true);
    for (const each of names.slice(31)) kept.add(each, reads(each.certname), null);
    expect(names.filter(isSpelt).map(({ certname }) => certname)).toEqual(["n32"]);
    const plan = kept.plan(
      changedOf({
        files: new Map([
          ["/etc/of/n7", fileCause("of/n7")],
          ["/etc/of/n32", fileCause("of/n32")],
        ]),
      }),
    );
    expect(names.filter(({ certname }) => plan(certname) !== null).map(({ certname }) => certname)).toEqual(["n7", "n32"]);
    expect(kept.find(names[7] as NodeFacts)?.trace?.files).toEqual(["/etc/of/n7"]);
  });
});
