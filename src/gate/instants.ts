/** Instants are ISO 8601; whoever wrote them may or may not have written fractions of a second, so they are compared as numbers. */

/** Whether something happened no earlier than something else: in the same second counts, and so does an instant that can't be read. */
export const isSince = (instant: string, other: string): boolean => !(Date.parse(instant) < Date.parse(other));

export const minutesBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 60_000;

export const minutesAfter = (instant: string, minutes: number): string => new Date(Date.parse(instant) + minutes * 60_000).toISOString();

/** `2026-03-01 12:30 UTC`. */
export const shownInstant = (instant: string): string => `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** `Mon 12:30 UTC`: enough for what is less than six days after `now`; `2026-03-01 12:30 UTC` for anything later. */
export function shownDay(instant: string, now: string): string {
  const date = new Date(instant);
  if (minutesBetween(now, instant) > 6 * 24 * 60) return shownInstant(instant);
  const weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.getUTCDay()] ?? "";
  return `${weekday} ${date.toISOString().slice(11, 16)} UTC`;
}
