import { describe, expect, it } from "vitest";
import { decide, type Note } from "../../src/gate/decide.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { CommentFacts, Facts, Glass } from "../../src/gate/facts.ts";
import { access } from "./cases/case.ts";
import {
  alice,
  binding,
  bob,
  carol,
  comment,
  dave,
  doneWith,
  done,
  facts,
  head,
  memory,
  older,
  receipt,
  review,
  rule,
  approvals,
  wish,
} from "./world.ts";

/** A comment, and what it is answered; what is to be kept of it; whether the change lands by it. */
interface Case {
  name: string;
  says: CommentFacts | readonly CommentFacts[];
  given?: Partial<Facts>;
  answer: string | readonly string[];
  notes?: readonly Note["kind"][];
  lands?: boolean;
}

const unapproved = { reviews: known([]) };
const frozen = { number: 3, why: "what landed was not what was checked", since: "2026-02-28T10:00:00.900Z" };
const debt = {
  number: 3,
  by: "carol",
  byId: carol.id,
  reason: "the site was down",
  since: "2026-02-28T10:00:00.900Z",
  baseRef: "main",
  landing: older,
  seen: [1, 2],
};
const breakGlass = doneWith({ breakGlass: { users: ["Dave"], teams: ["acme/sre"], hours: 4 } });
const everyone = access([alice, bob, carol, dave].map(({ id }) => [id, known("write")]));
const emergency: Partial<Facts> = {
  ...unapproved,
  check: breakGlass,
  permissions: everyone,
  teams: new Map([["acme/sre", known(new Set<number>())]]),
};
const breaks = comment(dave, "/break-glass the site is down", { id: 70 });
const accepted = "until 2026-03-01 16:45 UTC, bbbbbbbbbb lands without the people who would be asked; a peer's review is owed for it";

