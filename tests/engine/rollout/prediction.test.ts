import { describe, expect, it } from "vitest";
import { changesAgents, differsOf, expectedOf, predictionOf, together } from "../../../src/engine/rollout/prediction.ts";
import type { Report } from "../../../src/gate/report.ts";

type Group = Report["groups"][number];
type Node = Report["nodes"][number];

/** A class whose name is a digest of what changes. */
const aName: unknown = expect.stringMatching(/^[0-9a-f]{12}$/u);
const group = (title: string, nodes: string[], more: Partial<Group> = {}): Group =>
  ({ kind: "system", type: "File", title, attribute: "content", change: "changed", source: null, nodes, ...more }) as unknown as Group;
const node = (certname: string, outcome: Node["outcome"] = "changed"): Node => ({ certname, outcome }) as Node;
const restart = (title: string, certnames?: string[]): Report["radius"]["restarts"][number] =>
  ({
    type: "Service",
    title,
    cause: "File[/z] changes",
    ...(certnames === undefined ? {} : { certnames }),
  }) as unknown as Report["radius"]["restarts"][number];
const of = (groups: Group[], nodes: Node[], restarts: Report["radius"]["restarts"] = []) =>
  predictionOf({ groups, nodes, radius: { restarts } as unknown as Report["radius"] });

describe("what agents will do", () => {
  it.each<[string, ReturnType<typeof of>, unknown[]]>([
    ["nothing where nothing changes", of([], [node("a", "unchanged"), node("b", "changed")]), []],
    [
      "the same on nodes that share all that changes",
      of([group("/b", ["a", "b", "c"]), group("/a", ["b", "a"])], [node("a"), node("b"), node("c")]),
      [
        { name: aName, certnames: ["a", "b"], touched: ["File[/a]", "File[/b]"] },
        { name: aName, certnames: ["c"], touched: ["File[/b]"] },
      ],
    ],
    [
      "of a group that touches a secret",
      of([group("/a", ["a"], { kind: "secret" })], [node("a")]),
      [{ name: aName, certnames: ["a"], touched: ["File[/a]"] }],
    ],
    ["nothing by parameters of classes and orders alone", of([group("/a", ["a"], { kind: "class-parameter" })], [node("a")]), []],
    [
      "a restart that follows, on the nodes that it follows on",
      of([group("/z", ["a", "b"])], [node("a"), node("b")], [restart("nginx", ["b"]), restart("cron")]),
      [{ name: aName, certnames: ["a", "b"], touched: ["File[/z]", "Service[nginx]"] }],
    ],
    [
      "who is not compared is a class of its own",
      of([], [node("a", "not-analysable"), node("b", "unchanged"), node("c", "fixed")], [restart("nginx", ["c"]), restart("cron", ["a"])]),
      [{ name: "not compared", certnames: ["a", "c"], touched: ["Service[cron]", "Service[nginx]"] }],
    ],
    [
      "but not where something of it is known",
      of([group("/a", ["a"])], [node("a", "not-analysable")]),
      [{ name: aName, certnames: ["a"], touched: ["File[/a]"] }],
    ],
  ])("is %s", (_, { classes }, expected) => expect(classes).toEqual(expected));

  it("is one class however the groups are sorted, and another for another change of the same resource", () => {
    const [one, two] = [group("/a", ["x"]), group("/b", ["x"])];
    const nameOf = (...groups: Group[]): string | undefined => of(groups, [node("x")]).classes[0]?.name;
    expect(nameOf(one, two)).toBe(nameOf(two, one));
    expect(nameOf(one, two)).not.toBe(nameOf(one));
    expect(nameOf({ ...one, nodes: ["x", "y"] })).toBe(nameOf(one));
  });

  it("is told by certname, and is nothing of who is in no class", () => {
    const expected = expectedOf({ classes: [{ name: "class", certnames: ["a"], touched: ["File[/a]"] }] });
    expect(expected("a")).toEqual({ diffClass: "class", touched: new Set(["File[/a]"]) });
    expect(expected("b")).toEqual({ diffClass: null, touched: new Set() });
  });
});

