import { describe, expect, it } from "vitest";
import { indexServed, type ServedIndex } from "../../../src/catalog/served.ts";
import { Decider } from "../../../src/engine/kept/decide-node.ts";
import type { KeptNode } from "../../../src/engine/kept/kept-node.ts";
import { residueOf, type Residue } from "../../../src/engine/kept/residue.ts";
import { restsOf } from "../../../src/engine/kept/rests.ts";
import { fileCause } from "../../../src/plan/cause.ts";
import { catalog, type Short } from "../../catalog/build.ts";
import { traceOf } from "../../plan/world.ts";
import { compiles } from "../night/world.ts";

const residue = (more: Partial<Residue> = {}): Residue => ({
  classes: [],
  defines: [],
  sources: [],
  encrypted: [],
  used: [],
  missing: [],
  exchanges: false,
  telling: false,
  ...more,
});
const kept = (more: Partial<KeptNode> = {}): KeptNode => ({
  ground: "",
  facts: { paths: [], digest: "" },
  answer: "",
  trace: traceOf({}),
  outside: false,
  untold: null,
  residue: residue(),
  secrets: [],
  ...more,
});
const index = (files: Record<string, string>): ServedIndex =>
  indexServed(
    Object.entries(files).map(([path, oid]) => ({
      path: `site/m/files/${path}`,
      mode: oid === "link" ? "120000" : "100644",
      oid,
      size: 1,
    })),
    ["site"],
  );
const uri = (path: string): string => `puppet:///modules/m/${path}`;
const base = { a: "1", b: "1", both: "1", "d/x": "1", old: "1", link: "link" };
const merged = { a: "1", b: "2", both: "1", "d/x": "2", new: "1", link: "link" };
const decider = (reached: string | null = null): Decider =>
  new Decider({ reached: () => (reached === null ? null : fileCause(reached)), served: { base: index(base), merged: index(merged) } });

describe("whether a change may reach a node", () => {
  it.each<[string, KeptNode, string | null, unknown]>([
    ["nothing of it differs", kept(), null, { kind: "same" }],
    ["something that it read differs", kept(), "x.erb", { kind: "compile", why: "template x.erb" }],
    ["nobody can say", kept({ untold: "it is impure" }), null, { kind: "compile", why: "it is impure" }],
    ["base says nothing of it", kept({ residue: null }), null, { kind: "compile", why: "base says nothing of it" }],
    ["there is something to be told of it", kept({ residue: residue({ telling: true }) }), null, { kind: "look" }],
  ])("where %s", (_, entry, reached, expected) => {
    expect(decider(reached).decide("web01", entry)).toEqual(expected);
  });

  it.each<[string, string[], "same" | "look"]>([
    ["one that stays", [uri("a")], "same"],
    ["one that differs", [uri("b")], "look"],
    ["a folder in which one differs", [uri("d")], "look"],
    ["one that goes", [uri("old")], "look"],
    ["one that comes", [uri("new")], "look"],
    ["one that neither side has", [uri("none")], "same"],
    ["one from elsewhere", ["http://files/x"], "same"],
    ["one behind a link, which is told on both sides", [uri("link")], "look"],
    ["one behind a link before another", [uri("link"), uri("a")], "look"],
    ["the first that there is of several, which stays", [uri("none"), uri("a"), uri("b")], "same"],
    ["the first that there is of several, which differs", [uri("none"), uri("b"), uri("a")], "look"],
    ["one from elsewhere before it came to the tree", [uri("new"), "http://files/x"], "look"],
  ])("by the files that it is served: %s", (_, uris, kind) => {
    const of = decider();
    const entry = kept({ residue: residue({ sources: [[uri("both")], uris] }) });
    for (const time of [1, 2]) expect(of.decide("web01", entry).kind, `${time}`).toBe(kind);
  });

  it("and which of those lie elsewhere", () => {
    const of = decider();
    expect(
      of.elsewhere(kept({ residue: residue({ sources: [[uri("a")], ["http://files/x"], [uri("none"), "http://files/y"]] }) })),
    ).toEqual(["http://files/x", "http://files/y"]);
    expect(of.elsewhere(kept({ residue: null }))).toEqual([]);
  });
});

