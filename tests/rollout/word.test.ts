import { describe, expect, it } from "vitest";
import { meantVerb, understand, type OrderVerb } from "../../src/rollout/word.ts";
import { laneOf, merge, pass, say, type World, worldOf } from "./world.ts";

/** c1 is watched in canary; lon and rest have c0. The line's ids are made long enough to be named. */
const idOf = (sha: string): string => sha.replace("c", "c0ffee").padEnd(40, "0");
const longer = (world: World): World =>
  JSON.parse(JSON.stringify(world).replaceAll(/"(c\d)"/gu, (_, sha: string) => `"${idOf(sha)}"`)) as World;
const watching = (): World => {
  const world = worldOf("canary", "lon", "rest");
  merge(world, { number: 7 });
  pass(world, 3);
  return world;
};
const idle = (): World => worldOf("canary", "lon", "rest");
const aborted = (): World => {
  const world = watching();
  say(world, { kind: "abort", lane: "canary", reason: "smoke" });
  return world;
};
const paused = (): World => {
  const world = aborted();
  say(world, { kind: "pause", until: world.now + 60_000, reason: "holidays" });
  return world;
};
const quarantined = (): World => {
  const world = watching();
  say(world, { kind: "return", lane: "canary", commits: [], reason: "bad" });
  return world;
};
/** c2 in canary, c1 in lon. */
const two = (): World => {
  const world = worldOf("canary", "lon", "rest");
  merge(world, { number: 7 });
  pass(world, 13);
  merge(world, { number: 8 });
  pass(world, 3);
  expect([laneOf(world, "canary").stage?.release, laneOf(world, "lon").stage?.release]).toEqual(["c2", "c1"]);
  return world;
};

const now = Date.parse("2026-11-22T12:00:00Z");
const at = (hours: number): number => now + hours * 3_600_000;
const c1 = idOf("c1");
const c2 = idOf("c2");
const status = "`status` says where each release is.";
const noTime = "Say `for 90m`, `for 2h`, `for 3d`, or `until 2026-12-24T08:00Z`; without a zone it is UTC.";

type Case = [said: string, world: () => World, understood: object | string];

const obeyed: Case[] = [
  ["pause holidays are near", idle, { kind: "pause", until: at(24), reason: "holidays are near" }],
  ["pause for 90m holidays", idle, { kind: "pause", until: at(1.5), reason: "holidays" }],
  ["pause for 3d holidays", idle, { kind: "pause", until: at(72), reason: "holidays" }],
  ["pause for 1w holidays", idle, { kind: "pause", until: at(168), reason: "holidays" }],
  ["pause until 2026-11-23 holidays", idle, { kind: "pause", until: at(12), reason: "holidays" }],
  ["pause until 2026-11-22T18:00 holidays", idle, { kind: "pause", until: at(6), reason: "holidays" }],
  ["pause until 2026-11-22T18:00:30Z holidays", idle, { kind: "pause", until: at(6) + 30_000, reason: "holidays" }],
  ["pause until 2026-11-22T18:00+01:00 holidays", idle, { kind: "pause", until: at(5), reason: "holidays" }],
  ["pause until 2026-11-22T11:00 over already", idle, { kind: "pause", until: at(-1), reason: "over already" }],
  ["resume", paused, { kind: "resume", lane: null }],
  ["resume canary", paused, { kind: "resume", lane: "canary" }],
  ["resume", aborted, { kind: "resume", lane: "canary" }],
  ["abort canary smoke", watching, { kind: "abort", lane: "canary", reason: "smoke" }],
  ["abort smoke", watching, { kind: "abort", lane: "canary", reason: "smoke" }],
  ["promote canary looked at the graphs", watching, { kind: "promote", lane: "canary", release: null, reason: "looked at the graphs" }],
  ["promote looked at the graphs", watching, { kind: "promote", lane: "canary", release: null, reason: "looked at the graphs" }],
  ["promote lon looked at the graphs", watching, { kind: "promote", lane: "lon", release: null, reason: "looked at the graphs" }],
  [`promote canary ${c1.slice(0, 9)} looked at it`, watching, { kind: "promote", lane: "canary", release: c1, reason: "looked at it" }],
  ["promote #7 looked at it", watching, { kind: "promote", lane: "canary", release: c1, reason: "looked at it" }],
  ["promote defaced pages are gone", watching, { kind: "promote", lane: "canary", release: null, reason: "defaced pages are gone" }],
  ["return canary it broke nginx", watching, { kind: "return", lane: "canary", commits: [], reason: "it broke nginx" }],
  ["return it broke nginx", watching, { kind: "return", lane: "canary", commits: [], reason: "it broke nginx" }],
  [`return rest ${c2} #7 they broke nginx`, two, { kind: "return", lane: "rest", commits: [c2, c1], reason: "they broke nginx" }],
  ["unquarantine #7 it was the disk", quarantined, { kind: "unquarantine", commit: c1, reason: "it was the disk" }],
  [`unquarantine ${c1.slice(0, 7)} it was the disk`, quarantined, { kind: "unquarantine", commit: c1, reason: "it was the disk" }],
];

