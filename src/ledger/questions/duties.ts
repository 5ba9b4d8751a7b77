import { rowOf } from "./landings.ts";
import type { Row } from "./table.ts";
import { changeOf, type Told, type Trail } from "./trail.ts";

const counted = {
  contributed: ["contributed"],
  approved: ["approval-bound"],
  askedForMerge: ["merge-intended"],
  brokeGlass: ["break-glass"],
  movedLanes: ["lane-promoted", "lane-let-in", "lane-returning", "rollout-paused", "rollout-resumed", "lane-resumed"],
  wentAround: ["landed-outside", "direct-push", "history-rewritten"],
} as const;

export const dutyKinds = Object.values(counted).flat();

/** What one subject's entries say of each person; `duties` adds them up. */
export const dutiesOf = (trail: Trail): Row[] =>
  [...Map.groupBy(trail.told.filter(hasActor), (told) => `${changeOf(told)} ${told.entry.actor}`).values()].flatMap((all) => {
    const last = all.at(-1);
    if (last === undefined) return [];
    const counts = Object.fromEntries(
      Object.entries(counted).map(([name, kinds]) => [
        name,
        all.some(({ entry }) => (kinds as readonly string[]).includes(entry.kind)) ? 1 : 0,
      ]),
    );
    const both = counts["contributed"] === 1 && counts["approved"] === 1 ? 1 : 0;
    return [rowOf(last, { outcome: "counted", ...counts, contributedAndApproved: both })];
  });

const hasActor = ({ entry }: Told): boolean => entry.actor !== null;

/** 24: what each person did, by kind, in how many changes; `contributedAndApproved`: in the same one. Sorted by commitment, and never a ranking. */
export function duties(rows: readonly Row[]): Row[] {
  const people = new Map<string, Row>();
  for (const row of rows) {
    if (row.actor === null) continue;
    const before = people.get(row.actor);
    const sum: Row = { ...row, subject: "person" };
    if (before !== undefined)
      for (const name of [...Object.keys(counted), "contributedAndApproved"]) sum[name] = Number(before[name]) + Number(row[name]);
    people.set(row.actor, sum);
  }
  return [...people.values()]
    .map((row) => ({ ...row, outcome: row["contributedAndApproved"] === 0 ? "duties kept apart" : "wrote and approved the same change" }))
    .sort((one, other) => ((one.actor ?? "") < (other.actor ?? "") ? -1 : 1));
}
