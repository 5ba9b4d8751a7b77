import { describe, expect, it } from "vitest";
import { indexServed } from "../../src/catalog/served.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { ImpactCollector, type ImpactInputs } from "../../src/engine/impact.ts";
import type { Residue } from "../../src/engine/kept/residue.ts";
import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import { Room } from "../../src/engine/room.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { catalog, type Short } from "../catalog/build.ts";

const nothing = indexServed([], []);
const inputs = (more: Partial<ImpactInputs> = {}): ImpactInputs => ({
  served: { base: nothing, merged: nothing },
  place: (certname) => ({ services: [`service of ${certname}`], datacentre: "lon", unknown: null, holes: [] }),
  sizes: defaultPolicy.radius.sizes,
  knowsExports: false,
  elsewhere: { what: "environments", count: 0, text: "" },
  fleetSize: 2,
  changed: [],
  lostPercent: 50,
  policy: defaultPolicy,
  ...more,
});

type Compiled = readonly Short[] | string;
const compiled = (certname: string, said: Compiled, secret: string | null = null): CompileOutcome => {
  const taints = new Taints();
  if (secret !== null) taints.add(secret);
  if (typeof said === "string") return { certname, ok: false, error: { code: "compile", message: said, path: null, line: null }, taints };
  return { certname, ok: true, catalog: { ...catalog(said, {}, certname), classes: [`class_${certname}`] }, taints };
};
const residue: Residue = {
  classes: ["profile::kept"],
  defines: ["Site::Vhost"],
  sources: [],
  encrypted: [],
  used: [{ kind: "dns", name: "www" }],
  missing: [{ kind: "hiera", name: "x.yaml" }],
  exchanges: false,
  telling: false,
};
const none = { reasons: new Map<string, string>(), sampled: new Set<string>() };
const file = (content: string, more: Record<string, string> = {}): Short => ["File[/a]", { content, ...more }];

interface Pair {
  certname: string;
  base: Compiled;
  merged: Compiled;
  sampled?: boolean;
}

function collected(pairs: readonly Pair[], more: Partial<ImpactInputs> = {}): ImpactCollector {
  const impact = new ImpactCollector(inputs(more));
  for (const { certname, base, merged, sampled = false } of pairs)
    impact.add({ certname, base: compiled(certname, base), merged: compiled(certname, merged), cached: false, sampled });
  return impact;
}

