import { describe, expect, it } from "vitest";
import { csv } from "../../src/cli/audit/ask.ts";
import { answer, type Filters, questions } from "../../src/ledger/questions/questions.ts";
import { toTold, toTrail, type Trail } from "../../src/ledger/questions/trail.ts";
import { canonicalForm, commitmentTo, digestOf, type EntryKind, toEntry } from "../../src/ledger/entry.ts";
import { sampleOf } from "../../src/ledger/sample.ts";

const people = new Map([1, 2, 3].map((id) => [id, commitmentTo(id, `${id}`.repeat(64))]));
const [alice, bob, carol] = [1, 2, 3];
const start = Date.parse("2026-11-01T12:00:00Z");

/** What happened, an hour each after the one before: kind, subject, who, and what it rests on. */
type Happened = [EntryKind, string, number | null, object];
const head = "b".repeat(40);
const commit = "c".repeat(40);

const story: Happened[] = [
  ["approval-received", "pull/1", bob, { commit: head, review: 5 }],
  ["approval-bound", "pull/1", bob, { review: 5, commit: head }],
  [
    "verdict",
    "pull/1",
    null,
    { head, policy: "p1", verdict: { outcome: "pass", reasons: [{ rule: "peer", outcome: "pass", text: "one of one" }] } },
  ],
  ["contributed", "pull/1", alice, { head, did: "opened this pull request" }],
  ["merge-intended", "pull/1", alice, { head, glass: null, approvals: [{ review: 5, permission: "write" }] }],
  ["landed", "pull/1", null, { commit, head, base: "main", checked: "t1" }],
  ["break-glass", "pull/2", carol, { comment: 9, reason: "the primary is down" }],
  ["verdict", "pull/2", null, { head: "h2", policy: "p2", verdict: { outcome: "pass", reasons: [] } }],
  ["contributed", "pull/2", carol, { head: "h2", did: "opened this pull request" }],
  ["merge-intended", "pull/2", carol, { head: "h2", glass: { reason: "x" }, approvals: [] }],
  ["landed", "pull/2", null, { commit: "c2", head: "h2", base: "main", checked: "t2" }],
  ["debt-owed", "pull/2", carol, { comment: 9, reason: "the primary is down" }],
  ["debt-paid", "pull/2", bob, { number: 2, review: 6 }],
  ["approval-bound", "pull/3", carol, { review: 7, commit: "old" }],
  ["approval-kept", "pull/3", carol, { review: 7, head: "h3", why: "the same content" }],
  ["approval-bound", "pull/3", bob, { review: 8, commit: "h3" }],
  ["contributed", "pull/3", bob, { head: "h3", did: "is co-author of 1234567890" }],
  ["merge-intended", "pull/3", alice, { head: "h3", glass: null, approvals: [{ review: 7 }, { review: 8 }] }],
  ["landed", "pull/3", null, { commit: "c3", head: "h3", base: "main", checked: "t3" }],
  ["direct-push", "branch/main", carol, { branch: "main", commit: "d1", parents: [], pull: null }],
  ["frozen", "branch/main", null, { branch: "main" }],
  ["landed-outside", "pull/4", bob, { branch: "main", commit: "o1", pull: 4 }],
  ["break-glass", "pull/5", carol, { comment: 10, reason: "never used" }],
  ["debt-owed", "pull/6", carol, { comment: 11, reason: "still open" }],
  ["lane-entered", "lane/canary", null, { kind: "entered", lane: "canary", release: commit, let: null }],
  ["lane-passed", "lane/canary", null, { lane: "canary", release: commit, verdict: { kind: "passed", unchanged: true, counts: {} } }],
  ["lane-halted", "lane/lon", null, { lane: "lon", release: commit, halt: { why: { kind: "verdict" } }, affected: [{ name: "playlist" }] }],
  ["lane-returned", "lane/lon", null, { lane: "lon", release: commit, verdict: { counts: { pass: 3 } } }],
  ["lane-promoted", "lane/rest", carol, { lane: "rest", release: commit, by: {}, reason: "we looked ourselves" }],
  ["lane-halted", "lane/rest", null, { lane: "rest", release: null, halt: { why: { kind: "moved-elsewhere", tip: "t9" } } }],
  ["rollout-done", "rollout", null, { release: commit }],
  [
    "blind",
    "deliveries",
    null,
    { what: "deliveries", from: "2026-11-01T00:00:00Z", to: "2026-11-01T01:00:00Z", reconciled: "by the sweep" },
  ],
];

