import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerOf } from "../../src/cli/audit/answer.ts";
import { askPage, type AskRecords } from "../../src/engine/ledger/ask-page.ts";
import { lookAtEntry, lookUp, type LookUpRecords } from "../../src/engine/ledger/look-up.ts";
import { measureNext } from "../../src/engine/measure.ts";
import type { Draft, EntryKind } from "../../src/ledger/entry.ts";
import { type Filters, noFilters } from "../../src/ledger/questions/filters.ts";
import { questions } from "../../src/ledger/questions/questions.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Records, type Store } from "../../src/store/records.ts";
import { measureRecordsOf } from "../../src/wiring/site.ts";
import { openTestDatabase } from "./open.ts";

/** What the pages ask the store: lists, the ledger, measures and who is signed in. */
let database: Database;
let store: Store;
let records: Records;
let repository = 9000;
const at = new Date("2026-11-02T12:00:00Z");
const later = (minutes: number): Date => new Date(at.getTime() + minutes * 60_000);

beforeAll(async () => {
  database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
  records = store.records;
});
afterAll(async () => store.close());

async function newRepository(): Promise<number> {
  repository += 1;
  await records.saveRepository({ installation: 5, repository: { id: repository, owner: "acme", name: `control${repository}` } });
  return repository;
}

const draft = (kind: EntryKind, subject: string, evidence: object | string, actor: number | null = null): Draft => ({
  kind,
  subject,
  actor,
  evidence: [typeof evidence === "string" ? evidence : JSON.stringify(evidence)],
  key: `${kind}:${subject}:${JSON.stringify(evidence)}`,
});
const append = (id: number, drafts: readonly Draft[], when: Date): Promise<void> =>
  store.transaction((inside) => inside.appendEntries(id, drafts, when));

const decide = async (id: number, number: number, services: string[], nodes: "read" | "write" | "admin", base = "main"): Promise<void> => {
  await store.transaction((inside) => inside.wake({ repository: id, number }));
  await records.saveDecision(
    { repository: id, number },
    {
      state: "open",
      baseRef: base,
      base: "a".repeat(40),
      head: "b".repeat(40),
      verdict: { outcome: "pass", reasons: [] },
      standing: "pass",
      answers: [],
      about: {
        title: "x",
        opener: "ann",
        openedAt: at.toISOString(),
        reach: { services, teams: services.map((one) => `acme/${one}`), nodes },
      },
    },
    at,
  );
};

describe("lists of changes", () => {
  const asked = { state: "open", standing: null, service: null, team: null, below: null, most: 10 } as const;

  it("have those that reach a service or a team, and keep that over a decision without a check", async () => {
    const id = await newRepository();
    await decide(id, 1, ["web"], "read");
    await decide(id, 2, ["web", "db"], "read");
    await decide(id, 3, [], "read");
    const numbers = async (more: object): Promise<number[]> =>
      (await records.listChanges(id, { ...asked, ...more })).map(({ number }) => number);
    expect(await numbers({})).toEqual([3, 2, 1]);
    expect(await numbers({ service: "web" })).toEqual([2, 1]);
    expect(await numbers({ team: "acme/db", standing: "pass" })).toEqual([2]);
    expect(await numbers({ service: "web", below: 2 })).toEqual([1]);
    expect(await numbers({ service: "we" })).toEqual([]);
  });

  it("show nodes to whom the strictest branch's policy names", async () => {
    const id = await newRepository();
    expect(await records.nodesFrom(id)).toBeNull();
    await decide(id, 1, [], "write");
    await decide(id, 2, [], "read", "loosened");
    expect(await records.nodesFrom(id)).toBe("write");
    await decide(id, 1, [], "read");
    expect(await records.nodesFrom(id)).toBe("read");
  });
});

