import type { Finding } from "../catalog/effects.ts";
import type { Family } from "../catalog/families.ts";
import { counted, countsOf, editsOf, effectsOf, troubled, type Edit, type Trouble } from "../gate/explain.ts";
import type { Report } from "../gate/report.ts";
import { block, code, fitted, longestText, prose } from "./escape.ts";

/** What a change does, in words for GitHub. */

const most = { groups: 60, findings: 60, nodes: 30, names: 5, lines: 24, width: 200, edits: 3 };

/** Counts first: how many nodes, how far, what restarts. */
export function effectSummary(report: Report): string {
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

export function details(report: Report): string[] {
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
