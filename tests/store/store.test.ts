import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase } from "./open.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore } from "../../src/store/records.ts";
import type { Records, Store } from "../../src/store/records.ts";
import { base, checked, head, memory, merge as mergeOf, older, report } from "../gate/world.ts";

/** One database for the file: booting one takes seconds. Each case has a repository of its own. */
let database: Database;
let store: Store;
let records: Records;
let repository = 1000;
const at = new Date("2026-03-01T12:00:00Z");
const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);

beforeAll(async () => {
  database = await openTestDatabase();
  store = createStore(database);
  records = store.records;
});
afterAll(async () => store.close());

async function newChange(number = 1): Promise<{ repository: number; number: number }> {
  repository += 1;
  await records.saveRepository({ installation: 5, repository: { id: repository, owner: "acme", name: "control" } });
  await records.wake({ repository, number });
  return { repository, number };
}
const turnOf = async (change: { repository: number; number: number }, now = at): ReturnType<Records["dueTurns"]> =>
  (await records.dueTurns(now)).filter((turn) => turn.repository === change.repository && turn.number === change.number);
const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1);
  return items[0] as T;
};

describe("deliveries", () => {
  it("case 71: keeps a delivery once", async () => {
    const delivery = { id: "72d3162e", name: "pull_request", event: null, receivedAt: at };
    expect(await records.addDelivery(delivery)).toBe(true);
    expect(await records.addDelivery(delivery)).toBe(false);
  });

  it("forgets old ones, and effects that were ended", async () => {
    const change = await newChange();
    await records.addDelivery({ id: "old", name: "push", event: null, receivedAt: later(-60) });
    const [ended = 0] = await records.intendEffects(change, [{ kind: "labels", add: [], remove: [] }], later(-60));
    await records.endEffect(ended, null, later(-60));
    await records.forgetOld(later(-1));
    expect(await records.addDelivery({ id: "old", name: "push", event: null, receivedAt: at })).toBe(true);
    const { rows } = await database.query("select 1 from effects where repository = $1", [change.repository]);
    expect(rows).toEqual([]);
  });

  it("keeps nothing of a transaction that fails", async () => {
    const delivery = { id: "rolled-back", name: "push", event: null, receivedAt: at };
    const failing = store.transaction(async (inside) => {
      await inside.addDelivery(delivery);
      throw new Error("power cut");
    });
    await expect(failing).rejects.toThrow("power cut");
    expect(await records.addDelivery(delivery)).toBe(true);
  });

  it("says so instead of waiting for ever when a transaction uses the outer handle", async () => {
    await expect(store.transaction(() => records.countTurns())).rejects.toThrow("transaction's own executor");
  });
});

describe("turns", () => {
  it("does not absorb a wake that comes during a turn", async () => {
    const change = await newChange();
    const turn = only(await turnOf(change));
    await records.wake(change);
    await records.settleTurn(turn);
    const next = only(await turnOf(change));
    expect(next.wanted).toBe(turn.wanted + 1);
    await records.settleTurn(next);
    expect(await turnOf(change)).toEqual([]);
  });

  it("tries again at its time, counts the attempts, and gives up for good only until the next wake", async () => {
    const change = await newChange();
    await records.postponeTurn(only(await turnOf(change)), "GitHub answered 502", later(30));
    expect(await turnOf(change)).toEqual([]);
    expect(await records.nextTurn()).toEqual(later(30));
    const second = only(await turnOf(change, later(30)));
    expect(second.attempts).toBe(1);
    await records.postponeTurn(second, "GitHub answered 502", null);
    expect(await turnOf(change, later(3600))).toEqual([]);
    expect((await records.countTurns()).givenUp).toBe(1);
    await records.wake(change);
    expect(only(await turnOf(change)).attempts).toBe(0);
    await records.settleTurn(only(await turnOf(change)));
  });

  it("lets a wake during a turn that fails be due at once", async () => {
    const change = await newChange();
    const turn = only(await turnOf(change));
    await records.wake(change);
    await records.postponeTurn(turn, "GitHub answered 502", later(600));
    const next = only(await turnOf(change));
    expect(next.attempts).toBe(0);
    await records.settleTurn(next);
  });

  it("gives turns after a start to what was given up, and to what was intended and not seen through", async () => {
    const [givenUp, unfinished, unchecked, merging, finished] = [
      await newChange(),
      await newChange(),
      await newChange(),
      await newChange(),
      await newChange(),
    ];
    await records.postponeTurn(only(await turnOf(givenUp)), "GitHub answered 502", null);
    for (const change of [unfinished, unchecked, merging, finished]) await records.settleTurn(only(await turnOf(change)));
    await records.intendEffects(unfinished, [{ kind: "labels", add: ["radius/small"], remove: [] }], at);
    const decided = {
      state: "open",
      baseRef: "main",
      base,
      head,
      verdict: { outcome: "blocked", reasons: [] },
      standing: "checking",
      answers: [],
    } as const;
    await records.saveDecision(unchecked, decided, at);
    await records.saveDecision(finished, decided, at);
    await records.saveCheck(finished, { base, head }, { ok: true, checked: checked() }, at);
    await records.intendMerge(merging, { ...mergeOf(), commit: null }, at);
    await records.resumeTurns();
    const due = (await records.dueTurns(at)).map((turn) => turn.repository);
    for (const change of [givenUp, unfinished, unchecked, merging]) expect(due).toContain(change.repository);
    expect(due).not.toContain(finished.repository);
  });
});

