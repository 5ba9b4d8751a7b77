import { describe, expect, it } from "vitest";
import { decide, type Effect, type Memory } from "../../src/gate/decide.ts";
import { dueAt } from "../../src/gate/due.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts } from "../../src/gate/facts.ts";
import { shownDay } from "../../src/gate/instants.ts";
import { labelChanges, labelsFor } from "../../src/gate/labels.ts";
import type { Verdict } from "../../src/gate/verdict.ts";
import { isCurrent, standingOf, verdictDigest, type Answer, type View } from "../../src/gate/view.ts";
import {
  alice,
  base,
  bob,
  by,
  ci,
  comment,
  commit,
  dave,
  done,
  doneWith,
  facts,
  head,
  memory,
  older,
  peer,
  report,
  rule,
} from "./world.ts";

/** What people are shown of a decision. */
const decided = (given: Partial<Facts>, remembered: Partial<Memory> = {}): readonly Effect[] =>
  decide(facts(given), memory(remembered)).effects;
const kinds = (given: Partial<Facts>, remembered: Partial<Memory> = {}): string[] => decided(given, remembered).map(({ kind }) => kind);
const viewOf = (given: Partial<Facts>, remembered: Partial<Memory> = {}): View => {
  const effect = decided(given, remembered).find((one) => one.kind === "comment");
  if (effect?.kind !== "comment") throw new Error("it has no comment");
  return effect.view;
};
const labels = ["radius/small", "service/playlist"];
const landing = { by: "gate", who: "alice", sha: older, trees: null } as const;
const answer: Answer = { comment: 5, by: "bob", command: "/why", accepted: true, text: "nothing is in the way", lines: [] };
const suggestion = { path: "a.pp", line: 1, endLine: 1, text: "x", message: "m" } as unknown as NonNullable<
  ReturnType<typeof report>["suggestions"]
>[number];

describe("what is shown", () => {
  it.each<readonly [string, Partial<Facts>, Partial<Memory>, readonly string[]]>([
    ["of an open change", { labels }, { labels }, ["check-run", "comment"]],
    ["with labels that come", {}, {}, ["check-run", "labels", "comment"]],
    [
      "with one that comes and one that goes",
      { labels: ["radius/small", "service/x"] },
      { labels: ["radius/small", "service/x"] },
      ["check-run", "labels", "comment"],
    ],
    ["with suggestions", { labels, check: done({ suggestions: [suggestion] }) }, {}, ["check-run", "suggestions", "comment"]],
    ["of a closed change", { state: "closed" }, {}, ["comment"]],
    ["of a closed change without a comment", { state: "closed", hasOwnComment: false }, {}, []],
    ["of a closed change that landed", { state: "closed", hasOwnComment: false }, { landing }, ["comment"]],
    ["of a closed change with an answer", { state: "closed", hasOwnComment: false }, { answers: [answer] }, ["comment"]],
    ["after another head", { labels }, { previous: { base, head: older } }, ["retire-check-run", "check-run", "comment"]],
    ["after another base", { labels }, { previous: { base: older, head } }, ["retire-check-run", "check-run", "comment"]],
    ["after the same", { labels }, { previous: { base, head } }, ["check-run", "comment"]],
    [
      "while base can't be read",
      { labels: [], check: { state: "impossible" }, base: { ref: "main", tip: unknown("x") } },
      { previous: { base: older, head: older } },
      ["check-run", "comment"],
    ],
    ["of a merged change, after another head", { state: "merged" }, { previous: { base, head } }, ["retire-check-run", "comment"]],
  ])("%s", (_, given, remembered, shown) => {
    expect(kinds(given, remembered)).toEqual(shown);
  });

  it("is the same pair from check run to check run", () => {
    expect(decided({ labels })).toMatchObject([{ kind: "check-run", head, pair: base }, {}]);
    const blind = decided({ check: { state: "impossible" }, base: { ref: "main", tip: unknown("x") } });
    expect(blind).toMatchObject([{ kind: "check-run", pair: "unknown" }, {}]);
    expect(decided({ comments: known([comment(alice, "/merge")]) })).toMatchObject([
      { kind: "reaction" },
      { kind: "check-run", pair: base },
    ]);
  });

  it("is labelled as before while the same head is checked against another base, and not at all of another head", () => {
    const running = (of: string): Partial<Facts> => ({ labels, check: { state: "running", previous: { base: older, head: of } } });
    expect(kinds(running(head), { labels })).toEqual(["check-run", "comment"]);
    expect(decided(running(older), { labels })).toContainEqual({ kind: "labels", add: [], remove: labels });
  });

  it("names siblings that stand worse, and none that is being checked", () => {
    const siblings = [
      { number: 1, standing: "blocked" },
      { number: 2, standing: "checking" },
      { number: 3, standing: "pass" },
    ] as const;
    expect(viewOf({}, { siblings }).worse).toEqual([{ number: 1, standing: "blocked" }]);
  });

  it("keeps the last answers until there are others", () => {
    expect(viewOf({}, { answers: [answer] }).answers).toEqual([answer]);
    expect(viewOf({ comments: known([comment(bob, "/why", { id: 9 })]) }, { answers: [answer] }).answers).toMatchObject([{ comment: 9 }]);
  });

  it("says of a landing that was answered too early that it landed", () => {
    const earlier = [
      { comment: 5, head: older, sha: base },
      { comment: 5, head: base, sha: base },
      { comment: 0, head, sha: base },
    ];
    const refused = { ...answer, accepted: false, lines: ["x"] };
    const own = { ...answer, comment: 0 };
    expect(viewOf({}, { answers: [refused, own], earlier }).answers).toEqual([
      { ...refused, accepted: true, lasting: true, text: "cccccccccc landed", lines: [] },
      own,
    ]);
    expect(viewOf({}, { earlier }).earlier).toEqual(earlier);
    expect(viewOf({ state: "merged" }, { answers: [refused], earlier })).toMatchObject({ answers: [refused], earlier: [] });
  });

  it("says who opened it, and what to do, but for rules that only look on", () => {
    const looks = { ...rule("wide", ci()), mode: "observe" as const };
    expect(viewOf({ check: done({}, [...peer, looks]) })).toMatchObject({ opener: "alice", unblock: [] });
    expect(viewOf({ opener: null }).opener).toBeNull();
    expect(viewOf({ draft: true }).unblock).toEqual(["alice: mark it ready for review"]);
  });
});

