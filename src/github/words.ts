import type { Finding } from "../catalog/effects.ts";
import type { Family } from "../catalog/families.ts";
import { commandTable } from "../gate/command.ts";
import { counted, countsOf, editsOf, effectsOf, troubled, type Edit, type Trouble } from "../gate/explain.ts";
import type { Report } from "../gate/report.ts";
import type { Reason } from "../gate/verdict.ts";
import { landedAsChecked } from "../gate/view.ts";
import type { Answer, Landing, Standing, View } from "../gate/view.ts";
import { block, code, fitted, plain, prose } from "./escape.ts";

/** All words of the comment and the check run. They render one view and its report, and add nothing to them. */

/** Finds the gate's comment again. Invisible, and believed only in a comment that the gate's own App wrote. */
export const marker = "<!-- puppet-gate: the one comment of this pull request -->";

/** GitHub refuses longer texts: a check run's are limited in bytes, a comment's a little above it in characters. */
export const longestText = 65_535;

const most = { groups: 60, findings: 60, nodes: 30, names: 5, lines: 24, width: 200, edits: 3 };

export function commentBody(view: View, report: Report | null): string {
  const sections = [
    `${marker}\n### ${prose(headline(view))}`,
    ...alarm(view.landing),
    ...(report === null ? [] : [effectSummary(report)]),
    ...view.answers.map(answerText),
    reasonsText(view),
    ...(report === null ? [] : details(report)),
    footer(view),
  ];
  return fitted(
    sections.filter((section) => section !== ""),
    longestText,
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
    ...(report === null ? [] : [effectSummary(report)]),
    reasonsText(view),
    ...view.worse.map(
      ({ number, standing }) =>
        `Pull request ${number} has the same head and is ${standingWords[standing]}: this check run shows the worst of them.`,
    ),
    footer(view),
  ];
  const text = report === null ? [] : details(report);
  return { title: checkRunTitle(view), summary: fitted(summary, longestText, leftOut), text: fitted(text, longestText, leftOut) };
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
  waiting: "waiting for people",
  checking: "being checked",
  blocked: "blocked",
  unknown: "blocked by something unknown",
};

const leftOut = (count: number): string =>
  `_${count} more ${count === 1 ? "section is" : "sections are"} left out: they would be longer than GitHub takes._`;

