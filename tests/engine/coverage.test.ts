import { describe, expect, it } from "vitest";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { lossFindings, lossOf, Seen } from "../../src/engine/coverage.ts";
import type { Change } from "../../src/catalog/change.ts";
import type { NodeOutcome } from "../../src/catalog/effects.ts";
import { catalog, type Short } from "../catalog/build.ts";

describe("what was not seen", () => {
  it.each<[name: string, base: string[], merged: string[], count: number]>([
    ["an encrypted value that changes is one", ["secret-a"], ["secret-b"], 1],
    ["one that stays and one that comes are two", ["secret-a"], ["secret-a", "secret-b"], 2],
    ["one that goes is one", ["secret-a"], [], 1],
  ])("%s", (_, base, merged, count) => {
    const seen = new Seen();
    const outcome = (encrypted: string[]) => ({
      certname: "web1",
      ok: true as const,
      catalog: catalog([]),
      taints: new Taints(),
      encrypted,
    });
    seen.add("base", outcome(base), []);
    seen.add("merged", outcome(merged), []);
    expect(seen.coverage([], [], []).unseen).toMatchObject([{ what: "encrypted", count }]);
  });
});

describe("a fragment of a file", () => {
  it("says which file it is part of, beside what else is to be said", () => {
    const side = (content: string) => catalog([["Concat_fragment[head]", { target: "/etc/lb.cfg", content }]]);
    expect(diffCatalogs(side("a\n"), side("b\n"))[0]?.note).toBe("part of /etc/lb.cfg");
    expect(diffCatalogs(side("a"), side("a\n"))[0]?.note).toBe("part of /etc/lb.cfg; only the newline at the end differs");
  });
});

const change = (title: string, more: Partial<Change> = {}): Change => ({
  type: "File",
  title,
  attribute: "mode",
  change: "changed",
  kind: "system",
  before: "1",
  after: "2",
  source: null,
  asWritten: true,
  ...more,
});
const toldOf = (seen: Seen, changed: readonly string[] = []): string[] =>
  seen.coverage([], changed, []).unseen.map(({ what, count, text }) => `${what}: ${count} ${text}`);

