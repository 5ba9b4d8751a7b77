import { describe, expect, it } from "vitest";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { Probes } from "../../src/engine/probes.ts";
import { catalog, type Short } from "../catalog/build.ts";

/** A node on which classes change: each has files, whose content is another one after. */
interface Node {
  classes: Record<string, readonly string[]>;
  /** Resources that stay the same, besides. */
  more?: number;
}

function offer(probes: Probes, certname: string, { classes, more = 0 }: Node): void {
  const files = Object.values(classes).flat();
  const same = Array.from({ length: more }, (_, at): Short => [`Notify[${at}]`]);
  const side = (content: string) =>
    catalog(
      [...files.map((path): Short => [`File[${path}]`, { content }]), ...same],
      // Each file is in a define, which is in its class.
      Object.fromEntries(
        Object.entries(classes).flatMap(([name, paths]) => [
          [`Class[${name}]`, paths.map((path) => `App::Part[${path}]`)],
          ...paths.map((path) => [`App::Part[${path}]`, [`File[${path}]`]]),
        ]),
      ),
      certname,
    );
  const [base, merged] = [side("before"), side("after")];
  probes.offer(certname, diffCatalogs(base, merged), base, merged);
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

interface Case {
  name: string;
  nodes: Node[];
  wanted: number;
  unseen: number;
  text?: string;
}

const cases: Case[] = [
  {
    name: "one node stands for all that show the same",
    nodes: numbers(30).map(() => ({ classes: { A: ["/a"] } })),
    wanted: 1,
    unseen: 0,
  },
  {
    name: "a class that only one of them shows is looked at there",
    nodes: [...numbers(30).map(() => ({ classes: { A: ["/a"] } })), { classes: { A: ["/a"], B: ["/b"] } }],
    wanted: 2,
    unseen: 0,
  },
  {
    name: "above eight, effects of a class that was looked at are no reason for more",
    nodes: numbers(30).map((at) => ({ classes: { A: [`/a${at}`] } })),
    wanted: 8,
    unseen: 0,
  },
  {
    name: "but a class that was not is one, also behind them",
    nodes: [...numbers(30).map((at) => ({ classes: { A: [`/a${at}`] } })), { classes: { B: ["/b"] } }],
    wanted: 9,
    unseen: 0,
  },
  {
    name: "above sixteen, what was not looked at is told",
    nodes: numbers(20).map((at) => ({ classes: { [`C${10 + at}`]: ["/a"] } })),
    wanted: 16,
    unseen: 4,
    text: "changed classes (Class[C26], Class[C27], Class[C28] and 1 more) where a change may be chance: that was looked for in 16 of 20, by a second compile of 16 nodes",
  },
  {
    name: "large catalogs are compiled again no more often than eight times",
    nodes: numbers(9).map((at) => ({ classes: { [`C${at}`]: ["/a"] }, more: 2_500 })),
    wanted: 8,
    unseen: 1,
    text: "changed class (Class[C8]) where a change may be chance: that was looked for in 8 of 9, by a second compile of 8 nodes",
  },
];

describe("nodes that are compiled once more to tell chance from change", () => {
  it.each(cases)("$name", ({ nodes, wanted, unseen, text }) => {
    const probes = new Probes();
    for (const [at, node] of nodes.entries()) offer(probes, `node${at}`, node);
    expect(probes.wanted.size).toBe(wanted);
    expect(probes.unseen).toMatchObject({ what: "chance", count: unseen, ...(text === undefined ? {} : { text }) });
  });
});

/** Two files of a node on base, whose second compile may say something else of one of them. */
function again(first: string, second: string): { steady: string[]; findings: string[]; left: number } {
  const probes = new Probes();
  const of = (content: string) => catalog([["File[/a]", { content }]], { "Class[A]": ["File[/a]"] }, "web01");
  const [base, merged] = [of(first), of("after")];
  const changes = diffCatalogs(base, merged);
  probes.offer("web01", changes, base, merged);
  probes.add("base", { certname: "web01", ok: true, catalog: of(second), taints: new Taints() });
  const left = probes.sift("web01", changes)?.changes.length ?? changes.length;
  return { steady: [...probes.steady], findings: probes.findings().map(({ code }) => code), left };
}

describe("which nodes", () => {
  const wantedOf = (...nodes: Node[]): string[] => {
    const probes = new Probes();
    for (const [at, each] of nodes.entries()) offer(probes, `node${at}`, each);
    return [...probes.wanted];
  };
  it("a node that shows one new class or effect among others is wanted", () => {
    expect(wantedOf({ classes: { A: ["/a"] } }, { classes: { A: ["/a"], B: ["/b"] } })).toEqual(["node0", "node1"]);
    expect(wantedOf({ classes: { A: ["/a"] } }, { classes: { A: ["/a", "/b"] } })).toEqual(["node0", "node1"]);
    expect(wantedOf({ classes: { A: ["/a", "/b"] } }, { classes: { A: ["/b"] } })).toEqual(["node0"]);
  });

  it("a new class beside known ones is wanted, also above eight", () => {
    const first = numbers(8).map((at): Node => ({ classes: { A: [`/a${at}`] } }));
    expect(wantedOf(...first, { classes: { A: ["/a0"], B: ["/b"] } })).toHaveLength(9);
  });

  it("a node of which nothing changes that may be chance is not, and takes no room", () => {
    const probes = new Probes();
    const same = catalog([["Notify[x]"]]);
    probes.offer("a", [], same, same);
    expect([probes.wanted.size, probes.unseen.count]).toEqual([0, 0]);
    expect(probes.sift("a", [])).toBeNull();
  });

  it("classes that were not looked at are told in order, one by one up to three", () => {
    const probes = new Probes();
    for (const at of numbers(16)) offer(probes, `node${at}`, { classes: { [`C${10 + at}`]: ["/a"] } });
    for (const name of ["Z", "X", "Y"]) offer(probes, name, { classes: { [name]: ["/a"] } });
    expect(probes.unseen.text).toContain("changed classes (Class[X], Class[Y], Class[Z]) where");
  });

  it("catalogs of twenty thousand resources together are enough for classes", () => {
    const probes = new Probes();
    const large = (more: number, at: number): Node => ({ classes: { [`C${at}`]: ["/a"] }, more });
    // A file, and what stays the same beside it.
    for (const at of numbers(8)) offer(probes, `node${at}`, large(2_499, at));
    offer(probes, "node8", large(0, 8));
    expect([...probes.wanted]).toHaveLength(8);
    const fewer = new Probes();
    for (const at of numbers(8)) offer(fewer, `node${at}`, large(at === 0 ? 2_498 : 2_499, at));
    offer(fewer, "node8", large(0, 8));
    expect([...fewer.wanted]).toHaveLength(9);
  });
});

describe("what second compiles tell", () => {
  const of = (content: string, more: readonly Short[] = []) =>
    catalog([["File[/a]", { content }], ...more], { "Class[A]": ["File[/a]"] }, "web01");
  const compiled = (content: string, more: readonly Short[] = []) => ({
    certname: "web01",
    ok: true as const,
    catalog: of(content, more),
    taints: new Taints(),
  });
  const failed = { certname: "web01", ok: false as const, error: { code: "compile" as const, message: "no", path: null, line: null } };

  function told(
    base: string,
    merged: string,
    again: { base?: ReturnType<typeof compiled> | typeof failed; merged?: ReturnType<typeof compiled> | typeof failed },
  ) {
    const probes = new Probes();
    const changes = diffCatalogs(of(base), of(merged));
    probes.offer("web01", changes, of(base), of(merged));
    for (const side of ["base", "merged"] as const) {
      const outcome = again[side];
      if (outcome !== undefined) probes.add(side, outcome);
    }
    const sifted = probes.sift("web01", changes);
    const findings = probes.findings().map(({ severity, code, path, line }) => `${severity} ${code} ${path}:${line}`);
    return { left: (sifted?.changes ?? changes).length, findings, messages: probes.findings().map(({ message }) => message) };
  }

  it("is that a value differs at every compile, and is no change", () => {
    const came = told("at 1", "at 2", { base: compiled("at 3"), merged: compiled("at 4") });
    expect(came).toEqual({
      left: 0,
      findings: ["warning differs-at-every-compile manifests/site.pp:1"],
      messages: [
        "content of File[/a] differs at every compile, on base too (a time, a random number or a command's output): it is left out of the changes",
      ],
    });
  });

  it("is that more of such a value differs, which stays", () => {
    const came = told("at 1", "at 2 o'clock", { base: compiled("at 3") });
    expect(came.left).toBe(1);
    expect(came.messages).toEqual([
      expect.stringMatching(/^content of File\[\/a\] differs at every compile, on base too, and more of it differs here/u),
    ]);
  });

  it("is that a value differs from now on, which is the change's doing", () => {
    const came = told("x", "at 2", { base: compiled("x"), merged: compiled("at 4") });
    expect(came).toMatchObject({ left: 1, findings: ["warning differs-from-now-on manifests/site.pp:1"] });
    const whole = told("x", "y", { base: compiled("x"), merged: compiled("y", [["Notify[new]"]]) });
    expect(whole.messages).toEqual([expect.stringMatching(/^from this change on, a Notify \(Notify\[new\]\) differs at every compile/u)]);
  });

  it("is nothing of what reaches no system", () => {
    const came = told("x", "y", { base: compiled("x"), merged: compiled("y", [["Class[a]", { x: "1" }]]) });
    expect(came.findings).toEqual([]);
  });

  it("is that a node compiles only at times: an error where base always does", () => {
    expect(told("1", "2", { base: failed })).toMatchObject({
      findings: ["warning compiles-at-times null:null"],
      messages: ["web01: base compiles it only at times: no"],
    });
    expect(told("1", "2", { merged: failed })).toMatchObject({
      findings: ["error compiles-at-times null:null"],
      messages: ["web01: it compiles only at times: no"],
    });
  });

  it("is nothing of a node that nobody wanted", () => {
    const probes = new Probes();
    probes.add("base", failed);
    expect([probes.findings(), [...probes.steady]]).toEqual([[], []]);
  });

  it("counts for other nodes as well, but not for one with a second compile of its own", () => {
    const probes = new Probes();
    const file = (content: string, certname: string) => catalog([["File[/a]", { content }]], { "Class[A]": ["File[/a]"] }, certname);
    const changesOf = (certname: string) => diffCatalogs(file("at 1", certname), file("at 2", certname));
    for (const name of ["web01", "web02", "db01"]) probes.offer(name, changesOf(name), file("at 1", name), file("at 2", name));
    probes.add("base", { certname: "web01", ok: true, catalog: file("at 7", "web01"), taints: new Taints() });
    expect(probes.sift("web02", changesOf("web02"))?.changes).toEqual([]);
    probes.addSteady("db01");
    expect(probes.sift("db01", changesOf("db01"))).toBeNull();
  });
});

describe("a second compile on base", () => {
  it("that says the same need not be made once more", () => {
    expect(again("before", "before")).toEqual({ steady: ["web01"], findings: [], left: 1 });
  });

  it("that says something else is needed at every check", () => {
    expect(again("at 10:00", "at 10:05")).toMatchObject({ steady: [] });
  });

  it("is not asked for where an earlier check saw the same of it, and what other nodes' chance is does not count there", () => {
    const probes = new Probes();
    const of = (certname: string, content: string) => catalog([["File[/a]", { content }]], { "Class[A]": ["File[/a]"] }, certname);
    const [base, merged] = [of("web01", "before 1"), of("web01", "before 2")];
    const changes = diffCatalogs(base, merged);
    probes.offer("web01", changes, base, merged);
    probes.offer("db01", changes, of("db01", "before 1"), of("db01", "before 2"));
    probes.add("base", { certname: "db01", ok: true, catalog: of("db01", "before 7"), taints: new Taints() });
    probes.addSteady("web01");
    expect(probes.sift("web01", changes)).toBeNull();
  });
});
