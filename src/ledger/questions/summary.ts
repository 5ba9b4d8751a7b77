import type { Row } from "./table.ts";

/** What many landings come to, of all, of each service and of each team. Never of a person. Numbers are hours, to one place. */
export interface Summary {
  /** Both are null for all of them. */
  service: string | null;
  team: string | null;
  landed: number;
  /** Over the weeks from the first to the last of them, one at least. */
  perWeek: number;
  failed: number;
  failedPercent: number;
  hotfixes: number;
  review: Hours;
  toLanded: Hours;
  toEverywhere: Hours;
  recovery: Hours;
}

/** Null where nothing tells. */
interface Hours {
  median: number | null;
  p90: number | null;
}

/** What the numbers mean: words beside them. */
export const definitions = {
  groups:
    "A change counts for each service that its last check found it to reach, and for each team that the policy named as owner of one of these.",
  failed:
    "Failed: a lane stood still over what its nodes said of a release with the change, or went back from it, before the change was everywhere; or another change took it back, by git's own words, within 7 days of its landing. Where several changes came in one release, it counts for each.",
  hotfixes:
    "Hotfix: it landed by break-glass, or with the label rollout/hotfix. What it mended nobody records, so that no other change counts as failed for it.",
  recovery: "Well again: from the first such halt to the moment when that lane was verified, let through by a person, or gone back.",
  hours: "Hours are of the clock. The median is what half of them do not exceed, by the nearest rank.",
} as const;

const week = 7 * 86_400_000;
const measured = {
  review: "hoursOpenToReview",
  toLanded: "hoursOpenToLanded",
  toEverywhere: "hoursOpenToEverywhere",
  recovery: "hoursToRecover",
} as const;
type Measured = keyof typeof measured;

interface Group {
  landed: number;
  failed: number;
  hotfixes: number;
  first: number;
  last: number;
  hours: Record<Measured, number[]>;
}

/** Of the rows of lead times, some at a time; the first that comes out is of all of them. */
export function createSummary(): { add: (rows: readonly Row[]) => void; end: () => Summary[] } {
  const all = emptyGroup();
  const [services, teams] = [new Map<string, Group>(), new Map<string, Group>()];
  const groupsIn = (row: Row): Group[] => [
    all,
    ...namesIn(row["services"]).map((name) => groupOf(services, name)),
    ...namesIn(row["teams"]).map((name) => groupOf(teams, name)),
  ];
  return {
    add: (rows) => {
      for (const row of rows) for (const group of groupsIn(row)) count(group, row);
    },
    end: () => [
      { service: null, team: null, ...ended(all) },
      ...sorted(services).map(([service, group]) => ({ service, team: null, ...ended(group) })),
      ...sorted(teams).map(([team, group]) => ({ service: null, team, ...ended(group) })),
    ],
  };
}

const emptyGroup = (): Group => ({
  landed: 0,
  failed: 0,
  hotfixes: 0,
  first: Number.POSITIVE_INFINITY,
  last: Number.NEGATIVE_INFINITY,
  hours: { review: [], toLanded: [], toEverywhere: [], recovery: [] },
});

function groupOf(groups: Map<string, Group>, name: string): Group {
  const own = groups.get(name) ?? emptyGroup();
  groups.set(name, own);
  return own;
}

const sorted = (groups: ReadonlyMap<string, Group>): [string, Group][] => [...groups].sort(([one], [other]) => (one < other ? -1 : 1));

/** Names with a blank between. */
const namesIn = (value: Row[string] | undefined): string[] => (typeof value === "string" && value !== "" ? value.split(" ") : []);

function count(group: Group, row: Row): void {
  const at = Date.parse(row.at);
  group.landed += 1;
  group.first = Math.min(group.first, at);
  group.last = Math.max(group.last, at);
  if (row.outcome !== "landed") group.failed += 1;
  if (row["hotfix"] === true) group.hotfixes += 1;
  for (const name of Object.keys(measured) as Measured[]) {
    const hours = row[measured[name]];
    if (typeof hours === "number") group.hours[name].push(hours);
  }
}

function ended({ landed, failed, hotfixes, first, last, hours }: Group): Omit<Summary, "service" | "team"> {
  const weeks = landed === 0 ? 1 : Math.max(1, (last - first) / week);
  return {
    landed,
    perWeek: oneDigit(landed / weeks),
    failed,
    failedPercent: landed === 0 ? 0 : oneDigit((100 * failed) / landed),
    hotfixes,
    review: ranked(hours.review),
    toLanded: ranked(hours.toLanded),
    toEverywhere: ranked(hours.toEverywhere),
    recovery: ranked(hours.recovery),
  };
}

/** By the nearest rank. */
function ranked(hours: readonly number[]): Hours {
  const values = Float64Array.from(hours).sort();
  const at = (share: number): number | null => values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? null;
  return { median: at(0.5), p90: at(0.9) };
}

const oneDigit = (value: number): number => Math.round(value * 10) / 10;
