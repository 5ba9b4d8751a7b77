import { z } from "zod";

import type { Run } from "../rollout/runs.ts";
import { type Declared, placeIn } from "../rollout/source-place.ts";
import { isCertname } from "./certname.ts";
import { wholeRun } from "./stored-report.ts";
import type { Account } from "./told-runs.ts";

/** What of a report is asked for. Neither logs nor metrics, which grow with what a node has. */
export const reportFields = [
  "certname",
  "hash",
  "environment",
  "status",
  "noop",
  "noop_pending",
  "cached_catalog_status",
  "configuration_version",
  "producer",
  "producer_timestamp",
  "receive_time",
  "start_time",
  "end_time",
];

/** What of an event is asked for: never its message, nor its old or new value, which may hold secrets. */
export const eventFields = ["report", "resource_type", "resource_title", "property", "status", "file", "line"];

const time = z
  .string()
  .transform((text) => Date.parse(text))
  .pipe(z.number());
const name = z.string().max(10_000);
/** PuppetDB's own columns: another form is no agent's fault, and makes the whole answer one that can't be used. */
export const reportRow = z.object({
  certname: name,
  hash: name,
  environment: name,
  status: z.enum(["failed", "changed", "unchanged"]).nullable(),
  noop: z.boolean().nullable(),
  noop_pending: z.boolean().nullable(),
  cached_catalog_status: z.string().nullable(),
  configuration_version: name.nullable(),
  producer: name.nullable(),
  producer_timestamp: time,
  receive_time: time,
  start_time: time,
  end_time: time,
});
export const eventRow = z.object({
  report: name,
  resource_type: name,
  resource_title: name,
  property: name.nullable(),
  status: z.enum(["failure", "success"]),
  // Where the resource is declared; nothing is made of one in another form.
  file: z.string().nullish().catch(null),
  line: z.number().nullish().catch(null),
});
export type ReportRow = z.infer<typeof reportRow>;
type EventRow = z.infer<typeof eventRow>;

/** What a run's events say. */
export interface Done {
  failed: readonly string[];
  changed: Run["changed"];
  places: readonly Declared[];
}

export const nothingDone: Done = { failed: [], changed: [], places: [] };

/** Whether there is more to know of a report than its own row has. */
export const hasEvents = ({ status }: ReportRow): boolean => status === "failed" || status === "changed";

/**
 * What runs did, put together from events in whatever order and portions they come. A release does the same on many nodes: each name and each change is kept
 * once for all of them.
 */
export class DoneByReport {
  readonly #names = new Map<string, string>();
  readonly #changes = new Map<string, Run["changed"][number]>();
  readonly #places = new Map<string, Declared>();
  readonly #reports = new Map<string, { failed: Set<string>; changed: Set<Run["changed"][number]>; places: Map<string, Declared> }>();
  readonly #environment: string;

  /** Of which all the reports are: what a file's path begins with. */
  constructor(environment: string) {
    this.#environment = environment;
  }

  add(rows: readonly EventRow[]): void {
    for (const row of rows) {
      const resource = this.#once(`${row.resource_type}[${row.resource_title}]`);
      const done = this.#reports.get(row.report) ?? { failed: new Set(), changed: new Set(), places: new Map() };
      this.#reports.set(row.report, done);
      const place = placeIn(this.#environment, row.file, row.line);
      if (place !== null) done.places.set(resource, this.#place({ resource, ...place }));
      if (row.status === "failure") done.failed.add(resource);
      else done.changed.add(this.#change(resource, row.property ?? ""));
    }
  }

  /** Undefined for a report of which no event came. */
  of(report: string): Done | undefined {
    const done = this.#reports.get(report);
    return done && { failed: [...done.failed], changed: [...done.changed], places: [...done.places.values()] };
  }

  #once(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    this.#names.set(text, text);
    return text;
  }

  #place(place: Declared): Declared {
    const key = JSON.stringify([place.resource, place.line, place.path]);
    const known = this.#places.get(key) ?? place;
    this.#places.set(key, known);
    return known;
  }

  #change(resource: string, property: string): Run["changed"][number] {
    const key = JSON.stringify([resource, property]);
    const known = this.#changes.get(key) ?? { resource, property: this.#once(property) };
    this.#changes.set(key, known);
    return known;
  }
}

const cachedSchema = z.enum(["not_used", "on_failure", "explicitly_requested"]);
/** Milliseconds. Only of a node that is its own compiler does such a report come this far: see `wrongClock`. */
export const MOST_APART = 60_000;
const LONGEST = 86_400_000 * 7;

/** A report as a run; why not, where the agent is older than Puppet 5 and does not say all of it, or says what can't be. */
export function accountOf(row: ReportRow, done: Done): Account {
  const { certname, producer_timestamp: producedAt, receive_time: arrivedAt, status, noop, noop_pending: noopPending } = row;
  const no = (why: string): Account => ({
    certname,
    arrivedAt,
    ok: false,
    why: `the report ${row.hash} of ${certname} can't be read: ${why}`,
  });
  const cached = cachedSchema.safeParse(row.cached_catalog_status).data;
  const took = row.end_time - row.start_time;
  if (!isCertname(certname)) return no("its node has no certname as Puppet's documentation asks for");
  if (status === null || noop === null || noopPending === null || cached === undefined)
    return no("it lacks what agents since Puppet 5 say");
  if (Math.abs(producedAt - arrivedAt) > MOST_APART) return no("its time and that of its arrival are too far apart");
  if (took < 0 || took > LONGEST) return no("the run took a time that can't be");
  const version = row.configuration_version ?? "";
  const brokeOff = status === "failed" && version !== "" && done.failed.length === 0;
  const run: Run = {
    certname,
    id: row.hash,
    environment: row.environment,
    status,
    version,
    cached,
    noop,
    noopPending,
    producer: row.producer,
    producedAt,
    took,
    failed: brokeOff ? [wholeRun] : done.failed,
    changed: done.changed,
    ...(done.places.length > 0 && { places: done.places }),
  };
  return { certname, arrivedAt, ok: true, run };
}