describe("what a report takes of a catalog that is not looked at", () => {
  const compiled = (resources: readonly Short[], more: object = {}) => {
    const outcome = compiles("web01");
    if (!outcome.ok) throw new Error("it compiles");
    return residueOf({ ...outcome, catalog: { ...catalog(resources), classes: ["base"] }, ...more });
  };

  it("is its classes and defines, what it is served, and what it had of outside", () => {
    const reads = { facts: [], used: [{ kind: "dns", name: "x" }], missing: [{ kind: "file", name: "y" }], collectors: [] };
    const resources: readonly Short[] = [
      ["Class[base]"],
      ["App::Site[a]"],
      ["App::Site[b]"],
      ["File[/x]", { source: [uri("a"), uri("b")] }],
      ["File[/y]", { content: "" }],
    ];
    expect(compiled(resources, { reads, encrypted: ["ENC[x]"] })).toEqual({
      classes: ["base"],
      defines: ["App::Site"],
      sources: [[uri("a"), uri("b")]],
      encrypted: ["ENC[x]"],
      used: [{ kind: "dns", name: "x" }],
      missing: [{ kind: "file", name: "y" }],
      exchanges: false,
      telling: false,
    });
    expect(compiled(resources, { reads: undefined })).toMatchObject({ used: [], missing: [], encrypted: [], exchanges: false });
  });

  const cycle: readonly Short[] = [
    ["Notify[a]", { before: "Notify[b]" }],
    ["Notify[b]", { before: "Notify[a]" }],
  ];
  const collecting = { reads: { facts: [], used: [], missing: [], collectors: [{ type: "File", filter: null }] } };
  it.each<[string, readonly Short[], object, Partial<Residue>]>([
    ["exports one thing", [["File[/x]"], ["File[/y]", {}, { exported: true }]], {}, { exchanges: true, telling: false }],
    ["collects", [["File[/x]"]], collecting, { exchanges: true, telling: false }],
    ["is empty but for classes", [["Class[base]"]], {}, { exchanges: false, telling: true }],
    ["has a cycle", cycle, {}, { exchanges: false, telling: true }],
    ["has one resource", [["Class[base]"], ["File[/x]"]], {}, { exchanges: false, telling: false }],
  ])("says whether it %s", (_, resources, more, expected) => {
    expect(compiled(resources, more)).toMatchObject(expected);
  });
});

describe("what a catalog rests on, for a person", () => {
  it("is counted, and named in order", () => {
    const trace = traceOf({
      manifests: ["b", "a"],
      functions: ["f"],
      types: ["t", "u", "v"],
      keys: ["k"],
      data: [
        { path: "/root/data/z.yaml", keys: null },
        { path: "/root/data/a.yaml", keys: ["k"] },
      ],
      files: ["/root/z.erb", "/etc/puppetlabs/code/modules/m/a.erb"],
    });
    const entry = kept({
      trace,
      facts: { paths: [["os", "family"], [], ["fqdn"]], digest: "" },
      residue: residue({ sources: [["z", "a"], ["a"]] }),
    });
    expect(restsOf(entry, "/root")).toEqual({
      names: 2,
      functions: 1,
      types: 3,
      keys: 1,
      data: ["data/a.yaml", "data/z.yaml"],
      files: ["modules/m/a.erb", "z.erb"],
      facts: ["all of them", "fqdn", "os.family"],
      sources: ["a", "z"],
    });
    expect(restsOf(kept({ residue: null }), "/root")?.sources).toEqual([]);
    expect(restsOf(kept({ trace: null }), "/root")).toBeNull();
  });
});
