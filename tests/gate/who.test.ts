import { describe, expect, it } from "vitest";
import { isQuestion, parseCommands } from "../../src/gate/command.ts";
import { decide } from "../../src/gate/decide.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { Facts, Glass, Permission } from "../../src/gate/facts.ts";
import { objectionReason } from "../../src/gate/objection.ts";
import { contributorsOf } from "../../src/gate/contributors.ts";
import { checkReasons } from "../../src/gate/checked.ts";
import { changeReason } from "../../src/gate/change.ts";
import { requiredCheckReason } from "../../src/gate/checks.ts";
import type { Reason } from "../../src/gate/verdict.ts";
import { access } from "./cases/case.ts";
import {
  alice,
  approvals,
  base,
  bob,
  by,
  carol,
  checkRun,
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
  renovate,
  review,
  rule,
  wish,
} from "./world.ts";

/** Who may say what, and who may stand in the way, each time with the one thing that makes the difference. */
const may = (permission: Permission, ...others: readonly (readonly [number, Permission])[]): Partial<Facts> => {
  const all = [...[alice, bob, carol, dave].map(({ id }) => [id, permission] as const), ...others];
  return { permissions: access(all.map(([id, of]) => [id, known(of)])) };
};
const glass: Glass = { comment: 70, by: dave, reason: "the site is down", head, expiresAt: "2026-03-01T16:45:00.000Z" };
const wanted = comment(alice, "/merge when ready", { id: 90 });
const broken = comment(dave, "/break-glass the site is down", { id: 70 });
const glassy = { glass, check: doneWith({ breakGlass: { users: ["dave"], teams: [], hours: 4 } }) };
const unapproved = { reviews: known([]) };

type Row = readonly [name: string, says: ReturnType<typeof comment>, given: Partial<Facts>, answer: string, notes: readonly string[]];
const cancelled = "nothing lands by itself any more";
const needs = (who: string, has: string, what = "write"): string => `refused: this needs ${what} access, and ${who} has ${has}`;
const running: Partial<Facts> = { check: { state: "running", previous: null } };
const ofBob = commit([by("author", bob), by("committer", bob)], older);
const landed = "everything is in order for bbbbbbbbbb";

