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

/** What a service has to do with: changes and lanes by repository and subject, and releases by their commits. */
export interface Named {
  subjects: ReadonlySet<string>;
  commits: ReadonlySet<string>;
}

/** Whether a row is asked for. `commitments`: those of the person, null where nobody is asked for; `named`: likewise of the service. */
export const isAsked = (
  { at, repo, subject, actor, outcome, ...more }: Row,
  filters: Filters,
  { commitments, named }: { commitments: ReadonlySet<string> | null; named: Named | null },
): boolean =>
  (filters.from === null || at >= filters.from) &&
  (filters.to === null || at < filters.to) &&
  (filters.repository === null || repo === filters.repository) &&
  (filters.subject === null || subject === filters.subject || more["change"] === filters.subject) &&
  (filters.outcome === null || outcome.includes(filters.outcome)) &&
  (commitments === null || (actor !== null && commitments.has(actor))) &&
  (named === null ||
    named.subjects.has(`${repo}/${subject}`) ||
    [more["commit"], more["release"]].some((commit) => typeof commit === "string" && named.commits.has(commit)));

/** What of a trail has this very name in it. Of changes that landed, their commits are releases of lanes. */
export function namedIn(trail: Trail, service: string): { subjects: string[]; commits: string[] } {
  const has = (value: unknown): boolean =>
    typeof value === "string" ? value === service : typeof value === "object" && value !== null && Object.values(value).some(has);
  const subjects = new Set(trail.told.filter(({ about }) => has(about)).map(({ entry }) => `${entry.repo}/${entry.subject}`));
  const commits = trail.told.flatMap(({ entry, about }) =>
    entry.kind === "landed" && subjects.has(`${entry.repo}/${entry.subject}`) ? [text(about["commit"]) ?? ""] : [],
  );
  return { subjects: [...subjects], commits };
}
