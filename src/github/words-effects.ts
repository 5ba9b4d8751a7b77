import type { Finding } from "../catalog/effects.ts";
import type { Told } from "../catalog/expect/told.ts";
import type { Family } from "../catalog/families.ts";
import {
  afreshText,
  toldOf,
  counted,
  debtWords,
  editsOf,
  fateOf,
  kindWordsOf,
  notesOf,
  troubled,
  type Edit,
  type Trouble,
} from "../gate/explain.ts";
import { evidenceWords, expectationsShown, outcomeWords, titleOfTold } from "../gate/expectations.ts";
import { changingNodes, sharesOf } from "../gate/reach.ts";
import type { Report } from "../gate/report.ts";
import { concernWords, looksOf } from "../gate/second-look.ts";
import { block, code, fitted, longestText, prose } from "./escape.ts";
import { named, sharesText } from "./words-reach.ts";

/** What a change does, in words for GitHub. */

const most = { groups: 60, findings: 60, nodes: 30, names: 5, inService: 200, lines: 24, width: 200, edits: 3 };

export function details(report: Report): string[] {
  const { families, parameters, afresh } = toldOf(report);
  const more =
    parameters === 0
      ? ""
      : `\n\n${counted(parameters, "parameter")} of classes and defines ${parameters === 1 ? "changes nothing by itself" : "change nothing by themselves"}.`;
  const again = afresh === 0 ? "" : `\n\n${afreshText(afresh)}.`;
  const troubles = troubled(report).filter(({ outcome }) => outcome !== "fixed");
  return [
    ...folded(
      `What changes: ${counted(families.length, "effect")}`,
      families,
      most.groups,
      (family) => familyText(family, report),
      `${again}${more}`,
    ),
    ...nodesText(report),
    ...expectationsText(report),
    ...folded(`Nodes that don't compile: ${counted(troubles.length, "reason")}`, troubles, most.nodes, nodeText),
    ...folded(`Findings: ${report.findings.length}`, report.findings, most.findings, findingText, debtText(report)),
  ];
}

/** What became of what reviewers look for: trouble first, and what holds as a count. */
function expectationsText({ expectations = [] }: Report): string[] {
  const { shown, rest, summary } = expectationsShown(expectations);
  return folded(summary, shown, most.findings, expectationText, rest === "" ? "" : `\n\n${rest}`);
}

function expectationText(told: Told): string {
  const reasons = told.unknown.slice(0, most.edits).map(({ reason }) => `  - ${prose(reason, 300)}`);
  const evidence = told.evidence.slice(0, most.names).map((each) => {
    const place = each.path === null ? "" : ` (${code(`${each.path}${each.line === null ? "" : `:${each.line}`}`, most.width)})`;
    return `  - ${prose(evidenceWords(each), 400)}${place}${each.old === true ? ", before this change already" : ""}`;
  });
  const left = told.evidence.length - evidence.length + told.more;
  const head = `- **${prose(titleOfTold(told), 120)}**: ${prose(outcomeWords(told), 200)}. ${prose(told.why, 500)} Ask ${prose(told.ask.join(", "), 200)}.`;
  return [head, ...evidence, ...(left > 0 ? [`  - and ${left} more`] : []), ...reasons].join("\n");
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

/** The certnames themselves, by service; or with their services, where those are more. */
function nodesText(report: Report): string[] {
  const changing = new Set(changingNodes(report));
  const shares = sharesOf([...changing], report);
  const summary = `Nodes that change: ${changing.size}`;
  if (shares.length > changing.size) {
    const nodes = report.nodes.filter(({ certname }) => changing.has(certname));
    return folded(summary, nodes, most.inService, ({ certname, services }) => {
      const names = services.length === 0 ? "no service" : services.map((service) => prose(service, 60)).join(", ");
      return `- ${code(certname, 120)}: ${names}`;
    });
  }
  const ofService = (service: string | null): string[] =>
    report.nodes.flatMap(({ certname, services }) =>
      changing.has(certname) && (service === null ? services.length === 0 : services.includes(service)) ? [certname] : [],
    );
  return folded(summary, shares, most.groups, ({ service, some, of }) => {
    const count = some === of ? `every node, ${of}` : `${some} of ${of}`;
    return `- ${service === null ? "no service known" : prose(service, 60)} (${service === null ? some : count}): ${named(ofService(service), most.inService)}`;
  });
}

function familyText(family: Family, report: Report): string {
  const [group] = family.groups;
  const attribute = group.attribute === null ? "" : ` ${code(group.attribute)}`;
  const looks = [...new Set(family.groups.flatMap(looksOf))].filter((look) => look !== "secret");
  const fate = fateOf(
    group,
    family.groups.flatMap(({ concerns = [] }) => concerns),
  );
  const marks = [kindWordsOf(group), fate.because, ...looks.filter((look) => !fate.told.some((each) => each === look)).map(concernWords)];
  const told = marks.filter((mark) => mark !== "").join("; ");
  const where =
    group.source === null
      ? ""
      : `, from ${code(group.source.line === null ? group.source.path : `${group.source.path}:${group.source.line}`)}`;
  const head = `- ${fate.words} ${code(`${group.type}[${group.title}]`)}${attribute}${told === "" ? "" : ` (${told})`} on ${nodesOf(family.nodes, report)}${where}`;
  const notes = notesOf(family).slice(0, most.edits);
  const values = [...notes.map((note) => prose(note, 400)), valueText(family)].filter((text) => text !== null);
  return values.length === 0 ? head : `${head}\n\n${indented(values.join("\n\n"))}`;
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
  return isOneOfSeveral ? `On ${named(nodes)}:\n\n${text}` : text;
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

/** Few nodes by name, many by the services they are of. */
const nodesOf = (certnames: readonly string[], report: Report): string =>
  certnames.length <= most.names ? named(certnames) : `${counted(certnames.length, "node")}${sharesText(certnames, report)}`;

const nodeText = ({ outcome, reason, certnames }: Trouble): string => `- ${outcome} on ${named(certnames)}: ${code(reason, 600)}`;

function findingText({ severity, check, path, line, message }: Finding): string {
  const place = path === null ? "" : ` ${code(line === null ? path : `${path}:${line}`)}`;
  return `- ${severity} (${prose(check, 60)})${place} ${code(message, 600)}`;
}

const debtText = ({ debt }: Report): string => (debt.lint === 0 ? "" : `\n\n${debtWords(debt.lint)}.`);
