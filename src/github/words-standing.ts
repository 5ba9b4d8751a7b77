import type { Frozen, Glass, ReviewDebt, Wish } from "../gate/facts.ts";
import type { Reason } from "../gate/verdict.ts";
import { landedAsChecked, type Answer, type Landing, type View } from "../gate/view.ts";
import { code, fitted, longestText, prose } from "./escape.ts";

/** How a change stands, in words for GitHub: what nobody may overlook, who has to do what, and the rules as a tree. */

/** Whether what landed is what was checked. */
export function landingText(landing: Landing | null): string[] {
  if (landing === null || landing.trees === null) return [];
  const same = landedAsChecked(landing);
  if (!same.known) return [`> [!WARNING]\n> Whether what landed is what was checked could not be learnt: ${prose(same.reason)}`];
  if (same.value) return [`What landed is what was checked, to the byte (tree ${code(landing.trees.checked)}).`];
  const landed = landing.trees.landed.known ? landing.trees.landed.value : "";
  return [
    `> [!CAUTION]\n> **What landed is not what was checked.** Checked was tree ${code(landing.trees.checked)}, landed is tree ${code(landed)}: ` +
      `the base branch moved at the very moment of the merge. Look at ${code(landing.sha ?? "the merge")} before it is deployed, and revert it if in doubt.`,
  ];
}

/** What stands above the rules: of the whole repository, too. A change that is not open shows what it brought about itself. */
export function signsOf({ number, state, alarms, frozen, glass, debts, wish, advice }: View): string[] {
  const isOpen = state === "open";
  const owed = isOpen ? debts : debts.filter((debt) => debt.number === number);
  return [
    ...alarms.map((text) => `> [!CAUTION]\n> ${prose(text)}`),
    ...(frozen !== null && (isOpen || frozen.number === number) ? [frozenText(frozen)] : []),
    ...(owed.length === 0 ? [] : [debtsText(owed)]),
    ...(isOpen && glass !== null ? [glassText(glass)] : []),
    ...(isOpen && wish !== null ? [wishText(wish)] : []),
    ...(isOpen ? advice.map((text) => `> [!NOTE]\n> ${prose(text)}`) : []),
  ];
}

const frozenText = ({ number, why, since }: Frozen): string =>
  `> [!CAUTION]\n> **Merging is stopped in this repository** since ${moment(since)}, because of pull request ${number}: ${sentence(why)} ` +
  `Once that was looked at, somebody with admin access lifts it with ${code("/unfreeze REASON")}.`;

const glassText = ({ by, reason, head, expiresAt }: Glass): string =>
  `> [!WARNING]\n> **${prose(by.login)} broke the glass** for ${code(head.slice(0, 10))} until ${moment(expiresAt)}: ${sentence(reason)} ` +
  "It needs no review before it lands, and its checks all the same; the review is owed afterwards.";

const mostDebts = 5;

function debtsText(debts: readonly ReviewDebt[]): string {
  const lines = debts
    .slice(0, mostDebts)
    .map(
      ({ number, by, reason, since }) => `> - pull request ${number}, landed by ${prose(by)} at ${moment(since)}: ${prose(reason, 300)}`,
    );
  const more = debts.length > mostDebts ? [`> - and ${debts.length - mostDebts} more`] : [];
  const told = "A peer pays by approving that pull request; until then nobody can break the glass in this repository again.";
  return ["> [!WARNING]", `> **A review is owed.** ${told}`, ...lines, ...more].join("\n");
}

const wishText = ({ by, head, method }: Wish): string =>
  `**${prose(by.login)} wants this landed when it is ready**: ${code(head.slice(0, 10))}${method === null ? "" : ` by ${method}`} lands by itself once nothing is in the way. ` +
  `A push, another text of the pull request or another policy ends that, and so does ${code("/cancel")}.`;

/** Somebody's words with a stop at their end, because ours go on behind them. */
const sentence = (text: string): string => prose(text.replace(/[.!?\s]*$/u, "."));

/** GitHub's and this machine's instants to the minute. */
const moment = (iso: string): string => `${prose(iso.slice(0, 16).replace("T", " "))} UTC`;

export function answerText({ by, command, text, lines }: Answer): string {
  const said = `**${prose(by)} said ${code(command, 100)}:** ${prose(text)}`;
  return listed([said, ...lines.map((line) => `- ${prose(line, 2_000)}`)], longestText / 8);
}

/** Who has to do what before it can land. */
export function unblockText({ state, unblock }: View): string {
  if (state !== "open" || unblock.length === 0) return "";
  return listed(["**To land this:**", ...unblock.map((line) => `- ${prose(line, 500)}`)], longestText / 8);
}

/** Lines of one list, as many as fit. */
const listed = (lines: readonly string[], bytes: number): string => fitted(lines, bytes, (count) => `- and ${count} more`, "\n");

const outcomeWords: Record<Reason["outcome"], string> = {
  pass: "pass",
  fail: "**fail**",
  pending: "**pending**",
  unknown: "**unknown**",
  skipped: "skipped",
};

export function reasonsText({ state, verdict }: View): string {
  if (state !== "open") return "";
  return listed(
    verdict.reasons.flatMap((reason) => treeOf(reason, 0)),
    longestText / 4,
  );
}

/** Deeper is nothing that a person reads in a comment. */
const deepest = 6;

const wholeWords = { all: "all of these", any: "one of these" };

/** A reason and what it is made of, each on a line. A whole says what its parts say: those are read instead, unless it is met or does not apply. */
function treeOf({ rule, outcome, text, parts = [], asks, observed }: Reason, depth: number): string[] {
  const word = observed === true && outcome !== "pass" ? `observed, would be ${outcomeWords[outcome]}:` : outcomeWords[outcome];
  const isOpen = outcome !== "pass" && outcome !== "skipped" && depth < deepest;
  const whole = isOpen && parts.length > 1 ? asks : undefined;
  const line = `${"  ".repeat(depth)}- ${word} ${prose(rule, 100)}: ${whole === undefined ? prose(text, 2_000) : wholeWords[whole]}`;
  return [line, ...(isOpen ? parts.flatMap((part) => treeOf(part, depth + 1)) : [])];
}
