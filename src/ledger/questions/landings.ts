import type { Row } from "./table.ts";
import { besides, list, part, type Told, type Trail } from "./trail.ts";

/** How a change came into production, as far as the gate knows of one: each such entry is one change of the population. */
export const arrivals = ["landed", "landed-outside", "direct-push", "history-rewritten"] as const;

const outcomes: Readonly<Record<string, string>> = {
  landed: "landed by the gate",
  "landed-outside": "merged around the gate",
  "direct-push": "pushed around the gate",
  "history-rewritten": "history rewritten",
  "tree-differs": "landed otherwise than checked",
  "check-forged": "check forged",
  "command-forged": "command forged",
  "lane-moved-outside": "lane moved around the gate",
};

export const rowOf = (told: Told, more: Record<string, string | number | boolean | null> = {}): Row => ({
  entry: told.index,
  at: told.entry.at,
  repo: told.entry.repo,
  subject: told.entry.subject,
  actor: told.entry.actor,
  outcome: outcomes[told.entry.kind] ?? told.entry.kind,
  ...more,
});

/** Rows of several kinds of entries by the places of these. */
export const inOrder = (rows: readonly Row[]): Row[] => rows.toSorted((one, other) => one.entry - other.entry);

/** A row that rests on one entry, of a landing: by its time it is asked for, and `when` says when the entry's own was. */
export const rowOfLanding = (landed: Told, told: Told, more: Record<string, string | number | boolean | null> = {}): Row =>
  rowOf(told, { at: landed.entry.at, when: told.entry.at, ...more });

/** The intention that a landing carried out. */
export const intentionOf = (trail: Trail, landed: Told): Told | null =>
  besides(trail, landed).findLast(
    (told) => told.entry.kind === "merge-intended" && told.index < landed.index && told.about["head"] === landed.about["head"],
  ) ?? null;

/** The verdict that a landing rested on. */
export const verdictOf = (trail: Trail, landed: Told): Told | null =>
  besides(trail, landed).findLast(
    (told) => told.entry.kind === "verdict" && told.index < landed.index && told.about["head"] === landed.about["head"],
  ) ?? null;

export const contributorsOf = (trail: Trail, landed: Told): Told[] =>
  besides(trail, landed).filter(
    (told) => told.entry.kind === "contributed" && told.index < landed.index && told.about["head"] === landed.about["head"],
  );

/** The approvals that a landing rested on, as they were bound to a commit. */
export function approvalsOf(trail: Trail, landed: Told): Told[] {
  const standing = new Set(list(intentionOf(trail, landed)?.about["approvals"]).map(({ review }) => review));
  return besides(trail, landed).filter(
    (told) => told.entry.kind === "approval-bound" && standing.has(told.about["review"]) && told.index < landed.index,
  );
}

/** Commitments with a blank between; null for none. */
export const peopleOf = (told: readonly Told[]): string | null =>
  told.length === 0 ? null : [...new Set(told.flatMap(({ entry }) => entry.actor ?? []))].join(" ") || null;

/** What a change reaches, as the check said that let it land; null where that was not recorded. */
export function reachOf(intention: Told | null): { nodes: number; services: string[]; teams: string[] | null } | null {
  const reach = intention?.about["reach"];
  const [nodes, services, teams] = [part(reach, "nodes"), part(reach, "services"), part(reach, "teams")];
  if (typeof nodes !== "number" || !Array.isArray(services)) return null;
  const names = (all: readonly unknown[]): string[] => all.filter((one) => typeof one === "string");
  return { nodes, services: names(services), teams: Array.isArray(teams) ? names(teams) : null };
}
