import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Catalog, Value } from "../../src/catalog/catalog.ts";
import { findCauses } from "../../src/catalog/causes.ts";
import type { Change } from "../../src/catalog/change.ts";
import { changedAbove } from "../../src/catalog/containers.ts";
import { findCycles } from "../../src/catalog/cycles.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { editsOf } from "../../src/catalog/edits.ts";
import { importedChanges } from "../../src/catalog/importers.ts";
import { literalSecrets } from "../../src/catalog/literal-secrets.ts";
import { Names } from "../../src/catalog/names.ts";
import { dataRoom, noteOf } from "../../src/catalog/notes.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { withUnhooked } from "../../src/catalog/unhooked.ts";
import { catalog, resource, type Short } from "./build.ts";

const many = 10_000;
const wide = 256 * 1024;
const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** Execs that each notify the next, and one at the end that listens to all of them but some. */
const chain = (without: number): Catalog => {
  const all: Short[] = range(many).map((at) => [`Exec[${at}]`, { notify: `Exec[${at + 1}]` }]);
  const heard: Value = range(many).flatMap((at) => (at === without ? [] : [`Exec[${at}]`]));
  return catalog([...all, [`Exec[${many}]`, { subscribe: heard }]]);
};

const parameter = (at: number): Change => ({
  type: "Profile::Web",
  title: "x",
  attribute: `a${at}`,
  change: "changed",
  kind: "class-parameter",
  before: 1,
  after: 2,
  source: null,
});

function secrets(count: number, secret: (at: number) => string): unknown {
  const [answer, all] = [new Taints(), new Taints()];
  for (const at of range(count)) answer.add(secret(at));
  all.addAll(answer);
  return all;
}

/** As many effects in as many kinds as there is room for, of a manifest of which every line is new. */
function causes(): unknown {
  const text = "File { mode => 1\n".repeat(wide / 20);
  const file = { path: "m.pp", before: null, after: text, added: new Set(range(wide / 20)) };
  const groups = range(many).map((at) => ({
    type: "File",
    title: "/x",
    attribute: `a${at}`,
    change: "changed" as const,
    kind: "system" as const,
    before: null,
    after: null,
    nodes: ["web1"],
    source: { path: "m.pp", line: at },
  }));
  const edits = [...editsOf([file]), ...editsOf([{ path: "data/x.yaml", before: null, after: "a: 1\nb: 2\n", added: new Set([1, 2]) }])];
  return findCauses({ groups, edits, above: new Map(), files: new Map([["m.pp", file]]), paths: new Map(), manifests: new Map() });
}

/**
 * What a change or its catalogs can be made of to wear this process out, which checks others' changes too. Each took from ten seconds to hours
 * where its time grew with the square of the size.
 */
const cases: Array<[name: string, work: () => unknown]> = [
  ["blanks behind `Sensitive`", () => literalSecrets(`Sensitive${" ".repeat(wide)}`)],
  ["blanks inside a line of a content", () => noteOf("File", "content", `a\n${" ".repeat(65_000)}x`, "b\n", dataRoom())],
  ["empty lines inside a content", () => noteOf("File", "content", `a${"\n".repeat(65_000)}x`, "b\n", dataRoom())],
  ["blanks behind a key of the data", () => editsOf([{ path: "x.yaml", before: null, after: `a${" ".repeat(wide)}x`, added: new Set() }])],
  ["keys of the data", () => editsOf([{ path: "x.yaml", before: null, after: range(60_000).join(":\n"), added: new Set() }])],
  [
    "titles that are one secret",
    () => {
      const taints = new Taints();
      taints.add("correct horse battery");
      const names = new Names(taints, (text) => text);
      const letters = "correct horse battery".split("");
      const title = (at: number): string => letters.map((letter, bit) => ((at >> bit) & 1 ? letter.toUpperCase() : letter)).join("");
      return range(100_000).map((at) => names.declare("Notify", title(at)));
    },
  ],
  [
    "secrets of one answer, and once more for the whole",
    () => secrets(20_000, (at) => createHash("sha256").update(String(at)).digest("base64")),
  ],
  ["secrets that begin alike", () => secrets(5_000, (at) => `-----BEGIN RSA PRIVATE KEY-----${"A".repeat(40)}${at}`)],
  ["listeners of a long chain", () => ((was, is) => withUnhooked(diffCatalogs(was, is), was, is))(chain(1), chain(2))],
  ["parameters of one define", () => changedAbove(range(100_000).map(parameter), catalog([]))],
  [
    "a circle through everything",
    () => findCycles(null, catalog(range(many).map((at): Short => [`Exec[${at}]`, { require: `Exec[${(at + 1) % many}]` }]))),
  ],
  ["effects of one manifest", causes],
  [
    "exports and collectors",
    () => {
      const before = range(many).map((at) => ({ ...resource([`Host[${at}]`]), exported: true }));
      const after = before.slice(1);
      const collectors = range(2_000).map((at) => ({ type: "Host", filter: ["title", "==", `x${at}`] as const }));
      return importedChanges(
        range(50).map((at) => ({ certname: `e${at}`, before, after })),
        range(50).map((at) => ({ certname: `i${at}`, before: collectors, after: collectors })),
        false,
      );
    },
  ],
];

describe("what is hostile in its size alone takes no more time than others of that size", () => {
  it.each(cases)("%s", (_, work) => {
    // Of the processor, so that whatever else a machine does counts for nothing.
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(5_000);
  });
});

describe("and reads as it did", () => {
  it.each([
    ["Sensitive('hunter22')", "hunter22"],
    ["Sensitive [String] ( 'hunter22' )", "hunter22"],
    ['Sensitive . new("hunter22")', "hunter22"],
    ["Sensitive\n  .new(\n  'hunter22')", "hunter22"],
  ])("%s", (text, secret) => expect(literalSecrets(text)).toEqual([secret]));

  it("numbers titles that read alike, past those that somebody else has", () => {
    const taints = new Taints();
    taints.add("hunter2hunter2");
    const names = new Names(taints, (text) => text);
    const titles = ["[secret] (2)", "hunter2hunter2", "Hunter2hunter2", "HUnter2hunter2", "[secret] (3)"];
    for (const title of titles) names.declare("Notify", title);
    expect(titles.map((title) => names.title("Notify", title))).toEqual([
      "[secret] (2)",
      "[secret]",
      "[secret] (3)",
      "[secret] (4)",
      "[secret] (3) (2)",
    ]);
  });

  it("says of too many comparisons that nothing is known, and compares nothing where nothing moves", () => {
    const before = [{ ...resource(["Host[a]"]), exported: true }];
    const after = [{ ...resource(["Host[b]"]), exported: true }];
    const collectors = [{ type: "Host", filter: null }];
    const importers = [{ certname: "i", before: collectors, after: collectors }];
    expect(importedChanges([{ certname: "e", before, after }], importers, false, 3)).toBeNull();
    expect(importedChanges([{ certname: "e", before, after }], importers, false, 4)?.byNode.get("i")?.changes).toHaveLength(2);
    expect(importedChanges([{ certname: "e", before, after: before }], importers, false, 0)?.byNode.size).toBe(0);
    const moved = [{ certname: "i", before: [], after: collectors }];
    expect(importedChanges([{ certname: "e", before, after: before }], moved, false)?.byNode.get("i")?.changes).toHaveLength(1);
  });
});
