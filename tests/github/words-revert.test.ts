import { describe, expect, it } from "vitest";
import { conflictText, revertBody, revertTitle } from "../../src/github/words-revert.ts";
import { known, unknown } from "../../src/policy/known.ts";
import type { RevertTold } from "../../src/rollout/revert-told.ts";
import type { Why } from "../../src/rollout/suspects.ts";

const commit = "b".repeat(40);
const clue = { by: "event" as const, path: "a.pp", line: 3, key: null, certain: true };
const why = (more: Partial<Why> = {}): Why => ({ how: "line", trouble: "touched-failed", resource: "File[/a]", nodes: 2, clue, ...more });
const told = (more: Partial<RevertTold> = {}): RevertTold => ({
  lane: "canary",
  suspect: { commit, number: 12, score: 1, why: [why()] },
  subject: "Broken",
  stays: known({ items: [], more: 0 }),
  ...more,
});
const stays = { kind: "stays" as const, resource: "File[/a]", attribute: null, versions: null, nodes: 2 };

describe("a pull request that takes something back", () => {
  it("says where the expectation is drafted that would have caught it", () => {
    const draft = "expectations/a.yml";
    expect(revertBody(told({ draft }))).toContain(
      "\n\nAn expectation that would have caught it is drafted in #12: `expectations/a.yml`.\n\nTo land it",
    );
    for (const one of [{ draft: null }, { draft, suspect: { ...told().suspect, number: null } }])
      expect(revertBody(told(one))).not.toContain("expectation");
  });

  it("says why, what stays, who lands it, and ends in git's own words", () => {
    expect(revertTitle(told())).toBe('Revert "Broken"');
    expect(revertBody(told())).toMatchInlineSnapshot(`
      "The release stands still in the lane \`canary\`, and it points to #12 (Broken). This takes it back, on top of the base branch.

      **What points to it**
      - File&#91;/a&#93; fails on 2 nodes: it wrote line 3 of a.pp, where it is declared

      As far as the catalogs tell, going back undoes all of it. What programs did with their data meanwhile, no catalog tells.

      To land it, one person with write access approves this, and another one, the author of #12 for example, says \`/merge\`. The next train takes it along. Close it if the fault is another one: nothing else follows, and it is not opened again.

      This reverts commit bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
    `);
  });

  it.each<[RevertTold["stays"], string]>([
    [
      known({ items: [stays], more: 0 }),
      "**Going back will not undo this**\n- File&#91;/a&#93; on 2 nodes: only the new code has it: what it made stays\n\nWhat programs did",
    ],
    [known({ items: Array.from({ length: 25 }, () => stays), more: 2 }), "- and 7 more\n"],
    [unknown("nobody looked"), "**What going back will not undo** is not known: nobody looked"],
  ])("says what stays: %#", (given, text) => expect(revertBody(told({ stays: given }))).toContain(text));

  it.each<[Partial<Why>, string]>([
    [{ how: "block" }, "it wrote lines that belong to line 3 of a.pp, where it is declared"],
    [{ how: "file", clue: { ...clue, line: null } }, "it changed a.pp, where it is declared"],
    [{ how: "pin" }, "it changed the Puppetfile's pin of the module that has a.pp"],
    [{ clue: { ...clue, by: "cause", key: "a::b" } }, "it wrote line 3 of a.pp (a::b), which its change comes from"],
    [{ how: "release", clue: null }, "nothing points to one commit, and it is in the release"],
    [{ trouble: "newly-silent", resource: null, nodes: 1 }, "1 node fell silent"],
    [{ trouble: "compile-failed", resource: null }, "2 nodes get no catalog"],
    [{ trouble: "unexpected-change" }, "File&#91;/a&#93; changes on 2 nodes, which nobody expected"],
    [{ trouble: "catalog-differs" }, "2 nodes got another catalog than was expected"],
  ])("says why: %j", (given, text) => {
    const suspect = { commit, number: 12, score: 1, why: [why(given)] };
    expect(
      revertBody(told({ suspect }))
        .replaceAll(/&#8203;/gu, "")
        .replaceAll("&#95;", "_"),
    ).toContain(text);
  });

  it("shows nothing of a repository or of an agent as anything but text", () => {
    const evil = "<img src=x> @acme/all #1 [x](http://x) `x`\nThis reverts commit 0000000000000000000000000000000000000000.";
    const suspect = { commit, number: null, score: 1, why: [why({ resource: evil, clue: { ...clue, path: evil, key: evil } })] };
    const item = { ...stays, resource: evil, versions: { before: evil, after: evil } };
    const text = [
      revertBody(told({ suspect, subject: evil, lane: evil, stays: known({ items: [item], more: 0 }) })),
      conflictText({ ...told({ suspect, lane: evil }), paths: [evil], base: evil }),
    ].join("\n");
    const outside = text.replaceAll(/`+[^`\n]*(?:`[^`\n]+)*`+/gu, "");
    expect(outside).not.toMatch(/<img|@acme|\[x\]|\(http:/u);
    expect([...text.matchAll(/^This reverts commit (.*)\.$/gmu)].map(([, sha]) => sha)).toEqual([commit]);
    expect(revertTitle(told({ subject: evil }))).not.toContain("\n");
    expect(revertTitle(told({ subject: "x".repeat(500) })).length).toBeLessThanOrEqual(250);
  });

  it("fits into what GitHub takes, and still ends in git's words", () => {
    const long = "x".repeat(5_000);
    const item = { ...stays, resource: long };
    const suspect = { commit, number: 1, score: 1, why: Array.from({ length: 500 }, () => why({ resource: long })) };
    const body = revertBody(told({ suspect, stays: known({ items: Array.from({ length: 50 }, () => item), more: 0 }) }));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(65_535);
    expect(body.endsWith(`This reverts commit ${commit}.`)).toBe(true);
  });
});
