import { describe, expect, it } from "vitest";
import { report } from "../../gate/world.ts";
import type { ChangeRow, ChangesAsked, ChangeShown, SitePorts } from "../../../src/web/site/ports.ts";
import { hostileTexts } from "../walk.ts";
import { setStage, type Visit } from "./stage.ts";

const row = (more: Partial<ChangeRow>): ChangeRow => ({
  number: 12,
  state: "open",
  baseRef: "main",
  head: "b".repeat(40),
  standing: "waiting",
  verdict: {
    outcome: "blocked",
    reasons: [
      { rule: "compile", outcome: "pass", text: "40 nodes compile" },
      {
        rule: "peer",
        outcome: "pending",
        text: "1 approval is missing",
        unblock: "one person with write access: approve bbbbbbbbbb",
        asks: "all",
        parts: [{ rule: "approvals", outcome: "pending", text: "nobody approved yet" }],
      },
    ],
  },
  about: { title: "Shorter pauses", opener: "emeka", openedAt: "2026-11-23T06:00:00Z" },
  decidedAt: new Date("2026-11-23T08:59:00Z"),
  ...more,
});

const shown = (more: Partial<ChangeShown> = {}): ChangeShown => ({
  ...row({}),
  answers: [{ comment: 1, by: "emeka", command: "/merge", accepted: false, text: "these rules are in the way", lines: ["peer: nobody"] }],
  approvals: [],
  entries: [
    { seq: 4, kind: "verdict", at: "2026-11-23T08:00:00.000Z", who: null, judged: { outcome: "blocked", rules: ["lint", "peer"] } },
    { seq: 9, kind: "lane-entered", at: "2026-11-23T08:30:00.000Z", who: null },
  ],
  ...more,
});

async function visit(path: string, ports: Partial<SitePorts>): Promise<Visit> {
  const { browser } = await setStage({ local: true, ...ports });
  return browser().get(path);
}

/** What a person reads. */
const read = ({ text }: Visit): string =>
  text
    .slice(text.indexOf("<main"))
    .replaceAll(/<[^>]*>/gu, " ")
    .replaceAll(/\s+/gu, " ");

