import { describe, expect, it, onTestFinished } from "vitest";
import type { Catalog } from "../../../src/catalog/catalog.ts";
import { diffCatalogs } from "../../../src/catalog/diff.ts";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";
import type { Told } from "../../../src/catalog/expect/told.ts";
import { Taints } from "../../../src/catalog/taints.ts";
import { ExpectCourse } from "../../../src/engine/expect/course.ts";
import type { Evaluator, StartEvaluator } from "../../../src/engine/ports/evaluator.ts";
import type { Asked } from "../../../src/engine/expect/read.ts";
import { memoryCache } from "../../../src/engine/memory-cache.ts";
import type { CompileOutcome } from "../../../src/engine/ports/compile.ts";
import { known, type Known, unknown } from "../../../src/policy/known.ts";
import { startEvaluator } from "../../../src/wiring/expectations.ts";

const catalog = (certname: string, resources: Record<string, Record<string, string>>): Catalog => ({
  certname,
  classes: [],
  contains: [],
  resources: Object.entries(resources).map(([ref, parameters]) => ({
    type: ref.slice(0, ref.indexOf("[")),
    title: ref.slice(ref.indexOf("[") + 1, -1),
    key: ref.slice(ref.indexOf("[") + 1, -1),
    parameters: new Map(Object.entries(parameters)),
    exported: false,
    source: { path: "site.pp", line: 1 },
    kind: "native",
  })),
});

const compiled = (of: Catalog): CompileOutcome => ({ certname: of.certname, ok: true, catalog: of, taints: new Taints() });
const failed = (certname: string, code: "compile" | "no-node"): CompileOutcome => ({
  certname,
  ok: false,
  error: { code, message: "no", path: null, line: null },
});

