import type { Row } from "./table.ts";

/** What many landings come to, of all and of each service: how often, how fast, how many failed. Numbers are hours, to one place; null where nothing tells. */
export interface Summary {
  service: string | null;
  landed: number;
  /** Over the weeks from the first to the last of them, one at least. */
  perWeek: number;
  /** Of a hundred, those after which a lane was halted before they were everywhere. */
  failedPercent: number;
  reviewMedian: number | null;
  reviewP90: number | null;
  landedMedian: number | null;
  landedP90: number | null;
  everywhereMedian: number | null;
  everywhereP90: number | null;
}

const week = 7 * 86_400_000;

/** Of the rows of lead times; the first is of all of them. */
export function summaryOf(rows: readonly Row[]): Summary[] {
  const services = new Set(rows.flatMap(({ services: named }) => (typeof named === "string" && named !== "" ? named.split(" ") : [])));
  return [
    of(null, rows),
    ...[...services].sort().map((service) =>
      of(
        service,
        rows.filter(({ services: named }) => typeof named === "string" && named.split(" ").includes(service)),
      ),
    ),
  ];
}

function of(service: string | null, rows: readonly Row[]): Summary {
  const times = rows.map(({ at }) => Date.parse(at));
  const weeks = Math.max(1, (Math.max(...minmax(times)) - Math.min(...minmax(times))) / week);
  const failed = rows.filter(({ outcome }) => outcome !== "landed").length;
  return {
    service,
    landed: rows.length,
    perWeek: oneDigit(rows.length / weeks),
    failedPercent: rows.length === 0 ? 0 : oneDigit((100 * failed) / rows.length),
    reviewMedian: quantile(rows, "hoursOpenToReview", 0.5),
    reviewP90: quantile(rows, "hoursOpenToReview", 0.9),
    landedMedian: quantile(rows, "hoursOpenToLanded", 0.5),
    landedP90: quantile(rows, "hoursOpenToLanded", 0.9),
    everywhereMedian: quantile(rows, "hoursOpenToEverywhere", 0.5),
    everywhereP90: quantile(rows, "hoursOpenToEverywhere", 0.9),
  };
}

/** First and last: a list may be longer than what a call takes. */
const minmax = (times: readonly number[]): [number, number] =>
  times.reduce<[number, number]>(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [times[0] ?? 0, times[0] ?? 0]);

/** By the nearest rank. */
function quantile(rows: readonly Row[], column: string, share: number): number | null {
  const values = rows.flatMap((row) => (typeof row[column] === "number" ? [row[column]] : [])).sort((one, other) => one - other);
  return values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? null;
}

const oneDigit = (value: number): number => Math.round(value * 10) / 10;