const rows: readonly Row[] = [
  ["the opener without access", comment(alice, "/cancel"), { ...may("read"), wish: wish() }, cancelled, ["unwish"]],
  ["whoever broke the glass, without access", comment(dave, "/cancel"), { ...may("read"), ...glassy }, cancelled, ["unglass"]],
  ["somebody with write access", comment(bob, "/cancel"), { wish: wish(), ...glassy, ...may("write") }, cancelled, ["unwish", "unglass"]],
  ["somebody without", comment(carol, "/cancel"), { ...may("read"), wish: wish() }, needs("carol", "read"), []],
  ["where nothing was to land", comment(alice, "/cancel"), {}, "refused: nothing here was to land by itself", []],
  ["of a closed one", comment(bob, "/recheck"), { state: "closed" }, "refused: this pull request is closed", []],
  [
    "while it is checked",
    comment(bob, "/recheck"),
    running,
    "refused: it is being checked already: wait for the check run to complete",
    [],
  ],
  [
    "of a fork that nobody trusted",
    comment(bob, "/recheck"),
    { check: { state: "untrusted" } },
    "refused: nothing of this fork was run yet: somebody with write access has to say /ok-to-test first",
    [],
  ],
  ["by a contributor who may only read", comment(alice, "/recheck"), may("read"), "it is checked anew", ["recheck"]],
  ["by a contributor who may nothing", comment(alice, "/recheck"), may("none"), needs("alice", "none"), []],
  ["by somebody else who may only read", comment(carol, "/recheck"), may("read"), needs("carol", "read"), []],
  [
    "by a contributor of whom nobody knows what they may",
    comment(alice, "/recheck"),
    { permissions: access([[alice.id, unknown("GitHub answered 502")]]) },
    "refused: the access of alice could not be learnt (GitHub answered 502); say it again later",
    [],
  ],
  ["of a closed fork", comment(bob, "/ok-to-test bbbbbbb"), { fork: true, state: "closed" }, "refused: this pull request is closed", []],
  [
    "of another head, by its end",
    comment(bob, "/ok-to-test bbbbbbb"),
    { fork: true, head: `${"c".repeat(33)}bbbbbbb` },
    "refused: the head is cccccccccc by now: read that one, and say /ok-to-test cccccccccc",
    [],
  ],
  ["by somebody who may only read", comment(carol, "/ok-to-test bbbbbbb"), { fork: true, ...may("read") }, needs("carol", "read"), []],
  [
    "of a closed one",
    comment(dave, "/break-glass the site is down"),
    { ...glassy, glass: null, ...may("write"), state: "closed" },
    "refused: this pull request is closed",
    [],
  ],
  [
    "for a reason of nine letters",
    comment(dave, "/break-glass it is out"),
    { ...glassy, glass: null, ...may("write") },
    "refused: it needs a reason of at least 10 characters: /break-glass REASON",
    [],
  ],
  [
    "for a reason of ten",
    comment(dave, "/break-glass it is down"),
    { ...glassy, glass: null, ...may("write"), ...unapproved },
    "until 2026-03-01 16:45 UTC, bbbbbbbbbb lands without the people who would be asked; a peer's review is owed for it",
    ["glass"],
  ],
  ["a merge commit, where exactly that is made", comment(alice, "/merge merge"), {}, landed, []],
  [
    "a squash, where merge commits are made",
    comment(alice, "/merge squash"),
    { mergeMethods: known(["merge", "squash"]) },
    "refused: this repository lands exactly what was checked, which makes a merge commit: say /merge, or have the policy say landing: api for a squash",
    [],
  ],
  [
    "a squash that is not allowed",
    comment(alice, "/merge squash"),
    { check: doneWith({ landing: "api" }), mergeMethods: known(["merge", "rebase"]) },
    "refused: this repository does not allow squash; it allows merge and rebase",
    [],
  ],
  [
    "a squash that is",
    comment(alice, "/merge squash"),
    { check: doneWith({ landing: "api" }), mergeMethods: known(["merge", "squash"]) },
    landed,
    [],
  ],
  [
    "by whoever wrote one commit of two, without access",
    comment(alice, "/merge"),
    { ...may("write", [alice.id, "read"]), commits: known([ofBob, commit()]), headPusher: known(alice), reviews: known([review(carol)]) },
    landed,
    [],
  ],
  [
    "by whoever wrote a part of a commit",
    comment(alice, "/merge"),
    {
      ...may("write", [alice.id, "read"]),
      commits: known([commit([by("author", bob), by("committer", alice)])]),
      reviews: known([review(carol)]),
    },
    landed,
    [],
  ],
  [
    "by whoever pushed it, without access",
    comment(alice, "/merge"),
    {
      ...may("write", [alice.id, "read"]),
      commits: known([ofBob]),
      pushers: [bob, alice],
      headPusher: known(bob),
      reviews: known([review(carol)]),
    },
    landed,
    [],
  ],
  [
    "by an opener who did nothing of it, without access",
    comment(alice, "/merge"),
    {
      ...may("write", [alice.id, "read"]),
      commits: known([ofBob]),
      pushers: [bob],
      headPusher: known(bob),
      reviews: known([review(carol)]),
    },
    "refused: alice wrote no commit of this change and has no write access; one of its writers (bob) has to open the pull request",
    [],
  ],
  [
    "by an opener who did nothing of it, with access",
    comment(alice, "/merge"),
    { commits: known([ofBob]), pushers: [bob], headPusher: known(bob), reviews: known([review(carol)]) },
    landed,
    [],
  ],
];