function trailOf(happened: readonly Happened[]): Trail {
  const blobs = new Map<string, string>();
  const told = happened.map(([kind, subject, actor, about], index) => {
    const text = JSON.stringify(about);
    blobs.set(digestOf(text), text);
    const draft = { kind, subject, actor, evidence: [text], key: String(index) };
    const entry = toEntry(draft, { repository: 42, at: new Date(start + index * 3_600_000), commitments: people });
    return toTold(index, canonicalForm(entry), (sha256) => blobs.get(sha256));
  });
  return toTrail(told, new Map([...people].map(([id, commitment]) => [commitment, id])));
}

const trail = trailOf(story);
const all: Filters = { from: null, to: null, repository: null, person: null, outcome: null, service: null, subject: null };
const ask = (name: string, more: Partial<Filters> = {}): string[] =>
  (answer(name, trail, { ...all, ...more }) ?? []).map(
    ({ subject, actor, outcome }) => `${subject} ${trail.people.get(actor ?? "") ?? "-"} ${outcome}`,
  );

describe("the auditors' questions", () => {
  it.each<[string, string[]]>([
    [
      "1",
      [
        "pull/1 1 landed by the gate",
        "pull/2 3 landed by the gate",
        "pull/3 1 landed by the gate",
        "branch/main 3 pushed around the gate",
        "pull/4 2 merged around the gate",
      ],
    ],
    ["3", ["pull/1 2 independent", "pull/2 - no approval", "pull/3 3 independent", "pull/3 2 not independent"]],
    [
      "4",
      [
        "pull/1 2 of exactly what was merged",
        "pull/2 - no approval",
        "pull/3 3 of an earlier head with the same content",
        "pull/3 2 of exactly what was merged",
      ],
    ],
    ["5", ["pull/1 - pass"]],
    ["6", ["pull/1 - same policy", "pull/2 - other policy than before", "pull/3 - unknown"]],
    ["7", ["branch/main 3 pushed around the gate", "pull/4 2 merged around the gate", "lane/rest - lane moved around the gate"]],
    ["8", ["pull/2 3 reviewed afterwards", "pull/5 3 nothing landed by it"]],
    ["9", ["pull/6 3 review owed"]],
    ["14", ["lane/rest 3 lane-promoted"]],
    ["15", ["lane/canary - no node changed, nothing to watch", "lane/rest 3 on a person's word"]],
    ["19", ["pull/1 1 reviewed before", "pull/2 3 by a break-glass"]],
    ["20", ["lane/lon - lane-returned", "lane/rest - not well again"]],
    ["21", ["deliveries - over"]],
  ])("%s", (name, rows) => {
    expect(ask(name)).toEqual(rows);
  });

  it("7: knows a lane that somebody else moved, and where to", () => {
    expect(answer("7", trail, { ...all, subject: "lane/rest" })).toMatchObject([{ outcome: "lane moved around the gate", commit: "t9" }]);
  });

  it("2: names everybody who took part, and the tree", () => {
    expect(ask("participants", { subject: "pull/1" })).toEqual([
      "pull/1 2 approved",
      "pull/1 1 opened this pull request",
      "pull/1 1 asked for the merge",
      "pull/1 - landed by the gate",
    ]);
    expect(answer("2", trail, { ...all, subject: "pull/1" })?.[0]).toMatchObject({ commit, head, tree: "t1" });
  });

  it("10 and 25: say when, in hours of the clock", () => {
    expect(answer("reach", trail, { ...all, subject: "lane/lon" })).toMatchObject([
      { outcome: "lane-halted", release: commit },
      { outcome: "lane-returned", counts: '{"pass":3}' },
    ]);
    expect(answer("lead-times", trail, { ...all, subject: "pull/1" })).toMatchObject([
      { hoursToReview: 0, hoursToLanded: 5, hoursToEverywhere: 30, landedToEverywhere: 25 },
    ]);
    expect(answer("restorations", trail, all)).toMatchObject([
      { hours: 1, why: "verdict" },
      { hours: null, why: "moved-elsewhere" },
    ]);
    expect(answer("emergencies", trail, all)?.[0]).toMatchObject({ reason: "the primary is down", hoursUntilReview: 1 });
    expect(answer("bypasses", trail, all)).toMatchObject([
      { followUp: expect.stringContaining("frozen at 2026-11-02T08") },
      { followUp: "none is recorded" },
      { followUp: "none is recorded" },
    ]);
  });

  it("24: counts what each person did, once of each change", () => {
    const rows = answer("duties", trail, { ...all, person: carol ?? 0 });
    expect(rows).toMatchObject([{ contributed: 1, approved: 1, askedForMerge: 1, brokeGlass: 2, movedLanes: 1, wentAround: 1 }]);
    expect(answer("24", trail, all)).toHaveLength(3);
  });

  it("let through what the filters ask for", () => {
    const at = (n: number): string => new Date(start + n * 3_600_000).toISOString();
    expect(ask("1", { from: at(10), to: at(18) })).toEqual(["pull/2 3 landed by the gate"]);
    expect(ask("1", { person: bob ?? 0 })).toEqual(["pull/4 2 merged around the gate"]);
    expect(ask("1", { outcome: "around" })).toHaveLength(2);
    expect(ask("10", { service: "playlist" })).toEqual(["lane/lon - lane-halted", "lane/lon - lane-returned"]);
    expect(ask("1", { repository: 43 })).toEqual([]);
    expect(answer("no such", trail, all)).toBeNull();
  });

  it("answer of a ledger without evidence, too: nothing is guessed", () => {
    const forgotten = toTrail(
      trail.told.map((told) => ({ ...told, about: {} })),
      trail.people,
    );
    for (const { name } of questions) expect(() => answer(name, forgotten, all)).not.toThrow();
    expect(answer("3", forgotten, all)?.every(({ outcome }) => outcome === "no approval" || outcome === "unknown")).toBe(true);
  });
});

