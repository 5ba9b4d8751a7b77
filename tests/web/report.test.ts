import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { EffectGroup, NodeOutcome } from "../../src/catalog/effects.ts";
import { renderPage } from "../../src/web/report/page.ts";
import { lineDiff } from "../../src/web/report/lines.ts";
import { ranges } from "../../src/web/report/model.ts";
import { report } from "../gate/world.ts";
import { bigReport, hostileReport } from "./big.ts";

const group = (more: Partial<EffectGroup>): EffectGroup => ({
  type: "File",
  title: "/a",
  attribute: "content",
  change: "changed",
  kind: "system",
  before: null,
  after: null,
  nodes: ["playlist1"],
  source: null,
  ...more,
});

const node = (certname: string): NodeOutcome => ({
  certname,
  outcome: "changed",
  reason: null,
  services: [],
  datacentre: null,
  cached: false,
});

/** What a person reads of a page: its text, without marks. */
const read = (page: string): string =>
  page
    .slice(page.indexOf("<body"), page.indexOf('<script type="application/json"'))
    .replaceAll(/<[^>]*>/gu, "")
    .replaceAll(/\s+/gu, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
const readOf = (more: Partial<EffectGroup>): string => read(renderPage(report({ nodes: [node("playlist1")], groups: [group(more)] })));

describe("lineDiff", () => {
  /** A difference in short: `-` and `+` lines, words that differ in brackets, what is left out as `…`. */
  const short = (before: string, after: string): string[] =>
    lineDiff(before, after).map(({ kind, parts }) => {
      const text = parts.map((part) => (part.differs ? `[${part.text}]` : part.text)).join("");
      return { same: ` ${text}`, removed: `-${text}`, added: `+${text}`, skipped: `…${text}` }[kind];
    });

  it.each<[string, string, string, string[]]>([
    ["one line among others", "a\nb\nc\n", "a\nx\nc\n", [" a", "-b", "+x", " c"]],
    ["a line that comes", "a\nc\n", "a\nb\nc\n", [" a", "+b", " c"]],
    ["the words that differ", "listen 80 default;\n", "listen 8080 default;\n", ["-listen [80] default;", "+listen [8080] default;"]],
    ["a missing end", "a\n", "a", [" a", "+⟨no line end⟩"]],
    ["what comes out of nothing", "", "a\nb\n", ["+a", "+b"]],
    ["lines that swap", "a\nb\n", "b\na\n", ["-a", " b", "+a"]],
    [
      "lines far away",
      `${"x\n".repeat(9)}a\n${"y\n".repeat(9)}`,
      `${"x\n".repeat(9)}b\n${"y\n".repeat(9)}`,
      ["…6 lines as before", " x", " x", " x", "-a", "+b", " y", " y", " y", "…6 lines as before"],
    ],
    ["equal texts", "a\n", "a\n", ["…1 line as before"]],
  ])("shows %s", (_, before, after, lines) => {
    expect(short(before, after)).toEqual(lines);
  });

  const texts = ["", "a\n", "a\nb\n", "b\na\nb\n", "c\nb\nd\na\n", "a\na\na\n", "d\n"];
  const pairs = texts.flatMap((before) => texts.flatMap((after) => (before === after ? [] : [{ before, after }])));
  it.each(pairs)("gives both texts back: $before and $after", ({ before, after }) => {
    const told = lineDiff(before, after).filter(({ kind }) => kind !== "skipped");
    const without = (gone: string): string =>
      told.flatMap(({ kind, parts }) => (kind === gone ? [] : [`${parts.map(({ text }) => text).join("")}\n`])).join("");
    expect([without("added"), without("removed")]).toEqual([before, after]);
  });

  it("stays linear where everything differs", () => {
    const lines = (word: string): string => Array.from({ length: 20_000 }, (_, at) => `${word}${at}\n`).join("");
    expect(lineDiff(lines("a"), lines("b"))).toHaveLength(40_000);
  });
});

describe("the page of a report", () => {
  it.each<[string, Partial<EffectGroup>, RegExp]>([
    ["text by its lines", { before: "a\nlisten 80\n", after: "a\nlisten 81\n" }, / a ?- listen 80 ?\+ listen 81/u],
    ["other values as one line", { attribute: "groups", before: ["a"], after: ["a", "b"] }, /- \["a"\] ?\+ \["a", "b"\]/u],
    ["a secret as nothing but changed", { kind: "secret" }, /changed \(secret\)/u],
    [
      "bytes by size and digest",
      { before: { sha256: "00ff", size: 3 }, after: { sha256: "11ee", size: 4 } },
      /- 3 bytes that are not shown, sha256 00ff ?\+ 4 bytes that are not shown, sha256 11ee/u,
    ],
    [
      "what is too large by git's object",
      { before: { git: "00ff", size: 3 }, after: "x" },
      /- 3 bytes, too many to show, git object 00ff/u,
    ],
    [
      "a function for the agent",
      { before: null, after: { deferred: "vault", args: [null, "x"] }, change: "added" },
      /\+ Deferred vault\(\(secret or undef\), "x"\)/u,
    ],
    [
      "a resource that comes with its attributes",
      { attribute: null, change: "added", after: { mode: "0644", password: null } },
      /\+ mode => 0644 ?\+ password => \(secret\)/u,
    ],
    ["a resource that goes", { attribute: null, change: "removed", before: { content: "a\nb\n" } }, /- content => ?- a ?- b/u],
    ["carriage returns and blanks at an end", { before: "a\r\nb\n", after: "a \nb\n" }, /- a‹U\+000D› ?\+ a·/u],
    ["where it is declared", { source: { path: "manifests/a.pp", line: 7 } }, /declared in manifests\/a\.pp:7/u],
    [
      "why it deserves a second look",
      { concerns: ["deletes", "sudo"] },
      /Look twice deleted: File\[\/a\] on 1 node ?sudo rules: File\[\/a\] content on 1 node/u,
    ],
  ])("shows %s", (_, more, words) => {
    expect(readOf(more)).toMatch(words);
  });

  it("says the verdict and why before what changes, and folds long texts", () => {
    const text = (word: string): string => Array.from({ length: 120 }, (_, at) => `${word} ${at}\n`).join("");
    const page = read(renderPage(report({ groups: [group({ before: text("a"), after: text("b") })] })));
    expect(page.indexOf("Why")).toBeLessThan(page.indexOf("What changes"));
    expect(page).toContain("200 more lines");
  });

  it("shows each distinct edit of one resource with its nodes", () => {
    const groups = ["1", "2"].map((at) =>
      group({ before: `host ${at}\nport 80\n`, after: `host ${at}\nport 81\n`, nodes: [`playlist${at}`] }),
    );
    const others = group({ before: "x\n", after: "y\n", nodes: ["playlist3"] });
    const nodes = ["1", "2", "3"].map((at) => node(`playlist${at}`));
    const page = read(renderPage(report({ nodes, groups: [...groups, others] })));
    expect(page).toMatch(/on 2 nodes playlist1, playlist2 host 1 ?- port 80 ?\+ port 81/u);
    expect(page).toMatch(/on 1 node playlist3 ?- x ?\+ y/u);
  });

  it("shows modules from elsewhere whole: what from, what to, whose word that is, commits and files; the worst first", () => {
    const files = [
      { path: "manifests/init.pp", status: "modified" as const },
      { path: "files/conf", status: "added" as const },
    ];
    const clock = { name: "clock", before: "1", after: "2", line: 3, files, moreFiles: 4, published: true };
    const modules = [
      { ...clock, commits: { ahead: 3, behind: 0, subjects: ["Ask b"] } },
      { ...clock, name: "forked", commits: null, files: [], moreFiles: 0, published: false, unseen: "no branch has it" },
    ];
    const page = read(renderPage(report({ modules })));
    expect(page).toMatch(
      /Modules from elsewhere 2 forked 1 -> 2 not published Puppetfile:3 NO branch or tag of its upstream has the new commit: it may be anybody's, of a fork, its content can't be compared: no branch has it/u,
    );
    expect(page).toMatch(
      /clock 1 -> 2 Puppetfile:3 3 commits more, 6 files of it change, a branch or tag of its upstream has the new commit Commits Ask b and 2 earlier commits Files modified manifests\/init\.pp ?added files\/conf and 4 more files/u,
    );
  });

  it("says where Puppet restarts no service, in the words of the comment", () => {
    const nodes = [node("playlist1"), { ...node("playlist2"), outcome: "broken" as const, reason: "no" }];
    expect(read(renderPage(report({ nodes: nodes.slice(0, 1) })))).toContain("Restarts Puppet restarts no service.");
    expect(read(renderPage(report({ nodes })))).toContain("Restarts Puppet restarts no service on the nodes that were compared.");
    const blind = { ...node("playlist3"), outcome: "changed" as const, unplaced: ["restarts" as const], reason: "it imports" };
    expect(read(renderPage(report({ nodes: [...nodes, blind] })))).not.toContain("restarts no service");
  });

  it("says what was known of the nodes", () => {
    const facts = { from: "puppetdb" as const, id: "f".repeat(64), standIns: "a".repeat(64) };
    expect(read(renderPage(report({ facts })))).toContain("Node facts from PuppetDB, snapshot ffffffffff, stand-ins aaaaaaaaaa.");
    expect(read(renderPage(report({})))).not.toContain("snapshot");
  });

  it("allows its own style and script by their digests, and nothing else", () => {
    const page = renderPage(bigReport(10, 5));
    const digests = [...page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/gu)].map(
      ([, , text]) =>
        `'sha256-${createHash("sha256")
          .update(text ?? "")
          .digest("base64")}'`,
    );
    expect(digests).toHaveLength(2);
    expect(page).toContain(
      `content="default-src 'none'; style-src ${digests[0]}; script-src ${digests[1]}; base-uri 'none'; form-action 'none'"`,
    );
    expect(page.slice(page.indexOf("<body"), page.indexOf("<script>"))).not.toMatch(/ style=| on\w+=| src=/u);
  });

  it("escapes every text of a hostile report", () => {
    const page = renderPage(hostileReport());
    const marks = [...page.matchAll(/<(\/?[a-z0-9]+)/giu)].map(([, name]) => name);
    expect(marks).not.toContain("img");
    expect(marks).not.toContain("svg");
    expect(marks.filter((name) => name === "script")).toHaveLength(2);
    expect(marks.filter((name) => name === "style")).toHaveLength(1);
    expect(page.replaceAll(/[\n\t]/gu, "").match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu)).toBeNull();
    expect(read(page)).toContain("‹U+202E›gpj.exe");
  });

  it("stays within what a browser takes: 1,000 nodes, 300 groups", () => {
    const started = performance.now();
    expect(renderPage(bigReport()).length).toBeLessThan(8_000_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each([
    [[], ""],
    [[4], "4"],
    [[0, 1, 2, 5, 7, 8], "0-2,5,7-8"],
  ])("writes %j as %s", (numbers, text) => {
    expect(ranges(numbers)).toBe(text);
  });
});