const cases: Case[] = [
  {
    name: "/merge when ready, before anybody approved",
    says: comment(alice, "/merge when ready"),
    given: unapproved,
    answer: "bbbbbbbbbb lands by itself once these are settled; a push, a new policy, an edited title or description, and /cancel end that",
    notes: ["wish"],
  },
  {
    name: "/merge when ready, and it is",
    says: comment(alice, "/merge when ready"),
    answer: "everything is in order for bbbbbbbbbb",
    notes: ["bind"],
    lands: true,
  },
  {
    name: "/merge when ready by somebody else",
    says: comment(bob, "/merge when ready"),
    given: unapproved,
    answer: "refused: only alice can land this pull request",
  },
  {
    name: "/merge when ready of a closed one",
    says: comment(alice, "/merge when ready"),
    given: { state: "closed" },
    answer: "refused: this pull request is closed",
  },
  {
    name: "/cancel takes a wish of the same breath back",
    says: [comment(alice, "/merge when ready"), comment(alice, "/cancel")],
    given: unapproved,
    answer: [expect.stringMatching(/^bbbbbbbbbb lands by itself/u), "nothing lands by itself any more"],
    notes: ["wish", "unwish"],
  },
  {
    name: "case 58: /ok-to-test that was written before the head came",
    given: { fork: true, check: { state: "untrusted" }, headSince: "2026-03-01T12:35:00.000Z" },
    says: comment(bob, "/ok-to-test bbbbbbb"),
    answer: "refused: it was written before the last push, of bbbbbbbbbb; say it again if you mean the change as it is now",
    notes: ["see"],
  },
  { name: "/cancel of nothing", says: comment(alice, "/cancel"), answer: "refused: nothing here was to land by itself", notes: ["bind"] },
  {
    name: "/cancel by somebody with write access",
    says: [comment(alice, "/merge when ready", { id: 90 }), comment(bob, "/cancel")],
    given: { ...unapproved, wish: wish() },
    answer: [expect.stringMatching(/^bbbbbbbbbb lands by itself/u), "nothing lands by itself any more"],
    notes: ["wish", "unwish"],
  },
  {
    name: "/cancel by somebody who may only read",
    says: comment(dave, "/cancel"),
    given: { permissions: access([[dave.id, known("read")]]) },
    answer: "refused: this needs write access, and dave has read",
  },
  { name: "/recheck by the author", says: comment(alice, "/recheck"), given: unapproved, answer: "it is checked anew", notes: ["recheck"] },
  {
    name: "/recheck by a stranger",
    says: comment(dave, "/recheck"),
    given: { ...unapproved, permissions: access([[dave.id, known("read")]]) },
    answer: "refused: this needs write access, and dave has read",
  },
  {
    name: "/recheck while it is checked",
    says: comment(bob, "/recheck"),
    given: { ...unapproved, check: { state: "running", previous: null } },
    answer: "refused: it is being checked already: wait for the check run to complete",
  },
  {
    name: "case 58: /ok-to-test by somebody with write access, of this very head",
    says: comment(bob, "/ok-to-test bbbbbbb"),
    given: { fork: true, check: { state: "untrusted" } },
    answer: "bbbbbbbbbb may run; a later push needs it again",
    notes: ["trust", "see"],
  },
  {
    name: "case 58: /ok-to-test by the fork's author",
    says: comment(alice, "/ok-to-test bbbbbbb"),
    given: { fork: true, check: { state: "untrusted" }, permissions: access([[alice.id, known("read")]]) },
    answer: "refused: this needs write access, and alice has read",
  },
  {
    name: "/ok-to-test of what is no fork",
    says: comment(bob, "/ok-to-test bbbbbbb"),
    given: unapproved,
    answer: "refused: this is not from a fork: it is checked without it",
  },
  {
    name: "/ok-to-test where the access could not be learnt",
    says: comment(bob, "/ok-to-test bbbbbbb"),
    given: { fork: true, check: { state: "untrusted" }, permissions: access([[bob.id, unknown("GitHub answered 502")]]) },
    answer: "refused: the access of bob could not be learnt (GitHub answered 502); say it again later",
  },
  {
    name: "/unfreeze of what is not stopped",
    says: comment(bob, "/unfreeze it was a rename"),
    given: unapproved,
    answer: "refused: merging into main is not stopped",
  },
  {
    name: "/unfreeze without admin access",
    says: comment(bob, "/unfreeze it was a rename"),
    given: { ...unapproved, frozen },
    answer: "refused: this needs admin access, and bob has write",
  },
  {
    name: "/unfreeze without a word about what was found",
    says: comment(bob, "/unfreeze ok"),
    given: { ...unapproved, frozen, permissions: access([[bob.id, known("admin")]]) },
    answer: "refused: it needs what was found, in at least 10 characters",
  },
  {
    name: "/unfreeze",
    says: comment(bob, "/unfreeze it was a rename"),
    given: { ...unapproved, frozen, permissions: access([[bob.id, known("admin")]]) },
    answer: "merging into main goes on: it was a rename",
    notes: ["unfreeze"],
  },
  {
    name: "case 68: /merge while merging is stopped",
    says: comment(alice, "/merge"),
    given: { frozen },
    answer: "refused, because of these rules; say it again once they are settled",
    notes: ["bind"],
  },
  { name: "/break-glass by whom the policy names", says: breaks, given: emergency, answer: accepted, notes: ["glass"], lands: true },
  {
    name: "/break-glass while the check runs: it waits for that",
    says: breaks,
    given: { ...emergency, check: { state: "running", previous: null } },
    answer:
      "heard, and acted on by itself once the check of bbbbbbbbbb is done: who may break the glass is known then. A push before that ends it",
    notes: [],
  },
  {
    name: "/break-glass of another head while the check runs",
    says: breaks,
    given: { ...emergency, check: { state: "running", previous: null }, headSince: "2026-03-01T12:35:00.000Z" },
    answer: "refused: it was written before the last push, of bbbbbbbbbb; say it again if you mean the change as it is now",
    notes: [],
  },
  {
    name: "/break-glass by a member of a team that the policy names",
    says: comment(carol, "/break-glass the site is down"),
    given: { ...emergency, teams: new Map([["acme/sre", known(new Set([carol.id]))]]) },
    answer: accepted,
    notes: ["glass"],
    lands: true,
  },
  {
    name: "/break-glass by anybody else",
    says: comment(alice, "/break-glass the site is down"),
    given: emergency,
    answer: "refused: only @Dave and @acme/sre may break the glass here, and alice is not one of them",
  },
  {
    name: "/break-glass where the policy lets nobody",
    says: breaks,
    given: { ...emergency, check: done() },
    answer:
      "refused: the policy lets nobody break the glass: an owner of the policy can name users or teams under `break_glass`, in a change of its own",
  },
  {
    name: "/break-glass without a reason",
    says: comment(dave, "/break-glass"),
    given: emergency,
    answer: "refused: it needs a reason of at least 10 characters: /break-glass REASON",
  },
  {
    name: "/break-glass in a mail",
    says: { ...breaks, byMail: known(true) },
    given: emergency,
    answer: "refused: this came by mail, which anybody could have sent; write it on GitHub's page",
  },
  {
    name: "/break-glass of which nobody knows how it came",
    says: { ...breaks, byMail: unknown("GitHub answered 502") },
    given: emergency,
    answer: "refused: whether this came by mail could not be learnt (GitHub answered 502); say it again later",
  },
  {
    name: "/break-glass by an app",
    says: { ...breaks, byApp: true },
    given: emergency,
    answer: "refused: an app wrote this in your name; write it yourself, on GitHub's page",
  },
  {
    name: "an edited /break-glass",
    says: { ...breaks, edited: known({ by: alice, foreign: false }) },
    given: emergency,
    answer: "refused: a comment that was edited doesn't count; write a new one",
  },
  {
    name: "/unfreeze in a mail",
    says: comment(bob, "/unfreeze it was a rename", { byMail: known(true) }),
    given: { ...unapproved, frozen, permissions: access([[bob.id, known("admin")]]) },
    answer: "refused: this came by mail, which anybody could have sent; write it on GitHub's page",
  },
  {
    name: "/ok-to-test by an app",
    says: comment(bob, `/ok-to-test ${head}`, { byApp: true }),
    given: { ...unapproved, fork: true, check: { state: "untrusted" } },
    answer: "refused: an app wrote this in your name; write it yourself, on GitHub's page",
  },
  {
    name: "case 24: a /break-glass that somebody else made of a comment",
    says: { ...breaks, edited: known({ by: alice, foreign: true }) },
    given: emergency,
    answer: "refused: alice edited this comment, so that it is nothing that dave said; dave has to write a new one to mean it",
    notes: ["forged-command"],
  },
  {
    name: "case 24: a /merge that an account made of a comment which is gone",
    says: comment(alice, "/merge", { edited: known({ by: null, foreign: true }) }),
    answer:
      "refused: somebody whose account is gone edited this comment, so that it is nothing that alice said; alice has to write a new one to mean it",
    notes: ["forged-command", "bind"],
  },
  {
    name: "case 24: a /merge of which nobody knows whether it was edited",
    says: comment(alice, "/merge", { edited: unknown("GitHub answered 502") }),
    answer: "not done yet: whether this comment was edited could not be learnt (GitHub answered 502); it is asked again by itself",
    notes: ["bind"],
  },
  {
    name: "a /why of which nobody knows whether it was edited",
    says: comment(alice, "/why", { edited: unknown("GitHub answered 502") }),
    answer: "nothing is in the way: alice can say /merge",
    notes: ["bind"],
  },
  {
    name: "a wish whose comment says nothing any more",
    says: comment(alice, "Well.", { id: 90 }),
    given: { wish: wish({ comment: 90 }) },
    answer: "ended: the comment that asked for it was edited",
    notes: ["unwish", "bind"],
  },
  {
    name: "/break-glass while a review is owed",
    says: breaks,
    given: { ...emergency, debts: [debt] },
    answer:
      "refused: a review is still owed for pull request 3, which carol landed without one (the site was down): a peer has to approve that first",
  },
  {
    name: "/break-glass where nothing is in the way",
    says: breaks,
    given: { ...emergency, reviews: known([review(bob)]) },
    answer: "refused: nothing is in the way: alice can say /merge",
    notes: ["bind"],
  },
  {
    name: "/break-glass while what was checked is not in order: it lands once it is",
    says: breaks,
    given: { ...emergency, draft: true },
    answer: accepted.replace("asked;", "asked, once what was checked is in order;"),
    notes: ["glass"],
  },
  {
    name: "/break-glass of somebody who lost access",
    says: breaks,
    given: { ...emergency, permissions: access([[dave.id, known("read")]]) },
    answer: "refused: this needs write access, and dave has read",
  },
];