function asked(expect: string, origin: Asked["origin"] = "base", more = ""): Asked {
  const examples = expect.includes("fleet:") ? "nodes: {}" : expect.includes("change:") ? "before: {}, after: {}" : "catalog: {}";
  const text = `name: a\nwhy: because\nask: ["@ann"]\n${more}expect:\n${expect}\nexamples:\n  pass: [{ name: x, ${examples} }]\n  fail: [{ name: y, ${examples} }]\n`;
  const loaded = loadExpectation(text, "expectations/a.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return { expectation: loaded.expectation, origin };
}

interface Step {
  certname: string;
  base: CompileOutcome;
  /** Left out: the change does not reach it. */
  merged?: CompileOutcome;
}

const cache = (): ReturnType<typeof memoryCache> => memoryCache(2 ** 20);

/** Runs a course as a check does, and counts what was asked of the evaluator. */
async function run(
  expectations: readonly Asked[],
  steps: readonly Step[],
  {
    kept = cache(),
    whole = true,
    datacentre = known("lon"),
  }: { kept?: ReturnType<typeof cache>; whole?: boolean; datacentre?: Known<string | null> } = {},
): Promise<{ told: Told[]; questions: string[] }> {
  const questions: string[] = [];
  const start: StartEvaluator = (...given) => {
    const real = startEvaluator(...given);
    const counting: Evaluator = {
      ...real,
      get alive() {
        return real.alive;
      },
      ask: async (question, limits) => {
        questions.push((question as { kind: string }).kind);
        return real.ask(question, limits);
      },
    };
    return counting;
  };
  const course = new ExpectCourse({
    expectations: {
      base: expectations.filter(({ origin }) => origin === "base"),
      head: expectations.filter(({ origin }) => origin !== "base"),
      findings: [],
      unread: [],
    },
    start,
    nodeOf: (certname, classes) => ({
      certname,
      about: {
        certname,
        trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
        enc: null,
        classes,
        assumed: false,
      },
      services: known(["web"]),
      datacentre,
    }),
    whole,
    now: () => performance.now(),
    signal: undefined,
  });
  onTestFinished(async () => course.end());
  await course.open(kept, "scope");
  const effects = new Map<string, ReturnType<typeof diffCatalogs>>();
  for (const { certname, base, merged } of steps) {
    const answer = base.ok ? JSON.stringify(base.catalog.resources.map(({ title, parameters }) => [title, ...parameters])) : "";
    if (merged === undefined && base.ok && !course.needs(certname, answer, base.catalog.classes))
      course.same(certname, answer, base.catalog.classes);
    else {
      const after = merged ?? base;
      if (base.ok && after.ok) effects.set(certname, diffCatalogs(base.catalog, after.catalog));
      if (!base.ok && after.ok) effects.set(certname, diffCatalogs(catalog(certname, {}), after.catalog));
      course.pair(certname, { base, merged: after, answer }, { changes: effects.get(certname) ?? [], restarts: [] });
    }
  }
  const { told } = await course.finish((certname) => ({ changes: effects.get(certname) ?? [], restarts: [] }));
  return { told, questions };
}

const running = { "Service[dns]": { ensure: "running" } };
const stopped = { "Service[dns]": { ensure: "stopped" } };
const runs = asked('  catalog: catalog.text("Service", "dns", "ensure") == "running"');
const everywhere = asked('  each: catalog.text("Service", "dns", "ensure") == "running"\n  fleet: nodes.exists(n, n.after == true)');
const one = (name: string, before: Catalog | null, after: Catalog | null): Step => ({
  certname: name,
  base: before === null ? failed(name, "no-node") : compiled(before),
  ...(after === null ? {} : { merged: compiled(after) }),
});

describe("expectations over a check", () => {
  it.each<[string, Asked, Step[], Partial<Told>]>([
    ["one that holds", runs, [one("a", catalog("a", running), null)], { outcome: "holds" }],
    ["one that the change breaks", runs, [one("a", catalog("a", running), catalog("a", stopped))], { outcome: "broken" }],
    [
      "one that the change mends",
      runs,
      [one("a", catalog("a", stopped), catalog("a", running))],
      { outcome: "holds", nodes: { asked: 1, broken: 0, already: 0, mended: 1, unknown: 0, unseen: 0 } },
    ],
    [
      "one that is broken on both sides",
      runs,
      [one("a", catalog("a", stopped), catalog("a", { ...stopped, "File[/a]": {} }))],
      { outcome: "already" },
    ],
    ["a new node that breaks one", runs, [one("a", null, catalog("a", stopped))], { outcome: "broken" }],
    [
      "a node without a catalog",
      runs,
      [{ certname: "a", base: failed("a", "compile") }],
      { outcome: "holds", nodes: { asked: 1, broken: 0, already: 0, mended: 0, unknown: 0, unseen: 1 } },
    ],
    [
      "nobody that it asks about",
      asked("  catalog: 'false'", "base", 'for: certname == "z"\n'),
      [one("a", catalog("a", running), null)],
      { outcome: "nobody" },
    ],
    [
      "nodes that nobody can tell",
      asked("  catalog: 'false'", "base", "for: '\"x\" in enc.classes'\n"),
      [one("a", catalog("a", running), catalog("a", stopped))],
      { outcome: "unknown" },
    ],
    [
      "a change, on a node that it reaches",
      asked("  change: changes.size() == 0"),
      [one("a", catalog("a", running), catalog("a", stopped)), one("b", catalog("b", running), null)],
      { outcome: "broken" },
    ],
    [
      "a change, on a node that it does not reach",
      asked("  change: changes.size() == 0"),
      [one("b", catalog("b", running), null)],
      { outcome: "holds" },
    ],
    [
      "the fleet, of which one is left",
      everywhere,
      [one("a", catalog("a", running), catalog("a", stopped)), one("b", catalog("b", running), null)],
      { outcome: "holds" },
    ],
    [
      "the fleet, of which none is left",
      everywhere,
      [one("a", catalog("a", running), catalog("a", stopped)), one("b", catalog("b", stopped), null)],
      { outcome: "broken" },
    ],
    ["the fleet, which was so before", everywhere, [one("a", catalog("a", stopped), null)], { outcome: "already" }],
    [
      "the fleet, a node of which does not compile any more",
      asked('  each: catalog.has("Service", "dns")\n  fleet: nodes.all(n, n.after == true)'),
      [
        { certname: "a", base: compiled(catalog("a", running)), merged: failed("a", "compile") },
        one("b", catalog("b", running), catalog("b", stopped)),
      ],
      { outcome: "unknown" },
    ],
    [
      "a new node that breaks it as others do on base",
      runs,
      [one("a", catalog("a", stopped), null), one("b", null, catalog("b", stopped))],
      { outcome: "already", nodes: { asked: 2, broken: 0, already: 2, mended: 0, unknown: 0, unseen: 0 } },
    ],
    [
      "a node that the change has compile again, as others do on base",
      runs,
      [one("a", catalog("a", stopped), null), { certname: "b", base: failed("b", "compile"), merged: compiled(catalog("b", stopped)) }],
      { outcome: "already" },
    ],
    [
      "a new node that breaks it in a way of its own",
      runs,
      [one("a", catalog("a", stopped), null), one("b", null, catalog("b", { "Service[dns]": { ensure: "absent" } }))],
      { outcome: "broken" },
    ],
    [
      "the fleet, of which another node compiles on neither side",
      everywhere,
      [
        one("a", catalog("a", running), catalog("a", { ...running, "File[/b]": {} })),
        { certname: "b", base: failed("b", "compile"), merged: failed("b", "compile") },
      ],
      { outcome: "holds", nodes: { asked: 2, broken: 0, already: 0, mended: 0, unknown: 0, unseen: 1 } },
    ],
    [
      "the fleet, of which the last good node goes while another compiles on neither side",
      everywhere,
      [
        one("a", catalog("a", running), catalog("a", stopped)),
        { certname: "b", base: failed("b", "compile"), merged: failed("b", "compile") },
      ],
      { outcome: "broken" },
    ],
    [
      "a fleet of new nodes, on which nothing was",
      asked('  each: catalog.has("Service", "dns")\n  fleet: nodes.all(n, n.before == false && n.after == true)'),
      [one("a", null, catalog("a", running))],
      { outcome: "holds" },
    ],
    [
      "one of the change's own",
      asked('  catalog: catalog.has("Service", "dns")', "new"),
      [one("a", catalog("a", {}), null)],
      { outcome: "already", origin: "new" },
    ],
  ])("tells of %s", async (_, expectation, steps, wanted) => {
    const { told } = await run([expectation], steps);
    expect(told).toEqual([expect.objectContaining(wanted)]);
  });

  it("keeps what it found on base's catalogs, and looks at nothing of it again", async () => {
    const kept = cache();
    const nodes = [one("a", catalog("a", running), null), one("b", catalog("b", stopped), null)];
    const first = await run([runs, everywhere], nodes, { kept });
    expect(first.questions).toEqual(["node", "node", "fleet"]);
    const again = await run([runs, everywhere], nodes, { kept });
    expect(again.questions).toEqual(["fleet"]);
    expect(again.told).toEqual(first.told);
    // Another catalog, another expectation, another datacentre: what is kept says nothing of those.
    expect((await run([runs, everywhere], [one("a", catalog("a", stopped), null)], { kept })).questions).toEqual(["node", "fleet"]);
    expect((await run([asked("  catalog: 'true'")], nodes, { kept })).questions).toEqual(["node", "node"]);
  });

  it("does not take another placement for the same node", async () => {
    const kept = cache();
    const node = [one("a", catalog("a", running), null)];
    const inLon = asked('  catalog: node.datacentre == "lon"');
    expect((await run([inLon], node, { kept })).told[0]?.outcome).toBe("holds");
    expect((await run([inLon], node, { kept, datacentre: known("sto") })).told[0]?.outcome).toBe("already");
    expect((await run([inLon], node, { kept, datacentre: unknown("nobody knows") })).told[0]).toMatchObject({
      outcome: "unknown-already",
      unknown: [{ reason: "nobody knows" }],
    });
  });

  it("says nothing of the fleet where only a part of it is looked at", async () => {
    const { told } = await run([everywhere], [one("a", catalog("a", running), catalog("a", stopped))], { whole: false });
    expect(told[0]).toMatchObject({ outcome: "unknown-already" });
  });
});