describe("CSV", () => {
  it("has a column for each name, and nothing that a spreadsheet runs", () => {
    const row = { entry: 1, at: "t", repo: 2, subject: "=cmd()", actor: null, outcome: 'a "b", c' };
    expect(csv([row, { ...row, subject: "x", more: -1 }])).toBe(
      `entry,at,repo,subject,actor,outcome,more\r\n1,t,2,'=cmd(),,"a ""b"", c",\r\n1,t,2,x,,"a ""b"", c",-1\r\n`,
    );
  });
});

describe("a sample", () => {
  const population = Array.from({ length: 100 }, (_, n) => n * 3);
  const sample = (seed: string, count = 10): number[] => sampleOf(population, (n) => n, { seed, count });

  it("is the same for everybody who has the seed, and another for another", () => {
    expect(sample("a")).toEqual(sample("a"));
    expect(sampleOf(population.toReversed(), (n) => n, { seed: "a", count: 10 })).toEqual(sample("a"));
    expect(sample("b")).not.toEqual(sample("a"));
    expect(sample("a", 1_000)).toEqual(population);
    // Published, so that another program can be held against it.
    expect(sample("2026-Q4", 5)).toEqual(
      population
        .map((n) => ({ n, rank: digestOf(`2026-Q4:${n}`) }))
        .sort((a, b) => (a.rank < b.rank ? -1 : 1))
        .slice(0, 5)
        .map(({ n }) => n)
        .sort((a, b) => a - b),
    );
  });
});