describe("an answer", () => {
  const verdict = (outcome: "pass" | "pending" | "skipped" | "fail", text = "x", observed?: true): Verdict => ({
    outcome: "blocked",
    reasons: [
      { rule: "merge", outcome: "fail", text: "conflict" },
      { rule: "peer", outcome, text, ...(observed === undefined ? {} : { observed }) },
    ],
  });
  it.each([
    ["another outcome", verdict("pending"), verdict("fail"), false],
    ["other words of what is in the way", verdict("pending"), verdict("pending", "y"), false],
    ["what only looks on now", verdict("pending"), verdict("pending", "x", true), false],
    ["other words of what passes", verdict("pass"), verdict("pass", "y"), true],
    ["other words of what is left out", verdict("skipped"), verdict("skipped", "y"), true],
    ["what passes and what is left out", verdict("pass"), verdict("skipped"), true],
  ] as const)("%s", (_, before, now, same) => {
    expect(verdictDigest(before) === verdictDigest(now)).toBe(same);
    const given = { ...answer, given: { at: "2026-03-01T12:00:00Z", head, verdict: verdictDigest(before) } };
    expect(isCurrent(given, { head, verdict: now })).toBe(same);
    expect(isCurrent(given, { head: older, verdict: before })).toBe(false);
    expect(isCurrent(answer, { head, verdict: before })).toBe(false);
  });
});

describe("a standing", () => {
  const reason = (outcome: "fail" | "pending" | "unknown", observed?: true): Verdict["reasons"][number] => ({
    rule: "x",
    outcome,
    text: "x",
    ...(observed === undefined ? {} : { observed }),
  });
  it.each([
    ["blocked", [reason("pending"), reason("fail")]],
    ["waiting", [reason("pending"), reason("fail", true)]],
  ] as const)("is %s", (standing, reasons) => {
    expect(standingOf({ outcome: "blocked", reasons: [...reasons] }, false, false)).toBe(standing);
  });

  it("is unknown before the check is done where approvals can't be read", () => {
    const given = facts({ check: { state: "running", previous: null }, reviews: unknown("GitHub answered 502") });
    const { verdict, standing } = decide(given, memory());
    expect(verdict.reasons.find(({ rule: name }) => name === "review")).toMatchObject({ outcome: "unknown" });
    expect(standing).toBe("unknown");
  });
});