describe("the ledger", () => {
  const look = (): LookUpRecords => ({ ...records, blobsOf: (digests) => store.log.blobsOf(digests), people: () => store.log.people() });
  const asked = { kinds: null, subject: null, person: null, text: null, from: null, to: null, below: null, most: 50 } as const;
  const found = async (id: number, more: object, nodes = true): Promise<string[]> =>
    (await lookUp(look(), id, { ...asked, ...more }, nodes)).rows.map(({ entry }) => `${entry.kind} ${entry.subject}`);

  it("is looked through by kind, subject, person, time and text, each and together, and in no other repository", async () => {
    const [id, other] = [await newRepository(), await newRepository()];
    await append(id, [draft("landed", "pull/1", { commit: "c1" }, 70)], at);
    await append(id, [draft("break-glass", "pull/2", { reason: "The Bridge is on fire" }, 71)], later(10));
    await append(id, [draft("verdict", "pull/2", { verdict: "web1.example fails" })], later(20));
    await append(other, [draft("landed", "pull/1", { commit: "c1" }, 70)], later(20));
    expect(await found(id, {})).toEqual(["verdict pull/2", "break-glass pull/2", "landed pull/1"]);
    expect(await found(id, { kinds: ["landed", "verdict"] })).toEqual(["verdict pull/2", "landed pull/1"]);
    expect(await found(id, { subject: "pull/2" })).toEqual(["verdict pull/2", "break-glass pull/2"]);
    expect(await found(id, { person: 71 })).toEqual(["break-glass pull/2"]);
    expect(await found(id, { person: 99 })).toEqual([]);
    expect(await found(id, { from: later(10), to: later(20) })).toEqual(["break-glass pull/2"]);
    expect(await found(id, { from: later(60) })).toEqual([]);
    expect(await found(id, { text: "bridge is ON" })).toEqual(["break-glass pull/2"]);
    expect(await found(id, { text: "bridge", kinds: ["landed"] })).toEqual([]);
  });

  it("tells who may not see nodes nothing of texts that may name some, by no search either", async () => {
    const id = await newRepository();
    await append(id, [draft("verdict", "pull/2", { verdict: "web1.example fails" }), draft("landed", "pull/2", { commit: "c2" })], at);
    expect(await found(id, { text: "web1" })).toEqual(["verdict pull/2"]);
    expect(await found(id, { text: "web1" }, false)).toEqual([]);
    expect(await found(id, { text: "c2" }, false)).toEqual(["landed pull/2"]);
    const [verdict] = (await lookUp(look(), id, { ...asked, kinds: ["verdict"] }, false)).rows;
    const shown = await lookAtEntry(look(), id, verdict?.seq ?? 0, false);
    expect(shown).toMatchObject({ hidden: true, texts: [{ text: null }] });
    expect((await lookAtEntry(look(), id, verdict?.seq ?? 0, true))?.texts[0]?.text).toContain("web1");
    expect(await lookAtEntry(look(), id + 1, verdict?.seq ?? 0, true)).toBeNull();
  });

  it("goes on where a page ends, whole and without gap", async () => {
    const id = await newRepository();
    await append(
      id,
      Array.from({ length: 120 }, (_, n) => draft("landed", `pull/${n}`, { n })),
      at,
    );
    const all: string[] = [];
    let below: number | null = null;
    do {
      const page: Awaited<ReturnType<typeof lookUp>> = await lookUp(look(), id, { ...asked, below }, true);
      all.push(...page.rows.map(({ entry }) => entry.subject));
      ({ below } = page);
    } while (below !== null);
    expect(all).toEqual(Array.from({ length: 120 }, (_, n) => `pull/${119 - n}`));
  });

  it("names people as they were called last, and nobody who was forgotten", async () => {
    const id = await newRepository();
    await append(id, [draft("landed", "pull/1", { n: 1 }, 81)], at);
    await records.addPush(id, { sha: "c".repeat(40), by: { id: 81, login: "ann", bot: false }, at: at.toISOString() });
    const who = async (): Promise<unknown> => (await lookUp(look(), id, asked, true)).rows[0]?.who;
    expect(await who()).toMatchObject({ id: 81, login: "ann" });
    await store.transaction((inside) =>
      inside.nameActors([
        { id: 82, login: "unknown to the ledger" },
        { id: 81, login: "anna" },
      ]),
    );
    expect(await who()).toMatchObject({ id: 81, login: "anna" });
    await database.query("delete from actors where id = 81");
    expect(await who()).toMatchObject({ id: null, login: null });
  });
});