describe("what agents will do that come from either of two commits", () => {
  it("is what changes from either, and nodes are one class where they are alike in both", () => {
    const classOf = (name: string, certnames: string[], ...touched: string[]) => ({ name, certnames, touched });
    const fromBad = { classes: [classOf("x", ["a", "b"], "File[/x]"), classOf("y", ["c"], "File[/y]")] };
    const fromGood = { classes: [classOf("z", ["b", "d"], "Service[z]", "File[/x]")] };
    expect(together(fromBad, fromGood).classes).toEqual([
      classOf("x+unchanged", ["a"], "File[/x]"),
      classOf("x+z", ["b"], "File[/x]", "Service[z]"),
      classOf("y+unchanged", ["c"], "File[/y]"),
      classOf("unchanged+z", ["d"], "File[/x]", "Service[z]"),
    ]);
    expect(together({ classes: [] }, { classes: [] })).toEqual({ classes: [] });
  });
});

describe("a release that changes no catalog", () => {
  const quiet = {
    groups: [],
    nodes: [node("a", "unchanged"), node("b", "changed")],
    radius: { restarts: [] } as unknown as Report["radius"],
  };

  it("has no class, but where agents may do something else all the same", () => {
    expect(predictionOf(quiet).classes).toEqual([]);
    expect(predictionOf(quiet, true).classes).toEqual([{ name: "code that runs on nodes", certnames: ["a", "b"], touched: [] }]);
  });

  const module = (more: object) => [{ name: "m", before: "1", after: "2", line: null, commits: null, files: [], moreFiles: 0, ...more }];
  it.each<[boolean, string[], Parameters<typeof changesAgents>[1]]>([
    [false, ["README.md", "docs/lib.md", "manifests/site.pp"], []],
    [true, ["modules/x/lib/facter/y.rb"], []],
    [true, ["lib/puppet/provider/x/y.rb"], []],
    [true, ["modules/x/facts.d/y.txt"], []],
    [false, [], module({ files: [{ path: "README.md", status: "modified" }] })],
    [true, [], module({ files: [{ path: "lib/puppet/type/x.rb", status: "added" }] })],
    [true, [], module({ moreFiles: 1 })],
    [true, [], module({ unseen: "it can't be had" })],
  ])("%s: %j %j", (expected, paths, modules) => expect(changesAgents(paths, modules)).toBe(expected));
});

describe("what may differ in a node's real catalogs", () => {
  const foreseen = (more: object = {}) =>
    predictionOf({
      groups: [
        group("/a", ["a"]),
        group("x", ["a", "b"], { type: "Class", kind: "class-parameter" }),
        group("/new", ["b"], { change: "renamed", before: "/old", kind: "type-only" }),
      ],
      nodes: [node("a"), node("b"), node("c", "unchanged"), node("d", "not-analysable")],
      radius: { restarts: [restart("nginx", ["a"])] } as unknown as Report["radius"],
      ...more,
    });
  const of = (prediction: ReturnType<typeof foreseen>, certname: string): string[] | null => {
    const differs = differsOf(prediction)(certname);
    return differs === null ? null : [...differs].sort();
  };

  it.each<[string, string[] | null]>([
    ["a", ["Class[x]", "File[/a]", "Service[nginx]"]],
    ["b", ["Class[x]", "File[/new]", "File[/old]"]],
    ["c", []],
    ["d", null],
  ])("of %s is %j", (certname, expected) => expect(of(foreseen(), certname)).toEqual(expected));

  it("is not known where the policy leaves differences out, nor of a prediction of before", () => {
    const ignoring = foreseen({ coverage: { nodes: 4, compared: 3, unseen: [{ what: "ignored", count: 1, text: "" }] } });
    expect(of(ignoring, "c")).toBeNull();
    expect(of({ classes: [] }, "c")).toBeNull();
    expect(of(together(foreseen(), ignoring), "c")).toBeNull();
    expect(of(together(foreseen(), foreseen()), "d")).toBeNull();
    expect(of(together(foreseen(), foreseen()), "b")).toEqual(["Class[x]", "File[/new]", "File[/old]"]);
  });
});