describe("what a change does to the fleet", () => {
  it("comes in the order of the nodes' names, whatever order they came in, and those without facts among them", () => {
    const impact = collected([
      { certname: "c", base: [file("1")], merged: [file("2")] },
      { certname: "a", base: [file("1")], merged: [file("1")] },
    ]);
    impact.addKept("b", residue, { elsewhere: [], cached: true });
    impact.addUnchanged("e");
    const problem = { code: "bad-facts", text: "d.json is no JSON.", hint: "Mend it." };
    const { nodes, radius } = impact.finish([{ certname: "d", path: "facts/d.json", problem }], none);
    expect(nodes).toEqual([
      { certname: "a", outcome: "unchanged", reason: null, services: ["service of a"], datacentre: "lon", cached: false },
      { certname: "b", outcome: "unchanged", reason: null, services: ["service of b"], datacentre: "lon", cached: true },
      { certname: "c", outcome: "changed", reason: null, services: ["service of c"], datacentre: "lon", cached: false },
      {
        certname: "d",
        outcome: "not-analysable",
        reason: "its facts can't be read: d.json is no JSON.",
        services: ["service of d"],
        datacentre: "lon",
        cached: false,
      },
      { certname: "e", outcome: "unchanged", reason: null, services: ["service of e"], datacentre: "lon", cached: false },
    ]);
    expect(radius).toMatchObject({ nodes: 1, share: 0.5, services: ["service of c"] });
  });

  it.each(["no-facts-of-node", "not-classified"])("says of a node with the problem %s what the problem says", (code) => {
    const problem = { code, text: "Nobody knows it.", hint: "Ask." };
    expect(collected([]).finish([{ certname: "a", path: "x", problem }], none).nodes[0]?.reason).toBe("Nobody knows it.");
  });

  it("is placed by base's classes alone: a head does not say whose node it is", () => {
    const asked: unknown[] = [];
    const place: ImpactInputs["place"] = (_, classes) => (
      asked.push(classes),
      { services: [], datacentre: null, unknown: null, holes: [] }
    );
    const impact = collected(
      [
        { certname: "a", base: [file("1")], merged: [file("1")] },
        { certname: "b", base: "no", merged: [file("1")] },
      ],
      { place },
    );
    impact.addKept("c", residue, { elsewhere: [], cached: true });
    expect(asked).toEqual([["class_a"], null, ["profile::kept"]]);
  });

  it("is told first by what reaches a system, of a node that compiles on both sides", () => {
    const impact = new ImpactCollector(inputs());
    const firsts = (pair: Pair): string | null => {
      impact.add({
        certname: pair.certname,
        base: compiled(pair.certname, pair.base),
        merged: compiled(pair.certname, pair.merged),
        cached: false,
        sampled: false,
      });
      return impact.first;
    };
    expect(firsts({ certname: "fixed", base: "no", merged: [file("1")] })).toBeNull();
    expect(firsts({ certname: "same", base: [file("1")], merged: [file("1")] })).toBeNull();
    const other = (name: string): Short => ["Class[a]", { name }];
    expect(firsts({ certname: "classes", base: [other("1"), file("1")], merged: [other("2"), file("1")] })).toBeNull();
    expect(firsts({ certname: "both", base: [other("1"), file("1")], merged: [other("2"), file("2")] })).toBe("File[/a] content on both");
    expect(firsts({ certname: "later", base: [file("1")], merged: [file("3")] })).toBe("File[/a] content on both");
    const whole = collected([{ certname: "a", base: [file("1")], merged: [file("1"), ["Notify[new]"]] }]);
    expect(whole.first).toBe("Notify[new] on a");
  });

  it("is an ordering, too", () => {
    const order = (of: string): Short => ["File[/a]", { content: "1", require: of }];
    const impact = collected([{ certname: "a", base: [order("File[/x]")], merged: [order("File[/y]")] }]);
    expect(impact.first).toBe("File[/a] require on a");
    expect(impact.finish([], none).nodes[0]?.outcome).toBe("changed");
  });

  it("deserves a second look where something guards who may do what, unless base has nothing to compare with", () => {
    const sudo = (content: string): Short => ["File[/etc/sudoers]", { content }];
    const concerns = (base: Compiled): unknown =>
      collected([{ certname: "a", base, merged: [sudo("2")] }]).finish([], none).groups[0]?.concerns;
    expect(concerns([sudo("1")])).toEqual(["sudo"]);
    expect(concerns("no")).toBeUndefined();
  });

  it("has no more effects than a check can hold", () => {
    const impact = new ImpactCollector(inputs(), new Room(700));
    const pair = (certname: string) => ({
      certname,
      base: compiled(certname, [file("1")]),
      merged: compiled(certname, [file("2")]),
      cached: false,
      sampled: false,
    });
    impact.add(pair("a"));
    impact.add(pair("b"));
    expect(() => impact.add(pair("c"))).toThrow(/more than a check can hold/u);
  });

  it("counts values that no type took, where they reach a system", () => {
    const side = (mode: string): Short => ["File[/a]", { mode }, { unmunged: new Set(["mode"]) }];
    const { coverage } = collected([{ certname: "a", base: [side("u=rw")], merged: [side("u=r")] }]).finish([], none);
    expect(coverage.unseen.map(({ what, count }) => [what, count])).toEqual([["values", 1]]);
  });
});

describe("what a policy leaves out of it", () => {
  const ignore = [{ type: "File", title: "*", attribute: "content", anyLine: null, everyLine: null, reason: "noise" }];
  const policy = { ...defaultPolicy, ignore };
  const both = (content: string, more: Record<string, string> = {}): Pair => ({
    certname: "a",
    base: [file("1", { require: "File[/x]", mode: "0644" })],
    merged: [file(content, { require: "File[/x]", mode: "0644", ...more })],
  });

  it.each<[string, Pair, string, string | null]>([
    ["nothing else differs", both("2"), "unchanged", "nothing differs but what the policy leaves out (`differences.ignore`)"],
    ["something else differs", both("2", { mode: "0600" }), "changed", null],
    ["an ordering differs", both("2", { require: "File[/y]" }), "changed", null],
  ])("counts where %s", (_, pair, outcome, reason) => {
    const { nodes, coverage } = collected([pair], { policy }).finish([], none);
    expect(nodes[0]).toMatchObject({ outcome, reason });
    expect(coverage.unseen).toMatchObject([{ what: "ignored", count: 1 }]);
  });

  it("is a catalog that is meant to be empty, by the first word of the policy that names the node", () => {
    const empty = [
      { nodes: ["x*", "bare*"], owner: "@ann", reason: "it is a switch" },
      { nodes: ["bare1"], owner: "@bob", reason: "later" },
    ];
    const nodes = collected(
      [
        { certname: "bare1", base: [], merged: [] },
        { certname: "other", base: [], merged: [] },
      ],
      { policy: { ...defaultPolicy, empty } },
    ).finish([], none).nodes;
    expect(nodes.map(({ outcome }) => outcome)).toEqual(["unchanged", "not-analysable"]);
    expect(nodes[0]?.reason).toBe("its catalog is empty, as it is meant to be: it is a switch (@ann)");
  });
});

