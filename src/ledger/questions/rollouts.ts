import { approvalsOf, contributorsOf, intentionOf, peopleOf, reachOf, rowOf } from "./landings.ts";
import type { Row } from "./table.ts";
import type { EntryKind } from "../entry.ts";
import { allOf, besides, hoursBetween, list, nextOf, ofKind, part, text, type Told, type Trail } from "./trail.ts";

export const stepKinds = [
  "lane-entered",
  "lane-moved",
  "lane-ready",
  "lane-passed",
  "lane-halted",
  "lane-returned",
  "lane-superseded",
] as const;
export const orderKinds = [
  "lane-let-in",
  "lane-promoted",
  "lane-returning",
  "lane-quarantined",
  "lane-resumed",
  "commit-unquarantined",
  "rollout-paused",
  "rollout-resumed",
  "rollout-refused",
  "rollout-ordered",
] as const;

const about = (told: Told): Record<string, string | null> => ({
  release: text(told.about["release"]) ?? text(told.about["commit"]),
  reason: text(told.about["reason"]),
});

/** 10: when each release came to each lane, and how it ended there. */
export const reach = (trail: Trail): Row[] =>
  ofKind(trail, ...stepKinds, "rollout-done").map((told) =>
    rowOf(told, { ...about(told), outcome: told.entry.kind, counts: countsOf(told), before: text(told.about["before"]) }),
  );

/** 14: what people told rollouts to do, and what of it was refused. */
export const stages = (trail: Trail): Row[] =>
  ofKind(trail, ...orderKinds, "lane-entered", "lane-halted")
    .filter(({ entry }) => (entry.kind !== "lane-entered" && entry.kind !== "lane-halted") || entry.actor !== null)
    .map((told) =>
      rowOf(told, {
        ...about(told),
        outcome: told.entry.kind,
        verb: text(part(told.about["order"], "verb")),
        said: text(part(told.about["order"], "text")),
        answer: text(part(told.about["answer"], "text")),
        until: dated(told.about["until"]),
      }),
    );

/** 15: lanes that a release passed on a person's word, or where there was nothing to watch. */
export const unobserved = (trail: Trail): Row[] =>
  ofKind(trail, "lane-promoted", "lane-let-in", "lane-passed")
    .filter(({ entry, about: said }) => entry.kind !== "lane-passed" || part(said["verdict"], "unchanged") === true)
    .map((told) =>
      rowOf(told, {
        ...about(told),
        outcome: told.entry.kind === "lane-passed" ? "no node changed, nothing to watch" : "on a person's word",
      }),
    );

/** 16, of lanes: what entered one while a freeze stood. */
export const frozenEntries = (trail: Trail): Row[] =>
  ofKind(trail, "lane-entered", "lane-moved").flatMap((told) =>
    list(told.about["freezes"]).map((freeze) =>
      rowOf(told, {
        ...about(told),
        outcome: freeze["binding"] === true ? "entered a lane in a binding freeze" : "entered a lane in a freeze that forbids nothing",
        freeze: text(freeze["name"]),
        reason: text(freeze["reason"]),
        until: text(freeze["until"]),
      }),
    ),
  );

/** 20: releases that were halted or taken back, and when the lane was well again. */
export const restorations = (trail: Trail): Row[] =>
  ofKind(trail, "lane-halted").map((halted) => {
    const ended = besides(trail, halted).find(
      (told) => told.index > halted.index && ["lane-returned", "lane-passed", "lane-promoted"].includes(told.entry.kind),
    );
    return rowOf(halted, {
      ...about(halted),
      why: text(part(part(halted.about["halt"], "why"), "kind")),
      outcome: ended === undefined ? "not well again" : ended.entry.kind,
      wellAt: ended?.entry.at ?? null,
      hours: ended === undefined ? null : hoursBetween(halted.entry.at, ended.entry.at),
    });
  });

/** A revert so long after a landing says nothing of it any more. */
const revertDays = 7;

/** 25: of each landing, the hours between its steps: opened, first approval, merge, first lane, last lane; whether it failed, and when that lane was well again. */
export const leadTimes = (trail: Trail): Row[] =>
  ofKind(trail, "landed").map((landed) => {
    const all = besides(trail, landed);
    const own = all.filter((told) => told.index <= landed.index);
    const [seen, approved] = [own[0], own.find(({ entry }) => entry.kind === "approval-received")];
    const intention = intentionOf(trail, landed);
    const opened = text(intention?.about["openedAt"]);
    const [done, entered] = [nextWith(trail, landed, "rollout-done"), nextWith(trail, landed, "lane-entered")];
    const failure = failureOf(trail, landed, done);
    const reverted = all.find(
      (told) =>
        told.entry.kind === "reverted" && told.index > landed.index && hoursBetween(landed.entry.at, told.entry.at) <= revertDays * 24,
    );
    const hours = (from: string | null | undefined, to: Told | undefined): number | null =>
      from === undefined || from === null || to === undefined ? null : hoursBetween(from, to.entry.at);
    const isGlass = (intention?.about["glass"] ?? null) !== null;
    return rowOf(landed, {
      outcome: failure === null ? (reverted === undefined ? "landed" : "landed, and was taken back within 7 days") : failure.outcome,
      commit: text(landed.about["commit"]),
      services: reachOf(intention)?.services.join(" ") ?? null,
      teams: reachOf(intention)?.teams?.join(" ") ?? null,
      hotfix: intention === null ? null : isGlass || intention.about["hotfix"] === true,
      hoursOpenToReview: hours(opened ?? seen?.entry.at, approved),
      hoursReviewToLanded: hours(approved?.entry.at, landed),
      hoursOpenToLanded: hours(opened ?? seen?.entry.at, landed),
      hoursLandedToFirstLane: hours(landed.entry.at, entered),
      hoursLandedToEverywhere: hours(landed.entry.at, done),
      hoursOpenToEverywhere: hours(opened ?? seen?.entry.at, done),
      hoursToRecover: hours(failure?.at, failure?.well),
    });
  });

