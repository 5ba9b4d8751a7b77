import { describe, expect, it } from "vitest";
import { rolloutVerbs, type Command } from "../../src/gate/command.ts";
import { orderKey, type OrderAnswer } from "../../src/gate/commands/rollout.ts";
import { decide, type Memory } from "../../src/gate/decide.ts";
import { known, unknown, type CommentFacts, type Facts } from "../../src/gate/facts.ts";
import { verbs } from "../../src/rollout/word.ts";
import { access } from "./cases/case.ts";
import { alice, bob, carol, comment, facts, memory } from "./world.ts";

const heard = "heard; the answer comes by itself, within a minute where nothing is in the way";
const can = access([
  [alice.id, known("read")],
  [bob.id, known("write")],
]);
const key = (verb: (typeof rolloutVerbs)[number], text: string, id = 50): string =>
  orderKey(id, { name: "/rollout", verb, text } satisfies Command);
const abort = comment(bob, "/rollout abort canary odd graphs", { id: 50 });
const kept = (answer: OrderAnswer | null): Partial<Memory> => ({ orders: new Map([[key("abort", "canary odd graphs"), { answer }]]) });

interface Case {
  of: string;
  says: CommentFacts;
  given?: Partial<Facts>;
  before?: Partial<Memory>;
  answer: string;
  later?: boolean;
  lines?: readonly string[];
  orders?: readonly string[];
}

const cases: Case[] = [
  { of: "somebody with write access", says: abort, answer: heard, later: true, orders: ["abort canary odd graphs"] },
  { of: "a merged change", says: abort, given: { state: "merged" }, answer: heard, later: true, orders: ["abort canary odd graphs"] },
  {
    of: "somebody who may only read",
    says: comment(alice, "/rollout abort canary odd graphs"),
    answer: "refused: this needs write access, and alice has read",
  },
  {
    of: "somebody whose access is not known",
    says: abort,
    given: { permissions: access([[bob.id, unknown("GitHub answered 502")]]) },
    answer: "refused: the access of bob could not be learnt (GitHub answered 502); say it again later",
  },
  {
    of: "a mail",
    says: { ...abort, byMail: known(true) },
    answer: "refused: this came by mail, which anybody could have sent; write it on GitHub's page",
  },
  { of: "an app", says: { ...abort, byApp: true }, answer: "refused: an app wrote this in your name; write it yourself, on GitHub's page" },
  {
    of: "an edited comment",
    says: { ...abort, edited: known({ by: bob, foreign: false }) },
    answer: "refused: a comment that was edited doesn't count; write a new one",
  },
  {
    of: "a comment that somebody else edited",
    says: { ...abort, edited: known({ by: carol, foreign: true }) },
    answer: "refused: carol edited this comment, so that it is nothing that bob said; bob has to write a new one to mean it",
  },
  {
    of: "a question of somebody who may only read",
    says: comment(alice, "/rollout status"),
    answer: heard,
    later: true,
    orders: ["status"],
  },
  { of: "what was kept and waits: nothing is kept again", says: abort, before: kept(null), answer: heard, later: true },
  {
    of: "what was done",
    says: abort,
    before: kept({ ok: true, text: "the lane canary stands still", lines: [] }),
    answer: "the lane canary stands still",
  },
  {
    of: "what was done, though its comment was edited since",
    says: { ...abort, edited: known({ by: bob, foreign: false }) },
    before: kept({ ok: true, text: "the lane canary stands still", lines: [] }),
    answer: "the lane canary stands still",
  },
  {
    of: "what was refused",
    says: abort,
    before: kept({ ok: false, text: "refused: there is no lane canary", lines: ["The lanes are a, b."] }),
    answer: "refused: there is no lane canary",
    lines: ["The lanes are a, b."],
  },
];

describe("a word to the rollout", () => {
  it.each(cases)("$of", ({ says, given = {}, before = {}, answer, later = false, lines = [], orders = [] }) => {
    const decision = decide(facts({ permissions: can, ...given, comments: known([says]) }), memory(before));
    expect(decision.answers.map((one) => [one.text, one.later ?? false, one.lines])).toEqual([[answer, later, lines]]);
    const asked = decision.notes.flatMap((note) => (note.kind === "order" ? [`${note.verb} ${note.text}`.trim()] : []));
    expect(asked).toEqual(orders);
  });

  it("of a bot is conversation", () => {
    const says = comment({ ...bob, bot: true }, "/rollout abort canary odd graphs");
    const decision = decide(facts({ permissions: can, comments: known([says]) }), memory());
    expect([decision.answers, decision.notes.filter(({ kind }) => kind === "order")]).toEqual([[], []]);
  });

  it("has a name of its own for each comment, verb and text", () => {
    const names = [key("abort", "a b"), key("abort", "a  b"), key("pause", "a b"), key("abort", "a b", 51)];
    expect(new Set(names).size).toBe(names.length);
    expect(key("abort", "a b")).toBe(names[0]);
  });

  describe("beside another command in one comment", () => {
    /** Every turn of one comment until the rollout has answered: the notes of each, and its answers. */
    function turns(body: string, first: Partial<Facts> = {}): { notes: string[][]; answers: string[] } {
      const says = comment(bob, body, { id: 50 });
      const now = facts({ permissions: can, comments: known([says]) });
      let before: Partial<Memory> = {};
      const notes: string[][] = [];
      for (const answer of [null, null, { ok: true, text: "where each release is", lines: [] }]) {
        const decision = decide(notes.length === 0 ? { ...now, ...first } : now, memory(before));
        notes.push(decision.notes.flatMap(({ kind }) => (kind === "recheck" || kind === "order" ? [kind] : [])));
        before = { answers: decision.answers, orders: new Map([[key("status", ""), { answer }]]) };
      }
      const { answers } = decide(now, memory(before));
      return { notes, answers: answers.map(({ text }) => text) };
    }

    it.each<[string, string, Partial<Facts>, string[], string]>([
      ["a check that is done anew is done once", "/recheck", {}, ["recheck"], "it is checked anew"],
      [
        "what was refused is not heard again, though it would be done by now",
        "/recheck",
        { check: { state: "running", previous: null } },
        [],
        "refused: it is being checked already: wait for the check run to complete",
      ],
    ])("%s", (_, other, first, once, text) => {
      const { notes, answers } = turns(`${other}\n/rollout status`, first);
      expect(notes).toEqual([[...once, "order"], [], []]);
      expect(answers).toEqual([text, "where each release is"]);
    });
  });

  it("knows the verbs of the rollout", () => {
    expect(rolloutVerbs).toEqual(verbs);
  });
});
