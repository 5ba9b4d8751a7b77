import type { Filters } from "../../ledger/questions/filters.ts";
import { createSummary, definitions, type Summary } from "../../ledger/questions/summary.ts";
import { common, personal, type Row } from "../../ledger/questions/table.ts";
import { sampleOf } from "../../ledger/sample.ts";
import { plain } from "../plain.ts";
import type { Answer } from "./answer.ts";

interface Output {
  write(text: string): unknown;
}

/** `puppet-gate audit ask`: an answer for people, for programs, or for a spreadsheet. Rows are written as they come: a year of them is more than one text should be. */
export async function printAnswer(answer: Answer, filters: Filters, form: "text" | "json" | "csv", output: Output): Promise<void> {
  const { question, people, entries, signed } = answer;
  const { number, name, asks, missing } = question;
  const summary = createSummary();
  let count = 0;
  const each = async (written: (row: Row) => string): Promise<void> => {
    for await (const rows of answer.rows) {
      if (name === "lead-times") summary.add(rows);
      let texts = "";
      for (const row of rows) {
        texts += written(withPeople(row, people));
        count += 1;
      }
      if (texts !== "") output.write(texts);
    }
  };
  if (form === "csv") {
    const columns = columnsOf(question);
    output.write(csvLine(columns));
    await each((row) => csvRow(row, columns));
    return;
  }
  if (form === "json") {
    const about = { schema: "puppet-gate/audit-answer@1", question: number, name, missing, filters, log: { entries, signed } };
    output.write(`${JSON.stringify(about, null, 2).slice(0, -2)},\n  "rows": [`);
    await each((row) => `${count === 0 ? "" : ","}\n    ${JSON.stringify(row)}`);
    const end =
      name === "lead-times" && count > 0 ? `,\n  "summary": ${JSON.stringify({ definitions, groups: summary.end() }, null, 2)}` : "";
    output.write(`\n  ]${end}\n}\n`);
    return;
  }
  output.write(`${asks}\n\n`);
  await each((row) => `${lines(row)}\n`);
  if (name === "lead-times" && count > 0) output.write(summaryText(summary.end()));
  output.write(`${count === 1 ? "1 row" : `${count} rows`}.\n`);
  if (missing !== null) output.write(`Not in it: ${missing}.\n`);
  const open = signed < entries ? `, of which ${signed} are signed and can be proven` : ", all of them signed";
  output.write(`Asked of ${entries} entries${open}.\n`);
}

const columnsOf = ({ columns }: Pick<Answer["question"], "columns">): string[] => [...common, ...columns];

/** `puppet-gate audit sample`: so many rows of an answer, by a seed. */
export async function printSample(
  { question, rows: given, people, entries, signed }: Answer,
  { seed, count }: { seed: string; count: number },
  form: "text" | "json" | "csv",
  output: Output,
): Promise<void> {
  const all: Row[] = [];
  for await (const some of given) all.push(...some);
  const rows = sampleOf(all, ({ entry }) => entry, { seed, count }).map((row) => withPeople(row, people));
  if (form === "csv") output.write([csvLine(columnsOf(question)), ...rows.map((row) => csvRow(row, columnsOf(question)))].join(""));
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

function summaryText(groups: readonly Summary[]): string {
  const pair = (name: string, { median, p90 }: Summary["review"]): string =>
    median === null ? "" : `, ${name} ${median} h in the median and ${p90} h at the 90th percentile`;
  const told = groups.map(
    ({ service, team, landed, perWeek, failed, failedPercent, hotfixes, review, toLanded, toEverywhere, recovery }) =>
      `${service === null ? (team === null ? "all" : `team ${plain(team, 80)}`) : `service ${plain(service, 80)}`}: ${landed} landed, ${perWeek} a week, ${failed} failed (${failedPercent} %), ${hotfixes} hotfixes${pair("reviewed after", review)}${pair("landed after", toLanded)}${pair("everywhere after", toEverywhere)}${pair("well again after", recovery)}\n`,
  );
  return `${told.join("")}\n${Object.values(definitions)
    .map((text) => `${text}\n`)
    .join("")}\n`;
}

const csvLine = (cells: readonly (string | number | boolean | null | undefined)[]): string => `${cells.map(csvCell).join(",")}\r\n`;

/** A column that a question does not name would be missing in silence. */
function csvRow(row: Row, columns: readonly string[]): string {
  const unknown = Object.keys(row).find((column) => !columns.includes(column));
  if (unknown !== undefined) throw new Error(`the question has no column ${unknown}`);
  return csvLine(columns.map((column) => row[column]));
}

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe, and what a terminal would obey is not there. */
function csvCell(value: string | number | boolean | null | undefined): string {
  const text = (value === null || value === undefined ? "" : String(value)).replaceAll(/[^\P{Cc}\n\r\t]/gu, "\uFFFD");
  const safe = typeof value === "string" && /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
