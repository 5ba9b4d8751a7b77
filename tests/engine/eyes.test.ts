import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEyes, type Eyes } from "../../src/engine/eyes.ts";
import { explainLanes } from "../../src/engine/explain-lanes.ts";
import { known, unknown, type Known } from "../../src/gate/facts.ts";
import type { Push } from "../../src/gate/event.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { openTestDatabase } from "../store/open.ts";
import { memoryLog, origin } from "./stand-ins/world.ts";
import { rolloutOf } from "./rollout/world.ts";

/** Times without sight, and lanes that somebody else moved, over a real store. */
let store: Store;
let eyes: Eyes;
let now: Date;
beforeAll(async () => {
  const database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
});
afterAll(() => store.close());
let day = 0;
beforeEach(() => {
  now = new Date(Date.UTC(2026, 10, (day += 1), 12));
  eyes = createEyes({ store, now: () => now });
});

const later = (minutes: number): Date => (now = new Date(now.getTime() + minutes * 60_000));
const told = async (kind: "blind" | "lane-moved-outside" = "blind"): Promise<Record<string, unknown>[]> => {
  const entries = await store.log.entriesOfKinds(
    [kind],
    { from: null, to: null, repository: null, subject: null },
    { first: 0, most: 1_000 },
  );
  const found = entries.map(({ entry }) => JSON.parse(entry) as { at: string; subject: string; evidence: string[] });
  const today = found.filter(({ at }) => at.slice(0, 10) >= new Date(Date.UTC(2026, 10, day)).toISOString().slice(0, 10));
  const blobs = await store.log.blobsOf(today.flatMap(({ evidence }) => evidence));
  return today.map(({ subject, evidence: [digest] }) => {
    const blob = blobs.find(({ sha256 }) => sha256 === digest)?.blob ?? "";
    return { subject, ...(JSON.parse(blob.slice(65)) as object) };
  });
};

describe("a time without sight", () => {
  it("of ten minutes is told of when it is so long, and when it is over, each once", async () => {
    const from = now.toISOString();
    await eyes.blind(0, "puppetdb", "it does not answer");
    later(9);
    await eyes.blind(0, "puppetdb", "it says something else");
    expect(await told()).toEqual([]);
    later(1);
    for (let n = 0; n < 3; n += 1) await eyes.blind(0, "puppetdb", "it does not answer");
    expect(await told()).toEqual([
      { subject: "sight/puppetdb", what: "puppetdb", from, to: null, why: "it does not answer", reconciled: null },
    ]);
    const to = later(5).toISOString();
    for (let n = 0; n < 3; n += 1) await eyes.sees(0, "puppetdb", "nothing passed");
    expect((await told())[1]).toMatchObject({ from, to, reconciled: "nothing passed" });
    expect(await told()).toHaveLength(2);
  });

  it("of less is forgotten", async () => {
    await eyes.blind(7, "github", "502");
    later(9);
    await eyes.sees(7, "github", "looked");
    later(20);
    await eyes.sees(7, "github", "looked");
    expect(await told()).toEqual([]);
  });

  it("in which the gate did not run is told of by its first look", async () => {
    await eyes.looked("found nothing");
    later(1);
    await eyes.looked("found nothing");
    const from = now.toISOString();
    const before = await told();
    const to = later(600).toISOString();
    await eyes.looked("gave 3 changes a turn");
    expect((await told()).slice(before.length)).toEqual([
      expect.objectContaining({ what: "gate", from, to, reconciled: "the first look after it gave 3 changes a turn" }),
    ]);
  });

  it("in which webhooks told of nothing begins with what moved, and ends with the next one", async () => {
    const moved = new Date(now.getTime() - 120_000);
    await eyes.unheard(moved);
    later(11);
    await eyes.unheard(moved);
    expect(await told()).toMatchObject([{ what: "webhooks", from: moved.toISOString(), to: null }]);
    later(1);
    await eyes.unheard(null);
    expect(await told()).toHaveLength(1);
    await store.records.addDelivery({ id: `d${day}`, name: "push", event: null, receivedAt: later(1) });
    await eyes.unheard(null);
    expect((await told())[1]).toMatchObject({ what: "webhooks", to: now.toISOString() });
    // One that came after what moved told of it, or of something since.
    await eyes.unheard(new Date(now.getTime() - 120_000));
    later(11);
    await eyes.unheard(null);
    expect(await told()).toHaveLength(2);
  });
});

describe("a lane's branch", () => {
  const log = memoryLog();
  const repository = origin.repository.id;
  const walk = async (pushes: Known<readonly Push[]>): Promise<void> =>
    explainLanes(
      { store, forge: { pushesTo: async (_, branch) => (branch === "production" ? known([]) : pushes) }, now: () => now, log: log.log },
      origin,
    );
  const push = (sha: string, id: number | null = 9): Push => ({
    sha,
    by: id === null ? null : { id, login: "eve", bot: false },
    at: now.toISOString(),
  });

  it("that somebody else moved, and moved back, is found by GitHub's own record; what the gate moved is none of that", async () => {
    await store.records.saveRepository(origin);
    await store.records.saveRollout(repository, { rollout: rolloutOf(null) }, now);
    const first = push("c0");
    await walk(known([first]));
    expect(await told("lane-moved-outside")).toEqual([]);
    later(61);
    const draft = { kind: "lane-moved", subject: "lane/canary", actor: null, evidence: [`{"release":"c1"}`], key: "moved" } as const;
    await store.transaction((records) => records.appendEntries(repository, [draft], now));
    const ours = push("c1", null);
    later(1);
    const theirs = push("evil");
    later(1);
    const back = push("c1", null);
    await walk(known([back, theirs, ours, first]));
    expect(await told("lane-moved-outside")).toEqual([
      { subject: "lane/canary", lane: "canary", branch: "production_canary", from: "c1", to: "evil", at: theirs.at },
    ]);
    // Not again within the hour, nor of the same moves after it; and what can't be learnt is asked for again.
    await walk(known([back, theirs, ours, first]));
    later(61);
    await walk(unknown("GitHub is away"));
    await walk(known([push("worse"), back, theirs, ours, first]));
    expect((await told("lane-moved-outside")).map(({ to }) => to)).toEqual(["evil", "worse"]);
  });
});
