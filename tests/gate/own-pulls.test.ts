import { describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { type Facts, known, type Person, unknown } from "../../src/gate/facts.ts";
import { mergeObjection } from "../../src/gate/merging.ts";
import { access } from "./cases/case.ts";
import { alice, bob, by, carol, comment, commit, dave, facts, memory, merge, renovate, review } from "./world.ts";

/** Pull requests that the gate opened itself: nobody's own change, so that two people land them as they land any other. */
const everyone = access([
  [alice.id, known("write")],
  [bob.id, known("write")],
  [carol.id, known("write")],
  [dave.id, known("read")],
]);
const own: Partial<Facts> = {
  ofGate: true,
  opener: renovate,
  commits: known([commit([by("author", renovate), by("committer", renovate)])]),
  permissions: everyone,
  headPusher: known(renovate),
};
const said = (who: Person, given: Partial<Facts> = {}, words = "/merge"): { lands: boolean; text: string } => {
  const decision = decide(facts({ ...own, comments: known([comment(who, words)]), ...given }), memory());
  return { lands: decision.land !== null, text: decision.answers.map(({ text, lines }) => [text, ...lines].join("; ")).join() };
};

describe("a pull request of the gate's own", () => {
  it.each<[string, Person, Partial<Facts>, boolean, string]>([
    ["the author of what is taken back, once a peer approved", alice, {}, true, ""],
    ["anybody else who may write", carol, {}, true, ""],
    [
      "whoever approved it",
      bob,
      {},
      false,
      "refused: bob approved it, and the gate is nobody's second person: somebody else with write access has to say it",
    ],
    [
      "whoever approved it, where another one did, too",
      bob,
      { reviews: known([review(bob), review(carol)]) },
      false,
      "refused: bob approved it, and the gate is nobody's second person: somebody else with write access has to say it",
    ],
    [
      "who may only read",
      dave,
      {},
      false,
      "refused: somebody with write access who did not approve it can land what the gate takes back, and dave has no write access",
    ],
    ["anybody, where nobody approved", alice, { reviews: known([]) }, false, "one person with write access who contributed nothing to it"],
    ["anybody, where only one who pushed to it approved", carol, { pushers: [bob] }, false, "pushed to this change"],
    [
      "anybody, where who approved is not known",
      carol,
      { reviews: unknown("GitHub answered 502") },
      false,
      "who approved could not be learnt",
    ],
    [
      "anybody whose access is not known",
      carol,
      {
        permissions: access([
          [bob.id, known("write")],
          [carol.id, unknown("GitHub answered 502")],
        ]),
      },
      false,
      "whether carol may write here could not be learnt",
    ],
  ])("is landed or not by %s", (_, who, given, lands, text) => {
    const { lands: landed, text: told } = said(who, given);
    expect(landed).toBe(lands);
    expect(told).toContain(text);
  });

  it("of another bot, or of the gate's name alone, is as it was", () => {
    const { ofGate: _, ...foreign } = own;
    const decision = decide(facts({ ...foreign, comments: known([comment(carol, "/merge")]) }), memory());
    expect(decision.land).toBeNull();
    expect(decision.answers[0]?.text).toBe(
      "refused: only its author can land this pull request, and renovate[bot] is a bot; open it anew from a person's account",
    );
  });

  it("lands by itself on a wish, until whoever wished it approves it", () => {
    const asked = comment(alice, "/merge when ready", { id: 90 });
    const first = decide(facts({ ...own, comments: known([asked]), reviews: known([]) }), memory());
    const wish = first.notes.flatMap((note) => (note.kind === "wish" ? [note.wish] : []))[0];
    if (wish === undefined) throw new Error("nothing was wished");
    const later = (reviews: Facts["reviews"]): string[] => {
      const decision = decide(facts({ ...own, comments: known([asked]), wish, reviews }), { ...memory(), answered: new Set([90]) });
      return [...(decision.land === null ? [] : ["lands"]), ...decision.notes.map(({ kind }) => kind)];
    };
    expect(later(known([review(bob)]))).toContain("lands");
    expect(later(known([review(alice)]))).toEqual(expect.arrayContaining(["unwish"]));
    expect(later(known([review(alice)]))).not.toContain("lands");
    expect(later(known([review(alice), review(bob)]))).not.toContain("lands");
  });

  it("does not land where whoever asked for it approved it in between", () => {
    const given = (reviews: Facts["reviews"]): Facts => facts({ ...own, comments: known([comment(carol, "/merge", { id: 1 })]), reviews });
    const wanted = { ...merge(), comment: 1 };
    expect(mergeObjection(wanted, given(known([review(bob)])), new Set([1]))).toBeNull();
    expect(mergeObjection(wanted, given(known([review(bob), review(carol)])), new Set([1]))).toContain("carol approved it");
  });

  it("does not land where whoever asked for it deleted their account in between", () => {
    const gone = { ...comment(carol, "/merge", { id: 1 }), author: null };
    const given = facts({ ...own, comments: known([gone]), reviews: known([review(bob)]) });
    expect(mergeObjection({ ...merge(), comment: 1 }, given, new Set([1]))).toBe("who asked for it can't be told any more");
  });

  it("names who can land it", () => {
    const { effects } = decide(facts(own), memory());
    expect(effects.flatMap((effect) => (effect.kind === "comment" ? [effect.view.opener] : []))).toEqual([
      "somebody with write access who did not approve it",
    ]);
    expect(said(carol, {}, "/why").text).toBe("nothing is in the way: somebody with write access who did not approve it can say /merge");
  });
});
