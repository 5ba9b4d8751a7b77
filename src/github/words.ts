import type { EffectGroup, Finding, NodeOutcome } from "../catalog/effects.ts";
import { commandTable } from "../gate/command.ts";
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

const most = { groups: 60, findings: 60, nodes: 30, names: 5, lines: 24, width: 200 };

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

const standingWords: Record<Standing, string> = {
  pass: "ready",
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
  const lines = [`**${countsOf(report)}**`];
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

function countsOf({ nodes }: Report): string {
  const with_ = (outcome: NodeOutcome["outcome"]): number => nodes.filter((node) => node.outcome === outcome).length;
  const parts = [
    [with_("broken"), "would no longer compile"],
    [with_("changed"), "would change"],
    [with_("fixed"), "would compile again"],
    [with_("not-analysable"), "can't be analysed"],
    [with_("pre-existing"), "did not compile before either"],
  ].flatMap(([count, words]) => (count === 0 ? [] : [`${count} ${words}`]));
  if (nodes.length === 0) return "No node was looked at";
  return parts.length === 0
    ? `Nothing changes on ${counted(nodes.length, "node")}`
    : `Of ${counted(nodes.length, "node")}, ${parts.join(", ")}`;
}

function details(report: Report): string[] {
  const system = report.groups.filter(({ kind }) => kind !== "class-parameter");
  const parameters = report.groups.length - system.length;
  const more =
    parameters === 0 ? "" : `\n\nBesides, ${counted(parameters, "parameter")} of classes and defines, without an effect of their own.`;
  return [
    ...folded(`What changes: ${counted(system.length, "effect")}`, system, most.groups, groupText, more),
    ...folded(`Nodes that don't compile: ${counted(troubled(report).length, "reason")}`, troubled(report), most.nodes, nodeText),
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

function groupText(group: EffectGroup): string {
  const attribute = group.attribute === null ? "" : ` ${code(group.attribute)}`;
  const kind = group.kind === "system" ? "" : ` (${group.kind})`;
  const where =
    group.source === null
      ? ""
      : `, from ${code(group.source.line === null ? group.source.path : `${group.source.path}:${group.source.line}`)}`;
  const head = `- ${group.change} ${code(`${group.type}[${group.title}]`)}${attribute}${kind} on ${names(group.nodes)}${where}`;
  const values = valueText(group);
  return values === null ? head : `${head}\n\n${indented(values)}`;
}

function valueText(group: EffectGroup): string | null {
  if (group.kind === "secret") return "A secret changes: its values are not shown.";
  if (group.attribute === null) return null;
  const before = group.change === "added" ? [] : shown(group.before);
  const after = group.change === "removed" ? [] : shown(group.after);
  const removed = before.filter((line) => before.length === 1 || !after.includes(line)).map((line) => `- ${line}`);
  const added = after.filter((line) => after.length === 1 || !before.includes(line)).map((line) => `+ ${line}`);
  return block([...removed, ...added].join("\n"), "diff", most.lines, most.width);
}

/** A value as lines: text as its lines, anything else as JSON. */
const shown = (value: EffectGroup["before"]): string[] =>
  typeof value === "string" ? value.replace(/\n$/u, "").split("\n") : [JSON.stringify(value)];

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

interface Trouble {
  outcome: NodeOutcome["outcome"];
  reason: string;
  certnames: string[];
}

function troubled({ nodes }: Report): Trouble[] {
  const bad = nodes.filter(({ outcome }) => outcome === "broken" || outcome === "not-analysable" || outcome === "pre-existing");
  return [...Map.groupBy(bad, ({ outcome, reason }) => JSON.stringify([outcome, reason])).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined
      ? []
      : [{ outcome: first.outcome, reason: first.reason ?? "no reason was given", certnames: same.map(({ certname }) => certname) }];
  });
}

const nodeText = ({ outcome, reason, certnames }: Trouble): string => `- ${outcome} on ${names(certnames)}: ${code(reason, 600)}`;

function findingText({ severity, check, path, line, message }: Finding): string {
  const place = path === null ? "" : ` ${code(line === null ? path : `${path}:${line}`)}`;
  return `- ${severity} (${prose(check, 60)})${place} ${code(message, 600)}`;
}

const debtText = ({ debt }: Report): string =>
  debt.lint === 0 ? "" : `\n\n${counted(debt.lint, "lint finding")} in the changed files that base has too: debt, not a wall.`;

const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

function names(items: readonly string[]): string {
  if (items.length === 0) return "none known";
  const few = items.slice(0, most.names).map((item) => code(item, 120));
  return items.length > most.names ? `${few.join(", ")} and ${items.length - most.names} more` : few.join(", ");
}
