import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCommentPlace } from "../../src/engine/rollout/comment-place.ts";
import type { ChangeStanding } from "../../src/rollout/change-standing.ts";
import type { Event } from "../../src/rollout/effects.ts";
import type { LaneState } from "../../src/rollout/state.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { memoryLog } from "../engine/stand-ins/world.ts";
import { stageOf, stateOf } from "../engine/rollout/world.ts";
import { openTestDatabase } from "../store/open.ts";

/** What pull requests are told of where they are, from what a real database has; GitHub is a list of what was shown. */
let store: Store;
let count = 0;
let at: Date;
let shown: string[];
let log: ReturnType<typeof memoryLog>;
/** Numbers of pull requests that can't be edited, and with what error. */
let failing: Map<number, Error>;

beforeAll(async () => {
  store = await createStore(await openTestDatabase(), (error) => {
    throw error;
  });
});
afterAll(async () => store.close());
beforeEach(() => {
  count += 1;
  at = new Date("2026-11-22T12:00:00Z");
  [shown, log, failing] = [[], memoryLog(), new Map()];
});

const origin = () => ({ installation: 1, repository: { id: count, owner: "acme", name: "control" } });
const later = (minutes: number): void => void (at = new Date(at.getTime() + minutes * 60_000));
const brief = (standing: ChangeStanding | null): string =>
  standing === null
    ? "gone"
    : standing.lanes
        .map(({ is }) => (is.kind === "waits" ? `waits ${is.for.kind}` : is.kind === "watched" ? `${is.minutes} of ${is.of}` : is.kind))
        .join(", ");

const keep = async (signal = new AbortController().signal): Promise<void> =>
  createCommentPlace({
    records: store.records,
    show: async (_, number, standing) => {
      shown.push(`#${number}: ${brief(standing)}`);
      const error = failing.get(number);
      if (error !== undefined) throw error;
    },
    explain: (error) => (error instanceof Error && error.message === "GitHub" ? { text: "GitHub answered 502", after: 0 } : null),
    now: () => at,
    log: log.log,
  }).keep?.(origin(), signal);
/** What a run shows. */
async function kept(): Promise<string[]> {
  shown = [];
  await keep();
  return shown;
}

const canary = (stage: Parameters<typeof stageOf>[0] | null, more: Partial<LaneState> = {}): LaneState =>
  stateOf(stage === null ? null : stageOf({ terms: null, ...stage }), more);
const rest = (verified: string): LaneState => stateOf(null, { lane: "rest", environment: "production", verified });
const roll = (...lanes: LaneState[]): Promise<void> =>
  store.records.saveRollout(count, { rollout: { lanes, quarantined: [], paused: null } }, at);
const line = (...numbers: (number | null)[]): Promise<void> =>
  store.transaction((records) =>
    records.saveLine(
      count,
      numbers.map((number, place) => ({ sha: `c${number ?? place}`, number })),
      at,
    ),
  );
const happen = (...events: Event[]): Promise<void> => store.transaction((records) => records.addNews(count, events, at));

