import { z } from "zod";

import { type Known, known, type Unknown, unknown } from "../policy/known.ts";
import { Problem } from "../problem.ts";
import { createKept, type Kept } from "./kept.ts";
import { type AskRows, createAskRows, createLook, type HttpLimits, type Look, parsed, type PuppetDbAddress } from "./puppetdb-http.ts";
import {
  accountOf,
  type Done,
  DoneByReport,
  eventFields,
  eventRow,
  hasEvents,
  MOST_APART,
  nothingDone,
  reportFields,
  type ReportRow,
  reportRow,
} from "./puppetdb-run-rows.ts";
import { type RunSource, told, type ToldRuns } from "./told-runs.ts";

/** Of one answer; V8's strings end at 512 MiB. */
const defaultLimits: HttpLimits = { answer: 120_000, bytes: 500 * 2 ** 20 };
/** Milliseconds for everything that one asking takes. */
const LONGEST = 300_000;
/** Milliseconds. Reports of a compiler whose clock is behind by more are not seen at all, and their nodes count as silent. */
const MOST_BEHIND = 12 * 3_600_000;
/** Commands that wait in PuppetDB: what 20,000 nodes send in about a minute. */
const MOST_QUEUED = 2_000;
const MOST_NAMED = 2_000;
/** Bytes of what is remembered of events. */
const MOST_KEPT = 256 * 2 ** 20;

const statusPage = z.object({
  state: z.string(),
  status: z.object({ queue_depth: z.number().nullable(), "read_db_up?": z.boolean(), "write_db_up?": z.boolean() }).partial().nullish(),
});
const timePage = z.object({
  server_time: z
    .string()
    .transform((text) => Date.parse(text))
    .pipe(z.number()),
});
const nodeRow = z.object({ certname: z.string() });

interface Options {
  limits: HttpLimits;
  /** So many reports' events are asked for by name; of more, those of all reports since. */
  mostNamed: number;
  clock: () => number;
}

/**
 * Runs from PuppetDB, by five requests whatever the number of nodes: its status, its time, its active nodes, the reports of an environment since a time, and the events
 * of those that failed or changed something. Events never change once they are stored, so later askings want only those of new reports.
 *
 * Tried against PuppetDB 7.12.1. Its status has `read_db_up?` and `write_db_up?` within `status`, beside `queue_depth`. Relative times are refused; those of the
 * queries are absolute. `in` takes a subquery of `["from", …]` and a list of `["array", …]`. The nodes endpoint has active nodes only, the reports endpoint all; of reports it gives those of
 * agents, and of plans only where `type` is asked for. Resources have no `failed` there, only events do: what fails without one (a transaction that breaks off, resources that
 * can't be generated) shows in the report's status alone. `configuration_version` is "" where there was no catalog. 20,000 reports with 200,000 events take
 * 4.3 s at first, and 1.5 s from then on, two cores with PuppetDB and all: most of it is PuppetDB's. The events are asked for beside the
 * reports then, and rows are read as they come; reading all of one answer and then the other took 6.5 s and 425 MB.
 */
export function createPuppetDbRuns(
  address: PuppetDbAddress,
  { limits = defaultLimits, mostNamed = MOST_NAMED, clock = Date.now }: Partial<Options> = {},
): RunSource {
  const source: Source = {
    askRows: createAskRows(address, limits),
    look: createLook(address, limits),
    where: new URL(address.url).origin,
    kept: createKept<Done>(MOST_KEPT),
    asked: new Set(),
    mostNamed,
    clock,
  };
  return {
    since: async (environment, since) => {
      try {
        return await runsSince(source, { environment, since }, AbortSignal.timeout(LONGEST));
      } catch (error) {
        // What can't be reached now may be there again at the next asking.
        if (error instanceof Problem) return error.code === "puppetdb-unreachable" ? unknown(error.text) : unknown(error.text, error.hint);
        throw error;
      }
    },
  };
}

interface Source {
  askRows: AskRows;
  look: Look;
  where: string;
  kept: Kept<Done>;
  /** Environments of which something is remembered. */
  asked: Set<string>;
  mostNamed: number;
  clock: () => number;
}

interface Window {
  environment: string;
  since: number;
}

async function runsSince(source: Source, window: Window, signal: AbortSignal): Promise<Known<ToldRuns>> {
  const now = await timeOf(source, signal);
  if (!now.known) return now;
  const ended = new AbortController();
  const all = AbortSignal.any([signal, ended.signal]);
  try {
    // Where hardly anything is remembered nearly all events are wanted: they are read beside the reports, and not after them.
    const isFirst = !source.asked.has(window.environment);
    const [active, rows, early] = await Promise.all([
      rowsOf(source, "nodes", { query: ["extract", ["certname"]] }, nodeRow, all),
      rowsOf(source, "reports", { query: ["extract", reportFields, inWindow(window)] }, reportRow, all),
      isFirst ? eventsIn(source, window, inReports(window), all) : new DoneByReport(window.environment),
    ]);
    const wrong = wrongClock(rows);
    if (wrong !== null) return wrong;
    const done = await doneOf(source, rows, early, window, all);
    source.asked.add(window.environment);
    source.kept.forget(source.clock());
    return told(
      rows
        .map((row) => accountOf(row, done.get(row.hash) ?? nothingDone))
        .filter((account) => !account.ok || account.run.producedAt > window.since),
      { environment: window.environment, active: new Set(active.map(({ certname }) => certname)), now: now.value },
    );
  } finally {
    ended.abort();
  }
}