describe("the list of changes", () => {
  it("says why each waits, for whom, and for how long", async () => {
    const page = read(await visit("/acme/control", { changes: async () => [row({})] }));
    expect(page).toMatch(
      /#12 Shorter pauses emeka waits for people one person with write access: approve bbbbbbbbbb judged 1 minute ago 3 hours ago/,
    );
    expect(page).not.toContain("40 nodes compile");
  });

  it.each<[string, Partial<ChangeRow>, RegExp]>([
    ["that can land", { standing: "pass", verdict: { outcome: "pass", reasons: [] } }, /ready emeka: say \/merge/],
    ["that nobody looked at yet", { standing: null, verdict: null, decidedAt: null, about: null }, /#12 not judged yet/],
    [
      "with a reason that nobody can lift",
      { verdict: { outcome: "unknown", reasons: [{ rule: "facts", outcome: "unknown", text: "no facts" }] } },
      /facts: no facts/,
    ],
    [
      "with a rule that only observes",
      { verdict: { outcome: "pass", reasons: [{ rule: "x", outcome: "fail", text: "never told", observed: true }] } },
      /^(?!.*never told)/,
    ],
    ["that is no longer open", { state: "merged" }, /^(?!.*approve).*emeka merged/],
  ])("tells of one %s", async (_name, more, words) => {
    expect(read(await visit("/acme/control", { changes: async () => [row(more)] }))).toMatch(words);
  });

  it.each<[string, Partial<ChangesAsked> | null]>([
    ["", { state: "open", standing: null, below: null, most: 51 }],
    ["?state=merged&below=40", { state: "merged", below: 40 }],
    ["?standing=blocked", { standing: "blocked" }],
    ["?format=csv", { most: 10_000 }],
    ["?state=gone", null],
    ["?standing=__proto__", null],
    ["?standing=toString", null],
    ["?below=0", null],
    ["?below=1e3", null],
  ])("is asked for by its address: %s", async (query, expected) => {
    const asked: ChangesAsked[] = [];
    const changes = async (_repository: number, wanted: ChangesAsked): Promise<ChangeRow[]> => {
      asked.push(wanted);
      return [];
    };
    const page = await visit(`/acme/control${query}`, { changes });
    expect(page.status).toBe(expected === null ? 400 : 200);
    expect(asked).toMatchObject(expected === null ? [] : [expected]);
  });

  it("goes on where a page ends", async () => {
    const all = Array.from({ length: 51 }, (_, at) => row({ number: 100 - at }));
    const page = await visit("/acme/control", { changes: async () => all });
    expect(page.text).toContain("below=51");
    expect(page.text).not.toContain('/changes/50"');
    const rest = await visit("/acme/control", { changes: async () => all.slice(0, 50) });
    expect(rest.text).not.toContain("below=");
  });

  it("comes as CSV that no spreadsheet runs", async () => {
    const about = { title: '=HYPERLINK("https://evil.example")', opener: "emeka", openedAt: "2026-11-23T06:00:00Z" };
    const page = await visit("/acme/control?format=csv", { changes: async () => [row({ about })] });
    expect(page.headers.get("content-disposition")).toBe('attachment; filename="acme-control-changes.csv"');
    expect(page.text.split("\r\n")[1]).toMatch(/^12,"'=HYPERLINK\(""https:\/\/evil\.example""\)",emeka,/);
  });
});

describe("the page of a change", () => {
  it("has its verdict as a tree, what was said, and what became of it", async () => {
    const page = read(await visit("/acme/control/changes/12", { change: async () => shown() }));
    expect(page).toContain(
      "What it waits for pending peer : one person with write access: approve bbbbbbbbbb 1 approval is missing all of pending approvals : nobody approved yet 1 check passed or did not apply pass compile",
    );
    expect(page).toContain("emeka /merge refused these rules are in the way peer: nobody");
    expect(page).toContain("2026-11-23 08:00 UTC judged: not ready, because of lint and peer entry 4");
    expect(page).toContain("2026-11-23 08:30 UTC a release entered the lane entry 9");
  });

  it("tells what is in the way before what only observes and what passed, whatever the order of the rules", async () => {
    const reasons = [
      { rule: "compile", outcome: "pass" as const, text: "40 nodes compile" },
      { rule: "wide", outcome: "fail" as const, text: "would ask for two", observed: true as const },
      { rule: "lanes", outcome: "skipped" as const, text: "does not apply here" },
      { rule: "facts", outcome: "unknown" as const, text: "no facts", unblock: "an owner: give them" },
    ];
    const page = read(await visit("/acme/control/changes/12", { change: async () => shown({ verdict: { outcome: "unknown", reasons } }) }));
    expect(page).toMatch(/unknown facts : an owner: give them no facts Only observed.* fail wide .*2 checks passed .*pass compile/);
  });

  it("says once what a rule says in both of its forms, and what all its parts say", async () => {
    const part = { rule: "approvals", outcome: "pending" as const, text: "one person must approve", unblock: "one person: approve" };
    const reasons = [
      { ...part, rule: "peer" },
      { ...part, rule: "policy", asks: "all" as const, parts: [part] },
    ];
    const page = read(await visit("/acme/control/changes/12", { change: async () => shown({ verdict: { outcome: "blocked", reasons } }) }));
    expect(page).toContain(
      "peer : one person: approve pending policy : one person: approve all of pending approvals : one person must approve",
    );
  });

  it("tells of one that was merged when it was, and keeps what the gate says since folded", async () => {
    const entries = [{ seq: 9, kind: "landed" as const, at: "2026-11-23T08:30:00.000Z", who: null }];
    const page = await visit("/acme/control/changes/12", { change: async () => shown({ state: "merged", standing: "blocked", entries }) });
    expect(read(page)).toMatch(/#12 Shorter pauses merged landed 30 minutes ago .*What the gate says of it since/);
    expect(page.text).toMatch(/<details id="now"><summary>What the gate says of it since/);
    expect(read(page)).not.toContain("What it waits for");
  });

  it("shows a text that changes line by line", async () => {
    const [before, after] = ["a\nb\nc\n", "a\nx\nc\n"];
    const group = { type: "File", title: "/etc/x", attribute: "content", change: "changed" as const, kind: "system" as const };
    const nodes = ["n1", "n2"];
    const ports = {
      change: async () => shown(),
      reportOf: async () => report({ groups: [{ ...group, before, after, nodes, source: null }] }),
    };
    const page = await visit("/acme/control/changes/12", ports);
    expect(read(page)).toMatch(/~ changed File\[\/etc\/x\] content on 2 nodes a - b \+ x c /);
    expect(page.text).not.toContain("⏎");
  });

  it("leads to the report, which brings its own policy", async () => {
    const ports = { change: async () => shown(), reportOf: async () => report({}) };
    expect((await visit("/acme/control/changes/12", ports)).text).toContain('href="/acme/control/changes/12/report"');
    const page = await visit("/acme/control/changes/12/report", ports);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/);
    const inHead = /Content-Security-Policy" content="([^"]*)"/u.exec(page.text)?.[1] ?? "none";
    expect(policy.startsWith(inHead)).toBe(true);
    expect((await visit("/acme/control/changes/12/report", { change: async () => shown() })).status).toBe(404);
  });

  it.each([
    "/acme/control/changes/0",
    "/acme/control/changes/x",
    "/acme/control/changes",
    "/acme/control/changes/12/x",
    "/acme/control/changes/12/report/x",
  ])("is not at %s", async (path) => {
    expect((await visit(path, { change: async () => shown(), reportOf: async () => report({}) })).status).toBe(404);
  });

  const about = (text: string): Promise<Visit[]> => {
    const reason = {
      rule: text,
      outcome: "fail" as const,
      text,
      unblock: text,
      parts: [{ rule: text, outcome: "pending" as const, text }],
    };
    const row = shown({
      about: { title: text, opener: text, openedAt: "2026-11-23T06:00:00Z" },
      verdict: { outcome: "blocked", reasons: [reason] },
      answers: [{ comment: 1, by: text, command: text, accepted: true, text, lines: [text] }],
      baseRef: text,
    });
    const paths = ["/acme/control/changes/12", "/acme/control"];
    return Promise.all(paths.map((path) => visit(path, { change: async () => row, changes: async () => [row] })));
  };
  /** Its elements with the names of their attributes, as a browser tells them apart: no text is among them. */
  const bones = ({ text }: Visit): string[] =>
    [...text.matchAll(/<[^>"]*(?:"[^"]*"[^>"]*)*>/gu)].map(([tag]) => tag.replaceAll(/"[^"]*"/gu, '""'));

  it.each(Object.entries(hostileTexts))("keeps what a repository says inert: %s", async (name, text) => {
    const [hostile, harmless] = [await about(text), await about(name === "blank" ? "" : "harmless")];
    expect(hostile.map(bones)).toEqual(harmless.map(bones));
    for (const page of hostile) expect(page.text).not.toMatch(/[\u202a-\u202e\u200b-\u200f]|\p{Cs}|(?![\r\n\t])\p{Cc}/u);
  });
});