/** The verdict in a handful of words. */
function checkRunTitle(view: View): string {
  const [worst] = view.worse;
  if (worst !== undefined) return plain(`Pull request ${worst.number} with this head is ${standingWords[worst.standing]}`, 200);
  const rules = (...outcomes: Reason["outcome"][]): string =>
    inTheWay(view, outcomes)
      .map(({ rule }) => rule)
      .join(", ");
  const titles: Record<Standing, string> = {
    pass: `Ready: ${view.opener ?? "its author"} can say /merge`,
    observed: `Observed: would wait for ${rules("fail", "unknown", "pending")}`,
    waiting: `Waiting for people: ${rules("pending")}`,
    checking: "Being checked",
    blocked: `Blocked by ${rules("fail")}`,
    unknown: `Unknown, and so blocked: ${rules("unknown")}`,
  };
  return plain(titles[view.standing], 200);
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
  verdict.reasons.filter(({ outcome }) => outcomes.includes(outcome));

/** What must not be overlooked: a landed tree that nobody checked, or of which that can't be told. */
function alarm(landing: Landing | null): string[] {
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

function answerText({ by, command, text, lines }: Answer): string {
  const said = `**${prose(by)} said ${code(command, 100)}:** ${prose(text)}`;
  return listed([said, ...lines.map((line) => `- ${prose(line, 2_000)}`)], longestText / 8);
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

function reasonsText(view: View): string {
  if (view.state !== "open") return "";
  const lines = view.verdict.reasons.map(
    ({ rule, outcome, text }) => `- ${outcomeWords[outcome]} ${prose(rule, 100)}: ${prose(text, 2_000)}`,
  );
  return listed(lines, longestText / 4);
}

function footer(view: View): string {
  const into = view.base.sha === null || view.state !== "open" ? "" : ` (${view.base.sha.slice(0, 10)})`;
  const commands = commandTable.map(({ name }) => code(name)).join(" ");
  return `<sub>Head ${view.head.slice(0, 10)} into ${code(view.base.ref, 100)}${into}. Commands: ${commands}</sub>`;
}

// --- what the change does ------------------------------------------------------------------------------------------------------

/** Counts first: how many nodes, how far, what restarts. */
function effectSummary(report: Report): string {
  const { radius } = report;
  const lines = [`**${sentence(countsOf(report))}**`];
  if (radius.nodes > 0) {
    lines.push(
      `Blast radius ${radius.size}, ${Math.round(radius.share * 100)} % of the nodes: services ${names(radius.services)}, datacentres ${names(radius.datacentres)}.`,
    );
    for (const { type, title, nodes, cause } of radius.restarts.slice(0, 10))
      lines.push(`- restarts ${code(`${type}[${title}]`)} on ${counted(nodes, "node")}: ${prose(cause, 300)}`);
    if (radius.restarts.length > 10) lines.push(`- and ${radius.restarts.length - 10} more restarts`);
  }
  return lines.join("\n");
}

function details(report: Report): string[] {
  const { families, parameters } = effectsOf(report);
  const more =
    parameters === 0 ? "" : `\n\nBesides, ${counted(parameters, "parameter")} of classes and defines, without an effect of their own.`;
  const troubles = troubled(report).filter(({ outcome }) => outcome !== "fixed");
  return [
    ...folded(`What changes: ${counted(families.length, "effect")}`, families, most.groups, familyText, more),
    ...folded(`Nodes that don't compile: ${counted(troubles.length, "reason")}`, troubles, most.nodes, nodeText),
    ...folded(`Findings: ${report.findings.length}`, report.findings, most.findings, findingText, debtText(report)),
  ];
}

/** Nothing of the pull request is in a summary: Markdown is not escaped there. */
function folded<T>(summary: string, items: readonly T[], limit: number, render: (item: T) => string, after = ""): string[] {
  if (items.length === 0) return after === "" ? [] : [after.trim()];
  const shown = items.slice(0, limit).map(render);
  if (items.length > limit) shown.push(`- and ${items.length - limit} more`);
  // What is too long for all of it loses its tail, and not the sections after it.
  const text = fitted(shown, longestText / 6, (count) => `- and ${count} more`);
  return [`<details><summary>${summary}</summary>\n\n${text}${after}\n\n</details>`];
}

function familyText(family: Family): string {
  const [group] = family.groups;
  const attribute = group.attribute === null ? "" : ` ${code(group.attribute)}`;
  const kind = group.kind === "system" ? "" : ` (${group.kind})`;
  const where =
    group.source === null
      ? ""
      : `, from ${code(group.source.line === null ? group.source.path : `${group.source.path}:${group.source.line}`)}`;
  const head = `- ${group.change} ${code(`${group.type}[${group.title}]`)}${attribute}${kind} on ${names(family.nodes)}${where}`;
  const values = valueText(family);
  return values === null ? head : `${head}\n\n${indented(values)}`;
}

function valueText(family: Family): string | null {
  if (family.groups[0].kind === "secret") return "A secret changes: its values are not shown.";
  const edits = editsOf(family);
  if (edits.length === 0) return null;
  const shown = edits.slice(0, most.edits).map((edit) => editText(edit, edits.length > 1));
  if (edits.length > most.edits) shown.push(`And ${edits.length - most.edits} more edits of this.`);
  return shown.join("\n\n");
}

function editText({ removed, added, nodes }: Edit, isOneOfSeveral: boolean): string {
  const lines = [...removed.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)];
  const text =
    lines.length === 0 ? "The same lines, in another order or with another end." : block(lines.join("\n"), "diff", most.lines, most.width);
  return isOneOfSeveral ? `On ${names(nodes)}:\n\n${text}` : text;
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

const nodeText = ({ outcome, reason, certnames }: Trouble): string => `- ${outcome} on ${names(certnames)}: ${code(reason, 600)}`;

function findingText({ severity, check, path, line, message }: Finding): string {
  const place = path === null ? "" : ` ${code(line === null ? path : `${path}:${line}`)}`;
  return `- ${severity} (${prose(check, 60)})${place} ${code(message, 600)}`;
}

const debtText = ({ debt }: Report): string =>
  debt.lint === 0 ? "" : `\n\n${counted(debt.lint, "lint finding")} in the changed files that base has too: debt, not a wall.`;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function names(items: readonly string[]): string {
  if (items.length === 0) return "none known";
  const few = items.slice(0, most.names).map((item) => code(item, 120));
  return items.length > most.names ? `${few.join(", ")} and ${items.length - most.names} more` : few.join(", ");
}