describe("what proves a plan wrong", () => {
  const pair = (certname: string, base: Compiled, merged: Compiled, sampled = true): Pair => ({ certname, base, merged, sampled });
  it("is a sample that changes, breaks or is mended; names in order", () => {
    const impact = collected([
      pair("mended", "no", [file("1")]),
      pair("broken", [file("1")], "no"),
      pair("changed", [file("1")], [file("2")]),
      pair("same", [file("1")], [file("1")]),
      pair("both", "no", "no"),
      pair("reached", [file("1")], [file("2")], false),
    ]);
    const names = ["mended", "broken", "changed", "same", "both", "reached"];
    const found = impact.finish([], { reasons: new Map(names.map((name) => [name, "why"])), sampled: new Set(names.slice(0, 5)) });
    expect(found.coverage.plan).toEqual({ kept: 5, reached: 1, sampled: 5, missed: ["broken", "changed", "mended"] });
    expect(found.nodes.map(({ reached }) => reached)).toEqual(names.map(() => "why"));
  });
});

describe("files that change and that nobody is known to use", () => {
  const changed = [
    "site/profile/manifests/web.pp",
    "site/profile/manifests/kept.pp",
    "site/site/manifests/vhost.pp",
    "site/app/manifests/part.pp",
    "data/x.yaml",
    "data/y.yaml",
  ];
  const part: Short = ["App::Part[x]"];
  const of = (impact: ImpactCollector): readonly string[] => {
    impact.addKept("k", residue, { elsewhere: [], cached: true });
    impact.addUsed(["data/x.yaml"]);
    return impact.finish([], none).unfelt;
  };

  it("are told where nothing differs: not what catalogs are made of, nor what was read", () => {
    expect(of(collected([{ certname: "a", base: [part, file("1")], merged: [part, file("1")] }], { changed }))).toEqual([
      "site/profile/manifests/web.pp",
      "data/y.yaml",
    ]);
    expect(of(collected([{ certname: "a", base: [file("1")], merged: [part, file("1")] }], { changed }))).toEqual([]);
    expect(of(collected([], { changed }))).toContain("site/app/manifests/part.pp");
  });

  it("are none where anything differs, left out or not", () => {
    const pair = { certname: "a", base: [file("1")], merged: [file("2")] };
    expect(of(collected([pair], { changed }))).toEqual([]);
    const ignore = [{ type: "File", title: "*", attribute: "content", anyLine: null, everyLine: null, reason: "noise" }];
    expect(of(collected([pair], { changed, policy: { ...defaultPolicy, ignore } }))).toEqual([]);
    // Other things that were not seen are no difference.
    const facts = [...changed, "site/a/lib/facter/x.rb"];
    expect(of(collected([], { changed: facts }))).not.toEqual([]);
  });

  it("what was taken from outside by nodes that are not looked at is counted", () => {
    const impact = collected([]);
    impact.addKept("k", { ...residue, encrypted: ["ENC[x]"] }, { elsewhere: ["http://x"], cached: true });
    const { coverage } = impact.finish([], none);
    expect(coverage.unseen.map(({ what, count }) => `${count} ${what}`)).toEqual(["1 sources", "1 encrypted", "1 stand-ins", "1 missing"]);
    expect(coverage.missing).toEqual([{ kind: "hiera", name: "x.yaml", nodes: 1 }]);
  });
});

