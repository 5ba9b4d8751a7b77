import { text, type Trail } from "./trail.ts";
import type { Row } from "./table.ts";

/** Which rows of an answer are asked for; null for any. */
export interface Filters {
  /** ISO 8601; rows from this time on, and before the other. */
  from: string | null;
  to: string | null;
  repository: number | null;
  /** GitHub's number of a person. */
  person: number | null;
  /** A part of what the outcome says. */
  outcome: string | null;
  /** A service whose nodes a change reaches, or that something of it names. */
  service: string | null;
  /** `pull/7`, `lane/canary`. */
  subject: string | null;
}

export const noFilters: Filters = { from: null, to: null, repository: null, person: null, outcome: null, service: null, subject: null };

/** What a service has to do with: changes by repository and subject, releases by their commits, and what else is told by its place in the log. */
export interface Named {
  subjects: ReadonlySet<string>;
  commits: ReadonlySet<string>;
  entries: ReadonlySet<number>;
}

/** Whether a row is asked for. `commitments`: those of the person, null where nobody is asked for; `named`: likewise of the service. */
export const isAsked = (
  row: Row,
  filters: Filters,
  { commitments, named }: { commitments: ReadonlySet<string> | null; named: Named | null },
): boolean =>
  (filters.from === null || row.at >= filters.from) &&
  (filters.to === null || row.at < filters.to) &&
  (filters.repository === null || row.repo === filters.repository) &&
  (filters.subject === null || row.subject === filters.subject || changesOf(row).includes(filters.subject)) &&
  (filters.outcome === null || row.outcome.toLowerCase().includes(filters.outcome.toLowerCase())) &&
  (commitments === null || (row.actor !== null && commitments.has(row.actor))) &&
  (named === null || isOf(row, named));

const isOf = (row: Row, { subjects, commits, entries }: Named): boolean =>
  entries.has(row.entry) ||
  [row.subject, ...changesOf(row)].some((subject) => subjects.has(`${row.repo}/${subject}`)) ||
  [row["commit"], row["release"]].some((commit) => typeof commit === "string" && commits.has(commit));

/** A release may have brought several. */
const changesOf = ({ change }: Row): string[] => (typeof change === "string" ? change.split(" ") : []);

/** What of a trail has this very name in it. Of changes that landed, their commits are releases of lanes; of a lane, only what was told with the name. */
export function namedIn(trail: Trail, service: string): { subjects: string[]; commits: string[]; entries: number[] } {
  const has = (value: unknown): boolean =>
    typeof value === "string" ? value === service : typeof value === "object" && value !== null && Object.values(value).some(has);
  const naming = trail.told.filter(({ about }) => has(about));
  const ofChanges = naming.filter(({ entry }) => entry.subject.startsWith("pull/"));
  const subjects = new Set(ofChanges.map(({ entry }) => `${entry.repo}/${entry.subject}`));
  const commits = trail.told.flatMap(({ entry, about }) =>
    entry.kind === "landed" && subjects.has(`${entry.repo}/${entry.subject}`) ? [text(about["commit"]) ?? ""] : [],
  );
  const entries = naming.filter(({ entry }) => !entry.subject.startsWith("pull/")).map(({ index }) => index);
  return { subjects: [...subjects], commits, entries };
}
