import { describe, expect, it } from "vitest";
import { Binary, Deferred, Secret } from "../../src/catalog/catalog.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { groupSchema } from "../../src/catalog/effects.ts";
import { toEffectGroups } from "../../src/catalog/groups.ts";
import { toRadius, type PlacedNode } from "../../src/catalog/radius.ts";
import { catalog, type Short } from "./build.ts";

const changes = (before: readonly Short[], after: readonly Short[]): ReturnType<typeof diffCatalogs> =>
  diffCatalogs(catalog(before), catalog(after));

describe("toEffectGroups", () => {
  const motd = changes([["File[/etc/motd]", { mode: "0644" }]], [["File[/etc/motd]", { mode: "0600" }]]);
  const other = changes([["File[/etc/motd]", { mode: "0640" }]], [["File[/etc/motd]", { mode: "0600" }]]);

  it("has one row for each distinct effect, the most widely shared first, nodes by name", () => {
    const groups = toEffectGroups(
      new Map([
        ["web3", other],
        ["web2", motd],
        ["db1", []],
        ["web1", motd],
      ]),
    );
    expect(groups.map(({ before, nodes }) => [before, nodes])).toEqual([
      ["0644", ["web1", "web2"]],
      ["0640", ["web3"]],
    ]);
    expect(groups[0]).toEqual({
      type: "File",
      title: "/etc/motd",
      attribute: "mode",
      change: "changed",
      kind: "system",
      before: "0644",
      after: "0600",
      nodes: ["web1", "web2"],
      source: { path: "manifests/site.pp", line: 1 },
    });
  });

  it("names a node once, though two of its changes look alike", () => {
    expect(toEffectGroups(new Map([["web1", [...motd, ...motd]]])).map(({ nodes }) => nodes)).toEqual([["web1"]]);
  });

  it("calls an effect out for every node's reasons", () => {
    const [marked] = motd.map((change) => ({ ...change, concerns: ["sudo" as const] }));
    const [other] = motd.map((change) => ({ ...change, concerns: ["login" as const] }));
    if (marked === undefined || other === undefined) throw new Error("the case has no change");
    const one = new Map([
      ["web1", motd],
      ["web2", [marked]],
      ["web3", [other]],
    ]);
    expect(toEffectGroups(one).map(({ concerns, nodes }) => [concerns, nodes.length])).toEqual([[["login", "sudo"], 3]]);
  });

  it("is the same in whatever order nodes come", () => {
    const nodes: Array<[string, typeof motd]> = [
      ["a", motd],
      ["b", other],
      ["c", motd],
      ["d", other],
    ];
    expect(toEffectGroups(new Map(nodes.toReversed()))).toEqual(toEffectGroups(new Map(nodes)));
  });

  it("shows whole resources as their attributes, and never a secret", () => {
    const password = {
      password: new Secret("1"),
      all: [new Secret("2"), new Deferred("f", [new Secret("3")])],
      bytes: new Binary("aa", 3),
    };
    const [added, removed] = toEffectGroups(new Map([["a", changes([["Db[old]", {}]], [["Db[new]", password]])]]));
    expect(added).toMatchObject({ attribute: null, change: "added", before: null });
    expect(added?.after).toEqual({ password: null, all: [null, { deferred: "f", args: [null] }], bytes: { sha256: "aa", size: 3 } });
    expect(removed).toMatchObject({ attribute: null, change: "removed", before: {}, after: null });
  });

  it("puts different secrets into one row", () => {
    const secret = (from: string, to: string): ReturnType<typeof changes> =>
      changes([["Db[x]", { password: new Secret(from) }]], [["Db[x]", { password: new Secret(to) }]]);
    const groups = toEffectGroups(
      new Map([
        ["a", secret("1", "2")],
        ["b", secret("3", "4")],
      ]),
    );
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ kind: "secret", before: null, after: null, nodes: ["a", "b"] });
  });

  it("fits the report's schema", () => {
    const all = toEffectGroups(new Map([["a", [...motd, ...changes([["Package[a]"]], [["Package[b]", {}, { key: "a", source: null }]])]]]));
    for (const group of all) expect(groupSchema.parse(group)).toEqual(group);
    expect(all.map(({ change }) => change)).toEqual(["changed", "renamed"]);
  });

  it("groups a fleet of 1,000 nodes with 200 changes each", () => {
    const many = (mode: string): Short[] => Array.from({ length: 200 }, (_, at) => [`File[/srv/${at}]`, { mode }]);
    const each = changes(many("0644"), many("0600"));
    const nodes = new Map(Array.from({ length: 1000 }, (_, at) => [`web${at}`, each]));
    expect(toEffectGroups(nodes)).toHaveLength(200);
  });
});

describe("toRadius", () => {
  const sizes = { small: 2, medium: 10, large: 40 };
  const fleet: PlacedNode[] = Array.from({ length: 100 }, (_, at) => ({
    certname: `web${at}`,
    services: at < 3 ? ["search", "web"] : ["web"],
    datacentre: at % 2 === 0 ? "ash" : at === 1 ? null : "lon",
  }));
  const groupsOn = (
    count: number,
    kind: "system" | "secret" | "ordering" | "class-parameter" | "type-only" = "system",
  ): ReturnType<typeof toEffectGroups> => {
    if (count === 0) return [];
    const nodes = fleet.slice(0, count).map(({ certname }) => certname);
    return [{ type: "File", title: "/a", attribute: "mode", change: "changed", kind, before: null, after: null, nodes, source: null }];
  };
  const on = (count: number): ReturnType<typeof toRadius> => toRadius(groupsOn(count), fleet, [], sizes);

  it.each([
    [0, "none"],
    [1, "small"],
    [2, "small"],
    [3, "medium"],
    [10, "medium"],
    [11, "large"],
    [40, "large"],
    [41, "fleet"],
    [100, "fleet"],
  ])("calls %i of 100 nodes %s", (count, size) => {
    expect(on(count)).toMatchObject({ nodes: count, share: count / 100, size });
  });

  it("reckons thresholds exactly: 7 of 100 nodes are 7 %", () => {
    expect(toRadius(groupsOn(7), fleet, [], { ...sizes, small: 7 }).size).toBe("small");
  });

  it("names the services and datacentres of what is reached", () => {
    expect(on(1)).toMatchObject({ services: ["search", "web"], datacentres: ["ash"] });
    expect(on(4)).toMatchObject({ services: ["search", "web"], datacentres: ["ash", "lon"] });
  });

  it.each(["ordering", "class-parameter", "type-only"] as const)("reaches nobody by %s alone", (kind) => {
    expect(toRadius(groupsOn(50, kind), fleet, [], sizes)).toMatchObject({ nodes: 0, share: 0, size: "none", services: [] });
  });

  it("counts a node once, whatever changes on it, and secrets too", () => {
    expect(toRadius([...groupsOn(3), ...groupsOn(2, "secret")], fleet, [], sizes).nodes).toBe(3);
    expect(toRadius(groupsOn(2, "secret"), fleet, [], sizes).nodes).toBe(2);
  });

  it("is none of nothing", () => {
    expect(toRadius([], [], [], sizes)).toEqual({
      nodes: 0,
      share: 0,
      services: [],
      datacentres: [],
      restarts: [],
      capacity: [],
      size: "none",
    });
  });
});
