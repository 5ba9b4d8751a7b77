import { expect, it } from "vitest";
import { contentOf } from "../../src/gate/content.ts";
import { decide } from "../../src/gate/decide.ts";
import { known, unknown, type Facts, type Receipt } from "../../src/gate/facts.ts";
import { base, bob, facts, memory, older, receipt, review } from "./world.ts";

/** Approvals that came before their check was done: they count for the very base that they were given on, as far as anybody can tell that. */
const given = review(bob);
const at = (second: string): string => `2026-03-01T12:${second}.000Z`;
const submitted = { ...given, submittedAt: at("20:00") };
const early = "it was given before its check was done";
const again = `${early}, and main moved since: approve again`;

/** By its delivery, or read of GitHub because none came. */
const ways: [string, (more: Partial<Receipt>) => Partial<Facts>][] = [
  ["a delivery told of it", (more) => ({ receipts: [receipt(submitted, { bound: null, ...more })] })],
  ["no delivery told of it", () => ({ receipts: [] })],
];

const bases: [string, Facts["baseSince"], ReturnType<typeof contentOf>][] = [
  ["base's tip was there before", known(at("19:59")), { is: "same", commit: facts().head, kept: null }],
  ["base moved in that very second", known(at("20:00")), { is: "other", why: again }],
  ["base moved since", known(at("20:01")), { is: "other", why: again }],
  ["nobody ever pushed base: it came with the repository", known(null), { is: "same", commit: facts().head, kept: null }],
  [
    "GitHub does not answer when base moved",
    unknown("GitHub answered 502"),
    { is: "unknown", why: `${early}, and whether main moved since can't be told: GitHub answered 502` },
  ],
  [
    "there is no record of it that could tell",
    unknown("GitHub keeps no record of pushes here", "an owner: update it"),
    {
      is: "unknown",
      why: `${early}, and whether main moved since can't be told: GitHub keeps no record of pushes here`,
      way: "bob: approve again",
    },
  ],
];

it.each(ways.flatMap(([way, told]) => bases.map(([when, since, content]) => [way, when, told, since, content] as const)))(
  "%s, and %s",
  (_way, _when, told, baseSince, content) => {
    expect(contentOf(submitted, facts({ reviews: known([submitted]), ...told({}), baseSince }))).toEqual(content);
  },
);

it.each<[string, NonNullable<Receipt["shown"]>, ReturnType<typeof contentOf>]>([
  ["the same base", { base, baseRef: "main" }, { is: "same", commit: facts().head, kept: null }],
  ["an older one", { base: older, baseRef: "main" }, { is: "other", why: again }],
  ["the same, of another branch", { base, baseRef: "next" }, { is: "other", why: again }],
  ["some other", { base: null, baseRef: "main" }, { is: "other", why: again }],
])("what was shown with it is believed more than any time: %s", (_, shown, content) => {
  for (const baseSince of [known(at("59:00")), known(null), unknown("nobody asked")])
    expect(contentOf(submitted, facts({ receipts: [receipt(submitted, { bound: null, shown })], baseSince }))).toEqual(content);
});

it("one that was dropped stays so, wherever base moves next", () => {
  const dropped = facts({ reviews: known([submitted]), receipts: [], baseSince: known(at("25:00")) });
  const note = decide(dropped, memory()).notes.find(({ kind }) => kind === "see" || kind === "bind");
  expect(note).toMatchObject({ kind: "see", receipt: { shown: { base: null, baseRef: "main" }, bound: null } });
  if (note?.kind !== "see") throw new Error("nothing is kept of it");
  const later = facts({
    receipts: [note.receipt],
    base: { ref: "main", tip: known(older) },
    shown: { base, baseRef: "main", binding: null },
  });
  expect(contentOf(submitted, later)).toEqual({ is: "other", why: again });
});

it("what can't be told yet is neither kept nor bound", () => {
  const { notes } = decide(facts({ reviews: known([submitted]), receipts: [], baseSince: unknown("GitHub answered 502") }), memory());
  expect(notes.filter(({ kind }) => kind === "see" || kind === "bind")).toEqual([]);
});