describe("auditors' questions", () => {
  const look = (): AskRecords => ({ ...records, ...store.log, blobsOf: (digests) => store.log.blobsOf(digests) });
  const given = { now: later(600).toISOString(), limit: 72, node: null, at: null };
  const asked = { from: null, to: null, subject: null, below: null, most: 2 } as const;
  const landing = (n: number): Draft[] => [
    draft("contributed", `pull/${n}`, { head: `h${n}`, did: "opened this pull request" }, 90),
    draft("merge-intended", `pull/${n}`, { head: `h${n}`, glass: null, approvals: [] }, 90),
    draft("landed", `pull/${n}`, { commit: `c${n}`, head: `h${n}`, base: "main" }),
  ];
  const page = async (id: number, name: string, more: object = {}): Promise<{ rows: string[]; below: number | null }> => {
    const found = await askPage(look(), id, name, { ...asked, ...more }, given);
    return {
      rows: found?.rows.map(({ subject, actor, outcome }) => `${subject} ${found.people(actor ?? "")?.id ?? "-"} ${outcome}`) ?? [],
      below: found?.below ?? null,
    };
  };
  const all = async (id: number, name: string, more: Partial<Filters> = {}): Promise<string[]> => {
    const { rows } = await answerOf(store.log, name, { ...noFilters, repository: id, ...more }, given);
    const found: string[] = [];
    for await (const some of rows) found.push(...some.map(({ subject, outcome }) => `${subject} ${outcome}`));
    return found;
  };

  it("are answered a page at a time, the newest first, and each thing on the page that its own entry is of", async () => {
    const id = await newRepository();
    for (const n of [1, 2, 3]) await append(id, landing(n), later(n));
    // It was pushed to in the moment of its landing, and landed again.
    await append(id, [draft("landed", "pull/1", { commit: "again", head: "h1", base: "main" })], later(4));
    const first = await page(id, "population");
    expect(first.rows).toEqual(["pull/1 90 landed by the gate", "pull/3 90 landed by the gate"]);
    const second = await page(id, "population", { below: first.below });
    expect(second.rows).toEqual(["pull/2 90 landed by the gate", "pull/1 90 landed by the gate"]);
    expect(await page(id, "population", { below: second.below })).toEqual({ rows: [], below: null });
    expect((await page(id, "population", { subject: "pull/2", most: 50 })).rows).toEqual(["pull/2 90 landed by the gate"]);
    expect((await page(id, "population", { from: later(3), most: 50 })).rows).toHaveLength(2);
    expect((await page(id, "duties", { most: 50 })).rows).toEqual(["person 90 duties kept apart"]);
    expect(await askPage(look(), id, "no such", asked, given)).toBeNull();
  });

  it("are answered over a page and over the whole by the same rows, for each of them", async () => {
    const id = await newRepository();
    await append(id, landing(1), at);
    await append(
      id,
      [draft("break-glass", "pull/2", { reason: "fire" }, 91), ...landing(2), draft("debt-owed", "pull/2", {}, 91)],
      later(1),
    );
    await append(
      id,
      [draft("lane-entered", "lane/a", { release: "c2", before: "c0" }), draft("direct-push", "branch/main", { commit: "x" })],
      later(2),
    );
    await append(id, [draft("lane-halted", "lane/a", { release: "c2", halt: { why: { kind: "verdict" } } })], later(3));
    await append(id, [draft("lane-nodes", "lane/a", { release: "c2", nodes: [{ certname: "web1", kind: "waiting" }] })], later(4));
    await append(id, [draft("reverted", "pull/1", { commit: "c2", by: 2 }), draft("frozen", "branch/main", { branch: "main" })], later(5));
    for (const { name } of questions.filter((one) => one.name !== "running")) {
      const whole = await all(id, name);
      const paged = (await page(id, name, { most: 500 })).rows.map((row) => row.replace(/ (?:\d+|-) /u, " ")).reverse();
      expect([name, paged]).toEqual([name, whole]);
    }
    expect(await all(id, "lead-times")).toEqual(expect.arrayContaining([expect.stringContaining("halted over its nodes")]));
  });

  it("find what is asked for by time, repository and subject, some at a time", async () => {
    const id = await newRepository();
    await append(
      id,
      Array.from({ length: 1_100 }, (_, n) => draft("landed", `pull/${n}`, { commit: `c${n}` })),
      at,
    );
    await append(id, [draft("landed-outside", "pull/5000", {})], later(10));
    expect(await all(id, "1")).toHaveLength(1_101);
    expect(await all(id, "1", { from: later(10).toISOString() })).toEqual(["pull/5000 merged around the gate"]);
    expect(await all(id, "1", { to: later(10).toISOString() })).toHaveLength(1_100);
    expect(await all(id, "1", { subject: "pull/7" })).toEqual(["pull/7 landed by the gate"]);
    expect(await all(id + 1, "1")).toEqual([]);
  });
});

