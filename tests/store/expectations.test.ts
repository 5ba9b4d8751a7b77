import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase } from "./open.ts";
import type { Told } from "../../src/catalog/expect/told.ts";
import type { ExpectationCount } from "../../src/gate/expectation-stats.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore, type Records, type Store } from "../../src/store/records.ts";
import { checked } from "../gate/world.ts";

/** What expectations caught, and what was drafted after something went wrong, as the store counts it. */
let database: Database;
let store: Store;
let records: Records;
let repository = 1000;
beforeAll(async () => {
  database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
  records = store.records;
});
afterAll(async () => store.close());

const at = new Date("2026-03-01T12:00:00Z");
const day = (days: number): Date => new Date(at.getTime() + days * 86_400_000);

function told(name: string, outcome: Told["outcome"], more: Partial<Told> = {}): Told {
  const nodes = { asked: 1, broken: 0, already: 0, mended: 0, unknown: 0, unseen: 0 };
  const about = { path: `expectations/${name}.yml`, line: 1, why: "It matters.", ask: ["@ann"], owners: [], scope: "catalog" as const };
  return { name, ...about, severity: "block", origin: "base", outcome, nodes, evidence: [], more: 0, unknown: [], ...more };
}
let head = 0;
async function check(number: number, expectations: readonly Told[], when = at): Promise<void> {
  head += 1;
  await end(number, "open");
  const result = { ok: true as const, checked: checked({ expectations: [...expectations] }) };
  await records.saveCheck({ repository, number }, { base: "a", head: `h${head}` }, { result, grounds: "" }, when);
}
/** What became of a change. */
async function end(number: number, state: "open" | "merged" | "closed"): Promise<void> {
  await records.saveRepository({ installation: 5, repository: { id: repository, owner: "acme", name: "control" } });
  await database.query(
    "insert into changes (repository, number, state) values ($1, $2, $3) on conflict (repository, number) do update set state = $3",
    [repository, number, state],
  );
}
const stats = async (since: Date | null = null): ReturnType<Records["expectationStats"]> => records.expectationStats({ repository, since });
const none = { caught: { blocked: 0, asked: 0, warned: 0 }, became: { mended: 0, approved: 0, warned: 0, despite: 0, open: 0, closed: 0 } };
const counted = (name: string, more: Partial<ExpectationCount>): ExpectationCount => ({
  ...none,
  name,
  path: `expectations/${name}.yml`,
  severity: "block",
  changes: 1,
  unknown: 0,
  already: 0,
  lastCaught: null,
  ...more,
});

describe("what expectations caught", () => {
  it("is a change once, however often it was pushed to, and what became of it", async () => {
    repository += 1;
    const broken = (name: string, more: Partial<Told> = {}): Told => told(name, "broken", more);
    const asks = { severity: "approval" as const, owners: ["@acme/sre"] };
    await check(1, [broken("a"), broken("b", asks), told("c", "holds"), told("d", "nobody")]);
    await check(1, [broken("a"), broken("b", asks), told("c", "holds")], day(1));
    await check(1, [told("a", "holds"), broken("b", asks), told("c", "already")], day(2));
    await end(1, "merged");
    await check(2, [broken("a"), told("b", "unknown", asks), told("c", "holds")], day(3));
    await end(2, "merged");
    await check(3, [broken("a"), broken("c", { severity: "warn" })], day(4));
    await end(3, "closed");
    await check(4, [broken("a")], day(5));
    const { expectations } = await stats();
    const iso = (days: number): string => day(days).toISOString();
    expect(expectations).toEqual([
      counted("a", {
        changes: 4,
        caught: { blocked: 4, asked: 0, warned: 0 },
        became: { ...none.became, mended: 1, despite: 1, closed: 1, open: 1 },
        lastCaught: iso(5),
      }),
      counted("b", {
        severity: "approval",
        changes: 2,
        caught: { blocked: 0, asked: 1, warned: 0 },
        became: { ...none.became, approved: 1 },
        unknown: 1,
        lastCaught: iso(0),
      }),
      counted("c", {
        severity: "warn",
        changes: 3,
        caught: { blocked: 0, asked: 0, warned: 1 },
        became: { ...none.became, closed: 1 },
        already: 1,
        lastCaught: iso(4),
      }),
    ]);
    expect((await stats(day(4))).expectations.map(({ name, changes }) => [name, changes])).toEqual([
      ["a", 2],
      ["c", 1],
    ]);
    const all = await records.expectationStats({ repository: null, since: null });
    expect(all.expectations.find(({ name }) => name === "a")?.changes).toBe(4);
  });

  it("is of the change's own as well, and forgets those that it takes back", async () => {
    repository += 1;
    await check(1, [told("a", "holds"), told("a", "broken", { origin: "changed" }), told("n", "broken", { origin: "new" })]);
    await check(1, [told("a", "holds")], day(1));
    await end(1, "merged");
    expect((await stats()).expectations).toEqual([
      counted("a", { caught: { ...none.caught, blocked: 1 }, became: { ...none.became, mended: 1 }, lastCaught: at.toISOString() }),
      counted("n", { caught: { ...none.caught, blocked: 1 }, became: { ...none.became, mended: 1 }, lastCaught: at.toISOString() }),
    ]);
  });
});

