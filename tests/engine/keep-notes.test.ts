import { beforeEach, expect, it } from "vitest";
import { keepNotes } from "../../src/engine/keep-notes.ts";
import type { Note } from "../../src/gate/decide.ts";
import { known, unknown, type Facts, type Glass } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";
import type { Book } from "./stand-ins/store.ts";
import { change, newWorld, type World } from "./stand-ins/world.ts";

/** What each note of a decision leaves in memory. */
let world: World;
beforeEach(() => {
  world = newWorld();
});
const bobs = w.review(w.bob, "approved", w.head);
const read = w.receipt(bobs, { source: "api", bound: null });
const kept = { review: bobs.id, reviewer: 2, commit: w.head, source: "api", bound: null, shown: null };
const glass: Glass = { comment: 91, by: w.carol, reason: "down", head: w.head, expiresAt: "2026-03-01T13:00:00.000Z" };
const debt = {
  number: 7,
  by: "alice",
  byId: 1,
  reason: "down",
  since: "2026-03-01T12:00:00.000Z",
  baseRef: "main",
  landing: w.older,
  seen: [],
};
const keep = (notes: Note[], facts: Partial<Facts> = {}): Promise<void> =>
  world.store.transaction((records) => keepNotes(records, change, w.facts({ reviews: known([bobs]), ...facts }), notes, world.time.now));

it.each<[string, Note, (book: Book) => unknown, unknown]>([
  ["an approval that is seen", { kind: "see", receipt: read }, (book) => book.receipts[0]?.receipt, kept],
  [
    "the base that it was given on",
    { kind: "see", receipt: { ...read, shown: { base: w.base, baseRef: "main" } } },
    (book) => book.receipts[0]?.receipt.shown,
    { base: w.base, baseRef: "main" },
  ],
  ["what it is bound to", { kind: "bind", receipt: read, binding: w.binding() }, (book) => book.receipts[0]?.receipt.bound, w.binding()],
  ["when it was given", { kind: "see", receipt: read }, (book) => book.receipts[0]?.submittedAt, bobs.submittedAt],
  [
    "what was told of it",
    { kind: "approval", review: 31, state: "kept", why: "nothing changed" },
    (book) => book.told.get("5#7")?.get(31),
    { state: "kept", why: "nothing changed" },
  ],
  ["a head that may run", { kind: "trust", head: w.head, by: w.bob, comment: 90 }, (book) => book.trusts.get(`5#7 ${w.head}`), w.bob],
  ["a wish", { kind: "wish", wish: w.wish() }, (book) => book.wishes.get("5#7"), w.wish()],
  ["a broken glass", { kind: "glass", glass }, (book) => book.glasses.get("5#7"), glass],
  ["nothing of a check that was forged", { kind: "forged", head: w.head, name: "puppet-gate", app: 1 }, (book) => book.frozen.size, 1],
])("keeps %s", async (_, note, found, expected) => {
  world.store.book.frozen.set("5:main", { number: 7, why: "x", since: "" });
  await keep([note]);
  expect(found(world.store.book)).toEqual(expected);
});

it.each<[string, Note, (book: Book) => unknown, unknown]>([
  ["a wish", { kind: "unwish", why: "it moved" }, (book) => book.wishes.size, 0],
  ["a broken glass", { kind: "unglass", why: "it is over" }, (book) => book.glasses.size, 0],
  ["what a check said", { kind: "recheck", by: w.alice, comment: 90 }, (book) => book.checks.size, 0],
  [
    "a freeze of the base branch",
    { kind: "unfreeze", by: w.carol, reason: "seen", comment: 90 },
    (book) => [...book.frozen.keys()],
    ["5:stable"],
  ],
  [
    "a debt, with the review that paid it",
    { kind: "pay", by: w.bob, review: 31, debt: { landing: w.older, baseRef: "main" } },
    (book) => book.debts.map(({ landing, paid }) => [landing, paid]),
    [
      [w.older, 31],
      [w.tree, null],
    ],
  ],
])("ends %s", async (_, note, found, expected) => {
  const { book } = world.store;
  book.wishes.set("5#7", w.wish());
  book.glasses.set("5#7", glass);
  for (const branch of ["main", "stable"]) book.frozen.set(`5:${branch}`, { number: 7, why: "x", since: "" });
  for (const landing of [w.older, w.tree]) book.debts.push({ repository: 5, paid: null, ...debt, landing });
  const before = structuredClone(book);
  await keep([note]);
  expect(found(book)).toEqual(expected);
  expect(found(before)).not.toEqual(expected);
  // And nothing else.
  const changed = (Object.keys(before) as (keyof Book)[]).filter(
    (part) => JSON.stringify(entriesOf(before[part])) !== JSON.stringify(entriesOf(book[part])),
  );
  expect(changed).toHaveLength(1);
});
const entriesOf = (part: unknown): unknown => (part instanceof Map || part instanceof Set ? [...part] : part);

it.each<[string, Facts["reviews"]]>([
  ["GitHub does not tell the reviews now", unknown("GitHub answered 502")],
  ["GitHub tells of it no more", known([])],
])("takes an approval as of now where %s", async (_, reviews) => {
  await keep([{ kind: "see", receipt: read }], { reviews });
  expect(world.store.book.receipts[0]?.submittedAt).toBe(w.facts().now);
});

it("binds nothing of what it only sees, and keeps all of several", async () => {
  await keep([
    { kind: "see", receipt: read },
    { kind: "bind", receipt: { ...read, review: 32 }, binding: w.binding() },
    { kind: "unwish", why: "" },
  ]);
  expect(world.store.book.receipts.map(({ receipt }) => receipt.bound)).toEqual([null, w.binding()]);
});