describe("what is remembered of a change", () => {
  it("finds the changes of a branch and of a head", async () => {
    const change = await newChange(4);
    const answer = { comment: 9, by: "alice", command: "/why", accepted: true, text: "nothing", lines: [] };
    expect(await records.findChange(change)).toEqual({ state: "open", pair: null, answers: [] });
    await records.saveDecision(
      change,
      { state: "open", baseRef: "main", base, head, verdict: { outcome: "pass", reasons: [] }, standing: "pass", answers: [answer] },
      at,
    );
    expect(await records.findChange(change)).toEqual({ state: "open", pair: { base, head }, answers: [answer] });
    expect(await records.openChangesInto(repository, "main")).toEqual([4]);
    expect(await records.openChangesInto(repository, "other")).toEqual([]);
    expect(await records.openChangesAt(repository, head)).toEqual([{ number: 4, standing: "pass" }]);
  });

  it("keeps a check by its pair, counts tries, and forgets on request", async () => {
    const change = await newChange();
    const problem = { code: "fetch", text: "GitHub hung up.", hint: "Wait." };
    await records.saveCheck(change, { base, head }, { ok: false, problem }, at);
    expect(await records.findCheck(change, { base, head })).toEqual({ attempts: 1, result: { ok: false, problem } });
    const hostile = report({
      findings: [
        {
          check: "lint",
          severity: "error",
          path: "a\u0000\ud800.pp",
          line: 1,
          column: 1,
          code: "x",
          message: "\u202e",
          onChangedLine: true,
        },
      ],
    });
    const found = { ...checked(), report: hostile, paths: ["a.pp"] };
    await records.saveCheck(change, { base, head }, { ok: true, checked: found }, at);
    expect(await records.findCheck(change, { base, head })).toEqual({ attempts: 2, result: { ok: true, checked: found } });
    expect(await records.findCheck(change, { base: older, head })).toBeNull();
    await records.saveCheck(change, { base: older, head }, { ok: false, problem }, at);
    expect(await records.findCheck(change, { base, head })).toBeNull();
    await records.saveCheck(change, { base, head }, { ok: true, checked: found }, at);
    await records.forgetChecks(change);
    expect(await records.findCheck(change, { base, head })).toBeNull();
  });

  it("knows who pushed, by id and under the newest name, and the latest time", async () => {
    const change = await newChange();
    const push = (id: number, login: string, time: string | null): Promise<void> =>
      records.addPush(change.repository, { sha: head, by: { id, login, bot: false }, at: time });
    await push(2, "bob", "2026-03-01T12:00:05Z");
    await push(2, "robert", "2026-03-01T12:00:00Z");
    await records.addPush(change.repository, { sha: head, by: null, at: "2026-03-01T12:00:07Z" });
    expect(await records.pushersOf(change.repository, [head, older])).toEqual([{ id: 2, login: "robert", bot: false }]);
    expect(await records.pushedAt(change.repository, head)).toBe("2026-03-01T12:00:07.000Z");
    expect(await records.pushedAt(change.repository, older)).toBeNull();
  });

  it("answers a comment once, and tells its own labels", async () => {
    const change = await newChange();
    await records.addAnswered(change, [11, 12], at);
    await records.addAnswered(change, [12], at);
    expect(await records.answeredComments(change)).toEqual(new Set([11, 12]));
    await records.changeOwnLabels(change, { add: ["radius/small", "service/dns"], remove: [] });
    await records.changeOwnLabels(change, { add: [], remove: ["service/dns"] });
    expect(await records.ownLabels(change)).toEqual(["radius/small"]);
  });

  it("supersedes what was intended before and not done", async () => {
    const change = await newChange();
    const labels = { kind: "labels", add: ["a"], remove: [] } as const;
    const [first = 0, second = 0] = await records.intendEffects(change, [labels, labels], at);
    await records.endEffect(first, null, at);
    await records.intendEffects(change, [labels], at);
    await records.endEffect(second, "too late\0", at);
    const { rows } = await database.query<{ state: string }>("select state from effects where repository = $1 order by id", [
      change.repository,
    ]);
    expect(rows.map(({ state }) => state)).toEqual(["done", "failed", "intended"]);
  });

  it("has one merge intended at a time, and one landing however often it is told", async () => {
    const change = await newChange();
    const merge = { ...mergeOf(), commit: null };
    await records.intendMerge(change, merge, at);
    await records.intendMerge(change, { ...merge, comment: 2 }, at);
    expect(await records.intendedMerge(change)).toEqual({ ...merge, comment: 2 });
    await records.refuseMerge(change, "base moved", at);
    expect(await records.intendedMerge(change)).toBeNull();
    expect(await records.findLanding(change)).toBeNull();
    const landing = { by: "outside", who: "dave", sha: older, trees: null };
    await records.saveLanding(change, { ...landing, by: "other" }, at);
    await records.saveLanding(change, { ...landing, by: "other", who: "dave2" }, at);
    expect(await records.findLanding(change)).toEqual({ ...landing, by: "other", who: "dave2" });
    expect(memory().landing).toBeNull();
  });
});
