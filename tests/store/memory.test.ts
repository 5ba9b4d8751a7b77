import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitedFor } from "../../src/engine/rollout/waited.ts";
import type { Binding, Glass, Wish } from "../../src/gate/facts.ts";
import { blobOf, commitmentTo, digestOf, type Draft } from "../../src/ledger/entry.ts";
import type { Database } from "../../src/store/database.ts";
import { toNumber } from "../../src/store/executor.ts";
import { createStore } from "../../src/store/records.ts";
import type { Records, Store } from "../../src/store/records.ts";
import { alice, base, bob, head, merge, older, tree } from "../gate/world.ts";
import { readingsOf } from "../../src/wiring/readings.ts";
import { stageOf, stateOf } from "../engine/rollout/world.ts";
import { openTestDatabase } from "./open.ts";

/** What the gate promised and was told, and the ledger. One database for the file; each case has a repository of its own. */
let database: Database;
let store: Store;
let records: Records;
let repository = 5000;
const at = new Date("2026-03-01T12:00:00Z");
const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);

beforeAll(async () => {
  database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
  records = store.records;
});
afterAll(async () => store.close());

async function newChange(number = 1): Promise<{ repository: number; number: number }> {
  repository += 1;
  await records.saveRepository({ installation: 5, repository: { id: repository, owner: "acme", name: "control" } });
  await store.transaction((inside) => inside.wake({ repository, number }));
  return { repository, number };
}

describe("approvals", () => {
  const binding: Binding = { base, baseRef: "main", tree, patch: null, digest: "1".repeat(64), permission: "write" };
  const receipt = { reviewer: bob.id, commit: head, source: "delivery", submittedAt: at.toISOString() } as const;

  it("are kept as they were told first, in the order of submission, and are bound once", async () => {
    const change = await newChange();
    await records.addReceipt(change, { ...receipt, review: 60, submittedAt: later(5).toISOString() });
    await records.addReceipt(change, { ...receipt, review: 61 });
    await records.addReceipt(change, { ...receipt, review: 61, commit: older });
    await records.bindReceipt(change.repository, 61, binding);
    await records.bindReceipt(change.repository, 61, { ...binding, base: older });
    expect(await records.receiptsOf(change)).toEqual([
      { review: 61, reviewer: bob.id, commit: head, source: "delivery", bound: binding, shown: null },
      { review: 60, reviewer: bob.id, commit: head, source: "delivery", bound: null, shown: null },
    ]);
  });

  it("stand as a late delivery says, over what was only read: bound anew where that was another head", async () => {
    const change = await newChange();
    for (const review of [70, 71]) await records.addReceipt(change, { ...receipt, review, source: "api" });
    for (const review of [70, 71]) await records.bindReceipt(change.repository, review, binding);
    await records.addReceipt(change, { ...receipt, review: 70, commit: older });
    await records.addReceipt(change, { ...receipt, review: 71 });
    expect(await records.receiptsOf(change)).toMatchObject([
      { review: 70, commit: older, source: "delivery", bound: null },
      { review: 71, commit: head, source: "delivery", bound: binding, shown: null },
    ]);
  });

  it("are compared once for two pairs", async () => {
    const { repository } = await newChange();
    const [from, to] = [
      { base, head: older },
      { base, head },
    ];
    expect(await records.findCarry(repository, from, to)).toBeNull();
    await records.saveCarry(repository, { from, to, carry: { kind: "changed", why: "the patch differs" } }, at);
    expect(await records.findCarry(repository, from, to)).toEqual({ kind: "changed", why: "the patch differs" });
    expect(await records.findCarry(repository, to, from)).toBeNull();
  });
});