describe("a command", () => {
  it.each(rows)("%s", (_, says, given, answer, notes) => {
    const besides = [...(given.wish === undefined ? [] : [wanted]), ...(given.glass === undefined || given.glass === null ? [] : [broken])];
    const answered = new Set(besides.map(({ id }) => id));
    const decision = decide(facts({ ...given, comments: known([...besides, says]) }), memory({ answered }));
    expect(decision.answers.filter(({ comment: of }) => of === says.id).map(({ text }) => text)).toEqual([answer]);
    const told = decision.notes.map(({ kind }) => kind).filter((kind) => !["bind", "see", "approval"].includes(kind));
    expect(told).toEqual(notes);
  });

  it("of the very second of the push is heard only if nothing was pushed after the pull request was opened", () => {
    const at = (createdAt: string, headSince: string, openedAt: string): boolean =>
      decide(facts({ comments: known([comment(alice, "/merge", { createdAt })]), headSince, openedAt }), memory()).land !== null;
    const second = (n: string): string => `2026-03-01T12:30:${n}Z`;
    expect(at(second("05.000"), second("05.900"), second("05.000"))).toBe(true);
    expect(at(second("05.000"), second("05.900"), second("04.000"))).toBe(false);
    expect(at(second("06.000"), second("05.900"), second("04.000"))).toBe(true);
    expect(at(second("05.000"), second("06.100"), second("06.000"))).toBe(false);
  });

  it("that is heard later says so, and a question is no refusal", () => {
    const answers = (says: ReturnType<typeof comment>, given: Partial<Facts> = {}): object[] => [
      ...decide(facts({ ...given, comments: known([says]) }), memory()).answers,
    ];
    expect(answers(comment(dave, "/break-glass the site is down"), running)).toMatchObject([{ accepted: false, later: true }]);
    expect(answers(comment(bob, "/why"))).toMatchObject([{ accepted: true }]);
    expect(answers(comment(bob, "/why"))[0]).not.toHaveProperty("later");
    expect(answers(comment(bob, "/merge"))).toMatchObject([{ accepted: false }]);
    expect(answers(comment(bob, "/recheck"))).toMatchObject([{ accepted: true }]);
  });

  it("that asks why is told of what is in the way, and of nothing else", () => {
    const looks = { ...rule("looks", approvals(2)), mode: "observe" as const };
    const check = done({}, [rule("peer"), rule("wide", approvals(2), "radius.nodes > 99"), looks]);
    const { answers } = decide(facts({ check, reviews: known([]), comments: known([comment(bob, "/why")]) }), memory());
    expect(answers[0]?.lines.map((line) => line.split(":")[0])).toEqual(["peer (pending)"]);
  });

  it("is called off by a /cancel in the same turn, and not by one that is refused", () => {
    const lands = (...said: ReturnType<typeof comment>[]): boolean =>
      decide(facts({ comments: known(said), ...may("read", [bob.id, "write"]) }), memory()).land !== null;
    expect(lands(comment(alice, "/merge"), comment(bob, "/cancel"))).toBe(false);
    expect(lands(comment(alice, "/merge"), comment(carol, "/cancel"))).toBe(true);
    expect(lands(comment(alice, "/merge\n\n/cancel"))).toBe(false);
    expect(lands(comment(bob, "/cancel"), comment(alice, "/merge"))).toBe(true);
  });

  it.each([
    ["/merge squash when ready", [{ name: "/merge when ready", method: "squash" }]],
    ["/merge merge", [{ name: "/merge", method: "merge" }]],
    ["/merge rebase", [{ name: "/merge", method: "rebase" }]],
    ["/ok-to-test xbbbbbbb", [{ name: "misspoken", line: "/ok-to-test xbbbbbbb" }]],
    ["/ok-to-test ABCDEF1", [{ name: "/ok-to-test", sha: "abcdef1" }]],
    ["/help", [{ name: "/help" }]],
    ["  /why", [{ name: "/why" }]],
    ["x /why", []],
    ["x\n/why", [{ name: "/why" }]],
  ])("%s", (body, commands) => {
    expect(parseCommands(body)).toEqual(commands);
  });

  it("does something, or is only answered", () => {
    const questions = ["/why", "/help", "/why x", "/merge", "/cancel", "/recheck"].map((body) => parseCommands(body).map(isQuestion));
    expect(questions).toEqual([[true], [true], [true], [false], [false], [false]]);
  });
});

