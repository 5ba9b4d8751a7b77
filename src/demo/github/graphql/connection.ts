import { refusal } from "./asked.ts";

/** Lists in pages, by cursors. https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api */

export interface PageArguments {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

const largestPage = 100;

/** @param name the connection's, for GitHub's refusals of a page without bounds and of too large a one */
export function connection<T, N>(name: string, all: readonly T[], page: PageArguments, shape: (item: T) => N) {
  const { first = null, last = null } = page;
  // Only the total may be asked for without saying how much of the list is wanted; that is known when `nodes` is.
  const bounded = (): void => {
    if (first === null && last === null)
      throw refusal(
        "MISSING_PAGINATION_BOUNDARIES",
        `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
      );
  };
  for (const [bound, value] of [
    ["first", first],
    ["last", last],
  ] as const)
    if (value !== null && value > largestPage)
      throw refusal(
        "EXCESSIVE_PAGINATION",
        `Requesting ${value} records on the \`${name}\` connection exceeds the \`${bound}\` limit of ${largestPage} records.`,
      );
  const low = typeof page.after === "string" ? positionOf(page.after) : 0;
  const high = typeof page.before === "string" ? Math.max(low, positionOf(page.before) - 1) : all.length;
  const start = first === null && last !== null ? Math.max(low, high - last) : low;
  const end = first === null ? high : Math.min(high, start + first);
  return {
    totalCount: all.length,
    pageInfo: () => {
      bounded();
      return {
        hasPreviousPage: start > 0,
        hasNextPage: end < all.length,
        startCursor: end > start ? cursorOf(start + 1) : null,
        endCursor: end > start ? cursorOf(end) : null,
      };
    },
    nodes: () => {
      bounded();
      return all.slice(start, end).map(shape);
    },
  };
}

/** A cursor is opaque; here it is the item's place in the list, from 1. */
const cursorOf = (place: number): string => Buffer.from(`cursor:${place}`).toString("base64");

function positionOf(cursor: string): number {
  const place = Number(
    Buffer.from(cursor, "base64")
      .toString("utf8")
      .replace(/^cursor:/, ""),
  );
  if (!Number.isInteger(place)) throw refusal("UNPROCESSABLE", `\`${cursor}\` does not appear to be a valid cursor.`);
  return place;
}
