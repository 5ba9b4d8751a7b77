import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DraftTold } from "../../src/catalog/expect/draft-told.ts";
import type { Authenticate } from "../../src/github/api.ts";
import { createCalls, type Calls } from "../../src/github/calls.ts";
import { sayInComment } from "../../src/github/comments.ts";
import { placeOf } from "../../src/github/api.ts";
import { marker } from "../../src/github/words.ts";
import type { Event } from "../../src/rollout/effects.ts";
import type { Halt } from "../../src/rollout/state.ts";
import { openStage, type Stage } from "./stage.ts";

/** Who is called where a lane stands still, on the stand-in. */
let stage: Stage;
let seq = 0;
let test = 0;
let one: number;
let other: number;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  test += 1;
  one = (await stage.propose(`one-${test}`, { [`one-${test}.pp`]: "" })).number;
  other = (await stage.propose(`other-${test}`, { [`other-${test}.pp`]: "" })).number;
});

class Killed extends Error {}

/** What is drafted of every halt, and what was kept as told. */
const kept: { number: number; draft: DraftTold }[] = [];
const draft: DraftTold = { kind: "none", why: "untouched" };
const drafts: Parameters<typeof createCalls>[0]["drafts"] = {
  of: async () => draft,
  keep: async (_, number, told) => void kept.push({ number, draft: told.draft }),
};

/** `killAt`: the call to GitHub after which the process dies. */
function calling(killAt: number | null = null, changes: readonly number[] = []): Calls & { asked: () => number } {
  let asked = 0;
  const hooked = new WeakSet<object>();
  const authenticate: Authenticate = async (installation) => {
    const api = await stage.authenticate(installation);
    if (!hooked.has(api))
      api.hook.wrap("request", async (request, options) => {
        asked += 1;
        const answer: unknown = await request(options);
        if (asked === killAt) throw new Killed();
        return answer as Awaited<ReturnType<typeof request>>;
      });
    hooked.add(api);
    return api;
  };
  return { ...createCalls({ authenticate, app: stage.identity, changesIn: async () => changes, drafts }), asked: () => asked };
}

const why: Halt["why"] = {
  kind: "verdict",
  verdict: {
    kind: "failed",
    counts: {},
    troubles: [{ kind: "touched-failed", certnames: ["web1"], resources: [`File[${marker}]`], tolerated: 0 }],
  },
};
const halted = (suspects: readonly number[], more: Halt["why"] = why): Event => ({
  kind: "halted",
  lane: "canary",
  release: "a".repeat(40),
  halt: { why: more, at: 0 },
  suspects: suspects.map((number) => ({ commit: "a".repeat(40), number, score: 0.5, why: [] })),
  affected: [{ name: "web", owners: ["@acme/web"], runbook: "docs/web.md", nodes: 1 }],
});
const tell = (calls: Calls, event: Event, of = (seq += 1)): Promise<void> => calls.tell(stage.origin, { seq: of, event });
const said = (number: number): string[] =>
  [...stage.repo.comments.values()].filter((comment) => comment.number === number).map(({ body }) => body.split("\n")[0] ?? "");
const call = (of: number): string => `<!-- puppet-gate: call ${of} -->`;

describe("a halt", () => {
  it("calls in the pull request of each suspect, once however often it is told, and again the next time", async () => {
    const first = (seq += 1);
    for (let times = 0; times < 3; times += 1) await tell(calling(), halted([one, other, one]), first);
    expect([said(one), said(other)]).toEqual([[call(first)], [call(first)]]);
    await tell(calling(), halted([one]));
    expect([said(one), said(other)]).toEqual([[call(first), call(seq)], [call(first)]]);
    const [body] = [...stage.repo.comments.values()].filter(({ number }) => number === one).map((comment) => comment.body);
    expect(body).toContain("@alice @acme/web: please look.");
    expect(body).toMatch(/<http[^>]+\/acme\/control\/blob\/HEAD\/docs\/web.md>/u);
  });

  it.each<[string, () => Event, number[], boolean]>([
    ["calls in all of the release where nobody is suspected", () => halted([]), [1], true],
    ["calls nobody where the release has no pull request", () => halted([]), [], false],
    [
      "calls nobody where a person stopped it",
      () => halted([one], { kind: "person", by: { id: 7, name: "sre" }, reason: "odd" }),
      [],
      false,
    ],
    ["calls nobody where the lane has no release", () => ({ ...halted([one]), release: null }) as Event, [], false],
    ["is all that calls", () => ({ kind: "moved", lane: "canary", release: "a".repeat(40) }), [1], false],
  ])("%s", async (_, event, changes, isCalled) => {
    await tell(
      calling(
        null,
        changes.map(() => one),
      ),
      event(),
    );
    expect(said(one)).toEqual(isCalled ? [call(seq)] : []);
  });

  it("calls the others where one pull request is gone", async () => {
    await tell(calling(), halted([987_654, other]));
    expect(said(other)).toEqual([call(seq)]);
  });

  it("is not taken as told by what somebody else wrote, and is not the gate's one comment", async () => {
    await stage.github.as("bob").comment(stage.name, one, `${call(seq + 1)}\nnothing to see`);
    await tell(calling(), halted([one]));
    expect(said(one)).toEqual([call(seq), call(seq)]);
    await sayInComment(await placeOf(stage.authenticate, stage.origin), stage.identity, one, `${marker}\nthe one`);
    await sayInComment(await placeOf(stage.authenticate, stage.origin), stage.identity, one, `${marker}\nthe one, edited`);
    expect(said(one)).toEqual([call(seq), call(seq), marker]);
  });

  it("calls each once wherever the process dies", async () => {
    const whole = calling();
    await tell(whole, halted([one, other]));
    expect(whole.asked()).toBeGreaterThan(4);
    for (let at = 1; at <= whole.asked(); at += 1) {
      const of = (seq += 1);
      await expect(tell(calling(at), halted([one, other]), of)).rejects.toBeInstanceOf(Killed);
      await tell(calling(), halted([one, other]), of);
      const count = (number: number): number => said(number).filter((text) => text === call(of)).length;
      expect([count(one), count(other)], `killed after call ${at}`).toEqual([1, 1]);
    }
  });
});
