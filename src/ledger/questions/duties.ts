import { rowOf } from "./landings.ts";
import type { Finish, Row } from "./table.ts";
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
export const dutyColumns = [...Object.keys(counted), "contributedAndApproved"];

/** What one subject's entries say of each person, told at the last of them; `duties` adds them up. */
export function dutiesOf(trail: Trail): Row[] {
  const own = Map.groupBy([...trail.byChange.values()].flat().filter(hasActor), personIn);
  return trail.told.filter(hasActor).flatMap((told) => {
    const all = own.get(personIn(told)) ?? [];
    if (all.at(-1) !== told) return [];
    const done = new Set<string>(all.map(({ entry }) => entry.kind));
    const counts = Object.fromEntries(Object.entries(counted).map(([name, kinds]) => [name, kinds.some((kind) => done.has(kind)) ? 1 : 0]));
    const both = counts["contributed"] === 1 && counts["approved"] === 1 ? 1 : 0;
    return [rowOf(told, { outcome: "counted", ...counts, contributedAndApproved: both })];
  });
}

const hasActor = ({ entry }: Told): boolean => entry.actor !== null;
const personIn = (told: Told): string => `${changeOf(told)} ${told.entry.actor}`;

/** 24: what each person did, by kind, in how many changes; `contributedAndApproved`: in the same one. Sorted by commitment, and never a ranking. */
export function duties(): Finish {
  const people = new Map<string, Row>();
  return {
    add: (rows) => {
      for (const row of rows) {
        if (row.actor === null) continue;
        const before = people.get(row.actor);
        const sum: Row = { ...row, subject: "person" };
        if (before !== undefined) for (const name of dutyColumns) sum[name] = Number(before[name]) + Number(row[name]);
        people.set(row.actor, sum);
      }
      return [];
    },
    end: () =>
      [...people.values()]
        .map((row) => ({
          ...row,
          outcome: row["contributedAndApproved"] === 0 ? "duties kept apart" : "wrote and approved the same change",
        }))
        .sort((one, other) => ((one.actor ?? "") < (other.actor ?? "") ? -1 : 1)),
  };
}
