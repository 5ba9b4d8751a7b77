import { describe, expect, it } from "vitest";
import type { Told } from "../../src/engine/ports/told.ts";
import type { Records, Store } from "../../src/store/records.ts";
import { toldStore } from "../../src/wiring/told-store.ts";

/** What is told of a store by what it is asked, and when: what was undone never happened. */
const at = new Date("2026-11-20T10:00:00Z");
const change = { repository: 7, number: 1 };
const origin = { installation: 1, repository: { id: 7, owner: "acme", name: "control" } };

function stage(fails = false): { store: Store; told: Told[] } {
  const told: Told[] = [];
  const records = {
    originOf: async () => origin,
    allOrigins: async () => [origin],
    standingOf: async () => ({ standing: "waiting", since: new Date(at.getTime() - 90_000) }),
    saveDecision: async () => undefined,
    intendEffects: async () => [41],
    endEffect: async () => undefined,
    appendEntries: async () => undefined,
    addNews: async () => undefined,
    toldTo: async () => ({ seq: 3, attempts: 0, nextAt: null, why: null, lost: 1, lostAt: null }),
    saveToldTo: async () => undefined,
    addDelivery: async ({ id }: { id: string }) => id === "new",
    addTouch: async () => "repository-unknown",
    askRedelivery: async () => true,
  } as unknown as Records;
  const transaction = async <T>(work: (given: Records) => Promise<T>): Promise<T> => {
    const result = await work(records);
    if (fails) throw new Error("the commit failed");
    return result;
  };
  const given = { records, transaction, held: async (_: unknown, work: never) => transaction(work), inbox: { records, transaction } };
  return { store: toldStore(given as unknown as Store, (one) => told.push(one), new Map()), told };
}

const decided = { state: "open", standing: "pass" } as unknown as Parameters<Records["saveDecision"]>[1];
const draft = (key: string): Parameters<Records["appendEntries"]>[1][number] => ({
  kind: "landed",
  subject: "pull/1",
  actor: null,
  evidence: [],
  key,
});

describe("what is told of what is kept", () => {
  const cases: [name: string, work: (records: Records) => Promise<unknown>, told: Told[]][] = [
    [
      "a decision that has a change stand otherwise, and for how long it had stood as before",
      (records) => records.saveDecision(change, decided, at),
      [
        { kind: "decided", repository: "acme/control", standing: "pass" },
        { kind: "stands", repository: "acme/control", standing: "pass" },
        { kind: "waited", repository: "acme/control", standing: "waiting", seconds: 90 },
      ],
    ],
    [
      "one that leaves it as it stood",
      (records) => records.saveDecision(change, { ...decided, standing: "waiting" }, at),
      [{ kind: "decided", repository: "acme/control", standing: "waiting" }],
    ],
    [
      "an effect by its kind",
      async (records) => {
        await records.intendEffects(change, [{ kind: "labels", add: [], remove: [] }], at);
        await records.endEffect(41, "no", at);
      },
      [{ kind: "effect", effect: "labels", outcome: "failed" }],
    ],
    [
      "an entry once, however often it is told",
      (records) => records.appendEntries(7, [draft("a"), draft("a")], at),
      [{ kind: "entry", repository: "acme/control", entry: "landed" }],
    ],
    [
      "why a lane halted",
      (records) =>
        records.addNews(
          7,
          [
            {
              kind: "halted",
              lane: "canary",
              release: "c1",
              halt: { why: { kind: "person", by: { id: 1, name: "alice" }, reason: "" }, at: 0 },
            },
          ],
          at,
        ),
      [{ kind: "rollout", repository: "acme/control", lane: "canary", event: "halted", why: "person" }],
    ],
    [
      "news that a place heard, and those that it never will",
      (records) => records.saveToldTo(7, "comment", { seq: 6, attempts: 0, nextAt: null, why: null, lost: 2, lostAt: null }),
      [{ kind: "heard", place: "comment", news: 2, lost: 1 }],
    ],
    [
      "how late a webhook that says when comes, once, and by no clock that is ahead",
      async (records) => {
        const push = (seconds: number) => ({ sha: "s", by: null, at: new Date(at.getTime() - seconds * 1000).toISOString() });
        const event = (seconds: number) => ({ kind: "branch-pushed", ...origin, branch: "main", push: push(seconds) }) as const;
        await records.addDelivery({ id: "new", name: "push", event: event(40), receivedAt: at });
        await records.addDelivery({ id: "new", name: "push", event: event(-3), receivedAt: at });
        await records.addDelivery({ id: "old", name: "push", event: event(70), receivedAt: at });
      },
      [
        { kind: "delivery", event: "push", outcome: "news" },
        { kind: "late", seconds: 40 },
        { kind: "delivery", event: "push", outcome: "news" },
        { kind: "late", seconds: 0 },
        { kind: "delivery", event: "push", outcome: "known" },
      ],
    ],
    [
      "deliveries by what became of them, and not those that the next statement takes in",
      async (records) => {
        const delivery = { name: "push", event: null, receivedAt: at };
        await records.addTouch({ ...delivery, id: "new", event: null as never }, null as never);
        await records.addDelivery({ ...delivery, id: "new" });
        await records.addDelivery({ ...delivery, id: "old" });
        await records.askRedelivery("old", at);
      },
      [
        { kind: "delivery", event: "push", outcome: "meaningless" },
        { kind: "delivery", event: "push", outcome: "known" },
        { kind: "redelivery" },
      ],
    ],
  ];
  it.each(cases)("%s", async (_, work, expected) => {
    const { store, told } = stage();
    await store.records.originOf(7);
    await store.transaction(work);
    expect(told).toEqual(expected);
  });

  it.each(cases)("nothing where it is undone: %s", async (_, work) => {
    const { store, told } = stage(true);
    await expect(store.transaction(work)).rejects.toThrow("the commit failed");
    await expect(store.held(null as never, work)).rejects.toThrow("the commit failed");
    await expect(store.inbox.transaction(work)).rejects.toThrow("the commit failed");
    expect(told).toEqual([]);
  });
});