describe("promises", () => {
  it("trusts one head, by whoever said so first", async () => {
    const change = await newChange();
    await records.addTrust(change, { head, by: bob, comment: 1 }, at);
    await records.addTrust(change, { head, by: alice, comment: 2 }, at);
    expect(await records.trustOf(change, head)).toEqual(bob);
    expect(await records.trustOf(change, older)).toBeNull();
  });

  it("has one wish and one grant of a change at a time", async () => {
    const change = await newChange();
    const wish: Wish = { comment: 1, by: alice, head, baseRef: "main", policyDigest: "p", message: "m", method: null };
    await records.saveWish(change, wish, at);
    await records.saveWish(change, { ...wish, comment: 2 }, at);
    expect(await records.wishOf(change)).toEqual({ ...wish, comment: 2 });
    await records.endWish(change);
    expect(await records.wishOf(change)).toBeNull();
    const glass: Glass = { comment: 3, by: alice, reason: "the site is down", head, expiresAt: later(60).toISOString() };
    expect(await records.glassOf(change)).toBeNull();
    await records.saveGlass(change, glass);
    await records.saveGlass(change, { ...glass, comment: 4 });
    expect(await records.glassOf(change)).toEqual({ ...glass, comment: 4 });
  });

  it("remembers what is owed until it is paid, and what is frozen until it is lifted", async () => {
    const change = await newChange(8);
    const debt = {
      number: 8,
      byId: alice.id,
      by: "alice",
      reason: "the site is down",
      since: at.toISOString(),
      baseRef: "main",
      landing: head,
      seen: [7],
    };
    await records.oweReview(change.repository, debt);
    await records.oweReview(change.repository, { ...debt, reason: "told again" });
    const again = { ...debt, landing: older, baseRef: "release" };
    await records.oweReview(change.repository, again);
    expect(await records.debtsOf(change, "main")).toEqual([debt, again].sort((one, two) => (one.landing < two.landing ? -1 : 1)));
    expect(await records.debtsOf({ ...change, number: 9 }, "main")).toEqual([debt]);
    expect(await records.debtsOf({ ...change, number: 9 }, "other")).toEqual([]);
    await records.payReview(change, { landing: head, review: 99 }, later(9));
    await records.oweReview(change.repository, debt);
    expect(await records.debtsOf(change, "main")).toEqual([again]);
    const frozen = { number: 8, why: "what landed is not what was checked", since: at.toISOString() };
    await records.freezeBranch(change.repository, "main", frozen);
    await records.freezeBranch(change.repository, "main", { ...frozen, number: 9 });
    await records.freezeBranch(change.repository, "release", { ...frozen, number: 10 });
    expect(await records.frozenOf(change.repository, "main")).toEqual(frozen);
    await records.unfreezeBranch(change.repository, "main");
    expect(await records.frozenOf(change.repository, "main")).toBeNull();
    expect(await records.frozenOf(change.repository, "release")).toMatchObject({ number: 10 });
  });

  it("gives a change once whose time has come", async () => {
    const change = await newChange();
    await records.setDue(change, later(30));
    expect(await records.takeDue(later(29), 50)).toEqual([]);
    expect(await records.takeDue(later(30), 50)).toEqual([change]);
    expect(await records.takeDue(later(31), 50)).toEqual([]);
  });
});

describe("branches", () => {
  it("knows how far a branch is explained, and which commits are landings of ours, lost answers included", async () => {
    const change = await newChange(3);
    expect(await records.explainedTip(change.repository, "main")).toBeNull();
    await records.saveExplainedTip(change.repository, { branch: "main", tip: base }, at);
    await records.saveExplainedTip(change.repository, { branch: "main", tip: head }, at);
    expect(await records.explainedTip(change.repository, "main")).toBe(head);
    await records.intendMerge(change, { ...merge(), commit: head }, at);
    await records.refuseMerge(change, "nobody answered", at);
    expect(await records.landingsAt(change.repository, [base, head])).toEqual([{ number: 3, sha: head, landed: false }]);
    await records.saveLanding(change, { by: "gate", who: null, sha: older, trees: null }, at);
    expect((await records.landingsAt(change.repository, [older, head])).map(({ sha }) => sha).sort()).toEqual([head, older].sort());
    expect(await records.watchedBranches(change.repository)).toEqual(["main"]);
  });

  it("does not take somebody else's merge for one of ours", async () => {
    const change = await newChange();
    await records.saveLanding(change, { by: "other", who: "dave", sha: older, trees: null }, at);
    expect(await records.landingsAt(change.repository, [older])).toEqual([]);
  });
});

