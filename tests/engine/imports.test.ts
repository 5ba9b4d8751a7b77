import { describe, expect, it } from "vitest";
import type { Change } from "../../src/catalog/change.ts";
import type { NodeOutcome } from "../../src/catalog/effects.ts";
import type { Restart } from "../../src/catalog/restarts.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { Imports } from "../../src/engine/imports.ts";
import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import { catalog, line, type Short } from "../catalog/build.ts";

interface Side {
  /** Resources that it exports, by title, with what they say. */
  exports?: Record<string, string>;
  /** Types that it collects. */
  collects?: string[];
  more?: readonly Short[];
}

const file = (title: string, content: string, exported: boolean): Short => [`File[${title}]`, { content }, { exported }];

function compiled(certname: string, { exports = {}, collects = [], more = [] }: Side): CompileOutcome {
  const resources = [...Object.entries(exports).map(([title, content]) => file(title, content, true)), ...more];
  const collectors = collects.map((type) => ({ type, filter: null }));
  return {
    certname,
    ok: true,
    catalog: catalog(resources, {}, certname),
    taints: new Taints(),
    reads: { facts: [], used: [], missing: [], collectors },
  };
}
const failed = (certname: string): CompileOutcome => ({
  certname,
  ok: false,
  error: { code: "compile", message: "no", path: null, line: null },
});
const outcome = (certname: string, more: Partial<NodeOutcome> = {}): NodeOutcome => ({
  certname,
  outcome: "unchanged",
  reason: null,
  services: [],
  datacentre: null,
  cached: false,
  ...more,
});
const placed = { unknown: null, holes: [] };

interface Given {
  nodes: ReadonlyArray<[certname: string, base: Side | null, merged: Side | null]>;
  outcomes?: Record<string, Partial<NodeOutcome>>;
  places?: Record<string, Parameters<Imports["offer"]>[3]>;
  known?: boolean;
  /** What changes on a node by itself. */
  own?: Record<string, readonly Change[]>;
}

function told({ nodes, outcomes = {}, places = {}, known = true, own = {} }: Given) {
  const imports = new Imports();
  const side = (certname: string, of: Side | null): CompileOutcome => (of === null ? failed(certname) : compiled(certname, of));
  for (const [certname, base, merged] of nodes)
    imports.offer(certname, side(certname, base), side(certname, merged), places[certname] ?? placed);
  const changes = new Map<string, readonly Change[]>(Object.entries(own));
  const restarts = new Map<string, Restart[]>();
  const found = imports.tell({ nodes: nodes.map(([certname]) => outcome(certname, outcomes[certname])), changes, restarts }, known);
  return {
    any: imports.any,
    nodes: found.nodes.map(({ certname, outcome: is, reason, unplaced }) => ({
      certname,
      outcome: is,
      reason,
      ...(unplaced ? { unplaced } : {}),
    })),
    changes: [...changes].flatMap(([certname, its]) => its.map((each) => `${certname}: ${line(each)}`)),
    restarts: [...restarts].flatMap(([certname, its]) => its.map(({ title, causes }) => `${certname}: ${title} by ${causes.join()}`)),
    unseen: found.unseen,
  };
}

const one: Side = { exports: { "/a": "one" } };
const two: Side = { exports: { "/a": "two" } };
const collecting: Side = { collects: ["File"] };

