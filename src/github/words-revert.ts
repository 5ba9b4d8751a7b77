import { dataStays, moreText, nothingStays, previewTitle, staysText } from "../rollout/going-back-words.ts";
import type { RevertTold } from "../rollout/revert-told.ts";
import { whyText } from "../rollout/suspect-words.ts";
import type { Suspect } from "../rollout/suspects.ts";
import { byteLength, code, cut, field, fitted, longestText, prose } from "./escape.ts";

/** The words of a pull request that takes a suspect back, and of why none could be made. */

/** GitHub takes no longer title. */
const longestTitle = 250;
const mostStays = 20;

export const revertTitle = ({ subject }: RevertTold): string => field(`Revert "${cut(subject, longestTitle - 20)}"`, longestTitle);

const nameOf = ({ number, commit }: Suspect): string => (number === null ? code(commit.slice(0, 10)) : `#${number}`);

/**
 * Why it was opened, what it leaves, and who lands it. Its last line is git's own for a revert, because it is the landing's message, too. Everything of a
 * repository or of an agent in it is escaped.
 */
export function revertBody(told: RevertTold): string {
  const { suspect, lane, subject } = told;
  const last = `This reverts commit ${suspect.commit}.`;
  const sections = [
    `The release stands still in the lane ${code(lane)}, and it points to ${nameOf(suspect)} (${prose(subject, 200)}). This takes it back, on top of the base branch.`,
    evidence(suspect),
    staysSection(told),
    ...draftSection(told),
    `To land it, one person with write access approves this, and another one, the author of ${nameOf(suspect)} for example, says ${code("/merge")}. ` +
      "The next train takes it along. Close it if the fault is another one: nothing else follows, and it is not opened again.",
  ];
  const left = (count: number): string => `_${count} more sections are left out._`;
  return `${fitted(sections, longestText - byteLength(last) - 2, left)}\n\n${last}`;
}

const evidence = ({ why }: Suspect): string => ["**What points to it**", ...why.map((one) => `- ${prose(whyText(one), 600)}`)].join("\n");

/** A sentence: the whole of it stands in the suspect's pull request, and this is a commit's message, too. */
function draftSection({ draft, suspect }: RevertTold): string[] {
  if (draft === undefined || draft === null || suspect.number === null) return [];
  return [`An expectation that would have caught it is drafted in ${nameOf(suspect)}: ${code(draft)}.`];
}

function staysSection({ stays }: RevertTold): string {
  if (stays === null) return "";
  if (!stays.known) return `**What going back will not undo** is not known: ${prose(stays.reason, 500)}`;
  const { items, more } = stays.value;
  if (items.length + more === 0) return `${nothingStays} ${dataStays}`;
  const left = more + Math.max(0, items.length - mostStays);
  const lines = items.slice(0, mostStays).map((item) => `- ${prose(staysText(item), 400)}`);
  return [`**${previewTitle(stays.value)}**`, ...lines, ...(left > 0 ? [`- ${moreText(left)}`] : []), "", dataStays].join("\n");
}

/** Tells it from what else is said there. */
export const conflictMarker = (commit: string): string => `<!-- puppet-gate: ${commit} could not be taken back -->`;

export function conflictText(told: RevertTold & { paths: readonly string[]; base: string }): string {
  const { suspect, lane, paths, base } = told;
  const shown = paths.slice(0, 20).map((path) => `- ${code(path)}`);
  const git = code(`git revert${suspect.number === null ? "" : " -m 1"} ${suspect.commit.slice(0, 12)}`);
  return [
    conflictMarker(suspect.commit),
    `The release stands still in the lane ${code(lane)}, and it points to this change. It can't be taken back by itself, because something was built upon it in`,
    ...shown,
    ...(paths.length > 20 ? [`- ${moreText(paths.length - 20)}`] : []),
    "",
    `Take it back by hand: on a branch of ${code(base)}, ${git} (without ${code("-m 1")} where it is no merge), resolve what conflicts, and open a pull request that says ${code(`This reverts commit ${suspect.commit}.`)} Or mend it by another change and say ${code("/rollout promote")} or ${code("return")}.`,
    "",
    evidence(suspect),
  ].join("\n");
}
