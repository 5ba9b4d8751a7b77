import { parse } from "./document.ts";
import { readPlain } from "./psych.ts";
import { readRubyYaml } from "./ruby-yaml.ts";

/** What of a stored report is looked at. Messages and values, which may hold secrets, are passed over without being read. */
export interface ReportText {
  fields: ReadonlyMap<string, unknown>;
  /** Seconds, as the agent measured; null where it does not say. */
  total: number | null;
  failed: readonly string[];
  changed: ReadonlyArray<{ resource: string; property: string }>;
  /** Where these are declared, as the report says it: nothing of it was looked at. */
  places: ReadonlyMap<string, { file: unknown; line: unknown }>;
}

export type ReportRead = { ok: true; report: ReportText } | { ok: false; why: string; fields: ReadonlyMap<string, unknown> };

/** Names of one report: a first run on a fresh machine changes some thousands. */
const MOST_NAMES = 20_000;
const NOT_WHOLE = "it ends too early: it was not written whole";
const FIELDS = new Set([
  "host",
  "configuration_version",
  "report_format",
  "status",
  "noop",
  "noop_pending",
  "environment",
  "corrective_change",
  "server_used",
  "master_used",
  "cached_catalog_status",
]);
const STATUS_FIELDS = new Set(["resource", "failed", "failed_to_restart", "file", "line"]);
const EVENT_FIELDS = new Set(["property", "name", "status"]);
const START = "--- !ruby/object:Puppet::Transaction::Report\n";
/** Written where one of the texts ends in empty lines. */
const END = /\n\.\.\.\n$/u;
const ENTRY = /^([a-z_]+):(?: (.*))?$/su;

/**
 * Reads a report as Puppet's `store` writes it (`lib/puppet/reports/store.rb`, `Puppet::Transaction::Report#to_data_hash`; formats 10 to 12): YAML of
 * Ruby's Psych, which puts each key on a line of its own, two columns deeper for each map, and whatever belongs to it deeper still, a list's
 * items at the key's own column. So lines are told apart by their depth, and most are never parsed: a report of 100 KB takes about a millisecond, the full
 * parser a hundred times that. A text in any other form is refused, and so is one that ends before `cached_catalog_status`, which Puppet writes last.
 */
export function readReportText(text: string): ReportRead {
  const fields = new Map<string, unknown>();
  const no = (why: string): ReportRead => ({ ok: false, why: text.endsWith("\n") ? why : NOT_WHOLE, fields });
  if (!text.startsWith(START)) return no("it is no report in the form that Puppet stores");
  try {
    const sections = new Map<string, string>();
    for (const [key, chunk] of entries(text.slice(START.length).replace(END, "\n"), 0)) {
      if (sections.has(key) || fields.has(key)) return no(`it has ${key} twice`);
      if (FIELDS.has(key)) fields.set(key, scalar(key, chunk));
      else sections.set(key, chunk);
    }
    if (!text.endsWith("\n") || !fields.has("cached_catalog_status")) return no(NOT_WHOLE);
    const statuses = sections.get("resource_statuses");
    if (statuses === undefined || !sections.has("metrics")) return no("it has no metrics, or no resources");
    const report = { fields, total: totalOf(sections.get("metrics") ?? ""), ...readStatuses(statuses) };
    return report.failed.length + report.changed.length > MOST_NAMES
      ? no(`more than ${MOST_NAMES} resources failed or changed`)
      : { ok: true, report };
  } catch (error) {
    if (error instanceof NotAsStored) return no(error.message);
    throw error;
  }
}

class NotAsStored extends Error {}

/** The entries of a map whose keys stand at this column: each with all its lines, its own the first. */
function* entries(text: string, column: number): Generator<[key: string, chunk: string]> {
  let [key, from] = ["", 0];
  for (let at = 0; at < text.length;) {
    const next = endOfLine(text, at);
    const depth = depthOf(text, at, next);
    if (depth === column && !isItem(text, at + depth)) {
      if (at > 0) yield [key, text.slice(from, at)];
      key = ENTRY.exec(text.slice(at + depth, next - 1))?.[1] ?? refuse();
      from = at;
    } else if (depth < column || at === 0) refuse();
    at = next;
  }
  if (text.length > 0) yield [key, text.slice(from)];
}