describe("what importers get of others' exports", () => {
  it("is told on them, with whose it is", () => {
    const came = told({
      nodes: [
        ["web01", one, two],
        ["mon01", collecting, collecting],
        ["db01", {}, {}],
      ],
    });
    expect(came.nodes).toEqual([
      { certname: "web01", outcome: "unchanged", reason: null },
      { certname: "mon01", outcome: "changed", reason: "imports what web01 exports" },
      { certname: "db01", outcome: "unchanged", reason: null },
    ]);
    expect(came.changes).toEqual(['mon01: system changed File[/a] content "one" -> "two"']);
    expect(came.unseen.count).toBe(0);
  });

  it.each<[string, Given["nodes"], boolean]>([
    ["nobody exports or collects", [["web01", {}, {}]], false],
    ["one exports", [["web01", one, {}]], true],
    ["one would export", [["web01", {}, one]], true],
    ["one collects", [["web01", collecting, {}]], true],
    ["one would collect", [["web01", {}, collecting]], true],
    ["one that no longer compiles did", [["web01", one, null]], false],
    ["one that compiles now does", [["web01", null, one]], true],
  ])("is there to be looked for where %s: %s", (_, nodes, any) => {
    expect(told({ nodes }).any).toBe(any);
  });

  it("comes behind what is said of the node already, with others' names, and leaves a worse outcome as it is", () => {
    const nodes: Given["nodes"] = [
      ["web01", one, two],
      ["web02", { exports: { "/b": "one" } }, { exports: { "/b": "two" } }],
      ["mon01", collecting, collecting],
    ];
    const mon01 = { outcome: "fixed", reason: "it did not compile" } as const;
    expect(told({ nodes, outcomes: { mon01 } }).nodes[2]).toEqual({
      certname: "mon01",
      outcome: "fixed",
      reason: "it did not compile; imports what web01, web02 export",
    });
  });

  it("names three of many", () => {
    const exporters = ["a", "b", "c", "d", "e"].map((name): Given["nodes"][number] => [
      name,
      { exports: { [`/${name}`]: "one" } },
      { exports: { [`/${name}`]: "two" } },
    ]);
    const came = told({ nodes: [...exporters, ["mon01", collecting, collecting]] });
    expect(came.nodes.at(-1)?.reason).toBe("imports what a, b, c and 2 more export");
    const three = told({ nodes: [...exporters.slice(0, 3), ["mon01", collecting, collecting]] });
    expect(three.nodes.at(-1)?.reason).toBe("imports what a, b, c export");
  });

  it("is no change of the system where the agent does nothing about it", () => {
    const order = (of: string): Side => ({ more: [["File[/a]", { content: "one", require: of }, { exported: true }]] });
    const came = told({
      nodes: [
        ["web01", order("File[/x]"), order("File[/y]")],
        ["mon01", collecting, collecting],
      ],
    });
    expect(came.changes).toHaveLength(1);
    expect(came.nodes[1]?.outcome).toBe("unchanged");
    const more = (of: string, content: string): Side => ({ more: [["File[/a]", { content, require: of }, { exported: true }]] });
    const both = told({
      nodes: [
        ["web01", more("File[/x]", "one"), more("File[/y]", "two")],
        ["mon01", collecting, collecting],
      ],
    });
    expect([both.changes.length, both.nodes[1]?.outcome]).toEqual([2, "changed"]);
  });

  it("adds to what changes on the node itself, and restarts what listens there", () => {
    const listening: Side = {
      collects: ["File"],
      more: [["Service[mon]", { ensure: "running", subscribe: "File[/a]" }], file("/a", "one", false)],
    };
    const came = told({
      nodes: [
        ["web01", one, two],
        ["mon01", listening, listening],
      ],
    });
    expect(came.restarts).toEqual(["mon01: mon by File[/a]"]);
    const change: Change = {
      type: "Notify",
      title: "x",
      attribute: "message",
      change: "changed",
      kind: "system",
      before: "1",
      after: "2",
      source: null,
    };
    const both = told({
      nodes: [
        ["web01", one, two],
        ["mon01", collecting, collecting],
      ],
      own: { mon01: [change] },
    });
    expect(both.changes).toEqual([
      'mon01: system changed Notify[x] message "1" -> "2"',
      'mon01: system changed File[/a] content "one" -> "two"',
    ]);
  });
});