describe("the ledger", () => {
  const draft = (key: string, more: Partial<Draft> = {}): Draft => ({
    kind: "landed",
    subject: "pull/1",
    actor: alice.id,
    evidence: [`text of ${key}`],
    key,
    ...more,
  });
  /** By which entries name the text: of its salt and it. */
  const addressOf = async (text: string): Promise<string> => {
    const { rows } = await database.query<{ sha256: string; salt: string }>("select sha256, salt from evidence where content = $1", [
      Buffer.from(text),
    ]);
    const [row] = rows;
    expect(rows).toEqual([{ sha256: digestOf(blobOf(text, row?.salt ?? "")), salt: expect.stringMatching(/^[0-9a-f]{64}$/u) }]);
    return row?.sha256 ?? "";
  };
  const sequence = async (): Promise<number[]> =>
    (await database.query<{ seq: number }>("select seq from entries order by seq")).rows.map(({ seq }) => toNumber(seq));

  it("is one sequence without gaps, whatever was told twice or rolled back", async () => {
    const [one, other] = [await newChange(), await newChange()];
    await store.transaction((inside) => inside.appendEntries(one.repository, [draft("a"), draft("b"), draft("a")], at));
    const failing = store.transaction(async (inside) => {
      await inside.appendEntries(one.repository, [draft("c")], at);
      throw new Error("power cut");
    });
    await expect(failing).rejects.toThrow("power cut");
    await store.transaction((inside) => inside.appendEntries(other.repository, [draft("a"), draft("d")], at));
    await store.transaction((inside) => inside.appendEntries(one.repository, [draft("b", { kind: "frozen" }), draft("c")], later(1)));
    const numbers = await sequence();
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const told = await records.entriesOf(one.repository, "pull/1");
    expect(told.map(({ entry }) => entry.idempotencyKey)).toEqual(["a", "b", "c"].map((key) => `${one.repository}/${key}`));
    expect(told[1]?.entry).toMatchObject({ kind: "landed", at: at.toISOString(), evidence: [await addressOf("text of b")] });
  });

  it("keeps texts by their digest, and people by a salt that can be forgotten", async () => {
    const change = await newChange();
    await store.transaction((inside) => inside.appendEntries(change.repository, [draft("x", { evidence: ["å\0"] })], at));
    expect((await records.entriesOf(change.repository, "pull/1"))[0]?.entry.evidence).toEqual([await addressOf("å\0")]);
    const { rows: salts } = await database.query<{ salt: string }>("select salt from actors where id = $1", [alice.id]);
    const [told] = await records.entriesOf(change.repository, "pull/1");
    expect(told?.entry.actor).toBe(commitmentTo(alice.id, salts[0]?.salt ?? ""));
    await database.query("delete from actors where id = $1", [alice.id]);
    expect((await records.entriesOf(change.repository, "pull/1"))[0]?.entry.actor).toBe(told?.entry.actor);
  });

  it.each(["update entries set kind = 'frozen'", "delete from entries", "truncate entries"])("refuses %s", async (sql) => {
    const change = await newChange();
    await store.transaction((inside) => inside.appendEntries(change.repository, [draft("kept")], at));
    const before = await sequence();
    await expect(database.query(sql)).rejects.toThrow("the ledger is append-only");
    expect(await sequence()).toEqual(before);
  });
});

describe("the numbers of a rollout", () => {
  it("are those of its lanes, with who waits over whose halt and for how long", async () => {
    const now = new Date();
    const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
    const { repository: id } = await newChange();
    const who = { id: 7, name: "sre" };
    const halt = { why: { kind: "person", by: who, reason: "odd" }, at: ago(60).getTime() } as const;
    const rollout = {
      lanes: [stateOf(stageOf({ intendedAt: ago(90).getTime() }), { halt }), stateOf(null, { lane: "rest", environment: "production" })],
      quarantined: [{ commit: "c0", lane: "canary", at: 0 }],
      paused: null,
    };
    await records.saveRollout(id, { rollout }, now);
    const steps = ["c0", "c1", "c2"].map((sha, number) => ({ sha, number }));
    await store.transaction((inside) => inside.saveLine(id, steps, ago(80)));
    await store.transaction((inside) => inside.addNews(id, [{ kind: "halted", lane: "canary", release: "c1", halt }], ago(60)));
    const waited = new Map([[id, await waitedFor(records, id, { now })]]);
    const own = readingsOf(await store.readings(), waited, now.getTime()).filter(([, labels]) => labels[0] === "acme/control");
    const valueOf = (name: string, ...labels: string[]): number | undefined =>
      own.find(([of, [, ...rest]]) => of === name && labels.every((label, index) => rest[index] === label))?.[2];
    expect([valueOf("rollout_lane_state", "canary", "halted"), valueOf("rollout_lane_state", "rest", "still")]).toEqual([1, 1]);
    expect(valueOf("rollout_lane_seconds", "canary")).toBeCloseTo(3_600, -1);
    expect(valueOf("rollout_quarantined")).toBe(1);
    expect([valueOf("rollout_waiting_changes", "canary"), valueOf("rollout_waited_seconds", "canary")]).toEqual([1, 3_600]);
    expect([valueOf("rollout_waiting_changes", "rest"), valueOf("rollout_waited_seconds", "rest")]).toEqual([0, 0]);
  });
});

