import type { EffectGroup, Finding } from "../catalog/effects.ts";
import type { Told } from "../catalog/expect/told.ts";
import type { Family } from "../catalog/families.ts";
import {
  afreshText,
  blindRestarts,
  toldOf,
  changeOf,
  counted,
  countsOf,
  coverageOf,
  debtWords,
  editsOf,
  kindWordsOf,
  noBefore,
  notesOf,
  noRestarts,
  troubled,
  type Edit,
} from "../gate/explain.ts";
import { evidenceWords, expectationsShown, outcomeWords as becameWords, titleOfTold } from "../gate/expectations.ts";
import { moduleFacts, modulesOf, versionsOf } from "../gate/module-words.ts";
import { causeWords, reachOf, sharePhrases, type ReachRow } from "../gate/reach.ts";
import { secondLooks } from "../gate/second-look.ts";
import type { Report } from "../gate/report.ts";
import type { Paint, Style } from "./paint.ts";
import { plain } from "./plain.ts";

/** All words of the terminal. Everything that came out of the repository passes `plain` here. */

const most = { services: 20, causes: 10, groups: 20, findings: 20, names: 4, lines: 12, edits: 3 };

/** A report for a person at a terminal. Counts first, then why, how far, what. */
export function renderReport(report: Report, paint: Paint): string {
  const sections = [
    heading(report, paint),
    reasons(report, paint),
    radius(report, paint),
    secondLook(report, paint),
    causes(report, paint),
    brokenNodes(report, paint),
    groups(report, paint),
    modules(report, paint),
    expectations(report, paint),
    findings(report, paint),
    explained(report, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const outcomeWords: Record<Report["verdict"]["outcome"], { word: string; style: Style }> = {
  pass: { word: "PASS", style: ["bold", "green"] },
  blocked: { word: "BLOCKED", style: ["bold", "red"] },
  unknown: { word: "UNKNOWN", style: ["bold", "yellow"] },
};

function heading(report: Report, paint: Paint): string[] {
  const { word, style } = outcomeWords[report.verdict.outcome];
  const side = (commit: Report["base"]): string => `${plain(commit.ref)}${commit.sha === null ? "" : ` ${commit.sha.slice(0, 10)}`}`;
  const sides = paint("dim", `${side(report.head)} into ${side(report.base)}, ${seconds(report.timing["total"] ?? 0)}`);
  const coverage = coverageOf(report);
  const looked = coverage === null ? [] : [paint("dim", plain(`${coverage}; limits: docs/limitations.md`, 1_000))];
  return [`${paint(style, word)}  ${countsOf(report)}`, sides, ...looked];
}

const reasonStyles: Record<Report["verdict"]["reasons"][number]["outcome"], Style> = {
  pass: "green",
  fail: "red",
  pending: "cyan",
  unknown: "yellow",
  skipped: "dim",
};

function reasons(report: Report, paint: Paint): string[] {
  const widest = Math.max(...report.verdict.reasons.map(({ rule }) => rule.length));
  return [
    paint("bold", "Why"),
    ...report.verdict.reasons.map(
      ({ rule, outcome, text }) =>
        `  ${paint(reasonStyles[outcome], outcome.padEnd(7))}  ${plain(rule).padEnd(widest)}  ${plain(text, 1_000)}`,
    ),
  ];
}

function radius(report: Report, paint: Paint): string[] {
  const { radius, nodes } = report;
  if (radius.nodes === 0) return [];
  const { datacentres, rows } = reachOf(report);
  const widest = Math.max(...rows.map(({ service }) => nameOf(service).length), 0);
  const services = rows.map((row) => `  ${nameOf(row.service).padEnd(widest)}  ${rowText(row, datacentres)}`);
  const restarts = radius.restarts.slice(0, most.services).map((restart) => {
    const title = paint("yellow", plain(`${restart.type}[${restart.title}]`));
    return `  restarts ${title} on ${counted(restart.nodes, "node")}${sharesText(restart.certnames ?? [], report)}: ${plain(restart.cause)}`;
  });
  const none = noRestarts(report);
  return [
    `${paint("bold", "Blast radius")}  ${radius.size}: ${radius.nodes} of ${nodes.length} nodes (${Math.round(radius.share * 100)} %)`,
    ...limited(services, most.services),
    ...restarts,
    ...(none === null ? [] : [`  ${none}`]),
    ...blindRestarts(report)
      .slice(0, most.names)
      .map(({ certname, reason }) => `  what restarts on ${plain(certname)} is not known in full: ${plain(reason, 600)}`),
    ...(radius.restarts.length > restarts.length ? [`  …and ${radius.restarts.length - restarts.length} more restarts`] : []),
  ];
}

const nameOf = (service: string | null): string => plain(service ?? "(no service)", 60);

/** `3 of 9 nodes change: ash 3 of 3, lon 0 of 3` */
function rowText({ changing, nodes, cells }: ReachRow, datacentres: readonly (string | null)[]): string {
  const parts = cells.flatMap((cell, at) =>
    cell === null ? [] : [`${plain(datacentres[at] ?? "elsewhere", 60)} ${cell.changing} of ${cell.nodes}`],
  );
  return `${changing} of ${counted(nodes, "node")} ${changing === 1 ? "changes" : "change"}: ${parts.join(", ")}`;
}

/** Of which services some nodes are: ` (every node of web; 2 of 9 search nodes)` */
function sharesText(certnames: readonly string[], report: Report): string {
  const phrases = sharePhrases(certnames, report, nameOf, most.services);
  return phrases.length === 0 ? "" : ` (${phrases.join("; ")})`;
}

/** What nobody should read past. */
function secondLook(report: Report, paint: Paint): string[] {
  const lines = secondLooks(report).map(({ words, resources, nodes, each }) => {
    const few = resources.slice(0, most.names).map((resource) => plain(resource, 120));
    const more = resources.length > few.length ? ` and ${resources.length - few.length} more` : "";
    return `  ${paint("yellow", words)}: ${few.join(", ")}${more} on ${each ? "" : "one or more of "}${names(nodes)}`;
  });
  return lines.length === 0 ? [] : [paint("bold", "Look twice"), ...lines];
}

function causes({ causes = [] }: Report, paint: Paint): string[] {
  const lines = causes.map(({ kind, name, places, certain, reason, resources, nodes }) => {
    const where = places.slice(0, most.names).map(({ path, line }) => plain(line === null ? path : `${path}:${line}`));
    const place = places.every(({ path }) => path === name) ? "" : ` in ${where.join(", ")}${places.length > most.names ? ", …" : ""}`;
    const reach = `${counted(resources, "resource")} on ${counted(nodes, "node")}`;
    return `  ${causeWords[kind]} ${plain(name)}${place} -> ${reach} ${paint("dim", `(${certain ? "" : "likely: "}${plain(reason)})`)}`;
  });
  return lines.length === 0 ? [] : [paint("bold", "Where it comes from"), ...limited(lines, most.causes)];
}

/** Nodes that do not compile, one line a distinct reason. */
function brokenNodes(report: Report, paint: Paint): string[] {
  const lines = troubled(report).map(
    ({ outcome, reason, certnames }) => `  ${outcome}  ${names(certnames)}: ${plain(outcome === "fixed" ? noBefore : reason, 1_000)}`,
  );
  return lines.length === 0 ? [] : [paint("bold", "Nodes"), ...limited(lines, most.groups)];
}

/** What became of what reviewers look for. */
function expectations({ expectations: told = [] }: Report, paint: Paint): string[] {
  if (told.length === 0) return [];
  const { shown, rest } = expectationsShown(told);
  const lines = shown.flatMap((each) => [
    `  ${paint(expectationStyles[each.outcome], plain(titleOfTold(each)))}  ${plain(becameWords(each))}`,
    ...each.evidence.slice(0, most.edits).map((one) => {
      const place = one.path === null ? "" : paint("dim", `  ${plain(one.path)}${one.line === null ? "" : `:${one.line}`}`);
      return `      ${plain(evidenceWords(one), 400)}${place}`;
    }),
    ...each.unknown.slice(0, most.edits).map(({ reason }) => `      ${plain(reason, 400)}`),
  ]);
  return [paint("bold", "Expectations"), ...limited(lines, most.groups), ...(rest === "" ? [] : [paint("dim", `  ${rest}`)])];
}

const expectationStyles: Record<Told["outcome"], Style> = {
  broken: "red",
  unknown: "yellow",
  already: "dim",
  "unknown-already": "dim",
  holds: "green",
  nobody: "dim",
};

const signs: Record<EffectGroup["change"], { sign: string; style: Style }> = {
  added: { sign: "+", style: "green" },
  removed: { sign: "-", style: "red" },
  changed: { sign: "~", style: "yellow" },
  renamed: { sign: ">", style: "cyan" },
};

function groups(report: Report, paint: Paint): string[] {
  const { families, parameters, afresh } = toldOf(report);
  const lines = families.slice(0, most.groups).flatMap((family) => familyLines(family, report, paint));
  if (families.length > most.groups) lines.push(`  …and ${families.length - most.groups} more: see --json or --output`);
  if (afresh > 0) lines.push(paint("dim", `  ${afreshText(afresh)}`));
  if (parameters > 0)
    lines.push(paint("dim", `  ${counted(parameters, "parameter")} of classes and defines, without an effect of their own`));
  return lines.length === 0 ? [] : [paint("bold", "Changes"), ...lines];
}

function familyLines(family: Family, report: Report, paint: Paint): string[] {
  const [first] = family.groups;
  const { sign, style } = signs[changeOf(first)];
  const attribute = first.attribute === null ? "" : ` ${plain(first.attribute)}`;
  const kind = kindWordsOf(first) === "" ? "" : ` (${kindWordsOf(first)})`;
  const where =
    first.source === null ? "" : paint("dim", `  ${plain(first.source.path)}${first.source.line === null ? "" : `:${first.source.line}`}`);
  const head = `  ${paint(style, sign)} ${plain(`${first.type}[${first.title}]`)}${attribute}${kind}  ${nodesOf(family.nodes, report)}${where}`;
  const notes = notesOf(family)
    .slice(0, most.edits)
    .map((note) => paint("dim", `      ${plain(note, 400)}`));
  if (first.kind === "secret") return [head, ...notes, paint("dim", "      changed (secret)")];
  const edits = editsOf(family);
  const lines = edits.slice(0, most.edits).flatMap((edit) => editLines(edit, edits.length > 1, paint));
  if (edits.length > most.edits) lines.push(`…and ${edits.length - most.edits} more edits of this`);
  return [head, ...notes, ...lines.map((line) => `      ${line}`)];
}

function editLines({ removed, added, nodes }: Edit, isOneOfSeveral: boolean, paint: Paint): string[] {
  const lines = [
    ...removed.map((line) => paint("red", `- ${plain(line, 160)}`)),
    ...added.map((line) => paint("green", `+ ${plain(line, 160)}`)),
  ];
  const shown = lines.length === 0 ? [paint("dim", "the same lines, in another order or with another end")] : limited(lines, most.lines);
  return isOneOfSeveral ? [paint("dim", `on ${names(nodes)}:`), ...shown] : shown;
}

/** What comes with a module from elsewhere, beside what it changes on nodes. */
function modules(report: Report, paint: Paint): string[] {
  const lines = modulesOf(report).flatMap((change) => {
    const { name, commits, files, moreFiles } = change;
    const told = [plain(versionsOf(change)), ...moduleFacts(change).map((text) => plain(text, 600))].join(", ");
    const named = files.slice(0, most.names).map(({ path }) => path);
    const more = files.length + moreFiles > named.length ? ", …" : "";
    return [
      `  ${paint("yellow", plain(name))}  ${told}${named.length === 0 ? "" : `: ${plain(named.join(", "))}${more}`}`,
      ...(commits?.subjects ?? []).slice(0, most.lines).map((subject) => paint("dim", `      ${plain(subject, 160)}`)),
    ];
  });
  return lines.length === 0 ? [] : [paint("bold", "Modules from elsewhere"), ...lines];
}

function findings(report: Report, paint: Paint): string[] {
  const lines = report.findings.map((finding) => findingLine(finding, paint));
  const debt = report.debt.lint === 0 ? [] : [paint("dim", `  ${debtWords(report.debt.lint)}`)];
  return lines.length + debt.length === 0 ? [] : [paint("bold", "Findings"), ...limited(lines, most.findings), ...debt];
}

function findingLine(finding: Finding, paint: Paint): string {
  const styles: Record<Finding["severity"], Style> = { error: "red", warning: "yellow", notice: "dim" };
  const place =
    finding.path === null
      ? ""
      : ` ${plain(finding.path)}${finding.line === null ? "" : `:${finding.line}`}${finding.column === null ? "" : `:${finding.column}`}`;
  return `  ${paint(styles[finding.severity], finding.severity)} ${finding.check}${place}: ${plain(finding.message, 600)}`;
}

function limited(lines: string[], limit: number): string[] {
  return lines.length <= limit ? lines : [...lines.slice(0, limit), `  …and ${lines.length - limit} more: see --json or --output`];
}

/** Few nodes by name, many by the services they are of. */
function nodesOf(certnames: readonly string[], report: Report): string {
  const shares = certnames.length <= most.names ? "" : sharesText(certnames, report);
  return shares === "" ? names(certnames) : `${counted(certnames.length, "node")}${shares}`;
}

function names(certnames: readonly string[]): string {
  const few = certnames.slice(0, most.names).join(", ");
  return plain(`${counted(certnames.length, "node")} (${few}${certnames.length > most.names ? ", …" : ""})`);
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

/** Why a node was compiled, or need not be; what is too long to be read is counted. */
function explained({ explained: node, nodes }: Report, paint: Paint): string[] {
  if (node === undefined) return [];
  const outcome = nodes.find(({ certname }) => certname === node.certname)?.outcome ?? "";
  const why =
    node.compiled === null
      ? `${outcome}; not compiled with the change: nothing differs that its catalog rests on`
      : `${outcome}; compiled with the change: ${node.compiled}`;
  const { rests } = node;
  const some = (names: readonly string[]): string =>
    names.length === 0 ? "none" : `${names.length} (${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""})`;
  const rows =
    rests === null
      ? ["what its catalog on base rests on is not known, so it is compiled with every change"]
      : [
          `asked for: ${rests.names} classes and defines, ${rests.functions} functions, ${rests.types} data types, ${rests.keys} keys of the data`,
          `data files: ${some(rests.data)}`,
          `templates and files: ${some(rests.files)}`,
          `facts: ${some(rests.facts)}`,
          `served: ${some(rests.sources)}`,
        ];
  return [paint("bold", plain(node.certname)), ...[why, ...rows].map((row) => `  ${plain(row, 1_000)}`)];
}
