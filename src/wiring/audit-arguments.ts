import { InvalidArgumentError } from "commander";
import { Problem } from "../problem.ts";

/** Of every command that asks a server's own records, in the same words. */
export const dataOption = ["--data <dir>", "the server's data folder (default: PUPPET_GATE_DATA)"] as const;

/** Of an option that may be given again. */
export const collect = (value: string, before: string[]): string[] => [...before, value];

export function time(text: string): Date {
  const at = new Date(text);
  if (!/^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/u.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError("give a day of UTC, as 2026-01-31, or a time with its zone, as 2026-01-31T12:00:00Z");
  return at;
}

/** What an entry is about: a change by its number alone, too. */
export const subject = (text: string): string => text.replace(/^#?(?=[1-9]\d*$)/u, "pull/");

export function place(text: string): number {
  if (!/^\d{1,15}$/u.test(text)) throw new InvalidArgumentError("give a number");
  return Number(text);
}

export function number(text: string): number {
  if (!/^[1-9]\d{0,15}$/u.test(text)) throw new InvalidArgumentError("give a number");
  return Number(text);
}

/** Throws a Problem where a period ends before it begins: it would be answered that nothing happened. */
export function requirePeriod({ from, to }: { from?: Date; to?: Date }): void {
  if (from === undefined || to === undefined || from < to) return;
  throw new Problem({
    code: "bad-option",
    text: `--to (${to.toISOString()}) is not after --from (${from.toISOString()}), so that nothing can be between them.`,
    hint: "Give the earlier time as --from; --to itself does not count any more.",
  });
}
