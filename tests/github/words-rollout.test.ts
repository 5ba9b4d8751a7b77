import { describe, expect, it } from "vitest";
import { haltBrief, replaced, statusAfter, type Status } from "../../src/github/words-rollout.ts";
import type { Event } from "../../src/rollout/effects.ts";
import type { Trouble } from "../../src/rollout/stage-verdict.ts";
import type { Halt } from "../../src/rollout/state.ts";

const release = "a".repeat(40);
const other = "b".repeat(40);
const of = { lane: "canary", release };
const who = { id: 7, name: "sre" };
const reason = "odd graphs";
const passed = (more: object): Event => ({ kind: "passed", ...of, verdict: { kind: "passed", counts: {}, ...more } });

describe("a deployment's description", () => {
  it.each<[Event, Status["state"] | null, string]>([
    [{ kind: "entered", ...of, before: other, let: null }, "queued", "It enters the lane"],
    [{ kind: "entered", ...of, before: other, let: who }, "queued", "It enters the lane on the word of sre"],
    [{ kind: "moved", ...of }, "in_progress", "The branch is there, and the compilers deploy it"],
    [{ kind: "ready", ...of, at: 0 }, "in_progress", "Every compiler serves it, and the agents' runs are watched"],
    [passed({ counts: { pass: 3, "newly-silent": 1 } }), "success", "Found good: 3 of 4 nodes ran it well"],
    [passed({ counts: { pass: 1 } }), "success", "Found good: 1 of 1 node ran it well"],
    [passed({ counts: { "newly-silent": 2 } }), "success", "Found good: 0 of 2 nodes ran it well"],
    [passed({}), "success", "Found good"],
    [passed({ unchanged: true }), "success", "It changes no node of the lane: there is nothing to watch"],
    [{ kind: "promoted", ...of, by: who, reason }, "success", "Taken for good on the word of sre: odd graphs"],
    [{ kind: "returning", ...of, before: other, by: who, reason }, "queued", "The lane goes back to it on the word of sre"],
    [{ kind: "returning", ...of, before: other, by: null, reason }, "queued", "The lane goes back to it, as the policy says"],
    [{ ...passed({}), kind: "returned" } as Event, "success", "The lane is back at what was good in it"],
    [{ kind: "superseded", ...of, by: other }, "inactive", "bbbbbbbbbb takes its place"],
    [{ kind: "resumed", lane: "canary", by: who }, "in_progress", "It goes on on the word of sre"],
    [{ kind: "resumed", lane: "canary", by: null }, "in_progress", "It goes on"],
    [{ kind: "resumed", lane: null, by: null }, null, ""],
    [
      { kind: "halted", ...of, halt: { why: { kind: "person", by: who, reason }, at: 0 } },
      "failure",
      "The lane stands still: sre stopped it: odd graphs",
    ],
    [{ kind: "let-in", ...of, by: who, reason }, null, ""],
    [{ kind: "quarantined", lane: "canary", commits: [other], by: who, reason }, null, ""],
    [{ kind: "unquarantined", commit: other, by: who, reason }, null, ""],
    [{ kind: "paused", by: who, reason, until: 0 }, null, ""],
    [{ kind: "done", release }, null, ""],
  ])("after %o is %s: %s", (event, state, description) => {
    expect(statusAfter(event)).toEqual(state === null ? null : { state, description });
  });

  it.each([
    ["is cut where it is too long", "x".repeat(1_000), `Taken for good on the word of sre: ${"x".repeat(102)}…`],
    ["shows what hides", "a\nb\u202ec\u0007", "Taken for good on the word of sre: a ⏎ b‹U+202E›c‹U+0007›"],
    ["never ends in half a character", "😀".repeat(80), `Taken for good on the word of sre: ${"😀".repeat(51)}…`],
  ])("%s", (_, said, description) => {
    const status = statusAfter({ kind: "promoted", ...of, by: who, reason: said });
    expect(status?.description).toBe(description);
    expect(description.length).toBeLessThanOrEqual(140);
  });

  it("of one that was the lane's names what came after it", () => {
    expect(replaced(other)).toBe("The lane has bbbbbbbbbb now");
  });
});

describe("why a lane stands still", () => {
  const failed = (...troubles: Partial<Trouble>[]): Halt["why"] => ({
    kind: "verdict",
    verdict: {
      kind: "failed",
      counts: {},
      troubles: troubles.map((one) => ({
        kind: "newly-failed",
        certnames: ["a", "b"],
        resources: ["Service[nginx]"],
        tolerated: 0,
        ...one,
      })),
    },
  });
  it.each<[Halt["why"], string]>([
    [failed({ kind: "compile-failed", resources: [] }), "2 nodes got no catalog of it"],
    [failed({ kind: "compile-failed", certnames: ["a"], resources: [] }), "1 node got no catalog of it"],
    [failed({ kind: "touched-failed" }), "Service[nginx] failed on 2 nodes, and the release changes it"],
    [failed({ resources: ["A[a]", "B[b]", "C[c]"] }), "A[a] and 2 more failed on 2 nodes, and did not before"],
    [failed({ resources: [] }), "something failed on 2 nodes, and did not before"],
    [failed({ kind: "unexpected-change" }), "Service[nginx] changed on 2 nodes, and the release does not change it"],
    [
      failed({ kind: "newly-silent", resources: [] }, { kind: "touched-failed", certnames: ["a"] }),
      "2 nodes fell silent; Service[nginx] failed on 1 node, and the release changes it",
    ],
    [failed({ kind: "catalog-differs" }), "2 nodes got another catalog than the release was looked at by: Service[nginx]"],
    [{ kind: "verdict", verdict: { kind: "undecided", missing: [], counts: {} } }, "neither good nor bad at its deadline"],
    [{ kind: "moved-elsewhere", tip: other }, "somebody else moved its branch to bbbbbbbbbb"],
    [{ kind: "moved-elsewhere", tip: null }, "somebody else deleted its branch"],
    [
      { kind: "modules-differ", than: "canary", modules: [{ name: "stdlib", before: "1", now: "2" }] },
      "compilers serve other modules than in canary: stdlib",
    ],
    [{ kind: "off-the-line", commit: other }, "the base branch does not lead to bbbbbbbbbb any more"],
    [{ kind: "not-in-policy", environment: "x" }, "the policy has no such lane any more"],
    [{ kind: "person", by: who, reason }, "sre stopped it: odd graphs"],
  ])("%o", (why, text) => {
    expect(haltBrief(why)).toBe(text);
  });
});
