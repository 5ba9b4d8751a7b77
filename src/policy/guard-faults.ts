import type { FreezeFile } from "./guard-schemas.ts";
import { type Fault, nameOf } from "./issues.ts";
import { timeOf } from "./freezes.ts";
import type { PolicyFile } from "./schema.ts";
import { isTimezone } from "./timezone.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** What a schema can't say of freezes and of debt: days that exist, spans that go forward, timezones that there are. */
export function guardFaults({ freezes, debt }: PolicyFile, source: YamlSource): Fault[] {
  const fault: MakeFault = (path, text, hint) => [{ ...source.valueAt(path), text: `${nameOf(path)} ${text}.`, hint }];
  return [
    ...freezes.flatMap((freeze, at) => freezeFaults(freeze, ["freezes", at], fault)),
    ...debt.flatMap(({ until }, at) => dateFaults(until, ["debt", at, "until"], fault)),
  ];
}

type MakeFault = (path: Path, text: string, hint: string) => Fault[];

function freezeFaults({ from, to, weekly }: FreezeFile, path: Path, fault: MakeFault): Fault[] {
  if (weekly !== undefined) {
    if (from === undefined && to === undefined) return weeklyFaults(weekly, [...path, "weekly"], fault);
    return fault(path, "says both `weekly` and when it comes once", "Keep one of them, or make two freezes.");
  }
  if (from === undefined || to === undefined)
    return fault(path, "does not say when it holds", "Give it `from` and `to`, or `weekly: {days, from, to, timezone}`.");
  const impossible = [...dateFaults(from, [...path, "from"], fault), ...dateFaults(to, [...path, "to"], fault)];
  if (impossible.length > 0) return impossible;
  if (Date.parse(from) < Date.parse(to)) return [];
  return fault([...path, "to"], `is "${to}", which is no later than \`from\``, "Let it end after it begins.");
}

function weeklyFaults({ days, from, to, timezone }: NonNullable<FreezeFile["weekly"]>, path: Path, fault: MakeFault): Fault[] {
  const twice = new Set(days).size < days.length;
  const whole = new Set(days).size === 7 && timeOf(from) === 0 && to === "24:00";
  return [
    ...(twice ? fault([...path, "days"], "names a day twice", "Name each once.") : []),
    ...(whole ? fault(path, "never ends", "For a freeze that holds on every day, give `from` and `to` with their dates.") : []),
    ...(timeOf(from) < timeOf(to)
      ? []
      : fault(
          [...path, "to"],
          `is "${to}", which is no later than \`from\` on the same day`,
          "For a span over midnight make two freezes: one up to `24:00`, one from `00:00` on the day after.",
        )),
    ...(isTimezone(timezone)
      ? []
      : fault(
          [...path, "timezone"],
          `is "${timezone}"; expected a timezone by its IANA name`,
          "Write one like `Europe/Stockholm` or `UTC`.",
        )),
  ];
}

/** A day that the calendar does not have, or an hour or offset that no clock has: `2026-02-30`, `2026-01-01T25:00Z`. */
function dateFaults(written: string, path: Path, fault: MakeFault): Fault[] {
  const date = written.slice(0, 10);
  // A day past its month's end is read as one of the next month.
  const read = Date.parse(`${date}T00:00:00Z`);
  const exists = !Number.isNaN(read) && new Date(read).toISOString().startsWith(date) && !Number.isNaN(Date.parse(written));
  return exists ? [] : fault(path, `is "${written}", which is not in the calendar`, "Give a day and a time that exist.");
}
