/** Days and hours as a clock on the wall shows them in a timezone. All instants are milliseconds since 1970 in UTC. */

const minute = 60_000;
const day = 24 * 60 * minute;

export const isTimezone = (timezone: string): boolean => {
  try {
    formatterOf(timezone);
    // Intl takes bare offsets too; they have no summer, and nobody means them to be a place.
    return /^[A-Za-z]/u.test(timezone);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

/** Building one takes longer than all that is asked of it. As many as there are timezones, at most. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timezone: string): Intl.DateTimeFormat {
  const built = formatters.get(timezone);
  if (built !== undefined) return built;
  const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
  const formatter = new Intl.DateTimeFormat("en-US", { timeZone: timezone, calendar: "gregory", hourCycle: "h23", ...fields });
  formatters.set(timezone, formatter);
  return formatter;
}

/** What the clock shows at an instant, as if it were UTC. */
export function wallOf(instant: number, timezone: string): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatterOf(timezone).formatToParts(instant)) part[type] = Number(value);
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day ?? 1, part.hour ?? 0, part.minute ?? 0, part.second ?? 0);
}

/**
 * When the clock shows a wall time: twice in the hour that is repeated in autumn, and never in the one that is skipped in spring, where it is
 * the moment at which the clock jumps. Taken for the bounds of a span, the first of a beginning and the last of an end, the span holds
 * whenever the clock shows a time in it.
 */
export function instantOf(wall: number, timezone: string, which: "first" | "last"): number {
  const offset = (instant: number): number => wallOf(instant, timezone) - Math.floor(instant / 1000) * 1000;
  const [before, after] = [offset(wall - day), offset(wall + day)];
  const shown = [wall - before, wall - after].filter((instant) => wallOf(instant, timezone) === wall);
  if (shown.length > 0) return which === "first" ? Math.min(...shown) : Math.max(...shown);
  // Skipped: the clock changes from `before` to `after` somewhere between the two.
  let [low, high] = [wall - day, wall + day];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
