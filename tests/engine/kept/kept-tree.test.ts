import { describe, expect, it } from "vitest";
import type { KeptNode } from "../../../src/engine/kept/kept-node.ts";
import { packNodes, planOfKept, readTree, writeTree } from "../../../src/engine/kept/kept-tree.ts";
import { memoryCache } from "../../../src/engine/memory-cache.ts";
import type { CompileCache } from "../../../src/engine/ports/cache.ts";
import { fileCause } from "../../../src/plan/cause.ts";
import type { Listing } from "../../../src/plan/listing.ts";
import { changedOf, traceOf } from "../../plan/world.ts";

const listing: Listing = {
  files: new Map([["/etc/x", { mode: "100644", oid: "1" }]]),
  root: "/etc",
  modulepath: ["/etc/modules"],
  manifest: "/etc/manifests",
  unlisted: [],
};
const node = (name: string, more: Partial<KeptNode> = {}): KeptNode => ({
  ground: "ground",
  facts: { paths: [["os", "family"]], digest: "digest" },
  answer: `answer of ${name}`,
  trace: traceOf({ manifests: ["base", "role"], files: [`/etc/of/${name}`], data: [{ path: "/etc/data/x.yaml", keys: ["a", "b"] }] }),
  outside: false,
  untold: null,
  residue: null,
  secrets: [],
  ...more,
});
const fleet = (count: number): Map<string, KeptNode> =>
  new Map(Array.from({ length: count }, (_, at) => [`node${at}`, node(`node${at}`)] as const));
const changed = changedOf({ files: new Map([["/etc/of/node7", fileCause("of/node7")]]) });

async function again(cache: CompileCache, nodes: ReadonlyMap<string, KeptNode>) {
  const read = await readTree(cache, await writeTree(cache, { listing, nodes }));
  if (read === null) throw new Error("nothing was read");
  return read;
}

describe("what is kept of a tree", () => {
  it("is what it was, with traces that are spelt out when they are asked for", async () => {
    const nodes = new Map([
      ["web01", node("web01", { steady: true, secrets: ["s"] })],
      ["db01", node("db01", { trace: null, outside: true, untold: "it does not compile on base" })],
    ]);
    const read = await again(memoryCache(2 ** 20), nodes);
    expect(read.listing).toEqual(listing);
    expect([...read.nodes.keys()].sort()).toEqual(["db01", "web01"]);
    for (const [certname, each] of nodes) {
      const { trace, ...rest } = each;
      expect(read.nodes.get(certname)).toEqual(rest);
      expect(read.nodes.get(certname)?.trace).toEqual(trace);
    }
  });

  it("gives the plan that it gave before, also of nodes that were taken over from an older tree", async () => {
    const cache = memoryCache(2 ** 22);
    const nodes = fleet(20);
    const once = (await again(cache, nodes)).nodes;
    const twice = (await again(cache, new Map([...once].filter(([certname]) => certname !== "node3").concat([["new", node("new")]]))))
      .nodes;
    const packed = new Map(packNodes([...nodes].filter(([certname]) => certname !== "node5")));
    for (const kept of [nodes, once, twice, packed]) {
      const plan = planOfKept(kept, changed);
      expect([...kept.keys()].filter((certname) => plan(certname) !== null)).toEqual(["node7"]);
      expect(plan("node7")?.text).toBe("file of/node7");
      expect(plan("nobody")).toBeNull();
    }
    expect(twice.get("node5")?.trace).toEqual(nodes.get("node5")?.trace);
  });

  it("lies in parts, of which a node that differs changes one", async () => {
    const written: string[] = [];
    const shelf = memoryCache(2 ** 26);
    const cache: CompileCache = { ...shelf, write: async (name, body) => (written.push(name), shelf.write(name, body)) };
    const nodes = fleet(1_900);
    await writeTree(cache, { listing, nodes });
    const first = new Set(written.splice(0));
    expect(first.size).toBe(1 + 4 * 2);
    await writeTree(cache, { listing, nodes: new Map(nodes).set("node8", node("node8", { answer: "another" })) });
    expect(written.filter((name) => !first.has(name))).toHaveLength(1);
    expect((await again(cache, nodes)).nodes.size).toBe(1_900);
  });

  it("is nothing where a part is gone, or is not what was written", async () => {
    const cache = memoryCache(2 ** 22);
    const record = await writeTree(cache, { listing, nodes: fleet(3) });
    const names = [...record.toString().matchAll(/[0-9a-f]{64}/gu)].map(([name]) => name);
    for (const lost of names) {
      expect(await readTree({ ...cache, read: async (name) => (name === lost ? null : cache.read(name)) }, record)).toBeNull();
    }
    const [traces = ""] = names.slice(-1);
    const cut = async (name: string): Promise<Buffer | null> =>
      (await cache.read(name))?.subarray(0, name === traces ? -1 : undefined) ?? null;
    expect(await readTree({ ...cache, read: cut }, record)).toBeNull();
    expect(await readTree(cache, Buffer.from('{"version":1}'))).toBeNull();
  });

  it("lies in one part where nodes are few, under the same names whatever order they came in", async () => {
    const written: string[] = [];
    const shelf = memoryCache(2 ** 24);
    const cache: CompileCache = { ...shelf, write: async (name, body) => (written.push(name), shelf.write(name, body)) };
    const nodes = fleet(30);
    const record = await writeTree(cache, { listing, nodes });
    expect(written).toHaveLength(1 + 2);
    expect(await writeTree(cache, { listing, nodes: new Map([...nodes].toReversed()) })).toEqual(record);
  });

  it("has lists that many nodes share once", async () => {
    const bodies: Buffer[] = [];
    const shelf = memoryCache(2 ** 24);
    const cache: CompileCache = { ...shelf, write: async (name, body) => (bodies.push(body), shelf.write(name, body)) };
    const classes = Array.from({ length: 200 }, (_, at) => `profile::class_number_${at}`);
    const residue = {
      classes,
      defines: [],
      sources: [["a"], classes],
      encrypted: [],
      used: [],
      missing: [],
      exchanges: false,
      telling: false,
    };
    const nodes = new Map([...fleet(50)].map(([name, each]) => [name, { ...each, residue }] as const));
    const read = await again(cache, nodes);
    expect(read.nodes.get("node7")?.residue).toEqual(residue);
    const once = JSON.stringify(classes).length;
    expect(Math.max(...bodies.map(({ length }) => length))).toBeLessThan(10 * once);
  });

  it("is not taken for gone where something else is wrong", async () => {
    const cache = memoryCache(2 ** 22);
    const record = await writeTree(cache, { listing, nodes: fleet(3) });
    const [, values = ""] = [...record.toString().matchAll(/[0-9a-f]{64}/gu)].map(([name]) => name);
    const bad = async (name: string): Promise<Buffer | null> =>
      name === values ? Buffer.from('{"nodes":[["a",{"x":[1]}]]}') : cache.read(name);
    await expect(readTree({ ...cache, read: bad }, record)).rejects.toThrow(TypeError);
  });
});
