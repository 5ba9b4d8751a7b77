/** Instants are ISO 8601; whoever wrote them may or may not have written fractions of a second, so they are compared as numbers. */

/** Whether something happened no earlier than something else: in the same second counts, and so does an instant that can't be read. */
export const isSince = (instant: string, other: string): boolean => !(Date.parse(instant) < Date.parse(other));

export const minutesBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 60_000;

export const minutesAfter = (instant: string, minutes: number): string => new Date(Date.parse(instant) + minutes * 60_000).toISOString();

/** `2026-03-01 12:30 UTC`. */
export const shownInstant = (instant: string): string => `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