describe("a request for changes", () => {
  const dismissed = (dismissal: ReturnType<typeof review>["dismissal"]): Partial<Facts> => ({
    reviews: known([{ ...review(bob, "dismissed"), dismissal }]),
  });
  const objects = { reviews: known([review(bob, "changes-requested")]) };
  const bots = { reviews: known([review(renovate, "changes-requested")]) };
  const anew = "bob can approve or request changes anew";
  it.each<readonly [string, Partial<Facts>, string, string]>([
    ["of a writer", objects, "fail", "bob requested changes: settle it with them; their approval or a dismissal of the review lifts this"],
    [
      "before a comment of the same person",
      { reviews: known([review(bob, "changes-requested"), review(bob, "commented")]) },
      "fail",
      "bob requested changes: settle it with them; their approval or a dismissal of the review lifts this",
    ],
    [
      "that was an approval, of somebody of whom nobody knows what they may",
      { ...dismissed(known({ by: alice, was: "approved" })), permissions: access([[bob.id, unknown("x")]]) },
      "pass",
      "nobody with write access requests changes",
    ],
    ["of a reader", { ...objects, ...may("read") }, "pass", "nobody with write access requests changes"],
    [
      "of a bot that may only read",
      { ...bots, permissions: access([[renovate.id, known("read")]]) },
      "fail",
      "renovate[bot] requested changes: settle it with them; their approval or a dismissal of the review lifts this",
    ],
    [
      "of a bot of which nobody knows what it may",
      { ...bots, permissions: access([[renovate.id, unknown("x")]]) },
      "fail",
      "renovate[bot] requested changes: settle it with them; their approval or a dismissal of the review lifts this",
    ],
    [
      "of somebody of whom nobody knows what they may",
      { ...objects, permissions: access([[bob.id, unknown("x")]]) },
      "unknown",
      "bob requested changes, and the access of bob could not be learnt (x); it is asked again by itself; /why asks at once",
    ],
    [
      "that a peer dismissed",
      dismissed(known({ by: carol, was: "changes-requested" })),
      "pass",
      "nobody with write access requests changes",
    ],
    [
      "that its author dismissed",
      dismissed(known({ by: alice, was: "changes-requested" })),
      "fail",
      "bob requested changes, and alice, whose own change this is, dismissed that: bob has to approve, or request changes again for somebody who contributed nothing to dismiss it",
    ],
    [
      "that a bot dismissed",
      dismissed(known({ by: renovate, was: "changes-requested" })),
      "fail",
      "bob requested changes, and renovate[bot], which is a bot, dismissed that: bob has to approve, or request changes again for somebody who contributed nothing to dismiss it",
    ],
    [
      "that an account dismissed which is gone",
      dismissed(known({ by: null, was: "changes-requested" })),
      "unknown",
      `the request for changes of bob was dismissed by an account that is deleted: ${anew}`,
    ],
    [
      "that nobody knows who dismissed",
      dismissed(unknown("x")),
      "unknown",
      `who dismissed the review of bob could not be learnt (x): ${anew}`,
    ],
    ["of which nobody says who dismissed it", dismissed(null), "unknown", `who dismissed the review of bob could not be learnt: ${anew}`],
    ["that was an approval", dismissed(known({ by: alice, was: "approved" })), "pass", "nobody with write access requests changes"],
    [
      "that was dismissed while contributors are unknown",
      { ...dismissed(known({ by: carol, was: "changes-requested" })), commits: unknown("x") },
      "unknown",
      "whether carol, who dismissed the review of bob, contributed could not be learnt; it is asked again by itself; /why asks at once",
    ],
  ])("%s", (_, given, outcome, text) => {
    expect(objectionReason(facts(given))).toMatchObject({ outcome, text });
  });
});