const refused: Case[] = [
  ["pause", idle, "it needs a reason. Say `pause [for 2h | until 2026-12-24T08:00Z] REASON`."],
  ["pause for 2h", idle, "it needs a reason. Say `pause [for 2h | until 2026-12-24T08:00Z] REASON`."],
  ["pause for", idle, `no time follows \`for\`. ${noTime}`],
  ["pause for ever holidays", idle, `\`ever\` is no time here. ${noTime}`],
  ["pause until monday holidays", idle, `\`monday\` is no time here. ${noTime}`],
  ["pause until 2026-13-01 holidays", idle, `\`2026-13-01\` is no time here. ${noTime}`],
  ["pause for 31d holidays", idle, "a pause is 30 days at most. A freeze of the policy holds longer, and everybody sees it coming."],
  ["abort", watching, "it needs a reason. Say `abort [LANE] REASON`."],
  ["abort canary", watching, "it needs a reason. Say `abort [LANE] REASON`."],
  ["abort smoke", two, "which lane is meant is not clear. Name one: `abort LANE REASON`, with canary or lon."],
  [
    "abort smoke",
    idle,
    `there is no lane now for which \`abort\` means anything: nothing is under way. The lanes are canary, lon, rest. ${status}`,
  ],
  ["abort canry smoke", watching, "there is no lane canry. Did you mean canary?"],
  ["promote canry looked at it", two, "there is no lane canry. Did you mean canary?"],
  ["promote canary good", watching, "it needs a reason of at least 10 characters. Say it so that it is understood in a year."],
  ["promote canary 1234567 looked at it", watching, `1234567 is no commit of the base branch that a lane does not have yet. ${status}`],
  ["promote looked at the graphs", two, "which lane is meant is not clear. Name one: `promote LANE REASON`, with canary or lon."],
  ["return canary #9 it broke nginx", watching, `#9 is nothing that goes back. ${status}`],
  ["return canary", watching, "it needs a reason. Say `return [LANE] [COMMIT or #NUMBER …] REASON`."],
  ["resume", idle, `nothing is paused, and no lane stands still that a word could start. ${status}`],
  ["resume prod", aborted, "there is no lane prod. The lanes are canary, lon, rest."],
  ["unquarantine #8 it was the disk", quarantined, `#8 is not what is in quarantine. Name one of these: #7 (${c1}).`],
  ["unquarantine it was the disk", quarantined, `it is not what is in quarantine. Name one of these: #7 (${c1}).`],
  ["unquarantine", quarantined, `it has to be said what later releases may bring along again. Name one of these: #7 (${c1}).`],
  ["unquarantine #7 it was the disk", idle, `nothing is in quarantine. ${status}`],
];

const read = (said: string, world: () => World): ReturnType<typeof understand> => {
  const [verb = "", ...words] = said.split(" ");
  const { rollout, line } = longer(world());
  return understand(verb as OrderVerb, words.join(" "), { rollout, line, now });
};

describe("what somebody means", () => {
  it.each(obeyed)("by `%s`", (said, world, command) => {
    expect(read(said, world)).toMatchObject({ ok: true, command });
  });

  it.each(refused)("is not clear by `%s`", (said, world, text) => {
    const understood = read(said, world);
    expect(understood.ok ? understood.command : `${understood.text}. ${understood.hint}`).toEqual(text);
  });

  it.each<[said: string, world: () => World, about: (number | null)[]]>([
    ["promote canary looked at it", watching, [7]],
    ["promote canary looked at it", two, [8]],
    ["promote lon looked at it", two, [7]],
    ["promote rest looked at it", two, []],
    ["return rest it broke nginx", two, [7, 8]],
    ["return canary it broke nginx", two, [8]],
    ["resume canary", aborted, [7]],
    ["unquarantine #7 it was the disk", quarantined, [7]],
    ["abort canary smoke", two, []],
    ["pause holidays", two, []],
  ])("by `%s` is about the pull requests %#", (said, world, about) => {
    const understood = read(said, world);
    expect(understood.ok && understood.about.map(({ number }) => number)).toEqual(about);
  });

  it("is about what nobody knows, where the base branch does not lead to it any more", () => {
    const world = longer(watching());
    world.line.pop();
    const understood = understand("promote", "canary looked at it", { rollout: world.rollout, line: world.line, now });
    expect(understood).toMatchObject({ ok: true, about: [{ sha: c1, number: null }] });
  });

  it("keeps to what can be stored, whatever is written", () => {
    const understood = read("abort canary \u0000odd\ud800 graphs", watching);
    expect(understood).toMatchObject({ ok: true, command: { reason: "␀odd\ufffd graphs" } });
    expect(read(`abort canary ${"x".repeat(1001)}`, watching)).toMatchObject({ ok: false, text: "a reason has 1,000 characters at most" });
  });
});

it.each([
  ["halt", "abort"],
  ["Rollback", "return"],
  ["unpause", "resume"],
  ["staus", "status"],
  ["promte", "promote"],
  ["jump", null],
  ["constructor", null],
])("%s is meant for %s", (word, verb) => {
  expect(meantVerb(word)).toBe(verb);
});