describe("labels", () => {
  const radius = (services: readonly string[]): ReturnType<typeof report>["radius"] => ({ ...report().radius, services: [...services] });
  const services = (n: number): string[] => Array.from({ length: n }, (_, at) => `s${at}`);

  it("tell of what no lane holds back", () => {
    const finding = {
      check: "preconditions",
      severity: "notice" as const,
      path: null,
      line: null,
      column: null,
      message: "",
      onChangedLine: false,
    };
    expect(labelsFor({ radius: radius([]), findings: [{ ...finding, code: "crosses-lanes" }] })).toContain("crosses-lanes");
    expect(labelsFor({ radius: radius([]), findings: [{ ...finding, code: "lane-moves" }] })).not.toContain("crosses-lanes");
  });

  it("are eight of a kind at most", () => {
    expect(labelsFor({ radius: radius(services(8)), findings: [] })).toHaveLength(9);
    expect(labelsFor({ radius: radius(services(9)), findings: [] }).slice(-2)).toEqual(["service/s7", "service/and-more"]);
  });

  it("are fifty characters long at most, and then told apart", () => {
    const [, whole = "", cut = ""] = labelsFor({ radius: radius(["x".repeat(42), "x".repeat(43)]), findings: [] });
    expect(whole).toBe(`service/${"x".repeat(42)}`);
    expect(cut).toMatch(/^service\/x{35}-[0-9a-f]{6}$/u);
    expect(cut).toHaveLength(50);
  });

  it("are compared without regard to case, and a person's stay", () => {
    expect(labelChanges(["Radius/Small", "mine", "old"], ["OLD", "gone", "radius/small"], ["radius/SMALL", "new"])).toEqual({
      add: ["new"],
      remove: ["OLD"],
    });
  });
});

describe("the next look", () => {
  const at = (hour: number): string => `2026-03-01T${hour}:00:00.000Z`;
  const glass = { comment: 70, by: dave, reason: "the site is down", head, expiresAt: at(16) };
  const stranger = { commits: known([commit(), commit([by("author", alice), by("committer", null)])]) };
  const failed = {
    state: "failed",
    problem: { code: "x", text: "x", hint: "x" },
    final: false,
    again: at(15),
  } as unknown as Facts["check"];
  it.each<readonly [string, Partial<Facts>, string | null]>([
    ["never, of what no time changes", {}, null],
    ["when a break-glass expires", { glass }, at(16)],
    ["never, after a break-glass expired", { glass, now: at(17) }, null],
    ["when a check is made anew", { glass, check: { ...doneWith({}), again: at(14) } as Facts["check"] }, at(14)],
    ["when a check that failed is tried again", { glass, check: failed }, at(15)],
    ["in five minutes, while a contributor has no account", stranger, "2026-03-01T12:50:00.000Z"],
    [
      "when a check was waited for long enough",
      { check: done({}, [rule("ci", { all: [{ any: [ci({ timeoutMinutes: 60 })] }] })]) },
      "2026-03-01T13:00:00.000Z",
    ],
    ["never, of a closed one", { ...stranger, glass, state: "closed" }, null],
  ])("is %s", (_, given, due) => {
    expect(dueAt(facts(given))).toBe(due);
  });
});

describe("a day", () => {
  const now = "2026-03-01T12:00:00.000Z";
  it.each([
    ["2026-03-01T12:30:00.000Z", "Sun 12:30 UTC"],
    ["2026-03-02T00:00:00.000Z", "Mon 00:00 UTC"],
    ["2026-03-03T00:00:00.000Z", "Tue 00:00 UTC"],
    ["2026-03-04T00:00:00.000Z", "Wed 00:00 UTC"],
    ["2026-03-05T00:00:00.000Z", "Thu 00:00 UTC"],
    ["2026-03-06T00:00:00.000Z", "Fri 00:00 UTC"],
    ["2026-03-07T12:00:00.000Z", "Sat 12:00 UTC"],
    ["2026-03-07T12:01:00.000Z", "2026-03-07 12:01 UTC"],
  ])("%s is shown as %s", (instant, shown) => {
    expect(shownDay(instant, now)).toBe(shown);
  });
});