describe("commands", () => {
  it.each(cases)("$name", ({ says, given = {}, answer, notes = [], lands = false }) => {
    const said = "id" in says ? [says] : says;
    const decision = decide(facts({ comments: known(said), ...given }), memory());
    expect(decision.answers.map(({ text }) => text)).toEqual(typeof answer === "string" ? [answer] : answer);
    expect(decision.notes.map(({ kind }) => kind)).toEqual(notes);
    expect(decision.land !== null).toBe(lands);
  });
});

const superseded = unknown("more than 100 comments with commands came after it", "its author: say it again");
const untold = `whether the comment that asked for it was edited can't be told (${superseded.reason}); say it again`;
const wished = comment(alice, "/merge when ready", { id: 90 });
const broken = (more: Partial<Glass> = {}): Glass => ({
  comment: breaks.id,
  by: dave,
  reason: "the site is down",
  head,
  expiresAt: "2026-03-01T16:45:00.000Z",
  ...more,
});

/** What was said before and waits: what it comes to now. */
const waiting: { name: string; given: Partial<Facts>; says: string[]; notes: Note["kind"][]; lands: boolean }[] = [
  { name: "a wish whose time has come", given: { wish: wish() }, says: [], notes: ["bind"], lands: true },
  { name: "a wish that waits", given: { wish: wish(), ...unapproved }, says: [], notes: [], lands: false },
  {
    name: "a wish from before the check told the policy is bound to it now",
    given: { wish: wish({ policyDigest: "" }), ...unapproved },
    says: [],
    notes: ["wish"],
    lands: false,
  },
  {
    name: "a push ends a wish",
    given: { wish: wish({ head: older }) },
    says: ["ended: bbbbbbbbbb was pushed since"],
    notes: ["unwish", "bind"],
    lands: false,
  },
  {
    name: "a new policy ends a wish",
    given: { wish: wish({ policyDigest: "9".repeat(64) }) },
    says: ["ended: the policy changed since"],
    notes: ["unwish", "bind"],
    lands: false,
  },
  {
    name: "another title ends a wish",
    given: { wish: wish(), title: "Something else" },
    says: ["ended: title or description were edited since"],
    notes: ["unwish", "bind"],
    lands: false,
  },
  {
    name: "an edited comment ends a wish",
    given: { wish: wish(), comments: known([{ ...wished, edited: known({ by: null, foreign: false }) }]) },
    says: ["ended: the comment that asked for it was edited"],
    notes: ["unwish", "bind"],
    lands: false,
  },
  {
    name: "a comment of which nobody will tell whether it was edited ends a wish",
    given: { wish: wish(), comments: known([{ ...wished, edited: superseded }]) },
    says: [`ended: ${untold}`],
    notes: ["unwish", "bind"],
    lands: false,
  },
  {
    name: "a comment of which nobody will tell whether it was edited ends a break-glass",
    given: { ...emergency, glass: broken(), comments: known([{ ...breaks, edited: superseded }]) },
    says: [`ended: ${untold}`],
    notes: ["unglass"],
    lands: false,
  },
  {
    name: "a comment of which it may be told the next time whether it was edited ends no wish, and lands none",
    given: { wish: wish(), comments: known([{ ...wished, edited: unknown("GitHub answered 502") }]) },
    says: [],
    notes: ["bind"],
    lands: false,
  },
  {
    name: "comments that can't be read end no wish, and land none",
    given: { wish: wish(), comments: unknown("GitHub answered 502") },
    says: [],
    notes: ["bind"],
    lands: false,
  },
  { name: "a merged change has no wish any more", given: { wish: wish(), state: "merged" }, says: [], notes: ["unwish"], lands: false },
  { name: "a break-glass lands when the checks are done", given: { ...emergency, glass: broken() }, says: [], notes: [], lands: true },
  {
    name: "a break-glass waits for the checks",
    given: { ...emergency, glass: broken(), check: { state: "running", previous: null } },
    says: [],
    notes: [],
    lands: false,
  },
  {
    name: "a break-glass expires",
    given: { ...emergency, glass: broken({ expiresAt: "2026-03-01T12:45:00.000Z" }) },
    says: ["ended: it expired at 2026-03-01 12:45 UTC"],
    notes: ["unglass"],
    lands: false,
  },
  {
    name: "a push ends a break-glass",
    given: { ...emergency, glass: broken({ head: older }) },
    says: ["ended: bbbbbbbbbb was pushed since"],
    notes: ["unglass"],
    lands: false,
  },
  {
    name: "a second break-glass in the repository ends where a review is owed by then",
    given: { ...emergency, glass: broken(), debts: [debt] },
    says: [
      "ended: a review is still owed for pull request 3, which carol landed without one (the site was down): a peer has to approve that first",
    ],
    notes: ["unglass"],
    lands: false,
  },
];

