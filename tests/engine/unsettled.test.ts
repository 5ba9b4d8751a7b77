import { describe, expect, it } from "vitest";
import { unsettledBy } from "../../src/engine/unsettled.ts";
import { known, unknown, type CommentFacts, type Facts, type Glass } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";

/** What a turn comes back for: what may be told the next time, and nothing that waits for somebody's doing. */
const turn = (attempts: number): Parameters<typeof unsettledBy>[2] => ({ repository: 5, number: 7, attempts });
const passing = unknown("GitHub answered 502 to GET /x");
const lasting = unknown("the App may not read this", "an administrator: let it");
const settled = { settled: true };
const again = (why: string): object => ({ settled: false, why, after: 0 });

describe("a turn", () => {
  const command = (edited: typeof passing): Partial<Facts> => ({ comments: known([w.comment(w.alice, "/merge", { edited })]) });
  it.each<[string, Partial<Facts>, number, object]>([
    ["with everything known", {}, 0, settled],
    ["with reviews that may be told the next time", { reviews: passing }, 0, again(passing.reason)],
    ["that asked often enough", { reviews: passing }, 5, settled],
    ["with reviews that the App may not read", { reviews: lasting }, 0, settled],
    ["with a team that is not there", { teams: new Map([["acme/sre", lasting]]) }, 0, settled],
    ["with commits that are too many", { commits: lasting }, 0, settled],
    ["with a pusher whom the next try may tell", { headPusher: passing }, 0, again(passing.reason)],
    ["with a pusher whom nobody can tell until somebody pushes again", { headPusher: lasting }, 0, settled],
    ["with workflow runs that the App may not read", { checks: known([w.checkRun({ workflow: lasting })]) }, 0, settled],
    ["with both kinds comes back for the one", { reviews: passing, commits: lasting }, 1, again(passing.reason)],
    ["with a command of which it may be told whether it was edited", command(passing), 0, again(passing.reason)],
    ["with a command of which nobody tells whether it was edited", command(lasting), 0, settled],
    ["of a change that is closed asks for nothing but comments", { state: "closed", reviews: passing }, 0, settled],
  ])("%s", (_name, given, attempts, outcome) => {
    expect(unsettledBy(w.facts(given), w.memory(), turn(attempts))).toEqual(outcome);
  });
});

/** Everything that a decision may rest on is asked for again while it may be told the next time. */
describe("a turn comes back for", () => {
  const review = { ...w.review(w.bob, "dismissed"), dismissal: passing };
  const bound = w.receipt(w.review(w.bob), { carry: passing });
  const open: [string, Partial<Facts>, boolean][] = [
    ["base's tip", { base: { ref: "main", tip: passing } }, true],
    ["when base moved", { baseSince: passing }, true],
    ["the commits", { commits: passing }, true],
    ["the reviews", { reviews: passing }, true],
    ["the checks of others", { checks: passing }, true],
    ["what the change has been through", { history: passing }, true],
    ["the organisation's policy", { organisation: passing }, true],
    ["the comments", { comments: passing }, true],
    ["how a merge is allowed", { mergeMethods: passing }, true],
    ["who pushed the head", { headPusher: passing }, true],
    ["who pushed a fork's head: nobody is told that", { headPusher: passing, fork: true }, false],
    ["a permission", { permissions: new Map([[1, passing]]) }, true],
    ["a team", { teams: new Map([["acme/sre", passing]]) }, true],
    ["who dismissed a review", { reviews: known([review]) }, true],
    ["the workflow of a check", { checks: known([w.checkRun({ workflow: passing })]) }, true],
    ["what git says of an approval", { receipts: [bound] }, true],
    ["an approval of this very head", { receipts: [w.receipt(w.review(w.bob))] }, false],
  ];
  it.each(open)("%s", (_, given, comes) => {
    expect(unsettledBy(w.facts(given), w.memory(), turn(0))).toEqual(comes ? again(passing.reason) : settled);
    const closed = unsettledBy(w.facts({ ...given, state: "closed" }), w.memory(), turn(0));
    expect(closed).toEqual("comments" in given ? again(passing.reason) : settled);
  });

  it("all of it, in words", () => {
    const other = unknown("GitHub answered 503");
    expect(unsettledBy(w.facts({ commits: passing, reviews: other }), w.memory(), turn(4))).toEqual(
      again(`${passing.reason}; ${other.reason}`),
    );
  });

  it.each([
    ["that may be told the next time", passing, again(passing.reason)],
    ["that is known", known(w.tree), settled],
  ])("the tree of a landing %s", (_, landed, outcome) => {
    const landing = { by: "gate", who: null, sha: w.older, trees: { checked: w.tree, landed } } as const;
    expect(unsettledBy(w.facts({ state: "merged" }), w.memory({ landing }), turn(0))).toEqual(outcome);
    // Of an open change it is an earlier head's, which is read with the next look.
    expect(unsettledBy(w.facts(), w.memory({ landing }), turn(0))).toEqual(settled);
  });

  const glass: Glass = { comment: 101, by: w.alice, reason: "down", head: w.head, expiresAt: "2026-03-01T13:00:00.000Z" };
  it.each<[string, Partial<CommentFacts>, number[], Partial<Facts>, object]>([
    ["that waits for its answer", {}, [], {}, again(passing.reason)],
    ["that was answered", {}, [101], {}, settled],
    ["that a wish rests on", {}, [101], { wish: w.wish({ comment: 101 }) }, again(passing.reason)],
    ["that a break-glass rests on", {}, [101], { glass }, again(passing.reason)],
    ["that neither rests on", {}, [101], { wish: w.wish(), glass: { ...glass, comment: 90 } }, settled],
    ["of a bot", { author: w.renovate }, [], {}, settled],
    ["of nobody any more", { author: null }, [], {}, settled],
  ])("whether a comment was edited %s", (_, more, answered, facts, outcome) => {
    const comments = known([w.comment(w.alice, "/merge", { id: 101, edited: passing, ...more })]);
    expect(unsettledBy(w.facts({ comments, ...facts }), w.memory({ answered: new Set(answered) }), turn(0))).toEqual(outcome);
  });
});
