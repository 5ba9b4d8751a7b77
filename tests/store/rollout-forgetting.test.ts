import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Order } from "../../src/rollout/orders.ts";
import { openMemoryDatabase } from "../../src/store/database.ts";
import { createStore, type Records, type Store } from "../../src/store/records.ts";
import { openTestDatabase } from "./open.ts";

/** What is forgotten of rollouts, on both databases; each case has a repository of its own. */
let store: Store;
let records: Records;
let repository = 7000;

const day = 86_400_000;
const now = new Date("2026-11-22T12:00:00Z");
const ago = (days: number): Date => new Date(now.getTime() - days * day);
const limit = ago(100);

beforeEach(() => {
  repository += 1;
});

const forget = (commits: readonly string[], baselines: readonly string[] = []): Promise<void> =>
  store.transaction((inside) => inside.forgetRollout(repository, limit, { commits, baselines }));
/** c0 to c4, a commit each fifty days: c0 is 200 days old, c4 landed today. */
async function line(): Promise<void> {
  for (const at of [0, 1, 2, 3, 4]) {
    const steps = Array.from({ length: at + 1 }, (_, place) => ({ sha: `c${place}`, number: place }));
    await store.transaction((inside) => inside.saveLine(repository, steps, ago(200 - 50 * at)));
  }
}
const shas = async (): Promise<string> => (await records.lineBehind(repository, 0)).map(({ sha }) => sha).join(" ");

describe.each([
  ["embedded", openMemoryDatabase],
  ["as the others", openTestDatabase],
])("of a rollout is forgotten (database: %s)", (_, open) => {
  beforeAll(async () => {
    store = await createStore(await open(), (error) => {
      throw error;
    });
    records = store.records;
  });
  afterAll(async () => store.close());

  it("what happened before", async () => {
    for (const days of [150, 101, 99, 1])
      await store.transaction((inside) => inside.addNews(repository, [{ kind: "done", release: `${days} days ago` }], ago(days)));
    await forget([]);
    const left = await records.newsAfter(repository, 0, 10);
    expect(left.map(({ event }) => ("release" in event ? event.release : null))).toEqual(["99 days ago", "1 days ago"]);
    // A place that is new begins where it would have.
    expect((await records.toldTo(repository, "new", ago(50))).seq).toBe(left[0]?.seq);
  });

  it("what was said and answered before, but for what would be read and done again", async () => {
    const order = (key: string, number: number | null): Order => ({
      key,
      number,
      verb: "abort",
      text: "canary",
      who: { id: 7, name: "sre" },
      via: "test",
      at: ago(150).toISOString(),
    });
    const say = async (key: string, number: number | null, answered: Date | null): Promise<void> => {
      await records.addOrder(repository, order(key, number), ago(150));
      if (answered !== null) await records.answerOrder(repository, key, { ok: true, text: "done", lines: [] }, answered);
    };
    await say("shell/old", null, ago(150));
    await say("shell/fresh", null, ago(2));
    await say("shell/open", null, null);
    await say("comment/41/abc", 3, ago(150));
    await say("comment/4/abc", 3, ago(150));
    await records.saveRepository({ installation: 5, repository: { id: repository, owner: "acme", name: "control" } });
    await store.transaction((inside) => inside.wake({ repository, number: 3 }));
    await store.transaction((inside) => inside.addAnswered({ repository, number: 3 }, [41], ago(150)));
    await forget([]);
    const left = await records.lastOrders(repository, 10);
    expect(left.map(({ order: { key } }) => key)).toEqual(["comment/4/abc", "shell/open", "shell/fresh"]);
  });

  it.each<[string, string[], string]>([
    ["the line behind all lanes", ["c3", "c2"], "c2 c3 c4"],
    ["no more of it than what is old", ["c4"], "c2 c3 c4"],
    ["nothing of it that a lane has", ["c4", "c1"], "c1 c2 c3 c4"],
    ["nothing of it where a lane has what is not on it", ["c4", "elsewhere"], "c0 c1 c2 c3 c4"],
    ["nothing of it where nothing is known of lanes", [], "c0 c1 c2 c3 c4"],
  ])("%s", async (_, commits, left) => {
    await line();
    await forget(commits);
    expect(await shas()).toBe(left);
  });

  it("the line in a way that the next look adds to it as before", async () => {
    await line();
    await forget(["c3"]);
    await store.transaction((inside) =>
      inside.saveLine(
        repository,
        [3, 4, 5].map((number) => ({ sha: `c${number}`, number })),
        now,
      ),
    );
    expect(await shas()).toBe("c2 c3 c4 c5");
    expect((await records.lineFrom(repository, "c3")).map(({ number }) => number)).toEqual([3, 4, 5]);
  });

  it("what changes were told, with the line: none is taken for gone", async () => {
    await line();
    for (const number of [1, 4]) await records.saveShown(repository, { number, digest: "d", settled: false }, ago(150));
    await forget(["c3"]);
    expect((await records.unsettledChanges(repository, ago(60))).map(({ number, place }) => [number, place])).toEqual([
      [3, 3],
      [4, 4],
    ]);
  });

  it("what was learnt of commits that are not on the line any more, nor in use", async () => {
    await line();
    const steps = ["c0", "c2", "c3", "forced", "pushed"].map((sha) => ({ sha, number: null, solo: true }));
    await records.saveSteps(repository, steps, ago(150));
    await records.saveSteps(repository, [{ sha: "fresh", number: null, solo: false }], ago(50));
    await forget(["c3"]);
    const left = await records.stepsOf(repository, [...steps.map(({ sha }) => sha), "fresh"]);
    expect(left.map(({ sha }) => sha).sort()).toEqual(["c2", "c3", "fresh"]);
  });

  it("what nodes were like before releases that are through, and what was expected of them", async () => {
    for (const name of ["in use", "through"])
      for (const lane of ["canary", "rest"])
        await records.saveBaseline(repository, { lane, name: `${name} ${lane}`, before: {} }, ago(150));
    await records.saveBaseline(repository, { lane: "canary", name: "fresh", before: {} }, ago(50));
    await records.savePrediction(repository, { before: "c0", release: "c1", prediction: { old: true } }, ago(150));
    await records.savePrediction(repository, { before: "c1", release: "c2", prediction: { used: true } }, ago(150));
    await records.savePrediction(repository, { before: "c0", release: "c2", prediction: { fresh: true } }, ago(50));
    await forget(["c1", "c2"], ["in use canary"]);
    const baselines = await Promise.all(
      ["in use canary", "through canary", "fresh"].map((name) => records.baselineOf(repository, { lane: "canary", name })),
    );
    expect(baselines).toEqual([{}, null, {}]);
    expect(await records.baselineOf(repository, { lane: "rest", name: "in use rest" })).toBeNull();
    const predictions = [
      ["c0", "c1"],
      ["c1", "c2"],
      ["c0", "c2"],
    ].map(([before = "", release = ""]) => records.predictionOf(repository, { before, release }));
    expect(await Promise.all(predictions)).toEqual([null, { used: true }, { fresh: true }]);
  });

  it("nothing of another repository", async () => {
    await line();
    await store.transaction((inside) => inside.addNews(repository, [{ kind: "done", release: "c0" }], ago(150)));
    const other = repository;
    repository += 1;
    await line();
    await forget(["c4"]);
    repository = other;
    expect([await shas(), (await records.newsAfter(other, 0, 10)).length]).toEqual(["c0 c1 c2 c3 c4", 1]);
    repository += 1;
  });
});
