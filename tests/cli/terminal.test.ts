import { describe, expect, it } from "vitest";
import { commaList, readCheckOptions, standingIn } from "../../src/cli/options.ts";
import { plain } from "../../src/cli/plain.ts";
import { progressLine } from "../../src/cli/progress.ts";
import { renderReport } from "../../src/cli/words.ts";
import { countsOf } from "../../src/gate/explain.ts";
import { report } from "../gate/world.ts";

describe("text of a repository on a terminal", () => {
  const cases: Array<[string, string, string]> = [
    ["ordinary text stays", "Datei für web01", "Datei für web01"],
    ["an escape sequence is shown", "\u001B[2J\u001B[31mred", "<U+001B>[2J<U+001B>[31mred"],
    ["a line can't be forged", "x\nPASS", "x<U+000A>PASS"],
    ["bidirectional controls are shown", "abc\u202Etxt.exe", "abc<U+202E>txt.exe"],
    ["zero-width characters are shown", "ad\u200Bmin", "ad<U+200B>min"],
    ["a carriage return can't overwrite", "BLOCKED\rPASS", "BLOCKED<U+000D>PASS"],
  ];
  it.each(cases)("%s", (_, given, shown) => expect(plain(given)).toBe(shown));
  it("is bounded", () => expect(plain("x".repeat(10_000))).toHaveLength(401));
});

describe("one sentence of counts", () => {
  const node = (outcome: "unchanged" | "changed" | "pre-existing", at = 0) => ({
    certname: `n${at}`,
    outcome,
    reason: null,
    services: [],
    datacentre: null,
    cached: false,
  });
  const nodes = (...outcomes: Array<"unchanged" | "changed" | "pre-existing">) => outcomes.map((outcome, at) => node(outcome, at));
  const cases: Array<[string, Parameters<typeof nodes>]> = [
    ["nothing changes on 2 nodes", ["unchanged", "unchanged"]],
    ["nothing changes on the 1 node that compiles; 2 did not compile before either", ["unchanged", "pre-existing", "pre-existing"]],
    ["nothing changes on the 2 nodes that compile; 1 did not compile before either", ["unchanged", "unchanged", "pre-existing"]],
    ["2 nodes did not compile before either: no change can be seen", ["pre-existing", "pre-existing"]],
    ["of 3 nodes, 1 would change, 1 did not compile before either", ["changed", "unchanged", "pre-existing"]],
  ];
  it("names what the change breaks before what was broken already", () => {
    const text = renderReport(
      report({
        nodes: [
          { ...node("pre-existing"), certname: "old", reason: "as on base" },
          { ...node("changed"), certname: "new", outcome: "broken", reason: "no class" },
        ],
      }),
      (_, shown) => shown,
    );
    expect(text).toMatch(/broken  1 node \(new\): no class\n  pre-existing  1 node \(old\): as on base/u);
  });
  it.each(cases)("%s", (words, outcomes) => expect(countsOf(report({ nodes: nodes(...outcomes) }))).toBe(words));
});

describe("progress", () => {
  const record = (isTTY: boolean): { line: ReturnType<typeof progressLine>; written: string[]; at: (ms: number) => void } => {
    const written: string[] = [];
    let now = 0;
    const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) };
    return {
      line: progressLine(stream, () => now),
      written,
      at: (ms) => {
        now = ms;
      },
    };
  };

  it("is one live line on a terminal, with counts and time left, and is taken away at the end", () => {
    const { line, written, at } = record(true);
    line.show({ step: "compile", done: 0, total: 100 });
    at(1_000);
    line.show({ step: "compile", done: 10, total: 100 });
    at(1_001);
    line.show({ step: "compile", done: 11, total: 100 });
    line.end();
    expect(written).toEqual([
      "\r\u001B[2Kcompiling catalogs: 0 of 100",
      "\r\u001B[2Kcompiling catalogs: 10 of 100, about 9 s left",
      "\r\u001B[2K",
    ]);
  });

  it.each([
    [
      true,
      [
        "\r\u001B[2Kcompiling catalogs: 1 of 9",
        "\r\u001B[2Kthe first effect: File[/etc/x] on web<U+001B>[1m\n",
        "\r\u001B[2Kcompiling catalogs: 2 of 9",
      ],
    ],
    [false, ["compiling catalogs: 1 of 9\n", "the first effect: File[/etc/x] on web<U+001B>[1m\n", "compiling catalogs: 2 of 9\n"]],
  ])("tells the first effect as soon as there is one, once and harmless (terminal: %s)", (live, expected) => {
    const { line, written } = record(live);
    line.show({ step: "compile", done: 1, total: 9 });
    for (const done of [2, 3]) line.show({ step: "compile", done, total: 9, first: "File[/etc/x] on web\u001b[1m" });
    expect(written).toEqual(expected);
  });

  it("is a line now and then elsewhere", () => {
    const { line, written, at } = record(false);
    for (let done = 0; done <= 100; done += 1) {
      at(done * 100);
      line.show({ step: "compile", done, total: 100 });
    }
    line.end();
    expect(written).toEqual([
      "compiling catalogs: 0 of 100\n",
      "compiling catalogs: 50 of 100, about 5 s left\n",
      "compiling catalogs: 100 of 100\n",
    ]);
  });
});

describe("options", () => {
  it("makes every path absolute and keeps what was not given apart", () => {
    expect(readCheckOptions({ head: "HEAD", repo: "../r", facts: "f" }, "/home/a/b")).toMatchObject({
      repo: "/home/a/r",
      facts: "/home/a/b/f",
      base: null,
      config: null,
      output: null,
      nodes: [],
    });
  });

  it("collects lists and refuses an empty entry", () => {
    const collect = commaList("--nodes");
    expect(collect("c", collect("a, b", undefined))).toEqual(["a", "b", "c"]);
    expect(() => collect("a,,b", undefined)).toThrow("--nodes a,,b has an empty entry. Separate entries with one comma");
  });

  it("knows where the person stands behind npm run, and only behind its own script", () => {
    const own = { npm_lifecycle_event: "puppet-gate", npm_package_name: "puppet-gate", INIT_CWD: "/home/a" };
    expect(standingIn(own, "/clone")).toBe("/home/a");
    expect(standingIn({ ...own, npm_package_name: "other" }, "/clone")).toBe("/clone");
  });
});