describe("each pull request on its way", () => {
  it("is told where it is, once while it is there, and no more once it is everywhere", async () => {
    await line(null, 1, 2);
    await roll(canary(null), rest("c0"));
    expect(await kept()).toEqual(["#1: waits train, waits lane", "#2: waits train, waits lane"]);
    later(1);
    expect(await kept()).toEqual([]);
    await roll(canary({ release: "c1", phase: "moved" }), rest("c0"));
    expect(await kept()).toEqual(["#1: deploying, waits lane"]);
    await roll(canary(null, { verified: "c1" }), rest("c0"));
    later(1);
    expect(await kept()).toEqual(["#1: good, waits train"]);
    await roll(canary(null, { verified: "c1" }), rest("c1"));
    await line(1, 2);
    later(1);
    expect(await kept()).toEqual(["#1: good, good"]);
    await roll(canary(null, { verified: "c2" }), rest("c2"));
    later(1);
    expect(await kept()).toEqual(["#2: good, good"]);
    later(10);
    expect(await kept()).toEqual([]);
  });

  it("is told at most once a minute", async () => {
    await line(null, 1);
    await roll(canary({ release: "c1", phase: "intended" }), rest("c0"));
    await kept();
    await roll(canary({ release: "c1", phase: "moved" }), rest("c0"));
    expect(await kept()).toEqual([]);
    later(1);
    expect(await kept()).toEqual(["#1: deploying, waits lane"]);
  });

  it("is told that it waits over another's, and for how long it did", async () => {
    await line(null, 1, 2);
    const halt = { why: { kind: "person", by: { id: 7, name: "sre" }, reason: "odd" }, at: at.getTime() } as const;
    await roll(canary({ release: "c1" }, { halt }), rest("c0"));
    const suspects = [{ commit: "c1", number: 1, score: 1, why: [] }];
    await happen({ kind: "entered", lane: "canary", release: "c1", before: "c0", let: null });
    await happen({ kind: "halted", lane: "canary", release: "c1", halt, suspects });
    expect(await kept()).toEqual(["#1: halted, waits lane", "#2: waits halt, waits lane"]);
    later(30);
    await happen({ kind: "superseded", lane: "canary", release: "c1", by: "c2" });
    await happen({ kind: "entered", lane: "canary", release: "c2", before: "c1", let: null });
    await roll(canary({ release: "c2" }), rest("c0"));
    let waited: ChangeStanding["waited"] = [];
    await createCommentPlace({
      records: store.records,
      show: async (_, number, standing) => void (number === 2 && (waited = standing?.waited ?? [])),
      explain: () => null,
      now: () => at,
      log: log.log,
    }).keep?.(origin(), new AbortController().signal);
    expect(waited).toEqual([{ lane: "canary", over: [1], minutes: 30 }]);
  });

  it("is told that it was taken back, though it was told that it is everywhere and good; and once", async () => {
    await line(null, 1);
    await roll(canary(null, { verified: "c1" }), rest("c1"));
    expect(await kept()).toEqual(["#1: good, good"]);
    later(60);
    // Later looks see a piece of the line that the commit is not on any more, and git names it all the same.
    const [one, two] = [
      { sha: "c2", number: 2 },
      { sha: "c3", number: 3, reverts: null, older: ["elsewhere", "c1"] },
    ];
    await store.transaction((records) => records.saveLine(count, [{ sha: "c1", number: 1 }, one], at));
    await roll(canary(null, { verified: "c2" }), rest("c2"));
    await kept();
    later(60);
    await store.transaction((records) => records.saveLine(count, [one, two], at));
    later(1);
    expect(await kept()).toEqual(["#3: waits train, waits lane", "#1: good, good"]);
    await roll(canary(null, { verified: "c3" }), rest("c2"));
    later(1);
    expect((await kept()).sort()).toEqual(["#1: taken-back, good", "#3: good, waits train"]);
    await roll(canary(null, { verified: "c3" }), rest("c3"));
    later(1);
    expect((await kept()).sort()).toEqual(["#1: taken-back, taken-back", "#3: good, good"]);
    later(1);
    expect(await kept()).toEqual([]);
  });

  it("is told that it is gone where the base branch was forced elsewhere", async () => {
    await line(null, 1, 2);
    await roll(canary(null), rest("c0"));
    await kept();
    await line(null, 2);
    later(1);
    expect(await kept()).toEqual(["#1: gone"]);
    later(1);
    expect(await kept()).toEqual([]);
  });

  it("is told nothing after two months, and is not taken for gone", async () => {
    await line(null, 1);
    await roll(canary(null), rest("c0"));
    await kept();
    later(61 * 24 * 60);
    await roll(canary({ release: "c1" }), rest("c0"));
    expect(await kept()).toEqual([]);
  });

  it("is told nothing of what its first lane had from the beginning", async () => {
    await line(7, 8);
    await roll(canary(null, { verified: "c7" }), rest("c7"));
    expect(await kept()).toEqual(["#8: waits train, waits lane"]);
  });

  it("of many has its turn, who waited longest first", async () => {
    await line(null, ...Array.from({ length: 45 }, (_, index) => index + 1));
    await roll(canary(null), rest("c0"));
    const runs: string[][] = [];
    for (let run = 0; run < 4; run += 1) {
      runs.push((await kept()).map((text) => text.split(":")[0] ?? ""));
      later(1);
    }
    expect(runs.map((run) => run.length)).toEqual([20, 20, 5, 0]);
    expect(new Set(runs.flat()).size).toBe(45);
  });

  it("is held up by none that can't be told, until three can't", async () => {
    await line(null, 1, 2, 3, 4, 5, 6);
    await roll(canary(null), rest("c0"));
    failing.set(1, new Error("GitHub"));
    failing.set(3, new Error("GitHub"));
    failing.set(4, new Error("GitHub"));
    expect((await kept()).map((text) => text.split(":")[0])).toEqual(["#1", "#2", "#3", "#4"]);
    expect(log.lines()).toEqual(Array.from({ length: 3 }, () => "warn: a pull request does not show where it is: GitHub answered 502"));
    failing.clear();
    expect((await kept()).map((text) => text.split(":")[0])).toEqual(["#1", "#3", "#4", "#5", "#6"]);
  });

  it("is told again where the process dies before it is kept that it was", async () => {
    await line(null, 1);
    await roll(canary(null), rest("c0"));
    failing.set(1, new Error("the process is gone"));
    await expect(keep()).rejects.toThrow("the process is gone");
    failing.clear();
    expect(await kept()).toEqual(["#1: waits train, waits lane"]);
  });

  it("is told nothing by a gate that is stopped, and nothing where nothing is rolled out", async () => {
    expect(await kept()).toEqual([]);
    await line(null, 1);
    await roll(canary(null), rest("c0"));
    await keep(AbortSignal.abort());
    expect(shown).toEqual([]);
  });
});