describe("a revert of which nobody told whose it is", () => {
  it("is asked about when it is due, until it is told or given up", async () => {
    repository += 1;
    const revert = (of: string) => ({ branch: "main", commit: "c1", reverted: of });
    for (let times = 0; times < 2; times += 1) await records.addUnnamedReverts(repository, [revert("a"), revert("b")], at);
    await records.addUnnamedReverts(repository + 1, [revert("a")], at);
    const due = async (when: Date, most = 10): Promise<string[]> =>
      (await records.unnamedReverts(repository, when, most)).map(({ reverted, tries }) => `${reverted} ${tries}`);
    expect([await due(day(-1)), await due(at), await due(at, 1)]).toEqual([[], ["a 0", "b 0"], ["a 0"]]);
    await records.retryUnnamedRevert(repository, revert("a"), day(1));
    expect([await due(at), await due(day(1))]).toEqual([["b 0"], ["b 0", "a 1"]]);
    await records.retryUnnamedRevert(repository, revert("b"), null);
    expect([await due(day(1)), (await records.unnamedReverts(repository + 1, at, 10)).length]).toEqual([["a 1"], 1]);
    repository += 1;
  });
});

describe("what was drafted", () => {
  it("is told once, and counted with what was taken up since", async () => {
    repository += 1;
    const change = { repository, number: 1 };
    await records.saveDraftTold(change, { key: "halt:canary:x", cause: "halt", name: "a" }, at);
    await records.saveDraftTold(change, { key: "halt:canary:x", cause: "halt", name: "other" }, at);
    await records.saveDraftTold({ repository, number: 2 }, { key: "halt:canary:x", cause: "halt", name: null }, at);
    expect(await records.toldDrafts(change)).toEqual([{ key: "halt:canary:x", cause: "halt", name: "a" }]);
    const reverts = [
      { number: 1, commit: "c1", by: 5 },
      { number: 5, commit: "c2", by: null },
    ];
    for (let times = 0; times < 2; times += 1) await records.addReverts(repository, reverts, at);
    const [first, second] = await records.untoldReverts(repository, day(-1), 10);
    expect([first, second]).toEqual([
      { number: 1, key: "revert:c1", commit: "c1", by: 5, isRevert: false },
      { number: 5, key: "revert:c2", commit: "c2", by: null, isRevert: true },
    ]);
    await records.saveDraftTold(change, { key: "revert:c1", cause: "revert", name: "a" }, day(1));
    expect(await records.untoldReverts(repository, day(-1), 10)).toEqual([second]);
    expect(await records.untoldReverts(repository, day(1), 10)).toEqual([]);
    const counts = (takenUp: number): unknown => [
      { cause: "halt", happened: 2, drafted: 1, takenUp },
      { cause: "revert", happened: 1, drafted: 1, takenUp },
    ];
    expect((await stats()).drafts).toEqual(counts(0));
    await check(9, [told("a", "holds", { origin: "new" })], day(2));
    expect((await stats()).drafts).toEqual(counts(0));
    await check(10, [told("a", "holds")], day(3));
    expect((await stats()).drafts).toEqual(counts(1));
  });
});

it("gives what was checked last of a change, landed or not", async () => {
  repository += 1;
  expect(await records.lastCheckedOf({ repository, number: 1 })).toBeNull();
  await check(1, [told("a", "holds")]);
  const failed = { ok: false as const, problem: { code: "x", text: "It failed.", hint: "Again." } };
  expect((await records.lastCheckedOf({ repository, number: 1 }))?.report.expectations).toMatchObject([{ name: "a" }]);
  await records.saveCheck({ repository, number: 1 }, { base: "a", head: "other" }, { result: failed, grounds: "" }, at);
  expect(await records.lastCheckedOf({ repository, number: 1 })).toBeNull();
});
