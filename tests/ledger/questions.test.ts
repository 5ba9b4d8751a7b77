import { describe, expect, it } from "vitest";
import { answerOf } from "../../src/cli/audit/answer.ts";
import { printAnswer } from "../../src/cli/audit/ask.ts";
import { digestOf } from "../../src/ledger/entry.ts";
import { type Filters, noFilters } from "../../src/ledger/questions/filters.ts";
import { questions } from "../../src/ledger/questions/questions.ts";
import { createSummary } from "../../src/ledger/questions/summary.ts";
import type { Given, Row } from "../../src/ledger/questions/table.ts";
import { sampleOf } from "../../src/ledger/sample.ts";
import { type Happened, sourceOf, start } from "./ask-world.ts";

const [alice, bob, carol] = [1, 2, 3];
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
  [
    "merge-intended",
    "pull/1",
    alice,
    {
      head,
      glass: null,
      approvals: [{ review: 5, permission: "write" }],
      openedAt: "2026-11-01T08:00:00Z",
      checks: [{ name: "ci", app: 99, conclusion: "success" }],
      reach: { nodes: 3, services: ["playlist"], teams: ["acme/music"], datacentres: ["lon"] },
      freezes: [{ name: "holidays", reason: "rest", binding: false, until: "2026-11-03T00:00:00Z" }],
      policyChange: "tightens",
    },
  ],
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
  ["contributed", "pull/7", carol, { head: "h7", did: "opened this pull request", bot: true }],
  ["merge-intended", "pull/7", carol, { head: "h7", glass: null, approvals: [] }],
  ["landed", "pull/7", null, { commit: "c7", head: "h7", base: "main", checked: "t7" }],
  [
    "lane-nodes",
    "lane/canary",
    null,
    {
      lane: "canary",
      release: "c7",
      before: "c3",
      way: "forward",
      classes: [{ nodes: 1, touched: ["File[/etc/motd]"] }],
      nodes: [
        { certname: "web1", kind: "pass", run: "r1", ranAt: "2026-11-02T20:00:00.000Z", changed: ["File[/etc/motd]"] },
        { certname: "web2", kind: "newly-failed", run: "r2", ranAt: "2026-11-02T20:01:00.000Z", changed: [], failing: ["Exec[x]"] },
        { certname: "web3", kind: "absent-before" },
      ],
    },
  ],
  ["lane-moved-outside", "lane/canary", null, { lane: "canary", from: "c3", to: "x1" }],
  ["unfrozen", "pull/7", alice, { branch: "main", reason: "looked" }],
  ["blind", "puppetdb", null, { what: "puppetdb", from: "2026-11-03T00:00:00Z", to: null, reconciled: null }],
];

const source = sourceOf(story);
const given: Given = { now: new Date(start + 60 * 3_600_000).toISOString(), limit: 24, node: null, at: null };

async function rowsOf(
  name: string,
  more: Partial<Filters> = {},
  asked: Partial<Given> = {},
  of = source,
): Promise<Record<string, unknown>[]> {
  const { rows, people } = await answerOf(of, name, { ...noFilters, ...more }, { ...given, ...asked });
  const all: Row[] = [];
  for await (const some of rows) all.push(...some);
  return all.map((row) => ({ ...row, actor: people.get(row.actor ?? "") ?? null }));
}

const ask = async (name: string, more: Partial<Filters> = {}, asked: Partial<Given> = {}): Promise<string[]> =>
  (await rowsOf(name, more, asked)).map(
    ({ subject, actor, outcome }) => `${String(subject)} ${typeof actor === "number" ? actor : "-"} ${String(outcome)}`,
  );

