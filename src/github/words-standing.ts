import type { Frozen, Glass, ReviewDebt, Wish } from "../gate/facts.ts";
import type { Reason } from "../gate/verdict.ts";
import { inTheWay } from "../gate/commands/standing.ts";
import { isCurrent, landedAsChecked, type Answer, type EarlierLanding, type Landing, type View } from "../gate/view.ts";
import { byteLength, code, fitted, longestText, prose } from "./escape.ts";

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

/** What stands above the rules: of the base branch, too. A change that is not open shows what it brought about itself. */
export function signsOf({ number, state, head, base, earlier = [], alarms, frozen, glass, debts, wish, advice, observed }: View): string[] {
  const isOpen = state === "open";
  const owed = debts.filter((debt) => debt.number === number || (isOpen && debt.baseRef === base.ref));
  return [
    ...alarms.map((text) => `> [!CAUTION]\n> ${prose(text)}`),
    ...earlier.map((landing) => earlierText(landing, head, base.ref)),
    ...(frozen !== null && (isOpen || frozen.number === number) ? [frozenText(frozen, base.ref)] : []),
    ...(owed.length === 0 ? [] : [debtsText(owed)]),
    ...(isOpen && glass !== null ? [glassText(glass)] : []),
    ...(isOpen && wish !== null ? [wishText(wish)] : []),
    ...(isOpen && observed ? [observedText] : []),
    ...(isOpen ? advice.map((text) => `> [!NOTE]\n> ${prose(text)}`) : []),
  ];
}

const earlierText = ({ head, sha }: EarlierLanding, now: string, branch: string): string =>
  `> [!NOTE]\n> **${code(head.slice(0, 10))} landed** in ${code(branch)}${sha === null ? "" : ` as ${code(sha)}`}. What was pushed after it, ${code(now.slice(0, 10))} by now, ` +
  "did not land with it: it needs a review and its author's command of its own.";

const frozenText = ({ number, why, since }: Frozen, branch: string): string =>
  `> [!CAUTION]\n> **Merging into ${code(branch)} is stopped** since ${moment(since)}, because of pull request ${number}: ${sentence(why)} ` +
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
  const branches = [...new Set(debts.map(({ baseRef }) => code(baseRef)))];
  const told = `A peer pays by approving that pull request; until then nobody can break the glass for ${branches.join(" or ")} again.`;
  return ["> [!WARNING]", `> **A review is owed.** ${told}`, ...lines, ...more].join("\n");
}

const wishText = ({ by, head, method }: Wish): string =>
  `**${prose(by.login)} wants this landed when it is ready**: ${code(head.slice(0, 10))}${method === null ? "" : ` by ${method}`} lands by itself once nothing is in the way. ` +
  `A push, another text of the pull request or another policy ends that, and so does ${code("/cancel")}.`;

const observedText = `> [!NOTE]\n> **Nothing is blocked on GitHub:** the policy only observes this change. ${code("/merge")} obeys the rules all the same.`;

/** Somebody's words with a stop at their end, because ours go on behind them. */
const sentence = (text: string): string => prose(text.replace(/(?<![.!?\s])[.!?\s]*$/u, "."));

/** GitHub's and this machine's instants to the minute. */
const moment = (iso: string): string => `${prose(iso.slice(0, 16).replace("T", " "))} UTC`;

/** What was said last, each its own paragraph: the newest of them where they are too many, so that the rules below them are still read. */
export function answersText(view: View): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const answer of view.answers.toReversed()) {
    const text = answerText(answer, view);
    bytes += byteLength(text) + 2;
    if (bytes > longestText / 2) break;
    kept.unshift(text);
  }
  const older = view.answers.length - kept.length;
  const said = `_${older} older ${older === 1 ? "answer is" : "answers are"} left out; the reactions to their commands tell what became of them._`;
  return [...(older === 0 ? [] : [said]), ...kept].join("\n\n");
}

/**
 * What was said to a command, as long as head and verdict are those it was said of; after that, that it was said. What the rules below say
 * in the same words is left to them.
 */
function answerText(answer: Answer, view: View): string {
  const { by, command, accepted, text, lines, given, lasting, later } = answer;
  if (command === "") return `**${prose(by)}** ${prose(text)}.`;
  const who = `**${prose(by)} said ${code(command, 100)}`;
  if (lasting !== true && later !== true && !isCurrent(answer, view)) {
    const when = given === undefined ? "before" : `at ${moment(given.at)}, on ${code(given.head.slice(0, 10))}`;
    const why = accepted || isQuestion(command) ? "." : `: ${sentence(refusalOf(text, lines))}`;
    return `${who}** ${when}: ${isQuestion(command) ? "answered" : accepted ? "accepted" : "refused"} then${why}`;
  }
  const below = new Set(view.state === "open" ? inTheWay(view.verdict) : []);
  const shown = lines.filter((line) => !below.has(line));
  return listed([`${who}:** ${prose(text)}`, ...shown.map((line) => `- ${prose(line, 2_000)}`)], longestText / 8);
}

