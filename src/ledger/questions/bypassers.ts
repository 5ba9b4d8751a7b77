import { rowOf } from "./landings.ts";
import type { Finish, Given, Row } from "./table.ts";
import { ofKind, part, text, type Trail } from "./trail.ts";

/** 17: whom each branch's policy let go around it, by the days on which it was judged by; with a moment, up to that. */
export const bypassers = (trail: Trail, { at }: Given): Row[] =>
  ofKind(trail, "policy-in-force")
    .filter(({ entry }) => at === null || entry.at <= at)
    .map((told) => {
      const glass = part(told.about, "breakGlass");
      const [users, teams] = [namesIn(part(glass, "users")), namesIn(part(glass, "teams"))];
      const isKnown = text(told.about["policy"]) !== null;
      const isObserving = told.about["mode"] === "observe";
      return rowOf(told, {
        outcome: !isKnown
          ? "unknown: its text was forgotten"
          : isObserving
            ? "everybody: the gate only observes"
            : users === "" && teams === ""
              ? "nobody by the policy"
              : "by break-glass",
        users,
        teams,
        policy: text(told.about["policy"]),
        until: null,
      });
    });

const namesIn = (value: unknown): string => (Array.isArray(value) ? value.filter((one) => typeof one === "string").join(" ") : "");

/** Of days on which the same could be done by the same people under the same policy, the first; with a moment, what stood then. */
export function standing({ at }: Given): Finish {
  const last = new Map<string, Row>();
  const isSame = (one: Row, other: Row): boolean =>
    ["outcome", "users", "teams", "policy"].every((column) => one[column] === other[column]);
  return {
    add: (rows) =>
      rows.flatMap((row) => {
        const branch = `${row.repo} ${row.subject}`;
        const before = last.get(branch);
        if (before !== undefined && isSame(before, row)) return [];
        last.set(branch, row);
        return before === undefined || at !== null ? [] : [{ ...before, until: row.at }];
      }),
    end: () => [...last.values()],
  };
}