/** What is not known of what nobody asked the gate for. */
const around = ["branch/main 3 unknown: around the gate", "pull/4 2 unknown: around the gate"];

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
        "pull/7 3 landed by the gate",
      ],
    ],
    [
      "3",
      [
        "pull/1 2 independent",
        "pull/2 - no approval",
        "pull/3 3 independent",
        "pull/3 2 not independent",
        ...around,
        "pull/7 - no approval",
      ],
    ],
    [
      "4",
      [
        "pull/1 2 of exactly what was merged",
        "pull/2 - no approval",
        "pull/3 3 of an earlier head with the same content",
        "pull/3 2 of exactly what was merged",
        ...around,
        "pull/7 - no approval",
      ],
    ],
    ["5", ["pull/1 - pass", "pull/1 1 success", "pull/2 - unknown", "pull/3 - unknown", ...around, "pull/7 - unknown"]],
    ["6", ["pull/1 - same policy", "pull/2 - other policy than before", "pull/3 - unknown", "pull/7 - unknown"]],
    [
      "7",
      [
        "branch/main 3 pushed around the gate",
        "pull/4 2 merged around the gate",
        "lane/rest - lane moved around the gate: it stands still",
        "lane/canary - lane moved around the gate",
      ],
    ],
    ["8", ["pull/2 3 reviewed afterwards", "pull/5 3 nothing landed by it"]],
    ["9", ["pull/6 3 review owed, overdue", "lane/rest - lane stands still"]],
    ["12", ["lane/canary - silent since before the release"]],
    ["13", ["lane/canary - otherwise than predicted", "lane/canary - failed there"]],
    ["14", ["lane/rest 3 lane-promoted"]],
    ["15", ["lane/canary - no node changed, nothing to watch", "lane/rest 3 on a person's word"]],
    ["16", ["pull/1 1 landed in a freeze that forbids nothing"]],
    ["19", ["pull/1 1 reviewed before", "pull/2 3 by a break-glass", "pull/7 3 no approval"]],
    ["20", ["lane/lon - lane-returned", "lane/rest - not well again"]],
    ["21", ["deliveries - over", "puppetdb - blind still"]],
  ])("%s", async (name, rows) => {
    expect(await ask(name)).toEqual(rows);
  });

  it("7: knows a lane that somebody else moved, and where to", async () => {
    expect(await rowsOf("7", { subject: "lane/rest" })).toMatchObject([
      { outcome: "lane moved around the gate: it stands still", commit: "t9" },
    ]);
  });

  it("2: names everybody who took part, and the tree", async () => {
    expect(await ask("participants", { subject: "pull/1" })).toEqual([
      "pull/1 1 opened this pull request",
      "pull/1 2 approved",
      "pull/1 1 asked for the merge",
      "pull/1 - landed by the gate",
    ]);
    expect((await rowsOf("2", { subject: "pull/1" }))[0]).toMatchObject({ commit, head, tree: "t1" });
  });

  it("10 and 25: say when, in hours of the clock", async () => {
    expect(await rowsOf("reach", { subject: "lane/lon" })).toMatchObject([
      { outcome: "lane-halted", release: commit },
      { outcome: "lane-returned", counts: '{"pass":3}' },
    ]);
    expect(await rowsOf("lead-times", { subject: "pull/1" })).toMatchObject([
      { services: "playlist", hoursOpenToReview: 4, hoursOpenToLanded: 9, hoursOpenToEverywhere: 34, hoursLandedToEverywhere: 25 },
    ]);
    expect(await rowsOf("restorations")).toMatchObject([
      { hours: 1, why: "verdict" },
      { hours: null, why: "moved-elsewhere" },
    ]);
    expect((await rowsOf("emergencies"))[0]).toMatchObject({ reason: "the primary is down", hoursUntilReview: 1 });
    expect(await rowsOf("bypasses")).toMatchObject([
      { followUp: expect.stringContaining("frozen at 2026-11-02T08") },
      { followUp: "none is recorded" },
      { followUp: "none is recorded" },
      { commit: "x1", from: "c3" },
    ]);
  });

  it("24: counts what each person did, once of each change", async () => {
    const rows = await rowsOf("duties", { person: carol ?? 0 });
    expect(rows).toMatchObject([{ contributed: 2, approved: 1, askedForMerge: 2, brokeGlass: 2, movedLanes: 1, wentAround: 1 }]);
    expect(await rowsOf("24")).toHaveLength(3);
  });

  it("6: says which change brought a policy, and who wrote and approved that", async () => {
    const rows = await rowsOf("6", { subject: "pull/2" });
    expect(rows).toMatchObject([{ policy: "p2", broughtIn: "pull/1" }]);
    expect(String(rows[0]?.["approvedBy"])).toMatch(/^[0-9a-f]{64}$/u);
    expect(await rowsOf("6", { from: new Date(start + 10 * 3_600_000).toISOString() })).toMatchObject([
      { subject: "pull/2", outcome: "other policy than before" },
      { subject: "pull/3" },
      { subject: "pull/7" },
    ]);
  });

  it("9: takes a freeze for open until that branch is let go, by whatever change", async () => {
    expect((await ask("9", { outcome: "stopped" })).length).toBe(0);
    const still = sourceOf(story.filter(([kind]) => kind !== "unfrozen"));
    expect(await rowsOf("9", { outcome: "stopped" }, {}, still)).toMatchObject([{ subject: "branch/main", branch: "main" }]);
    expect(await ask("9", { subject: "pull/6" }, { limit: 1_000 })).toEqual(["pull/6 3 review owed"]);
  });

  it("10, 11: tell of a node which run had a change, and who answers for what it ran at a time", async () => {
    const node = { node: "web1" };
    expect(await rowsOf("10", { subject: "pull/7" }, node)).toMatchObject([{ outcome: "reached: pass", run: "r1", change: "pull/7" }]);
    expect(await rowsOf("10", {}, { node: "web3" })).toMatchObject([{ outcome: "not reached: silent since before the release" }]);
    expect(await rowsOf("11", {}, node)).toMatchObject([{ release: "c7", change: "pull/7", run: "r1" }]);
    const [row] = await rowsOf("11", {}, node);
    expect(String(row?.["writtenBy"])).toMatch(/^[0-9a-f]{64}$/u);
    expect(await rowsOf("11", {}, { ...node, at: "2026-11-02T19:00:00.000Z" })).toEqual([]);
  });

  it("17: says whom a policy let go around it, since when and until when, and at a time", async () => {
    const policy = (digest: string, users: string[], mode = "enforce"): Happened => [
      "policy-in-force",
      "branch/main",
      null,
      { branch: "main", policy: digest, mode, breakGlass: { users, teams: ["acme/sre"] } },
    ];
    const nobody: Happened = ["policy-in-force", "branch/main", null, { branch: "main", policy: "p3", mode: "enforce", breakGlass: null }];
    const told = sourceOf([policy("p0", [], "observe"), policy("p1", ["ann"]), policy("p1", ["ann"]), policy("p2", ["bo"]), nobody]);
    const at = (n: number): string => new Date(start + n * 3_600_000).toISOString();
    expect(await rowsOf("17", {}, {}, told)).toMatchObject([
      { at: at(0), outcome: "everybody: the gate only observes", until: at(1) },
      { at: at(1), outcome: "by break-glass", users: "ann", teams: "acme/sre", until: at(3) },
      { at: at(3), users: "bo", until: at(4) },
      { at: at(4), outcome: "nobody by the policy", until: null },
    ]);
    expect(await rowsOf("17", {}, { at: at(2) }, told)).toMatchObject([{ at: at(1), users: "ann" }]);
    expect(await rowsOf("17", {}, { at: "2026-10-01T00:00:00.000Z" }, told)).toEqual([]);
    const forgotten = sourceOf([policy("p1", ["ann"])], { forgotten: true });
    expect(await rowsOf("17", {}, {}, forgotten)).toMatchObject([{ outcome: "unknown: its text was forgotten" }]);
  });

  it("18: names bots, and all that one person did", async () => {
    expect(await ask("18", { outcome: "bot" })).toEqual(["pull/7 3 a bot"]);
    expect((await rowsOf("18", { person: bob ?? 0 })).map(({ subject, did }) => `${String(subject)} ${String(did)}`)).toEqual([
      "pull/1 approved",
      "pull/3 is co-author of 1234567890",
      "pull/3 approved",
    ]);
  });

  it("25: sums up by service and by team, without a ranking of anybody", async () => {
    const summary = createSummary();
    const { rows } = await answerOf(source, "25", noFilters, given);
    for await (const some of rows) summary.add(some);
    expect(summary.end()).toMatchObject([
      { service: null, team: null, landed: 4, perWeek: 4, failed: 3, hotfixes: 1, toLanded: { median: 1 }, recovery: { median: 1 } },
      { service: "playlist", landed: 1, failedPercent: 100, toLanded: { median: 9, p90: 9 }, review: { median: 4 } },
      { service: null, team: "acme/music", landed: 1, failed: 1 },
    ]);
    expect(createSummary().end()).toEqual([
      expect.objectContaining({ landed: 0, failedPercent: 0, toLanded: { median: null, p90: null } }),
    ]);
  });

  describe("25: a change failed", () => {
    const landing = (n: number): Happened => ["landed", `pull/${n}`, null, { commit: `c${n}`, head: `h${n}`, base: "main" }];
    const lane = (kind: Happened[0], release: string, more: object = {}): Happened => [
      kind,
      "lane/a",
      null,
      { lane: "a", release, ...more },
    ];
    const halt = { halt: { why: { kind: "verdict" } } };
    const days = (n: number): Happened[] => Array.from({ length: n * 24 }, () => ["verdict", "pull/99", null, {}]);

    it.each<[string, Happened[], string]>([
      [
        "where a lane with it was halted over its nodes",
        [landing(1), lane("lane-entered", "c1"), lane("lane-halted", "c1", halt)],
        "halted",
      ],
      [
        "not where the lane was halted over what it had before",
        [lane("lane-entered", "c0"), landing(1), lane("lane-halted", "c0", halt), lane("lane-entered", "c1"), lane("rollout-done", "c1")],
        "^landed$",
      ],
      [
        "not where somebody moved the lane's branch",
        [landing(1), lane("lane-entered", "c1"), lane("lane-halted", "c1", { halt: { why: { kind: "moved-elsewhere" } } })],
        "^landed$",
      ],
      ["where a lane went back from it", [landing(1), lane("lane-entered", "c1"), lane("lane-returning", "c1")], "went back"],
      [
        "not where that was after it was everywhere",
        [landing(1), lane("lane-entered", "c1"), lane("rollout-done", "c1"), lane("lane-halted", "c1", halt)],
        "^landed$",
      ],
      ["where another took it back within a week", [landing(1), ...days(6), ["reverted", "pull/1", null, {}]], "taken back"],
      ["not where that was later", [landing(1), ...days(7), ["reverted", "pull/1", null, {}]], "^landed$"],
    ])("%s", async (_name, happened, outcome) => {
      const [row] = await rowsOf("25", { subject: "pull/1" }, {}, sourceOf(happened));
      expect(row?.["outcome"]).toMatch(new RegExp(outcome, "u"));
    });
  });

  it("are answered by what they ask about alone", async () => {
    const small = sourceOf([...story, ...Array.from({ length: 50 }, (): Happened => ["verdict", "pull/9", null, { head: "h9" }])]);
    await rowsOf("1", {}, {}, small);
    expect(small.loaded).toBeLessThan(20);
    const fewer = { ...small, countEntries: async () => 3 };
    await expect(answerOf(fewer, "1", noFilters, given)).rejects.toThrow("gone from the database");
  });

  it("let through what the filters ask for", async () => {
    const at = (n: number): string => new Date(start + n * 3_600_000).toISOString();
    expect(await ask("1", { from: at(10), to: at(18) })).toEqual(["pull/2 3 landed by the gate"]);
    expect(await ask("1", { person: bob ?? 0 })).toEqual(["pull/4 2 merged around the gate"]);
    expect(await ask("1", { outcome: "around" })).toHaveLength(2);
    expect(await ask("10", { service: "playlist" })).toEqual([
      "lane/canary - lane-entered",
      "lane/canary - lane-passed",
      "lane/lon - lane-halted",
      "lane/lon - lane-returned",
      "rollout - rollout-done",
    ]);
    expect(await ask("1", { service: "playlist" })).toEqual(["pull/1 1 landed by the gate"]);
    expect(await ask("1", { service: "dns" })).toEqual([]);
    expect(await ask("1", { repository: 43 })).toEqual([]);
    await expect(ask("no such")).rejects.toThrow("none of the questions");
    await expect(ask("22")).rejects.toThrow("audit verify");
    await expect(ask("11")).rejects.toThrow("of one node");
    await expect(ask("1", {}, { node: "web1" })).rejects.toThrow("not about nodes");
    await expect(ask("12", {}, { at: given.now })).rejects.toThrow("not about one moment");
    expect(await ask("12", {}, { node: "web3" })).toEqual(["lane/canary - silent since before the release"]);
    expect(await ask("12", {}, { node: "web1" })).toEqual([]);
    expect(await ask("13", {}, { node: "web2" })).toEqual(["lane/canary - failed there"]);
    expect(await ask("24", { outcome: "same change" })).toEqual(["person 2 wrote and approved the same change"]);
    expect(await ask("1", { outcome: "BY THE GATE", subject: "pull/1" })).toEqual(["pull/1 1 landed by the gate"]);
  });

  it("answer of a ledger without evidence, too: nothing is guessed", async () => {
    const forgotten = sourceOf(story, { forgotten: true });
    for (const { name } of questions) await rowsOf(name, {}, { node: nodeFor(name) }, forgotten);
    const outcomes = (await rowsOf("3", {}, {}, forgotten)).map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(["no approval", "unknown: around the gate"]));
  });
});

