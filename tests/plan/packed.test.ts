import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare } from "../../src/plan/compare.ts";
import { packTraces } from "../../src/plan/pack.ts";
import { BrokenTraces } from "../../src/plan/packed-form.ts";
import { planOf } from "../../src/plan/plan.ts";
import { reached } from "../../src/plan/reach.ts";
import type { Trace } from "../../src/plan/trace.ts";
import { readTraces } from "../../src/plan/unpack.ts";
import { edited, read, root, sideOf, traceOf, type Files } from "./world.ts";

const names = ["m", "m::a", "m::b", "m::a::deep", "other", "größe", ""];
const paths = ["site/m/templates/t.erb", "site/m/files/f", "data/common.yaml", "data/x.json", "data", "site/m/templates"].map(
  (path) => `${root}/${path}`,
);
const some = (from: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...from]);
const traces: fc.Arbitrary<Trace> = fc.record({
  manifests: some(names),
  functions: some(names),
  types: some(names),
  files: some(paths),
  folders: some(paths),
  data: fc.uniqueArray(fc.record({ path: fc.constantFrom(...paths), keys: fc.option(some(names)) }), {
    selector: ({ path }) => path,
    maxLength: 4,
  }),
  absent: some(paths),
  keys: some(names),
  node: fc.option(fc.constantFrom("default", "a.example", "/^x/")),
  outside: fc.boolean(),
  impure: some(["time", "generate"]),
});
const fleets = fc.dictionary(fc.constantFrom("web01", "web02", "db01", "db02", "mail"), traces, { noNullPrototype: true });

const inOrder = (trace: Trace | null): unknown =>
  trace === null ? null : Object.fromEntries(Object.entries(trace).map(([name, value]) => [name, sorted(name, value)]));

function sorted(name: string, value: unknown): unknown {
  if (name === "data") return (value as Trace["data"]).map(({ path, keys }) => ({ path, keys: keys === null ? null : keys.toSorted() }));
  return Array.isArray(value) ? value.map(String).toSorted() : value;
}

describe("packed traces", () => {
  it("are what they were", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const packed = readTraces(packTraces(Object.entries(fleet)));
        expect([...packed.certnames]).toEqual(Object.keys(fleet));
        for (const [certname, trace] of Object.entries(fleet)) expect(inOrder(packed.trace(certname))).toEqual(inOrder(trace));
        expect(packed.trace("nobody")).toBeNull();
      }),
    );
  });

  it("are taken over for some nodes, and replaced for others", () => {
    fc.assert(
      fc.property(fleets, fleets, some(["web01", "db01", "nobody"]), (old, now, kept) => {
        const packed = readTraces(packTraces(Object.entries(now), new Map([[readTraces(packTraces(Object.entries(old))), kept]])));
        const expected = { ...Object.fromEntries(Object.entries(old).filter(([certname]) => kept.includes(certname))), ...now };
        expect([...packed.certnames].toSorted()).toEqual(Object.keys(expected).toSorted());
        for (const [certname, trace] of Object.entries(expected)) expect(inOrder(packed.trace(certname))).toEqual(inOrder(trace));
        // Nothing is left of what was not taken over.
        expect(packed.textCount).toBe(readTraces(packTraces(Object.entries(expected))).textCount);
      }),
    );
  });

  const base: Files = {
    "manifests/site.pp": "",
    "site/m/manifests/init.pp": "class m {}",
    "data/common.yaml": "m: 1\nother: 2\n",
    "site/m/files/f": "1",
  };
  const edits: Array<Readonly<Record<string, string | null>>> = [
    { "site/m/manifests/a.pp": "class m::a {}" },
    { "site/m/manifests/init.pp": "class m { }" },
    { "data/common.yaml": "m: 2\nother: 2\n" },
    { "data/common.yaml": null },
    { "data/x.json": '{"m::a": 1}' },
    { "site/m/files/f": "2" },
    { "site/m/templates/t.erb": "x" },
    { "site/m/functions/a.pp": "function m::a() {}", "site/m/types/b.pp": "type M::B = Integer" },
    { "hiera.yaml": "x" },
    {},
  ];
  it("give the plan that each trace gives by itself", async () => {
    const changes = await Promise.all(
      edits.map(async (edit) => compare({ before: sideOf(base), after: sideOf(edited(base, edit)), read })),
    );
    fc.assert(
      fc.property(fleets, fc.constantFrom(...changes), (fleet, changed) => {
        const plan = planOf(readTraces(packTraces(Object.entries(fleet))), changed);
        for (const [certname, trace] of Object.entries(fleet)) {
          const cause = reached(certname, trace, changed);
          const planned = plan.get(certname);
          // Which of several reasons comes first depends on the order of a list, which packed ones don't keep.
          expect(typeof planned?.text).toBe(typeof cause?.text);
        }
      }),
      { numRuns: 300 },
    );
  });

  const whole = packTraces([["web01", traceOf({ manifests: ["a", "b"], data: [{ path: "/x", keys: ["k"] }] })]]);
  const changedAt = (at: number): Buffer => Buffer.from(whole.map((byte, index) => (index === at ? byte ^ 1 : byte)));
  it.each([
    { what: "nothing", bytes: Buffer.alloc(0), text: "the stored traces are cut off" },
    { what: "a part", bytes: whole.subarray(0, whole.length - 1), text: "the stored traces are not what was stored" },
    { what: "a bit of the head", bytes: changedAt(9), text: "the stored traces are not what was stored" },
    { what: "a bit of a list", bytes: changedAt(whole.length - 33), text: "the stored traces are not what was stored" },
    { what: "something else", bytes: Buffer.from("x".repeat(200)), text: "the stored traces are not what was stored" },
  ])("that are $what are refused", ({ bytes, text }) => {
    expect(() => readTraces(bytes)).toThrow(new BrokenTraces(text));
  });

  it("are read wherever they lie", () => {
    const shifted = Buffer.concat([Buffer.from("x"), whole]).subarray(1);
    expect(inOrder(readTraces(shifted).trace("web01"))).toEqual(inOrder(readTraces(whole).trace("web01")));
  });
});