describe("what is said of it", () => {
  it("is the agents' own code that changes, by its paths", () => {
    const seen = new Seen();
    expect(toldOf(seen, ["lib/facter/a.rb", "README"])).toEqual([
      "facts: 1 changed custom fact (nodes have the facts that they had before)",
    ]);
    expect(
      toldOf(seen, [
        "site/a/facts.d/a.txt",
        "site/a/lib/facter/b.rb",
        "site/a/lib/puppet/provider/x/y.rb",
        "lib/puppet/provider/z.rb",
        "lib/puppet/type/z.rb",
      ]),
    ).toEqual([
      "facts: 2 changed custom facts (nodes have the facts that they had before)",
      "providers: 2 changed providers (agents may do something else with the same catalog)",
      "types: 1 changed resource type (agents may make something else of the same values)",
    ]);
    expect(toldOf(seen, ["mylib/facter/a.rb", "lib/puppet/types/a.rb", "facts.d"])).toEqual([]);
  });

  it("is values that no type took, each once, where they reach a system", () => {
    const seen = new Seen();
    seen.addChanges([change("/b"), change("/b", { kind: "ordering" }), change("/a", { kind: "type-only" })]);
    const text = (which: string): string =>
      `that the type would not take without the node (${which}): compared as written, so an agent may find nothing to do`;
    expect(toldOf(seen)).toEqual([`values: 1 changed value ${text("File[/b] mode")}`]);
    seen.addChanges([change("/b"), change("/a", { attribute: null }), change("/c", { kind: "secret" })]);
    expect(toldOf(seen)).toEqual([`values: 3 changed values ${text("File[/a] , File[/b] mode, File[/c] mode")}`]);
    seen.addChanges([change("/d"), { ...change("/e"), asWritten: undefined } as unknown as Change]);
    expect(toldOf(seen)).toEqual([`values: 4 changed values ${text("File[/a] , File[/b] mode, File[/c] mode and 1 more")}`]);
  });

  it("is what the policy leaves out, with its reasons in order", () => {
    const seen = new Seen();
    seen.addIgnored([{ change: change("/b"), reason: "it is noise" }]);
    seen.addIgnored([{ change: change("/b"), reason: "it is noise" }]);
    expect(toldOf(seen)).toEqual(["ignored: 1 difference that the policy leaves out (File[/b] mode): it is noise"]);
    seen.addIgnored([
      { change: change("/a"), reason: "a clock" },
      { change: change("/c", { attribute: "owner" }), reason: "it is noise" },
    ]);
    expect(toldOf(seen)).toEqual([
      "ignored: 3 differences that the policy leaves out (File[/a] mode, File[/b] mode, File[/c] owner): a clock, it is noise",
    ]);
  });

  it("is files from elsewhere, of compiles that came to an end", () => {
    const seen = new Seen();
    const failed = { certname: "web1", ok: false as const, error: { code: "compile" as const, message: "no", path: null, line: null } };
    seen.add("base", failed, ["http://c"]);
    expect(toldOf(seen)).toEqual([]);
    seen.addKept({ elsewhere: ["http://a"], encrypted: [] });
    expect(toldOf(seen)).toEqual(["sources: 1 file from outside the repository (addresses were compared, not contents)"]);
    seen.addKept({ elsewhere: ["http://a", "http://b"], encrypted: ["x"] });
    expect(toldOf(seen)).toEqual([
      "sources: 2 files from outside the repository (addresses were compared, not contents)",
      "encrypted: 1 encrypted value (compared by ciphertext)",
    ]);
  });

  it("stands before what others have to say, as far as that is anything", () => {
    const others = [
      { what: "chance" as const, count: 0, text: "none" },
      { what: "importers" as const, count: 1, text: "one" },
    ];
    expect(new Seen().coverage([], ["lib/facter/a.rb"], others).unseen.map(({ what }) => what)).toEqual(["facts", "importers"]);
  });

  it("counts the nodes that could be compared", () => {
    const node = (outcome: NodeOutcome["outcome"]): NodeOutcome => ({
      certname: outcome,
      outcome,
      reason: null,
      services: [],
      datacentre: null,
      cached: false,
    });
    const all = (["changed", "unchanged", "fixed", "broken", "pre-existing", "not-analysable"] as const).map(node);
    expect(new Seen().coverage(all, [], [])).toMatchObject({ nodes: 6, compared: 3 });
  });
});

describe("a catalog that loses much", () => {
  const of = (count: number, classes = 0): ReturnType<typeof catalog> =>
    catalog([
      ...Array.from({ length: count }, (_, at): Short => [`Notify[${at}]`]),
      ...Array.from({ length: classes }, (_, at): Short => [`Class[c${at}]`]),
    ]);
  it.each<[before: number, after: number, percent: number, lost: number | null]>([
    [8, 3, 50, 5],
    [8, 4, 50, null],
    [10, 5, 50, null],
    [10, 4, 50, 6],
    [100, 49, 50, 51],
    [100, 50, 50, null],
    [4, 0, 50, null],
    [5, 0, 99, 5],
    [5, 0, 100, null],
    [3, 9, 0, null],
    [1000, 994, 0, 6],
  ])("of %d resources to %d, where %d percent are allowed", (before, after, percent, lost) => {
    const expected = lost === null ? null : { certname: "web1", lost, of: before };
    expect(lossOf(of(before, 9), of(after), percent)).toEqual(expected);
    expect(lossOf(of(before), of(after, 90), percent)).toEqual(expected);
  });

  it("is told once, by the first of the nodes' names", () => {
    const message = (others: string): string =>
      `a would lose 6 of its 10 resources${others}, and no manifest changes: that is how lost data or a lost module looks. If it is meant, say so in a manifest, or raise compile.lost_percent in the policy`;
    const [a, b, c] = ["a", "b", "c"].map((certname) => ({ certname, lost: 6, of: 10 }));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three");
    expect(lossFindings([])).toEqual([]);
    expect(lossFindings([a])).toEqual([
      {
        check: "compile",
        severity: "error",
        path: null,
        line: null,
        column: null,
        code: "small-catalog",
        message: message(""),
        onChangedLine: false,
      },
    ]);
    expect(lossFindings([b, a])[0]?.message).toBe(message(" (and 1 more node likewise)"));
    expect(lossFindings([c, a, b])[0]?.message).toBe(message(" (and 2 more nodes likewise)"));
  });
});
