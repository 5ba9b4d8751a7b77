const units: Readonly<Record<string, number>> = { m: 1, h: 60, d: 24 * 60, w: 7 * 24 * 60 };

/** `2h` or an instant, as minutes from `now` (milliseconds since 1970); null for what is neither. An instant without a zone is UTC. */
export function minutesIn(kind: "for" | "until", word: string, now: number): number | null {
  if (kind === "for") {
    const { count, unit = "" } = /^(?<count>\d{1,5})(?<unit>[mhdw])$/u.exec(word)?.groups ?? {};
    return count === undefined ? null : Number(count) * (units[unit] ?? 0);
  }
  const {
    date,
    time = "T00:00",
    zone = "Z",
  } = /^(?<date>\d{4}-\d{2}-\d{2})(?<time>T\d{2}:\d{2}(?::\d{2})?)?(?<zone>Z|[+-]\d{2}:\d{2})?$/u.exec(word)?.groups ?? {};
  const at = date === undefined ? Number.NaN : Date.parse(`${date}${time}${zone}`);
  return Number.isNaN(at) ? null : (at - now) / 60_000;
}
