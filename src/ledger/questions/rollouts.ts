import { rowOf } from "./changes.ts";
import type { Row } from "./table.ts";
import { besides, hoursBetween, ofKind, part, text, type Told, type Trail } from "./trail.ts";

const steps = ["lane-entered", "lane-moved", "lane-ready", "lane-passed", "lane-halted", "lane-returned", "lane-superseded"] as const;
const orders = [
  "lane-let-in",
  "lane-promoted",
  "lane-returning",
  "lane-quarantined",
  "lane-resumed",
  "commit-unquarantined",
  "rollout-paused",
  "rollout-resumed",
  "rollout-refused",
] as const;

const about = (told: Told): Record<string, string | null> => ({
  release: text(told.about["release"]) ?? text(told.about["commit"]),
  reason: text(told.about["reason"]),
});

/** 10: when each release came to each lane, and how it ended there. */
export const reach = (trail: Trail): Row[] =>
  ofKind(trail, ...steps, "rollout-done").map((told) => rowOf(told, { ...about(told), outcome: told.entry.kind, counts: countsOf(told) }));

/** 14: what people told rollouts to do. */
export const stages = (trail: Trail): Row[] =>
  ofKind(trail, ...orders, "lane-entered", "lane-halted")
    .filter(({ entry }) => (entry.kind !== "lane-entered" && entry.kind !== "lane-halted") || entry.actor !== null)
    .map((told) => rowOf(told, { ...about(told), outcome: told.entry.kind }));

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

/** 25: of each landing, the hours between its steps: from the first verdict to the first approval, to the merge, to the last lane. */
export const leadTimes = (trail: Trail): Row[] =>
  ofKind(trail, "landed").map((landed) => {
    const own = besides(trail, landed).filter((told) => told.index <= landed.index);
    const [seen, approved] = [own[0], own.find(({ entry }) => entry.kind === "approval-received")];
    const done = trail.byChange
      .get(`${landed.entry.repo}/rollout`)
      ?.find(({ entry, index }) => entry.kind === "rollout-done" && index > landed.index);
    const hours = (from: Told | undefined, to: Told | undefined): number | null =>
      from === undefined || to === undefined ? null : hoursBetween(from.entry.at, to.entry.at);
    return rowOf(landed, {
      hoursToReview: hours(seen, approved),
      hoursToLanded: hours(seen, landed),
      hoursToEverywhere: hours(seen, done),
      landedToEverywhere: hours(landed, done),
    });
  });

function countsOf(told: Told): string | null {
  const counts = part(told.about["verdict"], "counts");
  return typeof counts === "object" && counts !== null ? JSON.stringify(counts) : null;
}
