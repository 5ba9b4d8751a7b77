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