describe("what can't be told of imports", () => {
  it("is whom a changed export reaches that nobody looked at collects", () => {
    const came = told({ nodes: [["web01", one, two]] });
    expect(came.unseen).toEqual({
      what: "importers",
      count: 1,
      text: "exported resource that changes and whose importers are unknown (File[/a]): no node that was looked at collects it",
    });
    const many = Object.fromEntries(["a", "b", "c", "d"].map((name) => [`/${name}`, "one"]));
    const others = told({
      nodes: [
        ["web01", { exports: many }, {}],
        ["old01", null, null],
        ["new01", {}, null],
        ["fixed01", null, {}],
      ],
    });
    expect(others.unseen).toEqual({
      what: "importers",
      count: 4,
      text: "exported resources that change and whose importers are unknown (File[/a], File[/b], File[/c] and 1 more): no node that was looked at collects them, and what 3 nodes without a catalog collect is not known",
    });
  });

  it("is whose node an importer is, which matters once it changes", () => {
    const places = { mon01: { unknown: "nobody knows its service", holes: ["services"] } } as const;
    const nodes: Given["nodes"] = [
      ["web01", one, two],
      ["mon01", collecting, collecting],
    ];
    expect(told({ nodes, places }).nodes[1]).toEqual({
      certname: "mon01",
      outcome: "changed",
      reason: "imports what web01 exports; nobody knows its service",
      unplaced: ["services"],
    });
    // A node that changes anyway has said so already.
    const mon01 = { outcome: "changed", reason: "nobody knows its service" } as const;
    expect(told({ nodes, places, outcomes: { mon01 } }).nodes[1]?.reason).toBe("nobody knows its service; imports what web01 exports");
  });

  it.each([
    [true, "File[/b] may restart more there than is told: nothing like it was collected there before"],
    [
      false,
      "File[/b] may restart more there than is told: this node was compiled without what others export. Give that by facts.puppetdb.exported in the policy, or as stand-ins",
    ],
  ])("is what restarts where something of a new kind comes, exports being known: %s", (known, text) => {
    const running: Side = { collects: ["File"], more: [["Service[mon]", { ensure: "running" }]] };
    const came = told({
      nodes: [
        ["web01", {}, { exports: { "/b": "one" } }],
        ["mon01", running, running],
      ],
      known,
    });
    expect(came.nodes[1]).toEqual({
      certname: "mon01",
      outcome: "changed",
      reason: `imports what web01 exports; ${text}`,
      unplaced: ["restarts"],
    });
    const both = { exports: { "/b": "one", "/c": "two" } };
    const more = told({
      nodes: [
        ["web01", {}, both],
        ["mon01", running, running],
      ],
      known,
    });
    expect(more.nodes[1]?.reason).toContain("File[/b], File[/c] may restart more there");
    expect(more.nodes[1]?.reason).toMatch(known ? /nothing like them was/u : /without what others export/u);
  });

  it("is told of nobody who has such things already, since they will stand where those stand", () => {
    const running: Side = { collects: ["File"], more: [["Service[mon]", { ensure: "running" }], file("/a", "one", false)] };
    const came = told({
      nodes: [
        ["web01", one, { exports: { "/a": "one", "/b": "one" } }],
        ["mon01", running, running],
      ],
    });
    expect(came.nodes[1]?.reason).toBe("imports what web01 exports");
  });

  it("is too much for a check where more is to be kept of importers than may be", () => {
    const imports = new Imports(3);
    const importer = (count: number): CompileOutcome =>
      compiled("mon", { ...collecting, more: Array.from({ length: count }, (_, at): Short => [`Notify[${at}]`]) });
    imports.offer("mon01", importer(1), importer(2), placed);
    imports.offer("mon02", importer(1), importer(1), placed);
    imports.offer("web01", compiled("web01", one), compiled("web01", two), placed);
    expect(() => imports.offer("mon03", importer(1), importer(1), placed)).toThrow(/more than a check can hold/u);
  });
});