describe("what waits", () => {
  it.each(waiting)("$name", ({ given, says, notes, lands }) => {
    const decision = decide(facts({ comments: known([wished, breaks]), ...given }), memory({ answered: new Set([wished.id, breaks.id]) }));
    expect(decision.answers.map(({ text }) => text)).toEqual(says);
    expect(decision.notes.map(({ kind }) => kind)).toEqual(notes);
    expect(decision.land !== null).toBe(lands);
  });

  it("/cancel takes a /merge of the same breath back", () => {
    const { land, answers } = decide(facts({ comments: known([comment(alice, "/merge"), comment(alice, "/cancel")]) }), memory());
    expect(land).toBeNull();
    expect(answers.map(({ text }) => text)).toEqual(["everything is in order for bbbbbbbbbb", "nothing lands by itself any more"]);
  });

  it("lands by a break-glass with the debt on it, and without one where a peer approved in between", () => {
    const remembered = memory({ answered: new Set([breaks.id]) });
    const given = { ...emergency, glass: broken(), comments: known([breaks]) };
    expect(decide(facts(given), remembered).land).toMatchObject({ by: "dave", comment: 70, glass: { reason: "the site is down" } });
    expect(decide(facts({ ...given, reviews: known([review(bob)]) }), remembered).land).toMatchObject({ by: "dave", glass: null });
  });

  it("says to whom it will land what GitHub said when it would not, and ends it", () => {
    const remembered = memory({
      answered: new Set([wished.id]),
      refusal: { comment: 90, text: "GitHub refused the merge: Head branch was modified." },
    });
    const decision = decide(facts({ wish: wish(), comments: known([wished]) }), remembered);
    expect(decision.answers.map(({ text }) => text)).toEqual(["ended: GitHub refused the merge: Head branch was modified."]);
    expect(decision.land).toBeNull();
  });
});