describe("whom changes reach", () => {
  it("is what was kept of their checks, else what their labels say, and nothing where neither tells", async () => {
    const { repository: id } = await newChange(1);
    for (const number of [2, 3]) await store.transaction((inside) => inside.wake({ repository: id, number }));
    for (const number of [1, 2])
      await records.changeOwnLabels({ repository: id, number }, { add: ["service/web", "service/ads", "radius/small"], remove: [] });
    const about = { title: "x", opener: "ann", openedAt: at.toISOString() };
    const reach = { services: ["playlist"], teams: ["acme/playlist"], nodes: "read" as const };
    await records.saveDecision(
      { repository: id, number: 1 },
      {
        state: "open",
        baseRef: "main",
        base,
        head,
        verdict: { outcome: "pass", reasons: [] },
        standing: "pass",
        answers: [],
        about: { ...about, reach },
      },
      at,
    );
    expect([...(await records.reachOfChanges(id, [1, 2, 3, 4]))].sort(([one], [other]) => one - other)).toEqual([
      [1, { services: ["playlist"], teams: ["acme/playlist"] }],
      [2, { services: ["ads", "web"], teams: [] }],
    ]);
  });
});

describe("buckets of nodes", () => {
  it("are forgotten where a node is gone for long, others were seen meanwhile, and no lane is judged by it", async () => {
    const { repository } = await newChange();
    const day = (days: number): Date => later(days * 86_400);
    const left = async (): Promise<string[]> =>
      [...(await records.otherBuckets(repository, of(0, "stays", "gone", "judged"))).keys()].sort();
    const of = (bucket: number, ...names: string[]): Map<string, number> => new Map(names.map((name) => [name, bucket]));
    const forget = (): Promise<void> => store.transaction((inside) => inside.forgetBuckets(repository, 100, ["in use"]));
    await records.keepBuckets(repository, of(7, "stays", "gone", "judged"), day(0));
    for (const [name, node] of [
      ["in use", "judged"],
      ["through", "gone"],
    ] as const)
      await records.saveBaseline(repository, { lane: "canary", name, before: { [node]: {} as never } }, day(0));
    // However long ago that was: nobody saw a fleet since.
    await forget();
    expect(await left()).toEqual(["gone", "judged", "stays"]);
    await records.keepBuckets(repository, of(0, "stays"), day(100));
    await forget();
    expect(await left()).toEqual(["gone", "judged", "stays"]);
    await records.keepBuckets(repository, of(0, "stays"), day(102));
    await forget();
    expect(await left()).toEqual(["judged", "stays"]);
  });

  it("are those of when a node was kept first, each repository's own, and told where they are counted otherwise now", async () => {
    const [one, other] = [await newChange(), await newChange()].map((change) => change.repository);
    await records.keepBuckets(one ?? 0, new Map([["a", 1]]), at);
    await records.keepBuckets(
      one ?? 0,
      new Map([
        ["a", 2],
        ["b", 3],
      ]),
      later(60),
    );
    const now = new Map([
      ["a", 2],
      ["b", 3],
      ["c", 4],
    ]);
    expect([...(await records.otherBuckets(one ?? 0, now))]).toEqual([["a", 1]]);
    expect((await records.otherBuckets(other ?? 0, now)).size).toBe(0);
    const fleet = new Map(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, index % 10_000]));
    for (let times = 0; times < 2; times += 1) await records.keepBuckets(other ?? 0, fleet, at);
    expect((await records.otherBuckets(other ?? 0, fleet)).size).toBe(0);
  });
});
