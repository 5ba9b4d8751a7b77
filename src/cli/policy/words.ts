import type { Reason } from "../../gate/verdict.ts";
import type { Known } from "../../policy/known.ts";
import { plain } from "../plain.ts";
import type { Paint } from "../paint.ts";
import type { Judged } from "./judged.ts";
import type { ExampleResult } from "./run-examples.ts";

/** What `policy test` and `policy explain` print. */

const styles = { pass: "green", fail: "red", pending: "cyan", unknown: "yellow", skipped: "dim" } as const;
const outcomeStyles: Record<Judged["outcome"], Parameters<Paint>[0]> = {
  pass: ["bold", "green"],
  observed: ["bold", "cyan"],
  waiting: ["bold", "cyan"],
  checking: ["bold", "cyan"],
  blocked: ["bold", "red"],
  unknown: ["bold", "yellow"],
};

/** The examples of one file: a line each, and of those that failed what was expected and the rule tree. */
export function renderResults(policy: string, results: readonly ExampleResult[], paint: Paint): string {
  const lines = results.flatMap(({ name, failures, judged }) => {
    if (failures.length === 0) return [`  ${paint("green", "ok")}    ${plain(name)}`];
    return [
      `  ${paint("red", "FAIL")}  ${plain(name)}`,
      ...failures.map((failure) => `        ${paint("red", plain(failure, 1_000))}`),
      ...explained(judged, paint).map((line) => `        ${line}`),
    ];
  });
  return `${[paint("bold", plain(policy)), ...lines].join("\n")}\n`;
}

export function renderCounts(files: ReadonlyArray<{ results: readonly ExampleResult[] }>, paint: Paint): string {
  const results = files.flatMap((file) => file.results);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const counts = `${results.length} ${results.length === 1 ? "example" : "examples"}`;
  return failed === 0
    ? `${paint("green", `${counts}, all as expected`)}\n`
    : `${paint("red", `${counts}, ${failed} otherwise than expected`)}\n`;
}

/** One change: its outcome, then every rule with why it applies, then what else counted, then who has to do what. */
export const renderExplained = (title: string, judged: Judged, paint: Paint): string =>
  `${[paint("bold", plain(title)), ...explained(judged, paint)].join("\n")}\n`;

function explained({ outcome, rules, besides, missing, advice }: Judged, paint: Paint): string[] {
  const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [paint("bold", title), ...lines]);
  return [
    paint(outcomeStyles[outcome], outcome.toUpperCase()),
    ...section(
      "Rules",
      rules.flatMap(({ when, applies, values, mode, reason }) => {
        const why = applies.known
          ? `${applies.value ? "applies" : "does not apply"}: \`${when}\` is ${applies.value}`
          : `applies: ${applies.reason}`;
        return [
          ...reasonLines(reason, paint, 1),
          ...(mode === "observe" ? [paint("dim", "      observed: it blocks nothing")] : []),
          paint("dim", `      ${plain(why, 1_000)}`),
          ...values.map(({ name, value }) => paint("dim", `        ${name} is ${plain(shown(value), 300)}`)),
        ];
      }),
    ),
    ...section(
      "Besides",
      besides.flatMap((reason) => reasonLines(reason, paint, 1)),
    ),
    ...section(
      "Missing",
      missing.map((line) => `  ${plain(line, 1_000)}`),
    ),
    ...section(
      "Advice",
      advice.map((line) => `  ${plain(line, 1_000)}`),
    ),
  ];
}

/** A reason with its parts below it, each further in. */
function reasonLines({ rule, outcome, text, parts = [] }: Reason, paint: Paint, depth: number): string[] {
  const indent = "  ".repeat(depth);
  return [
    `${indent}${paint(styles[outcome], outcome.padEnd(7))}  ${plain(rule)}: ${plain(text, 1_000)}`,
    ...parts.flatMap((part) => reasonLines(part, paint, depth + 2)),
  ];
}

const most = 6;

function shown(value: Known<unknown>): string {
  if (!value.known) return `unknown: ${value.reason}`;
  if (!Array.isArray(value.value)) return inWords(value.value);
  const items: readonly unknown[] = value.value;
  const more = items.length > most ? `, … (${items.length})` : "";
  return `[${items.slice(0, most).map(inWords).join(", ")}${more}]`;
}

/** CEL's whole numbers are BigInt, which JSON has not. */
const inWords = (value: unknown): string => JSON.stringify(jsonOf(value)) ?? "nothing";

/** The same without BigInt, for `--json`. */
export const jsonOf = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? Number(each) : each)) ?? "null");