/** Why something was refused, in one line: the rules below may say something else by now. */
function refusalOf(text: string, [first, ...others]: readonly string[]): string {
  if (first === undefined || text.startsWith("refused: ")) return text.replace(/^refused: /u, "");
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}

const isQuestion = (command: string): boolean => command === "/why" || command === "/help" || command.startsWith("/rollout status");

/** Who has to do what before it can land. */
export function unblockText({ state, unblock, verdict, observed, opener, wish }: View): string {
  if (state !== "open" || unblock.length === 0) return "";
  const reviews = verdict.reasons.filter(
    ({ brief, unblock: way, observed: told }) => brief?.says === "review" && way !== undefined && told !== true,
  );
  const once = reviews.length > 1 ? " One approval counts for every line that it meets." : "";
  return listed(
    [
      `${observed ? `**To land it by ${code("/merge")}:**` : "**To land this:**"}${once}`,
      ...unblock.map((line) => `- ${prose(line, 500)}`),
      ...(observed || wish !== null ? [] : [`- then ${prose(opener ?? "its author")}: say ${code("/merge")}`]),
    ],
    longestText / 8,
  );
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

/** What is in the way, as a tree; what is not is folded below it, and read by whom it concerns. */
export function reasonsText({ state, verdict, observed }: View): string {
  if (state !== "open") return "";
  const said = new Map<string, string>();
  const linesOf = (reasons: readonly Reason[]): string[] => reasons.flatMap((reason) => treeOf(reason, { depth: 0, observed, said }));
  const settled = verdict.reasons.filter(isSettled);
  const open = listed(linesOf(verdict.reasons.filter((reason) => !isSettled(reason))), longestText / 4);
  if (settled.length === 0) return open;
  const passed = settled.filter(({ outcome }) => outcome === "pass").length;
  const skipped = settled.length - passed;
  const counts = [...(passed === 0 ? [] : [`${passed} passed`]), ...(skipped === 0 ? [] : [`${skipped} did not apply`])];
  const folded = `<details><summary>Other rules: ${counts.join(", ")}</summary>\n\n${listed(linesOf(settled), longestText / 8)}\n\n</details>`;
  return open === "" ? folded : `${open}\n\n${folded}`;
}

const isSettled = ({ outcome }: Reason): boolean => outcome === "pass" || outcome === "skipped";

/** Deeper is nothing that a person reads in a comment. */
const deepest = 6;

const wholeWords = { all: "all of these", any: "one of these is enough" };

/** A reason and what it is made of, each on a line. A whole says what its parts say: those are read instead, unless it is met or does not apply. */
function treeOf(reason: Reason, at: Place): string[] {
  const { rule, outcome, parts = [], asks, observed } = reason;
  const { depth, isChoice = false } = at;
  const isInTheWay = outcome !== "pass" && outcome !== "skipped";
  const is = isChoice && outcome === "fail" ? "not met" : outcomeWords[outcome];
  const would = at.observed && isInTheWay ? `would be ${is}` : is;
  const word = observed === true && outcome !== "pass" ? `observed, would be ${outcomeWords[outcome]}:` : would;
  const isOpen = isInTheWay && depth < deepest;
  const why = reason.because === undefined ? "" : ` (because of ${prose(reason.because, 300)})`;
  const whole = isOpen && parts.length > 1 ? asks : undefined;
  const line = `${"  ".repeat(depth)}- ${word} ${prose(rule, 100)}${why}: ${whole === undefined ? told(reason, at) : wholeWords[whole]}`;
  // A whole of one part says what its part says.
  const inner = parts.length === 1 && parts[0]?.text === reason.text ? (parts[0].parts ?? []) : parts;
  if (!isOpen) return [line];
  // Of a choice, what somebody can do comes first, and what failed of it fails nothing.
  const nearest = asks === "any" ? inner.toSorted((a, b) => Number(a.outcome === "fail") - Number(b.outcome === "fail")) : inner;
  return [line, ...nearest.flatMap((part) => treeOf(part, { ...at, depth: depth + 1, isChoice: asks === "any" && outcome !== "fail" }))];
}

/** Where in the tree a reason stands, and which rule said what before it. */
interface Place {
  depth: number;
  observed: boolean;
  said: Map<string, string>;
  /** Whether it is one way of several, of which another can be met still. */
  isChoice?: boolean;
}

/** What two rules say in the same words is read once. */
function told({ rule, outcome, text, when }: Reason, { said }: Place): string {
  // The beginning of a condition tells nobody when it holds.
  if (when !== undefined) return when.endsWith("…") ? prose(text) : `applies only where ${code(when, 120)}`;
  const before = said.get(`${outcome} ${text}`);
  if (before !== undefined) return `as ${prose(before, 100)}`;
  said.set(`${outcome} ${text}`, rule);
  return prose(text, 2_000);
}