/** The first of a kind about a release that came into a lane after the landing, and so has what landed. */
function nextWith(
  trail: Trail,
  { index, entry: { repo } }: Told,
  kind: EntryKind,
  isIt: (told: Told) => boolean = () => true,
): Told | undefined {
  const entrances = entrancesIn(allOf(trail, repo, "lane-entered"));
  const isOf = (told: Told): boolean => (entrances.get(text(told.about["release"]) ?? "") ?? -1) > index && isIt(told);
  return nextSuch(trail, repo, kind, index, isOf);
}

function nextSuch(trail: Trail, repo: number, kind: EntryKind, after: number, isIt: (told: Told) => boolean): Told | undefined {
  let told = nextOf(trail, repo, kind, after);
  while (told !== undefined && !isIt(told)) told = nextOf(trail, repo, kind, told.index);
  return told;
}

const firstEntrances = new WeakMap<readonly Told[], ReadonlyMap<string, number>>();

/** Where in the log each release came into its first lane. */
function entrancesIn(entered: readonly Told[]): ReadonlyMap<string, number> {
  const known = firstEntrances.get(entered);
  if (known !== undefined) return known;
  const places = new Map<string, number>();
  for (const { index, about: said } of entered) {
    const release = text(said["release"]);
    if (release !== null && !places.has(release)) places.set(release, index);
  }
  firstEntrances.set(entered, places);
  return places;
}

/** How a lane failed with a change before that was everywhere, and what made the lane well again; null where none did. */
function failureOf(trail: Trail, landed: Told, done: Told | undefined): { outcome: string; at: string; well: Told | undefined } | null {
  // Not over a branch that somebody moved, or a person's word: that is no failure of what landed.
  const isOverNodes = (told: Told): boolean => part(part(told.about["halt"], "why"), "kind") === "verdict";
  const halted = nextWith(trail, landed, "lane-halted", isOverNodes);
  const returning = nextWith(trail, landed, "lane-returning");
  const failed = inPlace([halted, returning]).find((told) => done === undefined || told.index < done.index);
  if (failed === undefined) return null;
  const { repo, subject, at } = failed.entry;
  const isOfLane = (told: Told): boolean => told.entry.subject === subject;
  const [well] = inPlace(
    (["lane-returned", "lane-passed", "lane-promoted"] as const).map((kind) => nextSuch(trail, repo, kind, failed.index, isOfLane)),
  );
  const outcome =
    failed === halted
      ? "landed, and a lane was halted over its nodes before it was everywhere"
      : "landed, and a lane went back before it was everywhere";
  return { outcome, at, well };
}

const inPlace = (told: readonly (Told | undefined)[]): Told[] =>
  told.filter((one) => one !== undefined).sort((one, other) => one.index - other.index);

/** Changes that a release brought to a lane, by what the lane had before and has then: landings between the two, in the order of the log. */
export function changesIn(trail: Trail, repo: number, { before, release }: { before: string | null; release: string }): readonly Told[] {
  const landed = allOf(trail, repo, "landed");
  const places = placesIn(landed);
  const to = places.get(release);
  if (to === undefined) return [];
  const from = before === null ? undefined : places.get(before);
  return landed.slice(from !== undefined && from < to ? from + 1 : to, to + 1);
}

const known = new WeakMap<readonly Told[], ReadonlyMap<string, number>>();

function placesIn(landed: readonly Told[]): ReadonlyMap<string, number> {
  const places = known.get(landed) ?? new Map(landed.map((told, at) => [text(told.about["commit"]) ?? "", at]));
  known.set(landed, places);
  return places;
}

/** Who wrote, approved and asked for a change, as columns. */
export const answerable = (trail: Trail, landed: Told): Record<string, string | null> => ({
  change: landed.entry.subject,
  writtenBy: peopleOf(contributorsOf(trail, landed)),
  approvedBy: peopleOf(approvalsOf(trail, landed)),
  askedBy: intentionOf(trail, landed)?.entry.actor ?? null,
});

function countsOf(told: Told): string | null {
  const counts = part(told.about["verdict"], "counts");
  return typeof counts === "object" && counts !== null ? JSON.stringify(counts) : null;
}

/** Milliseconds since 1970 as ISO 8601; null for what is none. */
const dated = (value: unknown): string | null =>
  typeof value === "number" && Math.abs(value) <= 8.64e15 ? new Date(value).toISOString() : null;