function readStatuses(chunk: string): Pick<ReportText, "failed" | "changed" | "places"> {
  const failed = new Set<string>();
  const changed = new Map<string, { resource: string; property: string }>();
  const places = new Map<string, { file: unknown; line: unknown }>();
  for (const status of statusesOf(chunk)) {
    // Puppet writes nothing for a resource that it knows nothing of.
    if (status === "") continue;
    const own = new Map<string, string>();
    for (const [key, inner] of entries(status, 4)) if (key === "events" || STATUS_FIELDS.has(key)) own.set(key, inner);
    const events = eventsOf(own.get("events") ?? refuse());
    const isFailed =
      [flag(own, "failed"), flag(own, "failed_to_restart")].includes(true) || events.some((event) => event.get("status") === "failure");
    const successes = events.filter((event) => event.get("status") === "success");
    if (!isFailed && successes.length === 0) continue;
    const resource = text(scalar("resource", own.get("resource") ?? refuse()));
    if (isFailed) failed.add(resource);
    const [file, line] = [own.get("file"), own.get("line")];
    if (file !== undefined && line !== undefined) places.set(resource, { file: scalar("file", file), line: scalar("line", line) });
    for (const event of successes) {
      const property = text(event.get("property") ?? event.get("name") ?? "");
      changed.set(JSON.stringify([resource, property]), { resource, property });
    }
  }
  return { failed: [...failed], changed: [...changed.values()], places };
}

/**
 * The maps below `resource_statuses`, each as lines at column 4. Their keys are passed over, because each map names its resource: also those of more than
 * one line, which begin with `? ` and end where the value begins with `: `.
 */
function* statusesOf(chunk: string): Generator<string> {
  const first = endOfLine(chunk, 0);
  if (/^resource_statuses: \{\}\n$/u.test(chunk)) return;
  if (chunk.slice(0, first) !== "resource_statuses:\n") refuse();
  let [from, inKey] = [-1, false];
  for (let at = first; at < chunk.length;) {
    const next = endOfLine(chunk, at);
    const depth = depthOf(chunk, at, next);
    if (depth === 2) {
      const mark = chunk.slice(at + 2, at + 4);
      if (inKey && mark === ": ") {
        inKey = false;
        from = at;
      } else {
        if (inKey) refuse();
        if (from >= 0) yield statusFrom(chunk.slice(from, at));
        inKey = mark === "? ";
        from = inKey ? -1 : next;
        if (!inKey && chunk.slice(next - 2, next - 1) !== ":") refuse();
      }
    } else if (depth < 2 || (from < 0 && !inKey)) refuse();
    at = next;
  }
  if (inKey || from < 0) refuse();
  yield statusFrom(chunk.slice(from));
}

const statusFrom = (lines: string): string => (lines.startsWith("  : ") ? `    ${lines.slice(4)}` : lines);

function eventsOf(chunk: string): Map<string, unknown>[] {
  if (chunk === "    events: []\n") return [];
  const first = endOfLine(chunk, 0);
  if (chunk.slice(0, first) !== "    events:\n" || first === chunk.length) refuse();
  const events: Map<string, unknown>[] = [];
  // Each item's first line is brought to the column of its others; the text between two items is one map.
  const items = chunk.slice(first).split(/^ {4}- (?=[a-z_]+:)/mu);
  if (items.shift() !== "") refuse();
  for (const item of items) {
    const event = new Map<string, unknown>();
    for (const [key, inner] of entries(`      ${item}`, 6)) if (EVENT_FIELDS.has(key)) event.set(key, scalar(key, inner));
    if (typeof event.get("status") !== "string") refuse();
    events.push(event);
  }
  return events;
}

/** `metrics.time.values` has the run's length by the agent's own clock, as PuppetDB takes it, too. */
function totalOf(metrics: string): number | null {
  const time = /^ {2}time:\n((?: {4}.*\n)*)/mu.exec(metrics)?.[1] ?? "";
  const [, total] = /^ {4}- - total\n {6}- .*\n {6}- (-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/mu.exec(time) ?? [];
  return total === undefined ? null : Number(total);
}

function flag(own: ReadonlyMap<string, string>, key: string): boolean {
  const value = /: (true|false)\n$/u.exec(own.get(key) ?? "")?.[1] ?? refuse();
  return value === "true";
}

function scalar(key: string, chunk: string): unknown {
  const plain = PLAIN.exec(chunk);
  if (plain !== null) return readPlain(plain[1] ?? "");
  const read = readRubyYaml(chunk.replace(/^ +/u, "")) ?? readByParser(chunk);
  return (read.value as Record<string, unknown>)[key] ?? null;
}

/** A text without anything in it that means something to YAML. */
const PLAIN = /^ *[a-z_]+:(?: ([A-Za-z0-9/][A-Za-z0-9_./[\]-]*))?\n$/u;

function readByParser(chunk: string): { value: unknown } {
  const read = parse("report.yaml", Buffer.from(chunk));
  return read.ok ? read : refuse();
}

const text = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : refuse();

function refuse(): never {
  throw new NotAsStored("it is not in the form that Puppet stores");
}

const endOfLine = (text: string, at: number): number => text.indexOf("\n", at) + 1 || text.length + 1;

/** Of an empty line: it belongs to a text of several lines. */
const NEVER = Infinity;

function depthOf(text: string, at: number, next: number): number {
  let depth = 0;
  while (text.charCodeAt(at + depth) === 0x20) depth += 1;
  return at + depth >= next - 1 ? NEVER : depth;
}

const isItem = (text: string, at: number): boolean => text.charCodeAt(at) === 0x2d && text.charCodeAt(at + 1) === 0x20;
