import { titleOf } from "../gate/brief.ts";
import { commandTable } from "../gate/command.ts";
import type { Report } from "../gate/report.ts";
import type { Reason } from "../gate/verdict.ts";
import type { Standing, View } from "../gate/view.ts";
import { code, field, fitted, longestText, prose } from "./escape.ts";
import { details } from "./words-effects.ts";
import { standingRoom } from "./words-standing-of-change.ts";
import { effectSummary } from "./words-reach.ts";
import { answersText, landingText, reasonsText, signsOf, unblockText } from "./words-standing.ts";

/** All words of the comment and the check run. They render one view and its report, and add nothing to them. */

/** Finds the gate's comment again. Invisible, and believed only in a comment that the gate's own App wrote. */
export const marker = "<!-- puppet-gate: the one comment of this pull request -->";

export function commentBody(view: View, report: Report | null): string {
  const sections = [
    `${marker}\n### ${prose(headline(view), 200)}`,
    ...landingText(view.landing),
    ...signsOf(view),
    ...(report === null ? [] : [effectSummary(report)]),
    answersText(view),
    unblockText(view),
    reasonsText(view),
    ...(report === null ? [] : details(report)),
    footer(view),
  ];
  return fitted(
    sections.filter((section) => section !== ""),
    // What was merged is told where it is, too.
    view.state === "merged" ? longestText - standingRoom : longestText,
    leftOut,
  );
}

export interface CheckRunText {
  title: string;
  summary: string;
  text: string;
}

export function checkRunText(view: View, report: Report | null): CheckRunText {
  const summary = [
    ...signsOf(view),
    ...(report === null ? [] : [effectSummary(report)]),
    unblockText(view),
    reasonsText(view),
    ...view.worse.map(
      ({ number, standing }) =>
        `Pull request ${number} has the same head and is ${standingWords[standing]}: this check run shows the worst of them.`,
    ),
    footer(view),
  ];
  const text = report === null ? [] : details(report);
  const shown = summary.filter((section) => section !== "");
  return { title: field(checkRunTitle(view), 200), summary: fitted(shown, longestText, leftOut), text: fitted(text, longestText, leftOut) };
}

export const retiredText = {
  title: "Ended: a newer head or base is checked instead",
  summary: "The pull request moved on while this was being checked. Its latest commit has the check run that counts.",
};

/** Case 80: a merge queue. */
export const mergeGroupText = {
  title: "No verdict: this gate does not work with a merge queue",
  summary: [
    "GitHub's merge queue made this commit. Nobody reviewed it and nobody checked it: this gate vouches only for what it lands itself.",
    "Take the pull request out of the queue and say `/merge` on it; the gate lands one change of this repository at a time, each checked as it lands.",
    'An administrator can turn the queue off: in the ruleset of this branch, remove the rule "Require merge queue".',
  ].join("\n\n"),
};

/** One comment on lines of the head: GitHub makes a button of the block. */
export function suggestionBody(text: string): string {
  const longestRun = Math.max(2, ...[...text.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = "`".repeat(longestRun + 1);
  return `The linter would write it so:\n\n${fence}suggestion\n${text}\n${fence}`;
}

const standingWords: Record<Standing, string> = {
  pass: "ready",
  observed: "observed",
  waiting: "still waiting",
  checking: "being checked",
  blocked: "blocked",
  unknown: "blocked by something unknown",
};

const leftOut = (count: number): string =>
  `_${count} more ${count === 1 ? "section is" : "sections are"} left out: they would be longer than GitHub takes._`;

/** The verdict in a handful of words. */
function checkRunTitle(view: View): string {
  const [worst] = view.worse;
  if (worst !== undefined) return `Pull request ${worst.number} with this head is ${standingWords[worst.standing]}`;
  const brief = (...outcomes: Reason["outcome"][]): string => titleOf(inTheWay(view, outcomes));
  const titles: Record<Standing, string> = {
    pass: `Ready: ${view.opener ?? "its author"} can say /merge`,
    observed: `Only observed: ${brief("fail", "unknown", "pending").replace(/^Blocked: /u, "")}`,
    waiting: brief("pending"),
    checking: "Being checked",
    blocked: brief("fail"),
    unknown: brief("unknown"),
  };
  return titles[view.standing];
}

function headline(view: View): string {
  const { landing } = view;
  if (view.state === "merged") {
    if (landing === null) return "Merged";
    const as = landing.sha === null ? "" : ` as ${landing.sha}`;
    return landing.by === "gate" ? `Landed${as}` : `Merged${as} by ${landing.who ?? "somebody"}, not by this gate`;
  }
  if (view.state === "closed") return "Closed";
  return checkRunTitle({ ...view, worse: [] });
}

const inTheWay = ({ verdict }: View, outcomes: readonly Reason["outcome"][]): Reason[] =>
  outcomes.flatMap((each) => verdict.reasons.filter(({ outcome, observed }) => observed !== true && outcome === each));

function footer(view: View): string {
  const into = view.base.sha === null || view.state !== "open" ? "" : ` (${view.base.sha.slice(0, 10)})`;
  const commands = [...new Set(commandTable.map(({ name }) => name))].map((name) => code(name)).join(" ");
  return `<sub>Head ${view.head.slice(0, 10)} into ${code(view.base.ref, 100)}${into}. Commands: ${commands}</sub>`;
}