describe("measures", () => {
  it("are made of the ledger once, in its order, with what the changes and the line tell", async () => {
    const id = await newRepository();
    await decide(id, 1, ["web"], "read");
    await decide(id, 2, ["db"], "read");
    const line = [
      { sha: "0", number: null },
      { sha: "1", number: 1 },
      { sha: "2", number: 2 },
    ];
    await records.saveLine(id, line.slice(0, 1), at);
    await records.saveLine(id, line, at);
    await append(id, [draft("approval-received", "pull/1", { review: 1, submittedAt: later(5).toISOString() }, 70)], later(6));
    const intended = [draft("contributed", "pull/1", { head: "h" }, 71), draft("merge-intended", "pull/1", { head: "h", glass: null }, 71)];
    await append(id, [...intended, draft("landed", "pull/1", { head: "h" })], later(10));
    await append(id, [draft("landed-outside", "pull/2", {})], later(11));
    await append(id, [draft("lane-entered", "lane/a", { release: "1", before: "0" })], later(12));
    await append(id, [draft("lane-halted", "lane/a", { release: "1", halt: { why: { kind: "verdict" } } })], later(13));
    await append(id, [draft("lane-promoted", "lane/a", { release: "1" })], later(20));
    await append(id, [draft("rollout-done", "rollout", { release: "1" })], later(40));
    const asked = { from: at, to: later(100), service: null, team: null };
    const own = measureRecordsOf(store);
    while (await measureNext(own));
    expect(await measureNext(own)).toBe(false);
    const { changes, releases } = await records.measures(id, asked);
    const ms = (minutes: number): number => later(minutes).getTime();
    expect([...changes].sort((one, two) => one.number - two.number)).toMatchObject([
      {
        number: 1,
        openedAt: ms(0),
        reviewedAt: ms(5),
        landedAt: ms(10),
        everywhereAt: ms(40),
        own: true,
        outside: false,
        services: ["web"],
        teams: ["acme/web"],
      },
      { number: 2, landedAt: ms(11), everywhereAt: null, outside: true, services: ["db"] },
    ]);
    expect(releases).toMatchObject([
      { release: "1", enteredAt: ms(12), failedAt: ms(13), restoredAt: ms(20), doneAt: ms(40), services: ["web"], teams: ["acme/web"] },
    ]);
    expect((await records.measures(id, { ...asked, service: "db" })).changes).toHaveLength(1);
    expect((await records.measures(id, { ...asked, team: "acme/web" })).releases).toHaveLength(1);
    expect((await records.measures(id, { ...asked, from: later(50) })).changes).toEqual([]);
    const failed = async (): Promise<unknown> =>
      (await records.measures(id, asked)).releases.map((one) => [one.revertedAt, one.hotfixedAt]);
    expect(await failed()).toEqual([[null, null]]);
    await append(id, [draft("reverted", "pull/2", { commit: "x" })], later(50));
    await append(
      id,
      [draft("merge-intended", "pull/2", { head: "g", hotfix: true }, 71), draft("landed", "pull/2", { head: "g" })],
      later(51),
    );
    while (await measureNext(own));
    // The one is not of this release, and the other reaches nothing of it.
    expect(await failed()).toEqual([[null, null]]);
    await append(id, [draft("reverted", "pull/1", { commit: "y" })], later(60));
    await append(
      id,
      [draft("merge-intended", "pull/1", { head: "f", glass: {} }, 71), draft("landed", "pull/1", { head: "f" })],
      later(61),
    );
    while (await measureNext(own));
    expect(await failed()).toEqual([[ms(60), ms(61)]]);
    await append(id, [draft("reverted", "pull/1", { commit: "z" })], later(8 * 24 * 60));
    while (await measureNext(own));
    expect(await failed()).toEqual([[ms(60), ms(61)]]);
    const { seq } = await records.measuredTo();
    expect(await store.transaction((inside) => inside.addMeasures({ from: seq - 1, to: seq }, []))).toBe(false);
  });
});

describe("sign-ins", () => {
  it("hold until they end, are ended, all of a person's are, or everybody's", async () => {
    const begin = (id: string, person: number): Promise<void> => records.addPageSession({ id, person, at, until: later(60) });
    await begin("a", 1);
    await begin("b", 1);
    await begin("c", 2);
    const holding = async (when = at): Promise<string[]> => {
      const all = [
        ["a", 1],
        ["b", 1],
        ["c", 2],
        ["c", 1],
      ] as const;
      const held = await Promise.all(all.map(([id, person]) => records.hasPageSession({ id, person, at: when })));
      return all.flatMap(([id], n) => (held[n] === true ? [id] : []));
    };
    expect(await holding()).toEqual(["a", "b", "c"]);
    expect(await holding(later(60))).toEqual([]);
    await records.endPageSessions({ id: "a" });
    expect(await holding()).toEqual(["b", "c"]);
    await records.endPageSessions({ person: 1 });
    expect(await holding()).toEqual(["c"]);
    expect(await records.endPageSessions("all")).toBe(1);
    expect(await holding()).toEqual([]);
  });
});
