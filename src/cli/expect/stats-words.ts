import {
  becameWords,
  caughtOf,
  caughtWords,
  draftWords,
  type ExpectationCount,
  type ExpectationStats,
} from "../../gate/expectation-stats.ts";
import { plain } from "../plain.ts";
import type { Paint } from "../paint.ts";

/** What `puppet-gate expect stats` prints. */
export function renderStats({ expectations, drafts }: ExpectationStats, paint: Paint): string {
  if (expectations.length === 0 && drafts.every(({ happened }) => happened === 0))
    return "No change was held against an expectation yet.\n";
  const quiet = expectations.filter((one) => caughtOf(one) === 0);
  const lines = expectations.filter((one) => caughtOf(one) > 0).flatMap((one) => countLines(one, paint));
  const rest =
    quiet.length === 0
      ? []
      : [
          paint("bold", `Caught nothing: ${quiet.length}`),
          ...quiet.map((one) => `  ${plain(one.name)}${paint("dim", `  ${besides(one)}`)}`),
        ];
  const wrong = drafts.filter(({ happened }) => happened > 0).map((one) => `  ${draftWords(one)}`);
  const after = wrong.length === 0 ? [] : [paint("bold", "What no expectation caught"), ...wrong];
  return `${[...lines, ...rest, ...after].join("\n")}\n`;
}

function countLines(one: ExpectationCount, paint: Paint): string[] {
  const last = one.lastCaught === null ? "" : `, last on ${one.lastCaught.slice(0, 10)}`;
  return [
    `${paint("bold", plain(one.name))}  ${caughtWords(one)}${last}`,
    `  ${becameWords(one)}`,
    paint("dim", `  ${besides(one)}; ${plain(one.path)}`),
  ];
}

const besides = ({ changes, already, unknown }: ExpectationCount): string =>
  [
    `held against ${changes} ${changes === 1 ? "change" : "changes"}`,
    ...(already > 0 ? [`${already} found it broken on base`] : []),
    ...(unknown > 0 ? [`${unknown} could not be told`] : []),
  ].join(", ");

export const statsJson = (stats: ExpectationStats, asked: { repository: number | null; since: Date | null }): object => ({
  schema: "puppet-gate/expect-stats@1",
  repository: asked.repository,
  since: asked.since?.toISOString() ?? null,
  ...stats,
});
