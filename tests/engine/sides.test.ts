import { describe, expect, it } from "vitest";
import { Taints } from "../../src/catalog/taints.ts";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { CompileOutcome, EnvironmentLayout, NodeFacts, OpenTree } from "../../src/engine/ports.ts";
import { baseCatalogs, compileSides, requestDigest, type CompiledPair } from "../../src/engine/sides.ts";

const node = (certname: string, uptime = 1): NodeFacts => ({
  certname,
  origin: "given",
  values: { uptime },
  trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
});
const catalog = (certname: string): Catalog => ({ certname, resources: [], contains: [], classes: [] });
const compiled = (certname: string): CompileOutcome => ({ certname, ok: true, catalog: catalog(certname), taints: new Taints() });
const failed = (certname: string, code: "compile" | "timeout"): CompileOutcome => ({
  certname,
  ok: false,
  error: { code, message: "no", path: null, line: null },
});

/** A tree that compiles by a table and keeps count of what it was asked. */
function table(outcome: (certname: string) => CompileOutcome): OpenTree & { asked: string[]; workers: number[] } {
  const asked: string[] = [];
  const workers: number[] = [];
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  return {
    asked,
    workers,
    compile: async (nodes, onOutcome, options) => {
      workers.push(options.workers);
      for (const { certname } of nodes) {
        asked.push(certname);
        await Promise.resolve();
        onOutcome(outcome(certname));
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

describe("compiling both sides", () => {
  const nodes = ["a", "b", "c"].map((name) => node(name));

  it("case 65: compiles base by itself, hands over every pair once, and counts", async () => {
    const base = table(compiled);
    const merged = table((name) => (name === "b" ? failed(name, "compile") : compiled(name)));
    const pairs: CompiledPair[] = [];
    const steps: string[] = [];
    await compileSides(
      { openBase: async () => base, merged, baseDigest: "d", cache: baseCatalogs(10), cores: 2 },
      nodes,
      (pair) => pairs.push(pair),
      (done, total) => steps.push(`${done}/${total}`),
    );
    expect(pairs.map(({ certname, base, merged, cached }) => [certname, base.ok, merged.ok, cached])).toEqual([
      ["a", true, true, false],
      ["b", true, false, false],
      ["c", true, true, false],
    ]);
    expect(steps.at(0)).toBe("0/6");
    expect(steps.at(-1)).toBe("6/6");
  });

  it("takes base from the cache the second time, and does not even open it", async () => {
    const cache = baseCatalogs(10);
    const run = async (openBase: () => Promise<OpenTree>, of: readonly NodeFacts[]): Promise<CompiledPair[]> => {
      const pairs: CompiledPair[] = [];
      await compileSides(
        { openBase, merged: table(compiled), baseDigest: "d", cache, cores: 2 },
        of,
        (pair) => pairs.push(pair),
        () => {},
      );
      return pairs;
    };
    await run(async () => table(compiled), nodes);
    const again = await run(() => Promise.reject(new Error("opened")), nodes);
    expect(again.every(({ cached }) => cached)).toBe(true);
    const otherFacts = table(compiled);
    await run(async () => otherFacts, [node("a", 2), node("b")]);
    expect(otherFacts.asked).toEqual(["a"]);
  });

  it("shares the processors between the sides, and gives them all to one that works alone", async () => {
    const cache = baseCatalogs(10);
    const [base, merged] = [table(compiled), table(compiled)];
    const sides = { openBase: async () => base, merged, baseDigest: "d", cache, cores: 4 };
    await compileSides(
      sides,
      nodes,
      () => {},
      () => {},
    );
    await compileSides(
      sides,
      nodes,
      () => {},
      () => {},
    );
    expect(base.workers).toEqual([2]);
    expect(merged.workers).toEqual([2, 4]);
  });

  it.each([
    ["what Puppet said", "compile" as const, true],
    ["a limit that struck", "timeout" as const, false],
  ])("keeps %s: %s", async (_, code, kept) => {
    const cache = baseCatalogs(10);
    const base = table((name) => failed(name, code));
    const sides = { openBase: async () => base, merged: table(compiled), baseDigest: "d", cache, cores: 2 };
    await compileSides(
      sides,
      [node("a")],
      () => {},
      () => {},
    );
    await compileSides(
      sides,
      [node("a")],
      () => {},
      () => {},
    );
    expect(base.asked).toHaveLength(kept ? 1 : 2);
  });

  it("keeps nothing where modules come from outside the tree", async () => {
    const layout: EnvironmentLayout = { name: "production", modulepath: [{ in: "disk", folder: "/m", only: null }], manifest: "manifests" };
    expect(requestDigest("tree", layout, {})).toBeNull();
    const inTree: EnvironmentLayout = { ...layout, modulepath: [{ in: "tree", path: "modules" }] };
    const digest = requestDigest("tree", inTree, { puppet: "7" });
    expect(digest).not.toBeNull();
    expect(requestDigest("tree", inTree, { puppet: "8" })).not.toBe(digest);
    const base = table(compiled);
    const sides = { openBase: async () => base, merged: table(compiled), baseDigest: null, cache: baseCatalogs(10), cores: 2 };
    await compileSides(
      sides,
      [node("a")],
      () => {},
      () => {},
    );
    await compileSides(
      sides,
      [node("a")],
      () => {},
      () => {},
    );
    expect(base.asked).toHaveLength(2);
  });

  it("forgets what was unused longest", () => {
    const cache = baseCatalogs(2);
    for (const name of ["a", "b"]) cache.set(name, compiled(name));
    cache.get("a");
    cache.set("c", compiled("c"));
    expect(["a", "b", "c"].map((name) => cache.get(name) !== undefined)).toEqual([true, false, true]);
  });
});
