import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { commitmentTo } from "../../ledger/entry.ts";
import { answer, type Filters, questions } from "../../ledger/questions/questions.ts";
import type { Row } from "../../ledger/questions/table.ts";
import { type Told, toTold, toTrail, type Trail } from "../../ledger/questions/trail.ts";
import { Problem } from "../../problem.ts";
import { plain } from "../plain.ts";
import type { BundleSource } from "./bundle.ts";

interface Output {
  write(text: string): unknown;
}

const atOnce = 1_000;

/** All that the database has up to a time. */
export async function trailOf(source: Pick<BundleSource, "leavesFrom" | "blobsOf" | "people" | "period">, to: Date | null): Promise<Trail> {
  const { end } = await source.period(null, to);
  const told: Told[] = [];
  for (let at = 0; at < end; at += atOnce) {
    const leaves = await source.leavesFrom(at, Math.min(atOnce, end - at));
    const digests = leaves.flatMap((leaf) => (JSON.parse(leaf) as { evidence: string[] }).evidence);
    const blobs = new Map((await source.blobsOf(digests)).map(({ sha256, blob }) => [sha256, blob]));
    told.push(...leaves.map((leaf, n) => toTold(at + n, leaf, (sha256) => blobs.get(sha256))));
    if (leaves.length < Math.min(atOnce, end - at))
      throw new Problem({
        code: "ledger-rewritten",
        text: `Entry ${at + leaves.length} of the ledger is gone from the database: no answer would be whole.`,
        hint: "Ask a bundle or a published copy (`--bundle`), and look at docs/audit.md.",
      });
  }
  return toTrail(told, new Map((await source.people()).map(({ id, salt }) => [commitmentTo(id, salt), id])));
}

/** What a bundle has. It is not verified by that: `audit verify` does. Throws a Problem where it is none. */
export async function trailOfBundle(folder: string): Promise<Trail> {
  const manifest = join(folder, "manifest.json");
  if (!existsSync(manifest))
    throw new Problem({
      code: "no-bundle",
      text: `${folder} is no audit bundle.`,
      hint: "Give the folder that `puppet-gate audit export` made.",
    });
  const { first } = JSON.parse(await readFile(manifest, "utf8")) as { first: number };
  const blobs = new Map<string, string>();
  for await (const line of linesOf(join(folder, "evidence.jsonl"))) {
    const { sha256, blob } = JSON.parse(line) as { sha256: string; blob: string };
    blobs.set(sha256, blob);
  }
  const told: Told[] = [];
  for await (const line of linesOf(join(folder, "entries.jsonl")))
    told.push(toTold(first + told.length, line, (sha256) => blobs.get(sha256)));
  const people = new Map<string, number>();
  if (existsSync(join(folder, "people.jsonl")))
    for await (const line of linesOf(join(folder, "people.jsonl"))) {
      const { id, salt } = JSON.parse(line) as { id: number; salt: string };
      people.set(commitmentTo(id, salt), id);
    }
  return toTrail(told, people);
}

const linesOf = (path: string): AsyncIterable<string> => createInterface({ input: createReadStream(path) });

/** `puppet-gate audit ask`: the rows of an answer. Throws a Problem for a question that is none. */
export function ask(name: string, trail: Trail, filters: Filters, form: "text" | "json" | "csv", output: Output): void {
  const rows = rowsOf(name, trail, filters);
  const question = questions.find((one) => one.name === name || String(one.number) === name);
  const named = rows.map((row) => ({ ...row, actor: personIn(trail, row.actor) }));
  if (form === "csv") output.write(csv(named));
  else if (form === "json")
    output.write(
      `${JSON.stringify({ schema: "puppet-gate/audit-answer@1", question: question?.number, name: question?.name, missing: question?.missing ?? null, filters, rows: named }, null, 2)}\n`,
    );
  else {
    const missing = question?.missing === null || question === undefined ? "" : `\nNot in it: ${question.missing}.\n`;
    output.write(`${question?.asks ?? name}: ${rows.length}\n\n${named.map(lines).join("\n")}${missing}`);
  }
}

export function rowsOf(name: string, trail: Trail, filters: Filters): Row[] {
  const rows = answer(name, trail, filters);
  if (rows !== null) return rows;
  throw new Problem({
    code: "no-question",
    text: `${JSON.stringify(name)} is none of the questions.`,
    hint: `Ask one of ${questions.map((one) => `${one.number} (${one.name})`).join(", ")}.`,
  });
}

/** GitHub's number where it is known, else the beginning of the commitment. */
const personIn = ({ people }: Trail, actor: string | null): string | null =>
  actor === null ? null : (people.get(actor)?.toString() ?? `unknown ${actor.slice(0, 12)}`);

function lines({ entry, at, repo, subject, actor, outcome, ...more }: Row): string {
  const rest = Object.entries(more).flatMap(([name, value]) => (value === null ? [] : [`    ${name}: ${String(value)}`]));
  return [`${at}  ${repo}/${subject}  ${outcome}${actor === null ? "" : `  by ${actor}`}  (entry ${entry})`, ...rest]
    .map((line) => plain(line, 300))
    .join("\n")
    .concat("\n");
}

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
export function csv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: string | number | boolean | null | undefined): string => {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
    return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
