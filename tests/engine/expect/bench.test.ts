import { describe, expect, it, onTestFinished } from "vitest";
import type { Catalog } from "../../../src/catalog/catalog.ts";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";
import type { ExpectNode } from "../../../src/catalog/expect/node-view.ts";
import type { Expectation } from "../../../src/catalog/expect/schema.ts";
import { toWire } from "../../../src/catalog/expect/wire.ts";
import { Bench, type BenchLimits } from "../../../src/engine/expect/bench.ts";
import { known } from "../../../src/policy/known.ts";
import { startEvaluator } from "../../../src/wiring/expectations.ts";

const node: ExpectNode = {
  certname: "web01",
  about: {
    certname: "web01",
    trusted: { authenticated: "remote", certname: "web01", hostname: "web01", domain: null, extensions: {}, external: {} },
    enc: null,
    classes: [],
    assumed: false,
  },
  services: known([]),
  datacentre: known(null),
};

/** So many files: an expression that goes through all pairs of them, or of three, never ends within a second. */
const catalog: Catalog = {
  certname: "web01",
  classes: [],
  contains: [],
  resources: Array.from({ length: 2000 }, (_, at) => ({
    type: "File",
    title: `/${at}`,
    key: `/${at}`,
    parameters: new Map([["mode", "0644"]]),
    exported: false,
    source: null,
    kind: "native",
  })),
};

function expectation(name: string, expect: string, of = "'true'"): Expectation {
  const text = `name: ${name}\nwhy: because\nask: ["@ann"]\nfor: ${of}\nexpect:\n  catalog: ${JSON.stringify(expect)}\nexamples:\n  pass: [{ name: x, catalog: {} }]\n  fail: [{ name: y, catalog: {} }]\n`;
  const loaded = loadExpectation(text, "expectations/a.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.expectation;
}

const files = 'catalog.resources("File")';
const endless = `${files}.all(a, ${files}.all(b, ${files}.all(c, a.title + b.title + c.title != "")))`;
const greedy = `${files}.map(a, ${files}.map(b, ${files}.map(c, [a.title + "x", b.title + "y"]))).size() > 0`;
const longText = `["${"x".repeat(500)}"].map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a).size() > 7`;
const fine = `${files}.size() == 2000`;

const limits: BenchLimits = { memoryMib: 96, seconds: 1, allSeconds: 30, takenMib: 64 };

function bench(expectations: readonly Expectation[], more: Partial<BenchLimits> = {}): Bench {
  const made = new Bench(expectations, {
    start: startEvaluator,
    limits: { ...limits, ...more },
    now: () => performance.now(),
    signal: undefined,
  });
  onTestFinished(async () => made.end());
  return made;
}

const ask = (of: Bench): ReturnType<Bench["node"]> =>
  of.node({
    kind: "node",
    node,
    before: toWire(catalog),
    after: "same",
    changes: [],
    restarts: [],
    expressions: [...of.expectations.keys()],
  });

describe("an expectation that goes over its limits", () => {
  it.each([
    ["takes for ever", endless, "'true'", "takes longer than 1 seconds", 1],
    ["takes all memory", greedy, "'true'", "takes more than 96 MiB", 20],
    ["makes a text that no memory holds", longText, "'true'", "", 20],
  ])("is out when it %s, and the others are not", async (_, expression, of, words, seconds) => {
    const all = bench([expectation("before", fine), expectation("bad", expression, of), expectation("after", fine)], { seconds });
    const answers = await ask(all);
    expect(answers.map(({ before }) => before.is)).toEqual(["holds", "unknown", "holds"]);
    const [, bad] = answers;
    expect(bad?.before.is === "unknown" ? bad.before.reason : "").toContain(words);
    // What is out stays out, and costs nothing more.
    const started = performance.now();
    expect((await ask(all)).map(({ before }) => before.is)).toEqual(["holds", "unknown", "holds"]);
    expect(performance.now() - started).toBeLessThan(seconds * 1000 + 5_000);
  });

  it("is unknown when it takes for ever to say about whom it is, and costs no more than its steps", async () => {
    const about =
      '\'"x".matches("x") && [1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, [1,2,3,4,5,6,7,8,9,10].all(g, [1,2,3,4,5,6,7,8,9,10].all(h, [1,2,3,4,5,6,7,8,9,10].all(i, a+b+c+d+e+f+g+h+i > 0)))))))))\'';
    const all = bench([expectation("before", fine), expectation("bad", fine, about)], { seconds: 60 });
    const [before, bad] = await ask(all);
    expect(before?.before.is).toBe("holds");
    expect(bad?.asked.known === false && bad.asked.reason).toContain("takes more than 5000000 steps");
    expect(all.out(1)).toBeNull();
  });

  it("is out with all others when together they take too long", async () => {
    const all = bench([expectation("one", fine), expectation("two", endless)], { allSeconds: 0.5 });
    await ask(all);
    expect((await ask(all)).map(({ before }) => before.is)).toEqual(["unknown", "unknown"]);
  });
});

describe("what goes to whoever decides", () => {
  const each = (text: string): Expectation => ({ ...expectation("a", "true"), scope: "fleet", expect: "nodes.size() > 0", each: text });
  const question = {
    kind: "node",
    node,
    before: toWire({ ...catalog, resources: [] }),
    after: "same",
    changes: [],
    restarts: [],
    expressions: [0],
  } as const;

  it("is bounded: what is taken of all nodes together", async () => {
    const made = bench([each(`["${"x".repeat(3_000)}"].map(a, a+a+a+a+a+a+a+a+a+a)`)], { takenMib: 1 });
    const said = new Set<string>();
    for (let times = 0; times < 40; times += 1) said.add((await made.node(question))[0]?.before.is ?? "");
    expect([...said]).toEqual(["taken", "unknown"]);
    expect(made.out(0)).toBe("what `expect.each` gives of all nodes together is more than 1 MiB: have it give less");
  });

  it.each([
    ["an error", `{"a": true}[["${"x".repeat(1_000)}"].map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a)[0]]`],
    ["what broke it", `["${"x".repeat(1_000)}"].map(a, a+a+a+a+a+a+a+a+a+a).all(a, a == "")`],
  ])("is short: %s", async (_, text) => {
    const [answer] = await bench([expectation("a", text)]).node(question);
    expect(JSON.stringify(answer?.before).length).toBeLessThan(2_000);
    expect(answer?.before.is).not.toBe("holds");
  });
});
