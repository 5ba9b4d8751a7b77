import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { placeOf } from "../../src/github/api.ts";
import { sayInComment } from "../../src/github/comments.ts";
import { longestText } from "../../src/github/escape.ts";
import { showStanding } from "../../src/github/standing-part.ts";
import { joined, parted, standingPart } from "../../src/github/standing-place.ts";
import { marker } from "../../src/github/words.ts";
import { standingText } from "../../src/github/words-standing-of-change.ts";
import type { ChangeStanding, LaneStanding } from "../../src/rollout/change-standing.ts";
import { openStage, type Stage } from "./stage.ts";

const at = Date.parse("2026-11-22T14:05:59Z");
const standing = (is: LaneStanding, waited: ChangeStanding["waited"] = []): ChangeStanding => ({ lanes: [{ lane: "canary", is }], waited });
const waits = (why: Extract<LaneStanding, { kind: "waits" }>["for"]): LaneStanding => ({ kind: "waits", for: why });
const nine = { sha: "b".repeat(40), number: 9 };
const good: LaneStanding = { kind: "good" };

describe("where a change is, in words", () => {
  it.each<[LaneStanding, string]>([
    [good, "good"],
    [{ kind: "taken-back", by: { sha: "b".repeat(40), number: 9 } }, "taken back by #9"],
    [{ kind: "taken-back", by: { sha: "b".repeat(40), number: null } }, "taken back by `bbbbbbbbbb`"],
    [{ kind: "entering" }, "entering: its branch is about to be moved"],
    [{ kind: "deploying" }, "entering: compilers have yet to prove that they serve it"],
    [{ kind: "going-back" }, "goes back to what was good before it"],
    [{ kind: "watched", minutes: 15, of: 60 }, "observed 15 of 60 minutes"],
    [{ kind: "watched", minutes: 0, of: null }, "observed"],
    [
      { kind: "halted", why: { kind: "person", by: { id: 7, name: "sre" }, reason: "odd" }, at },
      "**stands still** since 2026-11-22 14:05 UTC: sre stopped it: odd",
    ],
    [waits({ kind: "lane", lane: "lon" }), "waits for lon"],
    [waits({ kind: "halt", over: [12, 13], since: at }), "waits since 2026-11-22 14:05 UTC, because the lane stands still over #12, #13"],
    [waits({ kind: "halt", over: [], since: at }), "waits since 2026-11-22 14:05 UTC, because the lane stands still over another release"],
    [waits({ kind: "pause", by: "sre", until: at }), "waits: sre paused everything until 2026-11-22 14:05 UTC"],
    [waits({ kind: "held", why: "the freeze *x* holds" }), "waits: the freeze &#42;x&#42; holds"],
    [waits({ kind: "quarantine" }), "in quarantine: no release takes it along without its revert, or `/rollout unquarantine`"],
    [waits({ kind: "word" }), "waits for a person's word: `/rollout promote canary REASON`"],
    [waits({ kind: "train" }), "waits for the next release to enter"],
  ])("%o", (is, text) => {
    expect(standingText(standing(is)).split("\n").at(-1)).toBe(`| canary | ${text} |`);
  });

  it.each<[string, ChangeStanding | null, string]>([
    ["everywhere", standing(good), "**Where it is now**: in every lane, and good there.\n\n| lane | |\n| --- | --- |\n| canary | good |"],
    ["nowhere", null, "**Where it is now**: it is not on the base branch any more, so that no lane gets it."],
    [
      "nowhere any more",
      { ...standing({ kind: "taken-back", by: nine }), takenBack: nine },
      "**Where it is now**: in no lane any more, since #9 took it back.\n\n| lane | |\n| --- | --- |\n| canary | taken back by #9 |",
    ],
    [
      "where it leaves",
      { ...standing(good), takenBack: nine },
      "**Where it is now**: #9 takes it back, lane by lane.\n\n| lane | |\n| --- | --- |\n| canary | good, and has it still |",
    ],
    [
      "after it waited",
      standing(good, [
        { lane: "lon", over: [12], minutes: 185 },
        { lane: "rest", over: [], minutes: 60 },
        { lane: "rest", over: [1], minutes: 7 },
      ]),
      "**Where it is now**: in every lane, and good there.\n\n| lane | |\n| --- | --- |\n| canary | good |\n\n" +
        "It waited 3 h 5 min because the lane lon stood still over #12.\n\n" +
        "It waited 1 h because the lane rest stood still over another release.\n\n" +
        "It waited 7 min because the lane rest stood still over #1.",
    ],
  ])("%s", (_, given, text) => {
    expect(standingText(given)).toBe(text);
  });

  it("is text, whatever somebody wrote", () => {
    const evil = "a | b\n\n<!-- puppet-gate: so far where it is now --> @everyone";
    const part = standingPart({ lanes: [{ lane: evil, is: waits({ kind: "held", why: evil }) }], waited: [] });
    expect(part.split("<!--")).toHaveLength(3);
    expect(part).not.toMatch(/@everyone|a \| b/u);
    expect(part.split("\n")).toHaveLength(7);
  });
});

