import { personal, type Row } from "../../ledger/questions/table.ts";
import type { Filters } from "../../ledger/questions/filters.ts";
import { type Summary, summaryOf } from "../../ledger/questions/summary.ts";
import { sampleOf } from "../../ledger/sample.ts";
import { plain } from "../plain.ts";
import type { Answer } from "./answer.ts";

interface Output {
  write(text: string): unknown;
}

/** `puppet-gate audit ask`: an answer for people, for programs, or for a spreadsheet. */
export function printAnswer(answer: Answer, filters: Filters, form: "text" | "json" | "csv", output: Output): void {
  const { question, rows, people, entries, signed } = answer;
  const { number, name, asks, missing } = question;
  const named = rows.map((row) => withPeople(row, people));
  if (form === "csv") {
    output.write(csv(named));
    return;
  }
  const summary = name === "lead-times" ? summaryOf(rows) : [];
  if (form === "json") {
    const about = { schema: "puppet-gate/audit-answer@1", question: number, name, missing, filters, log: { entries, signed } };
    output.write(`${JSON.stringify({ ...about, ...(summary.length > 0 && { summary }), rows: named }, null, 2)}\n`);
    return;
  }
  output.write(`${asks}: ${rows.length}\n\n`);
  if (rows.length > 0) output.write(`${summary.map(summaryLine).join("")}${summary.length > 0 ? "\n" : ""}`);
  // One by one: a hundred thousand rows are more than one text should be.
  for (const row of named) output.write(`${lines(row)}\n`);
  if (missing !== null) output.write(`Not in it: ${missing}.\n`);
  const open = signed < entries ? `, of which ${signed} are signed and can be proven` : ", all of them signed";
  output.write(`Asked of ${entries} entries${open}.\n`);
}

/** `puppet-gate audit sample`: so many rows of an answer, by a seed. */
export function printSample(
  { rows: all, people, entries, signed }: Answer,
  { seed, count }: { seed: string; count: number },
  form: "text" | "json" | "csv",
  output: Output,
): void {
  const rows = sampleOf(all, ({ entry }) => entry, { seed, count }).map((row) => withPeople(row, people));
  if (form === "csv") output.write(csv(rows));
  else if (form === "json")
    output.write(
      `${JSON.stringify({ schema: "puppet-gate/audit-sample@1", seed, of: all.length, log: { entries, signed }, rows }, null, 2)}\n`,
    );
  else output.write(`${rows.length} of ${all.length} by the seed ${plain(seed, 200)}\n\n${rows.map((row) => `${lines(row)}\n`).join("")}`);
}

function withPeople(row: Row, people: ReadonlyMap<string, number>): Row {
  const named = { ...row };
  for (const column of personal) {
    const value = row[column];
    if (typeof value === "string")
      named[column] = value
        .split(" ")
        .map((one) => personIn(people, one))
        .join(" ");
  }
  return named;
}

/** GitHub's number where it is known, else the beginning of the commitment. */
const personIn = (people: ReadonlyMap<string, number>, commitment: string): string =>
  people.get(commitment)?.toString() ?? `unknown:${commitment.slice(0, 12)}`;

function lines({ entry, at, repo, subject, actor, outcome, ...more }: Row): string {
  const rest = Object.entries(more).flatMap(([name, value]) => (value === null || value === "" ? [] : [`    ${name}: ${String(value)}`]));
  return [`${at}  ${repo}/${subject}  ${outcome}${actor === null ? "" : `  by ${actor}`}  (entry ${entry})`, ...rest]
    .map((line) => plain(line, 300))
    .join("\n")
    .concat("\n");
}

const summaryLine = ({ service, landed, perWeek, failedPercent, ...hours }: Summary): string => {
  const pair = (name: string, median: number | null, p90: number | null): string =>
    median === null ? "" : `, ${name} ${median} h in the median and ${p90} h at the 90th percentile`;
  const name = service === null ? "all" : plain(service, 80);
  return `${name}: ${landed} landed, ${perWeek} a week, ${failedPercent} % halted${pair("reviewed after", hours.reviewMedian, hours.reviewP90)}${pair("landed after", hours.landedMedian, hours.landedP90)}${pair("everywhere after", hours.everywhereMedian, hours.everywhereP90)}\n`;
};

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe, and what a terminal would obey is not there. */
export function csv(rows: readonly Row[]): string {
  const columns = [...new Set(["entry", "at", "repo", "subject", "actor", "outcome", ...rows.flatMap((row) => Object.keys(row))])];
  const cell = (value: string | number | boolean | null | undefined): string => {
    const text = (value === null || value === undefined ? "" : String(value)).replaceAll(/[^\P{Cc}\n\r\t]/gu, "\uFFFD");
    const safe = typeof value === "string" && /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
    return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