/** A node, where a question is about nodes. */
const nodeFor = (name: string): string | null => (["reach", "running", "unreached", "effects"].includes(name) ? "web1" : null);

/** As the command prints it. */
async function printed(name: string, form: "text" | "json" | "csv", more: Partial<Filters> = {}, of = source): Promise<string> {
  const texts: string[] = [];
  const answer = await answerOf(of, name, { ...noFilters, ...more }, { ...given, node: nodeFor(name) });
  await printAnswer(answer, noFilters, form, { write: (text) => texts.push(text) });
  return texts.join("");
}

describe("an answer as it is printed", () => {
  it.each(questions.map(({ name }) => name))("%s is JSON, and CSV with the same columns whatever was found", async (name) => {
    const { rows } = JSON.parse(await printed(name, "json")) as { rows: Row[] };
    const lines = (await printed(name, "csv")).split("\r\n");
    expect(lines).toHaveLength(rows.length + 2);
    expect(lines[0]).toBe((await printed(name, "csv", { subject: "none" })).trim());
    expect(await printed(name, "text")).toContain(`\n${rows.length === 1 ? "1 row" : `${rows.length} rows`}.\n`);
    expect(JSON.parse(await printed(name, "json", { subject: "none" }))).toMatchObject({ rows: [] });
  });

  it("has nothing that a spreadsheet runs, or that breaks a line", async () => {
    const hostile = sourceOf([["break-glass", "pull/1", null, { reason: '=cmd()", \r\n\u001b[2J' }]]);
    expect(await printed("8", "csv", {}, hostile)).toContain(`"'=cmd()"", \r\n\uFFFD[2J"`);
    expect(await printed("8", "text", {}, hostile)).not.toContain("\u001b");
  });

  it("is the same however many things are looked at together", async () => {
    const many: Happened[] = Array.from({ length: 1_200 }, (_, n): Happened[] => [
      ["contributed", `pull/${n}`, alice ?? 0, { head: `h${n}`, did: "opened this pull request" }],
      ["landed", `pull/${n}`, null, { commit: `c${n}`, head: `h${n}`, base: "main" }],
    ]).flat();
    const twice = sourceOf([...many, ...many]);
    const rows = await rowsOf("1", {}, {}, twice);
    expect(rows.map(({ entry }) => entry)).toEqual(Array.from({ length: 2_400 }, (_, n) => 2 * n + 1));
    expect(await rowsOf("24", {}, {}, twice)).toMatchObject([{ contributed: 1_200 }]);
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
