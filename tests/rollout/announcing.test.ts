import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../src/policy/load.ts";
import { known, unknown } from "../../src/policy/known.ts";
import type { Told } from "../../src/rollout/announcement.ts";
import type { Event } from "../../src/rollout/effects.ts";
import { hears, type Heard } from "../../src/rollout/hears.ts";
import { allowanceAt, fullAllowance, nextToSay, secondsLeft } from "../../src/rollout/pace.ts";

const policy = `version: 1
lanes: [{ name: canary, members: { certnames: [a] } }, { name: lon, members: { certnames: [b] } }, { name: rest }]
services:
  - { name: web, owners: ["@acme/web"], match: "true" }
  - { name: mail, owners: ["@acme/post", "@bob"], match: "true" }
`;
const release = "r";
const verdict = { kind: "passed" as const, counts: {} };
const who = { id: 1, name: "ann" };
const events: Record<string, Event> = {
  start: { kind: "moved", lane: "canary", release },
  ready: { kind: "ready", lane: "canary", release, at: 1 },
  halt: { kind: "halted", lane: "canary", release, halt: { why: { kind: "moved-elsewhere", tip: null }, at: 1 } },
  paused: { kind: "paused", by: who, reason: "x", until: 9 },
  resumed: { kind: "resumed", lane: null, by: who },
  returned: { kind: "returned", lane: "canary", release, verdict },
  passed: { kind: "passed", lane: "canary", release, verdict },
  last: { kind: "passed", lane: "rest", release, verdict },
  done: { kind: "done", release },
};

/** Which of these the entry hears, on nodes of these services. */
function heard(entry: string, services: Heard["services"]): string[] {
  const loaded = loadPolicy(`${policy}announce: [${entry}]\n`, "puppet-gate.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const [announce] = loaded.policy.announce;
  if (announce === undefined) throw new Error("nothing is announced");
  const about = (event: Event): Heard => ({ event, isForward: true, lastLane: "rest", services });
  return Object.entries(events).flatMap(([name, event]) => (hears(announce, about(event), loaded.policy.services) ? [name] : []));
}

const web = known(new Set(["web"]));
const anybody = unknown("nobody knows");

describe("who hears of a release", () => {
  it.each<[string, Heard["services"], string[]]>([
    ["{to: x}", web, ["start", "halt", "paused", "resumed", "returned", "done"]],
    ["{to: x, events: [start]}", web, ["start"]],
    ["{to: x, events: [done]}", web, ["done"]],
    ["{to: x, lanes: [canary]}", web, ["start", "halt", "paused", "resumed", "returned", "passed"]],
    ["{to: x, lanes: [rest]}", web, ["paused", "resumed", "done"]],
    ["{to: x, lanes: [lon]}", web, ["paused", "resumed"]],
    ["{to: x, services: [web], events: [start, done]}", web, ["start", "done"]],
    ["{to: x, services: [mail]}", web, []],
    ["{to: x, services: [mail], events: [start]}", anybody, ["start"]],
    ["{to: x, owners: ['@ACME/Web'], events: [start]}", web, ["start"]],
    ["{to: x, owners: ['@bob'], events: [start]}", web, []],
    ["{to: x, owners: ['@bob'], services: [web], events: [start]}", web, ["start"]],
    ["{to: x, services: [mail], events: [start]}", known(new Set()), []],
  ])("%s", (entry, services, expected) => {
    expect(heard(entry, services)).toEqual(expected);
  });

  it("is nobody where a lane goes back, which was told already", () => {
    const { start } = events;
    if (start === undefined) throw new Error("no event");
    const entry = { to: "x", lanes: null, services: null, owners: null, events: ["start" as const] };
    const of = { event: start, lastLane: "rest", services: web };
    expect([hears(entry, { ...of, isForward: true }, []), hears(entry, { ...of, isForward: false }, [])]).toEqual([true, false]);
  });
});

const line = (number: number, what: Told["what"] = { kind: "started", by: null }, lane = "canary"): Told => ({
  kind: "told",
  repository: "acme/control",
  lane,
  release,
  changes: [number],
  link: `l${number}`,
  happenedAt: null,
  what,
});
const many = (count: number): Told[] => Array.from({ length: count }, (_, at) => line(at));

/** What is said of so many that wait, at once: each by its number, or as so many together. */
function saidOf(waiting: Told[], lines: number): unknown[] {
  const said: unknown[] = [];
  let [left, allowed] = [waiting, lines];
  for (let next = nextToSay(left, { lines: allowed, at: 0 }); next !== null; next = nextToSay(left, { lines: allowed, at: 0 })) {
    const { say, count } = next;
    said.push(say.kind === "told" ? say.changes[0] : count);
    [left, allowed] = [left.slice(count), allowed - 1];
  }
  return said;
}

describe("how much is said at once", () => {
  it.each<[string, number, number, unknown[]]>([
    ["nothing", 0, 5, []],
    ["a few", 3, 5, [0, 1, 2]],
    ["as many as may be", 5, 5, [0, 1, 2, 3, 4]],
    ["more: the last line tells of all others", 12, 5, [0, 1, 2, 3, 8]],
    ["much after much", 9, 1, [9]],
    ["one, for the last line", 1, 1, [0]],
    ["nothing now", 3, 0, []],
  ])("%s", (_, waiting, lines, expected) => {
    expect(saidOf(many(waiting), lines)).toEqual(expected);
  });

  it("counts what it puts together, and links to what stands still", () => {
    const halted = { kind: "halted" as const, why: { kind: "moved-elsewhere" as const, tip: null }, suspects: [] };
    const waiting = [
      line(1),
      line(2, halted),
      line(3, { kind: "passed" }),
      line(4, halted),
      line(5, halted, "lon"),
      line(6, { kind: "resumed", by: null }),
    ];
    expect(nextToSay(waiting, { lines: 1, at: 0 })).toEqual({
      count: 6,
      say: { kind: "digest", repository: "acme/control", count: 6, started: 1, done: 1, halted: ["canary", "lon"], other: 1, link: "l5" },
    });
  });

  it.each<[string, { lines: number; at: number }, number, { lines: number; at: number }]>([
    ["is earned by the minute", { lines: 0, at: 0 }, 130_000, { lines: 2, at: 120_000 }],
    ["is never more than a few", { lines: 1, at: 0 }, 3_600_000, fullAllowance(3_600_000)],
    ["is not earned by a clock that goes back, nor lost for long", { lines: 1, at: 900_000 }, 0, { lines: 1, at: 0 }],
  ])("%s", (_, before, now, expected) => {
    expect(allowanceAt(before, now)).toEqual(expected);
  });

  it("says when the next line may come", () => {
    expect([secondsLeft({ lines: 0, at: 0 }, 10_000), secondsLeft({ lines: 0, at: 0 }, 60_000)]).toEqual([50, 1]);
  });
});