describe("who contributed", () => {
  const web = { ...commit([by("author", bob), by("committer", alice), by("co-author", carol)]), web: true };
  const of = (suggestions: "stay-eligible" | "contribute", made = web): string[] =>
    [...contributorsOf(facts({ commits: known([made]), check: doneWith({ suggestions }) })).values()].map(
      ({ person, did }) => `${person.login} ${did}`,
    );
  const opened = ["alice opened this pull request", "bob is author of bbbbbbbbbb"];

  it("leaves out who suggested what was applied in the browser, where the policy says so", () => {
    expect(of("contribute")).toEqual([...opened, "carol is co-author of bbbbbbbbbb"]);
    expect(of("stay-eligible")).toEqual(opened);
    expect(of("stay-eligible", { ...web, web: false })).toEqual([...opened, "carol is co-author of bbbbbbbbbb"]);
  });
});

describe("the check of a change", () => {
  const failed = (final: boolean): Partial<Facts> => ({
    check: { state: "failed", problem: { code: "x", text: "It broke.", hint: "Mend it." }, final } as unknown as Facts["check"],
  });
  const left = (name: string, text: string): Reason => ({ rule: name, outcome: "skipped", text });
  const skipped: Parameters<typeof done>[0] = { verdict: { outcome: "pass", reasons: [left("peer", "x"), left("lint", "y")] } };
  const recheck = "anybody with write access: say /recheck";
  const other = "the check that is stored is of other commits: it is run again";
  const says = (given: Partial<Facts>): unknown =>
    checkReasons(facts(given)).map(({ rule: name, outcome, text, unblock }) => [name, outcome, text, unblock]);

  it.each<readonly [string, Partial<Facts>, unknown]>([
    ["failed for good", failed(true), [["checks", "unknown", "the check could not be done: It broke. Mend it.", recheck]]],
    [
      "failed for now",
      failed(false),
      [["checks", "unknown", "the check could not be done: It broke. Mend it; it is tried again by itself", recheck]],
    ],
    [
      "was never begun",
      { check: { state: "impossible" } },
      [
        [
          "checks",
          "unknown",
          "no check was begun; it is asked again by itself; /why asks at once",
          "anybody: say /why, which asks again at once",
        ],
      ],
    ],
    ["is of another base", { base: { ref: "main", tip: known(older) } }, [["checks", "unknown", other, recheck]]],
    ["is of another head", { head: older }, [["checks", "unknown", other, recheck]]],
    [
      "looked at nothing",
      { check: done(skipped) },
      [
        ["lint", "skipped", "y", undefined],
        ["checks", "unknown", "no check looked at anything: nothing says that this is safe; say /recheck, and it is checked anew", recheck],
      ],
    ],
    [
      "is tried again",
      { check: done({ verdict: { outcome: "unknown", reasons: [{ rule: "modules", outcome: "unknown", text: "x", passing: true }] } }) },
      [
        [
          "modules",
          "unknown",
          "x; it is tried again by itself",
          "wait until what could not be had is there; or anybody with write access: say /recheck",
        ],
      ],
    ],
    [
      "has what is pending and no rule's",
      {
        check: done({
          verdict: {
            outcome: "blocked",
            reasons: [
              { rule: "later", outcome: "pending", text: "x" },
              { rule: "peer", outcome: "pending", text: "y" },
              { rule: "lint", outcome: "pass", text: "z" },
            ],
          },
        }),
      },
      [
        ["later", "pending", "x", "alice: mend it and push"],
        ["lint", "pass", "z", undefined],
      ],
    ],
    [
      "has a rule's name and fails",
      { check: done({ verdict: { outcome: "blocked", reasons: [{ rule: "peer", outcome: "fail", text: "y" }] } }) },
      [["peer", "fail", "y", "alice: mend it and push"]],
    ],
    [
      "goes on after base moved",
      { check: { state: "running", previous: { base: older, head } } },
      [
        [
          "checks",
          "pending",
          "main moved from cccccccccc to aaaaaaaaaa, so the merge result is being checked again: wait for the check run to complete",
          "wait for the check run to complete",
        ],
      ],
    ],
    ...(
      [
        ["the same base", { base, head }],
        ["another head", { base: older, head: older }],
      ] as const
    ).map(([name, previous]): readonly [string, Partial<Facts>, unknown] => [
      `goes on after ${name}`,
      { check: { state: "running", previous } },
      [
        [
          "checks",
          "pending",
          "the merge result of bbbbbbbbbb and aaaaaaaaaa is being checked: wait for the check run to complete",
          "wait for the check run to complete",
        ],
      ],
    ]),
  ])("%s", (_, given, is) => {
    expect(says(given)).toEqual(is);
  });

  it.each<readonly [string, Partial<Facts>, string, string]>([
    ["merged", { state: "merged" }, "fail", "this pull request is merged already"],
    [
      "no way to merge",
      { mergeMethods: known([]) },
      "unknown",
      "GitHub names no way to merge pull requests here: an administrator has to allow one in the repository's settings",
    ],
    [
      "no merge commits, by api",
      { mergeMethods: known(["squash"]), check: doneWith({ landing: "api" }) },
      "pass",
      "this pull request is open and ready for review",
    ],
    [
      "no merge commits, while nothing is known of the policy",
      { mergeMethods: known(["squash"]), ...running },
      "pass",
      "this pull request is open and ready for review",
    ],
    [
      "no merge commits",
      { mergeMethods: known(["squash", "rebase"]) },
      "fail",
      "the policy lands by merge commits (landing: exact), and this repository allows squash and rebase alone: an administrator has to allow merge commits in its settings, or the policy has to say landing: api",
    ],
  ])("%s", (_, given, outcome, text) => {
    expect(changeReason(facts(given))).toMatchObject({ outcome, text });
  });
});