async function rowsOf<T>(
  { askRows, where }: Source,
  endpoint: string,
  query: object,
  row: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T[]> {
  const rows: T[] = [];
  const some = z.array(row);
  await askRows(endpoint, query, (given) => rows.push(...parsed(some, given, where, endpoint)), signal);
  return rows;
}

/** The events of reports that failed or changed something. `among`: a subquery or a list of hashes. */
async function eventsIn(
  { askRows, where }: Source,
  { environment }: Window,
  among: readonly unknown[],
  signal: AbortSignal,
): Promise<DoneByReport> {
  const done = new DoneByReport(environment);
  const query = ["extract", eventFields, ["and", ["in", "status", ["array", ["failure", "success"]]], ["in", "report", among]]];
  const some = z.array(eventRow);
  await askRows("events", { query }, (given) => done.add(parsed(some, given, where, "events")), signal);
  return done;
}

/** By when PuppetDB got it, so that a compiler's wrong clock can't hide its reports; bounded by its date all the same, because that is what has an index. */
const inWindow = ({ environment, since }: Window): unknown[] => [
  "and",
  ["=", "environment", environment],
  [">", "producer_timestamp", new Date(since - MOST_BEHIND).toISOString()],
  [">", "receive_time", new Date(since).toISOString()],
];

const inReports = (window: Window): unknown[] => ["from", "reports", ["extract", "hash", inWindow(window)]];

/** PuppetDB's time; unknown where it can't be right, or PuppetDB does not have all yet that it was sent. */
async function timeOf({ look, where, clock }: Source, signal: AbortSignal): Promise<Known<number>> {
  const page = "/status/v1/services/puppetdb-status";
  const { state, status } = parsed(statusPage, await look(page, signal), where, page);
  if (state !== "running")
    return unknown(`PuppetDB at ${where} is not running yet, or not any more: its state is ${JSON.stringify(state)}`);
  if (status?.["read_db_up?"] !== true || status["write_db_up?"] !== true)
    return unknown(`PuppetDB at ${where} does not reach its database`);
  const queued = status.queue_depth ?? null;
  if (queued === null) return unknown(`PuppetDB at ${where} does not say how much waits in its queue`);
  if (queued > MOST_QUEUED)
    return unknown(`${queued} commands wait in the queue of PuppetDB at ${where}: what agents told last is not to be seen yet`);
  const asked = clock();
  const { server_time: now } = parsed(timePage, await look("/pdb/meta/v1/server-time", signal), where, "server-time");
  const apart = now < asked ? asked - now : Math.max(0, now - clock());
  if (!(apart <= MOST_APART))
    return unknown(`the clocks of PuppetDB at ${where} and of this machine are ${seconds(apart)} apart`, "an operator: set both, by NTP");
  return known(now);
}

/**
 * Reports are dated by the compiler that sends them on, and PuppetDB notes when it gets them, a moment later: whose newest report is dated otherwise has a wrong clock.
 * A command that waits in PuppetDB's queue has been got already.
 */
function wrongClock(rows: readonly ReportRow[]): Unknown | null {
  const newest = new Map<string, ReportRow>();
  for (const row of rows) if (row.receive_time > (newest.get(row.producer ?? "")?.receive_time ?? 0)) newest.set(row.producer ?? "", row);
  for (const [producer, row] of newest) {
    const ahead = row.producer_timestamp - row.receive_time;
    // A node without a server (`puppet apply`) is its own: no other is judged by its clock, and its own report is not believed.
    if (Math.abs(ahead) <= MOST_APART || producer === row.certname) continue;
    const how = `${seconds(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"}`;
    return unknown(
      `the clock of the compiler ${producer} is ${how} that of PuppetDB, by its report on ${row.certname}`,
      `an operator: set the clock of ${producer}`,
    );
  }
  return null;
}

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} seconds`;

/** By report. `early` may lack those of reports that came meanwhile, and of runs that failed without an event: they are asked for by name. */
async function doneOf(
  source: Source,
  rows: readonly ReportRow[],
  early: DoneByReport,
  window: Window,
  signal: AbortSignal,
): Promise<Map<string, Done>> {
  const { kept, mostNamed, clock } = source;
  const now = clock();
  const done = new Map<string, Done>();
  const wanted: string[] = [];
  const keep = (hash: string, own: Done): void => {
    done.set(hash, own);
    kept.keep(hash, "", now, own, 200 + 100 * (own.failed.length + own.changed.length + own.places.length));
  };
  for (const { hash } of rows.filter(hasEvents)) {
    const before = kept.of(hash, "", now);
    const own = before ?? early.of(hash);
    if (own === undefined) wanted.push(hash);
    else if (before === undefined) keep(hash, own);
    else done.set(hash, own);
  }
  if (wanted.length === 0) return done;
  const among = wanted.length > mostNamed ? inReports(window) : ["array", wanted];
  const events = await eventsIn(source, window, among, signal);
  for (const hash of wanted) keep(hash, events.of(hash) ?? nothingDone);
  return done;
}