describe("a review that is owed", () => {
  const merged: Partial<Facts> = {
    state: "merged",
    check: { state: "impossible" },
    debts: [{ ...debt, number: 7, by: "dave", byId: dave.id }],
  };
  const after = { submittedAt: "2026-03-01T12:40:00Z" };
  it.each([
    ["a peer's approval of what landed pays it", { ...review(bob), ...after }, ["pay"]],
    ["one that was there when it was decided to land does not", { ...review(bob), ...after, id: 2 }, []],
    ["that of whoever broke the glass does not", { ...review(dave), ...after }, []],
    ["that of the author does not", { ...review(alice), ...after }, []],
    [
      "one of the very second in which it landed, which GitHub's clock cuts off, does",
      { ...review(bob), submittedAt: "2026-02-28T10:00:00Z" },
      ["pay"],
    ],
    [
      "one of before, by GitHub's clock, which is behind the gate's, does",
      { ...review(bob), submittedAt: "2026-02-28T09:59:00Z" },
      ["pay"],
    ],
    ["one of another commit does not", { ...review(bob, "approved", older), ...after }, []],
  ])("%s", (_name, given, notes) => {
    const decision = decide(facts({ ...merged, permissions: everyone, reviews: known([given]) }), memory());
    expect(decision.notes.filter(({ kind }) => kind === "pay").map(({ kind }) => kind)).toEqual(notes);
  });

  it.each([
    ["bound to the pair that landed", binding()],
    ["bound to nothing", null],
  ])("is paid by an approval %s, although base moved on: by that very landing at least", (_name, bound) => {
    const given = { ...review(bob), ...after };
    const base = { ref: "main", tip: known("9".repeat(40)) };
    const receipts = [receipt(given, { bound, shown: { base: binding().base, baseRef: "main" } })];
    const decision = decide(facts({ ...merged, base, receipts, permissions: everyone, reviews: known([given]) }), memory());
    expect(decision.notes.filter(({ kind }) => kind === "pay")).toEqual([
      { kind: "pay", by: bob, review: given.id, debt: { landing: older, baseRef: "main" } },
    ]);
  });

  it("is paid too on a change that was pushed to while it landed, and closed then", () => {
    const given = { ...review(bob), ...after };
    const at = (state: Facts["state"]): string[] =>
      decide(facts({ ...merged, state, permissions: everyone, reviews: known([given]) }), memory()).notes.map(({ kind }) => kind);
    expect(at("closed")).toContain("pay");
    expect(at("open")).not.toContain("pay");
  });

  it("for two landings is paid for both by one approval of the last", () => {
    const debts = [debt, { ...debt, landing: head }].map((one) => ({ ...one, number: 7, by: "dave", byId: dave.id }));
    const given = { ...review(bob), ...after };
    const decision = decide(facts({ ...merged, debts, permissions: everyone, reviews: known([given]) }), memory());
    expect(decision.notes.flatMap((note) => (note.kind === "pay" ? [note.debt.landing] : []))).toEqual([older, head]);
  });

  it("bars the next break-glass into its own branch alone", () => {
    const says = comment(dave, "/break-glass the site is down");
    const answered = (baseRef: string): string[] =>
      decide(facts({ ...emergency, comments: known([says]), debts: [{ ...debt, baseRef }] }), memory()).answers.map(({ text }) => text);
    expect(answered("main")).toEqual([expect.stringContaining("a review is still owed for pull request 3")]);
    expect(answered("release")).toEqual([expect.stringContaining("lands without the people who would be asked")]);
  });

  it("is shown on every change", () => {
    const { effects } = decide(facts({ debts: [debt], check: done({}, [rule("peer", approvals(1))]) }), memory());
    expect(effects.flatMap((effect) => (effect.kind === "check-run" ? effect.view.debts : []))).toEqual([debt]);
  });
});