describe("second compiles", () => {
  const at = (n: number, more: string): readonly Short[] => [
    ["File[/clock]", { content: `at ${n}`, notify: "Service[clock]" }],
    ["File[/a]", { content: more }],
    ["Service[clock]", { ensure: "running" }],
  ];

  it("take out of a node's changes, and of what restarts, what differs at every one of them", () => {
    const impact = collected([{ certname: "a", base: at(1, "one"), merged: at(2, "two") }]);
    expect([...impact.wantedAgain]).toEqual(["a"]);
    impact.addAgain("base", compiled("a", at(3, "one")));
    impact.addAgain("merged", compiled("a", at(4, "two")));
    const { nodes, groups, radius, findings } = impact.finish([], none);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^content of File\[\/clock\] differs at every compile/u),
    ]);
    expect(nodes[0]).toMatchObject({ outcome: "changed", reason: null });
    expect(groups.map(({ title }) => title)).toEqual(["/a"]);
    expect(radius.restarts).toEqual([]);
    expect([...impact.steady]).toEqual([]);
  });

  it("leave a node unchanged of which nothing else differs", () => {
    const impact = collected([{ certname: "a", base: at(1, "one"), merged: at(2, "one") }]);
    impact.addAgain("base", compiled("a", at(3, "one")));
    const { nodes, groups } = impact.finish([], none);
    expect(nodes[0]).toMatchObject({ outcome: "unchanged", reason: "nothing differs but what differs at every compile" });
    expect(groups).toEqual([]);
  });

  it("have secrets of their own", () => {
    const secret = "correct horse battery";
    for (const again of ["base", "merged"] as const) {
      const impact = collected([{ certname: "a", base: [file("1")], merged: [file("2")] }]);
      impact.addAgain(again, compiled("a", `${secret} is wrong`, secret));
      const { taints, findings } = impact.finish([], none);
      expect(findings.map(({ code }) => code)).toEqual(["compiles-at-times"]);
      expect(taints.isIn(secret)).toBe(true);
    }
    const without = collected([{ certname: "a", base: [file("1")], merged: [file("2")] }]);
    const { taints: _, ...outcome } = compiled("a", "no");
    without.addAgain("base", outcome as CompileOutcome);
    expect(without.finish([], none).findings).toHaveLength(1);
  });

  it("see what is served as the first ones did", () => {
    const tree = (oid: string) => indexServed([{ path: "site/m/files/x", mode: "100644", oid, size: 1 }], ["site"]);
    const served = { base: tree("1"), merged: tree("2") };
    const side: readonly Short[] = [["File[/x]", { source: "puppet:///modules/m/x" }], file("1")];
    const impact = collected([{ certname: "a", base: side, merged: [side[0] as Short, file("2")] }], { served });
    impact.addAgain("base", compiled("a", side));
    expect([...impact.steady]).toEqual(["a"]);
  });
});

describe("findings", () => {
  it("have no place where a resource has none", () => {
    const lost: Short = ["File[/x]", { source: "puppet:///modules/m/x" }, { source: null }];
    const served = { base: nothing, merged: indexServed([{ path: "site/m/files/y", mode: "100644", oid: "1", size: 1 }], ["site"]) };
    const { findings } = collected([{ certname: "a", base: [file("1")], merged: [lost, file("1")] }], { served }).finish([], none);
    expect(findings).toEqual([
      {
        check: "compile",
        severity: "error",
        path: null,
        line: null,
        column: null,
        code: "served-missing",
        message: "File[/x] is served from puppet:///modules/m/x, and there is no such file",
        onChangedLine: false,
      },
    ]);
  });

  it("are told once, of however many nodes", () => {
    const cycle: readonly Short[] = [
      ["Notify[a]", { before: "Notify[b]" }],
      ["Notify[b]", { before: "Notify[a]" }],
    ];
    const pair = (certname: string, base: Compiled): Pair => ({ certname, base, merged: cycle });
    const told = (...pairs: Pair[]): string[] =>
      collected(pairs)
        .finish([], none)
        .findings.map(({ severity, code }) => `${severity} ${code}`);
    expect(told(pair("a", [file("1")]), pair("b", [file("1")]))).toEqual(["error dependency-cycle"]);
    expect(told(pair("a", cycle))).toEqual(["notice dependency-cycle"]);
    expect(told(pair("a", "no"))).toEqual(["error dependency-cycle"]);
    expect(collected([{ certname: "a", base: cycle, merged: "no" }]).finish([], none).findings).toEqual([]);
  });
});

it("exports and collectors are known to be there, or not", () => {
  const impact = new ImpactCollector(inputs());
  expect(impact.exchanges).toBe(false);
  const exporting = compiled("a", [["File[/a]", {}, { exported: true }]]);
  impact.add({ certname: "a", base: exporting, merged: exporting, cached: false, sampled: false });
  expect(impact.exchanges).toBe(true);
});
