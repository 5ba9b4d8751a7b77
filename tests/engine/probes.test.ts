import { describe, expect, it } from "vitest";
import { diffCatalogs } from "../../src/catalog/diff.ts";
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
