import { afterAll, beforeAll, expect, it } from "vitest";
import { hearOrders } from "../../src/engine/rollout/orders.ts";
import type { Entry } from "../../src/ledger/entry.ts";
import { known } from "../../src/policy/known.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import { rolloutOf, RollWorld, stageOf, start } from "../engine/rollout/world.ts";
import { openTestDatabase } from "../store/open.ts";

/** What people say is done once on a real database, wherever the process dies. Git and GitHub are tables. */
let database: Database;
let store: Store;
let count = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
});
afterAll(async () => store.close());

class Killed extends Error {}

const who = { id: 9, name: "sre" };
const words = [
  { verb: "abort", text: "canary odd graphs", entries: ["rollout-ordered", "lane-halted"], news: ["halted"] },
  {
    verb: "promote",
    text: "canary looked at the graphs",
    entries: ["rollout-ordered", "lane-promoted", "lane-passed"],
    news: ["promoted", "passed"],
  },
  { verb: "abort", text: "rest nothing is there", entries: ["rollout-refused"], news: [] },
  { verb: "status", text: "", entries: [], news: [] },
] as const;
/** Every call that writes: the transaction of the word, and what has it told. */
const kills = [1, 2].flatMap((call) => [false, true].map((after) => ({ call, after })));

it.each(words.flatMap((word) => kills.map((kill) => ({ ...word, ...kill }))))(
  "`$verb $text`, where the process dies at its write $call (after it: $after)",
  async ({ verb, text, entries, news, call, after }) => {
    count += 1;
    const origin = { installation: 1, repository: { id: count, owner: "acme", name: `control-${count}` } };
    await store.records.saveRepository(origin);
    await store.transaction((records) => records.askRolls([count]));
    const job = await store.take("roll", 30);
    if (job === null) throw new Error("nobody asked for a look");
    await store.held(job.lease, (records) => records.saveRollout(count, { rollout: rolloutOf(stageOf()) }, start));
    const world = new RollWorld();
    world.pulls.set("c1", known({ number: 7, labels: [] }));
    const alice = { id: 1, login: "alice", bot: false };
    world.contributions.set(7, known({ number: 7, opener: alice, head: "h1", commits: known([]) }));
    await store.records.addPush(count, { sha: "h1", by: alice, at: null });
    const order = { key: "comment/1", number: 3, verb, text, who, via: "pull request", at: start.toISOString() };
    await store.records.addOrder(count, order, start);
    await store.records.addOrder(count, { ...order, text: "something else" }, start);

    let calls = 0;
    const dying = async <T>(work: () => Promise<T>): Promise<T> => {
      calls += 1;
      if (calls > call || (calls === call && !after)) throw new Killed();
      const result = await work();
      if (calls === call) throw new Killed();
      return result;
    };
    const ports = { ...world.ports(), store };
    const killed = {
      ...store,
      held: (lease, work) => dying(() => store.held(lease, work)),
      transaction: (work) => dying(() => store.transaction(work)),
    } satisfies Store;
    const first = await hearOrders({ ...ports, store: killed }, origin, job.lease).catch((error: unknown) => error);
    // Refusals and questions take one write.
    expect(first instanceof Killed || calls < call).toBe(true);
    await hearOrders(ports, origin, job.lease);
    await hearOrders(ports, origin, job.lease);

    const { rows } = await database.query<{ entry: string }>("select entry from entries where repository = $1 order by seq", [count]);
    expect(rows.map(({ entry }) => (JSON.parse(entry) as Entry).kind)).toEqual(entries);
    expect((await store.records.newsAfter(count, 0, 100)).map(({ event }) => event.kind)).toEqual(news);
    const [kept] = await store.records.ordersOf({ repository: count, number: 3 });
    expect(kept).toMatchObject({ order: { text }, answer: { ok: !entries.some((kind) => kind === "rollout-refused") } });
    expect(await store.records.openOrders(count)).toEqual([]);
    const turn = await store.take("advance", 30);
    expect(turn?.data).toMatchObject({ repository: count, number: 3 });
    if (turn !== null) await store.held(turn.lease, (records) => records.settleTurn(turn));
    await store.held(job.lease, (records) => records.endJob(job));
  },
);