describe("its place in the comment", () => {
  const part = standingPart(standing(good));
  const other = standingPart(null);
  it.each([
    ["is behind the headline", `${marker}\n### Landed`, "\n\nrest\n\nmore"],
    ["is the end where there is nothing else", `${marker}\n### Landed`, ""],
  ])("%s, and is found there again", (_, head, rest) => {
    const whole = joined(`${head}${rest}`, part);
    expect(whole).toBe(`${head}\n\n${part}${rest}`);
    expect(parted(whole)).toEqual({ body: `${head}${rest}`, part });
    expect(parted(joined(parted(whole).body, other))).toEqual({ body: `${head}${rest}`, part: other });
  });

  it.each([
    ["a comment that says it elsewhere", `${marker}\n### Landed\n\nrest\n\n${part}`],
    ["a comment that only begins it", `${marker}\n### Landed\n\n<!-- puppet-gate: where it is now -->\nrest`],
    ["an empty comment", ""],
  ])("is not found in %s", (_, comment) => {
    expect(parted(comment)).toEqual({ body: comment, part: null });
  });

  it("goes before a report that is too long", () => {
    const whole = joined(`${marker}\n### Landed\n\n${"x".repeat(longestText - 200)}`, part);
    expect(whole).toBe(`${marker}\n### Landed\n\n${part}\n\n_The report is left out: it would be longer than GitHub takes._`);
  });
});

describe("the gate's one comment", () => {
  let stage: Stage;
  let number: number;
  let count = 0;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    count += 1;
    ({ number } = await stage.propose(`standing-${count}`, { [`standing-${count}.pp`]: "" }));
    stage.answers.length = 0;
  });
  const show = async (of: ChangeStanding | null, where = number): Promise<void> =>
    showStanding(await placeOf(stage.authenticate, stage.origin), stage.identity, where, of);
  const say = async (body: string): Promise<void> =>
    sayInComment(await placeOf(stage.authenticate, stage.origin), stage.identity, number, body);
  const bodies = (): string[] => [...stage.repo.comments.values()].filter((one) => one.number === number).map(({ body }) => body);
  const writes = (): number => stage.answers.filter((answer) => / (?:POST|PATCH) .*comments/u.test(answer)).length;

  it("keeps where its change is through whatever else it says, and the other way round", async () => {
    await say(`${marker}\n### Landed\n\nrest`);
    await show(standing({ kind: "entering" }));
    await say(`${marker}\n### Landed as 1234\n\nother rest`);
    expect(bodies()).toEqual([`${marker}\n### Landed as 1234\n\n${standingPart(standing({ kind: "entering" }))}\n\nother rest`]);
    await show(standing(good));
    expect(bodies()).toEqual([`${marker}\n### Landed as 1234\n\n${standingPart(standing(good))}\n\nother rest`]);
  });

  it("is written once where nothing is another", async () => {
    await say(`${marker}\n### Landed\n\nrest`);
    for (let times = 0; times < 3; times += 1) await show(standing(good));
    for (let times = 0; times < 3; times += 1) await say(`${marker}\n### Landed\n\nrest`);
    expect(writes()).toBe(2);
  });

  it("is made where there is none", async () => {
    await show(standing(good));
    await show(standing(good));
    expect(bodies()).toEqual([`${marker}\n### Merged\n\n${standingPart(standing(good))}`]);
  });

  it("is nowhere of a pull request that is gone", async () => {
    await show(standing(good), 987_654);
    expect(writes()).toBe(0);
  });
});
