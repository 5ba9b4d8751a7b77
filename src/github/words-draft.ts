import type { DraftTold, NoDraft } from "../catalog/expect/draft-told.ts";
import { block, code, prose } from "./escape.ts";

/** The words about an expectation that was drafted after something went wrong. */

type Drafted = Extract<DraftTold, { kind: "drafted" }>;

const none: Readonly<Record<NoDraft, string>> = {
  compile:
    "the catalog compiled when it was checked and not on the fleet, so that no expectation over catalogs would have seen it. Look at what the check did not have: facts of these nodes, stand-ins, data from outside",
  silent: "nodes fell silent, and nothing that this change does to them is known to do that",
  differs:
    "the fleet got other catalogs than the ones that were checked, so that an expectation would have been held against the wrong ones",
  untouched: "what failed is nothing that the catalogs of this change show: it came about on the machines",
  quiet: "the change does nothing that a catalog shows",
  unchecked: "nothing is kept of a check of this change",
  invalid: "the gate's own draft does not pass its examples, which its operators find in its log",
};

/** More than a draft ever has. */
const mostLines = 120;
/** Longer addresses are refused on the way. */
const longestAddress = 6_000;

/** In the pull request of what went wrong. `repository`: its page, without a slash at the end; `branch`: where changes of it go. */
export function draftSection(told: DraftTold, { repository, branch }: { repository: string; branch: string }): string {
  if (told.kind === "none") return `**No expectation is drafted of this**: ${none[told.why]}.`;
  const { path, text, severity } = told;
  const does = severity === "block" ? "It blocks a change that brings this value again." : "It has such a change seen by whom it names.";
  return [
    `**An expectation that would have caught this** is drafted below; nothing of it is pushed. ${does} Its failing example is what happened here, and all its examples come out as they say.`,
    ...othersOf(told),
    `To take it up, add the file by a pull request${editor(told, repository, branch)}: mend its words and whom it names, then \`puppet-gate expect test ${path}\`.`,
    `<details><summary>${code(path)}</summary>\n\n${block(text.trimEnd(), "yaml", mostLines, 1_000)}\n\n</details>`,
  ].join("\n\n");
}

function othersOf({ resource, others }: Drafted): string[] {
  if (others.length === 0) return [];
  const named = others.map((one) => code(one, 100)).join(", ");
  return [
    `Nothing tells which of what it did went wrong: this is about ${code(resource, 150)}. It also did something to ${named}; \`puppet-gate expect new --report report.json --resource REF\` drafts it of another (\`check --output\` writes the report).`,
  ];
}

/** GitHub's editor for a new file, filled in. */
function editor({ path, text }: Drafted, repository: string, branch: string): string {
  const asked = new URLSearchParams({ filename: path, value: text });
  const place = branch.split("/").map(encodeURIComponent).join("/");
  const address = `${repository}/new/${place}?${asked.toString()}`;
  return address.length > longestAddress ? "" : ` ([open it in GitHub's editor](<${address}>))`;
}

/** Finds what is said of a revert again. */
export const draftMarker = (commit: string): string => `<!-- puppet-gate: draft of ${commit} -->`;

/** What is said in the pull request that was taken back. */
export function revertedText(
  { commit, by }: { commit: string; by: number | null },
  told: DraftTold,
  page: { repository: string; branch: string },
): string {
  const what = by === null ? code(commit.slice(0, 10)) : `#${by}`;
  return [
    draftMarker(commit),
    `${what} took this change back. ${prose("So that the next one like it is seen before it lands:")}`,
    draftSection(told, page),
  ].join("\n\n");
}