describe("a check that is required", () => {
  const asked = ci({ workflow: ".github/workflows/ci.yml" }).check;
  const unread = checkRun({ workflow: unknown("GitHub answered 502") });
  it.each<readonly [string, Parameters<typeof checkRun>[0][] | null, boolean, string, RegExp]>([
    ["of that name alone", [{ name: "other", conclusion: "failure" }, {}], false, "pass", /^check ci of bbbbbbbbbb is success$/u],
    ["of an unread file, where none is asked for", [{ workflow: unread.workflow }], false, "pass", /is success$/u],
    [
      "of an unread file",
      [{}, { workflow: unread.workflow }],
      true,
      "unknown",
      /^which workflow file check ci is of could not be learnt: GitHub answered 502/u,
    ],
    [
      "that runs, behind one that succeeded",
      [{}, { state: "running", conclusion: null, startedAt: null }],
      false,
      "pending",
      /^check ci of bbbbbbbbbb has been running: wait/u,
    ],
    [
      "that failed, behind one that succeeded",
      [{}, { conclusion: "failure" }],
      false,
      "fail",
      /^check ci of bbbbbbbbbb ended as failure, and the policy takes success alone/u,
    ],
    ["of another file", [{ workflow: known("x.yml") }], true, "pending", /a check ci of x\.yml doesn't count/u],
    ["of another app", [{ app: null }], false, "pending", /a check ci of no app doesn't count/u],
  ])("%s", (_, runs, isOfFile, outcome, says) => {
    const given = facts({ checks: known((runs ?? []).map((more) => checkRun(more))), headSince: "2026-03-01T12:30:00.000Z" });
    const reason = requiredCheckReason("ci", isOfFile ? asked : ci().check, given);
    expect(reason.outcome).toBe(outcome);
    expect(reason.text).toMatch(says);
  });
});
