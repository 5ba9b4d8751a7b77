import type { Freeze, FreezeWeekly, Weekday } from "./requirement.ts";
import { instantOf, wallOf } from "./timezone.ts";

/** A freeze that holds at the moment that was asked for, and the first moment at which it does not any more (ISO 8601, UTC). */
export interface StandingFreeze {
  freeze: Freeze;
  endsAt: string;
}

/** The freezes that hold at `now` (ISO 8601), in the policy's order. */
export function freezesAt(freezes: readonly Freeze[], now: string): StandingFreeze[] {
  const instant = Date.parse(now);
  return freezes.flatMap((freeze) => {
    const end = endOf(freeze, instant);
    return end === null ? [] : [{ freeze, endsAt: new Date(end).toISOString() }];
  });
}

/** What people are told of one, wherever it holds something up. */
export const freezeText = ({ freeze: { name, reason }, endsAt }: StandingFreeze): string =>
  `freeze ${name} holds until ${endsAt.slice(0, 16).replace("T", " ")} UTC: ${reason}`;

function endOf({ when }: Freeze, now: number): number | null {
  if ("timezone" in when) return weeklyEnd(when, now);
  const end = Date.parse(when.to);
  return Date.parse(when.from) <= now && now < end ? end : null;
}

export const weekdays: readonly Weekday[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const day = 24 * 60 * 60_000;

/** A span that ends with its day goes on where the next one begins with its own. */
function weeklyEnd(weekly: FreezeWeekly, now: number): number | null {
  const today = Math.floor(wallOf(now, weekly.timezone) / day) * day;
  let end: number | null = null;
  // From yesterday, because a clock that is put back over midnight shows a day's end twice.
  for (let date = today - day; date <= today + 8 * day; date += day) {
    const span = spanOn(date, weekly);
    if (span === null) continue;
    const { from, to } = span;
    if (from <= (end ?? now) && (end ?? now) < to) end = to;
  }
  return end;
}

function spanOn(date: number, { days, from, to, timezone }: FreezeWeekly): { from: number; to: number } | null {
  const weekday = weekdays[new Date(date).getUTCDay()];
  if (weekday === undefined || !days.includes(weekday)) return null;
  return { from: instantOf(date + timeOf(from), timezone, "first"), to: instantOf(date + timeOf(to), timezone, "last") };
}

/** `HH:MM` in milliseconds since midnight. */
export function timeOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return (hours * 60 + minutes) * 60_000;
}
