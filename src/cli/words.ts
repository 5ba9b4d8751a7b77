import type { styleText } from "node:util";
import type { EffectGroup, Finding, NodeOutcome } from "../catalog/effects.ts";
import { toFamilies, type Family } from "../catalog/families.ts";
import type { Report } from "../gate/report.ts";
import { plain } from "./plain.ts";

/** All words of the terminal. Everything that came out of the repository passes `plain` here. */

type Style = Parameters<typeof styleText>[0];
/** Colours text, or leaves it where nobody would see colours. */
export type Paint = (style: Style, text: string) => string;

const most = { groups: 20, findings: 20, names: 4, lines: 12 };

/** A report for a person at a terminal. Counts first, then why, how far, what. */
export function renderReport(report: Report, paint: Paint): string {
  const sections = [
    heading(report, paint),
    reasons(report, paint),
    radius(report, paint),
    brokenNodes(report, paint),
    groups(report, paint),
    findings(report, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** An error for a person at a terminal: what happened, then the way out. */
export const renderProblem = (problem: { text: string; hint: string }, paint: Paint): string =>
  `${paint("red", "puppet-gate:")} ${plain(problem.text, 2_000)}\n  ${plain(problem.hint, 2_000)}\n`;

const outcomeWords: Record<Report["verdict"]["outcome"], { word: string; style: Style }> = {
  pass: { word: "PASS", style: ["bold", "green"] },
  blocked: { word: "BLOCKED", style: ["bold", "red"] },
  unknown: { word: "UNKNOWN", style: ["bold", "yellow"] },
};

function heading(report: Report, paint: Paint): string[] {
  const { word, style } = outcomeWords[report.verdict.outcome];
  const side = (commit: Report["base"]): string => `${plain(commit.ref)}${commit.sha === null ? "" : ` ${commit.sha.slice(0, 10)}`}`;
  const sides = paint("dim", `${side(report.head)} into ${side(report.base)}, ${seconds(report.timing["total"] ?? 0)}`);
  return [`${paint(style, word)}  ${countsOf(report)}`, sides];
}

/** One sentence of counts: what the change does to how many nodes. */
export function countsOf(report: Report): string {
  const total = report.nodes.length;
  const nodes = total === 1 ? "1 node" : `${total} nodes`;
  const with_ = (outcome: NodeOutcome["outcome"]): number => report.nodes.filter((node) => node.outcome === outcome).length;
  const parts = [
    part(with_("broken"), "would no longer compile"),
    part(with_("changed"), "would change"),
    part(with_("fixed"), "would compile again"),
    part(with_("not-analysable"), "can't be analysed"),
  ].filter((text) => text !== null);
  if (report.tree === null) return "base and head do not merge";
  if (total === 0) return "no node was looked at";
  const old = part(with_("pre-existing"), "did not compile before either");
  if (parts.length === 0) return nothingChanges(total, with_("pre-existing"));
  return `of ${nodes}, ${[...parts, ...(old === null ? [] : [old])].join(", ")}`;
}

/** What did not compile on either side may change all the same: nobody can see it. */
function nothingChanges(total: number, old: number): string {
  const nodes = (n: number): string => `${n} ${n === 1 ? "node" : "nodes"}`;
  if (old === 0) return `nothing changes on ${nodes(total)}`;
  if (old === total) return `${nodes(total)} did not compile before either: no change can be seen`;
  return `nothing changes on the ${nodes(total - old)} that ${total - old === 1 ? "compiles" : "compile"}; ${old} did not compile before either`;
}

const part = (n: number, words: string): string | null => (n === 0 ? null : `${n} ${words}`);

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
  const lines = [
    `${paint("bold", "Blast radius")}  ${radius.size}: ${radius.nodes} of ${nodes.length} nodes (${Math.round(radius.share * 100)} %)`,
    `  services     ${plain(radius.services.join(", ")) || "none known"}`,
    `  datacentres  ${plain(radius.datacentres.join(", ")) || "none known"}`,
  ];
  for (const restart of radius.restarts) {
    const title = paint("yellow", plain(`${restart.type}[${restart.title}]`));
    lines.push(`  restarts     ${title} on ${restart.nodes} ${restart.nodes === 1 ? "node" : "nodes"}: ${plain(restart.cause)}`);
  }
  return lines;
}

/** Nodes that do not compile, one line a distinct reason, what the change does first. */
function brokenNodes(report: Report, paint: Paint): string[] {
  const shown = report.nodes.filter(({ outcome }) => bySeverity.includes(outcome));
  const byReason = Map.groupBy(shown, (node) => `${node.outcome}\0${node.reason ?? ""}`);
  if (byReason.size === 0) return [];
  const worstFirst = [...byReason.values()].sort(([a], [b]) => severity(a) - severity(b));
  const lines = worstFirst.map((same) => {
    const [first] = same;
    if (first === undefined) return "";
    return `  ${first.outcome}  ${names(same.map(({ certname }) => certname))}: ${plain(first.reason ?? "", 1_000)}`;
  });
  return [paint("bold", "Nodes"), ...limited(lines, most.groups)];
}

const bySeverity: ReadonlyArray<NodeOutcome["outcome"]> = ["broken", "not-analysable", "fixed", "pre-existing"];
const severity = (node: NodeOutcome | undefined): number => bySeverity.indexOf(node?.outcome ?? "pre-existing");

const signs: Record<EffectGroup["change"], { sign: string; style: Style }> = {
  added: { sign: "+", style: "green" },
  removed: { sign: "-", style: "red" },
  changed: { sign: "~", style: "yellow" },
  renamed: { sign: ">", style: "cyan" },
};

function groups(report: Report, paint: Paint): string[] {
  const families = toFamilies(report.groups.filter(({ kind }) => kind !== "class-parameter"));
  const parameters = report.groups.filter(({ kind }) => kind === "class-parameter").length;
  const lines = families.slice(0, most.groups).flatMap((family) => familyLines(family, paint));
  if (families.length > most.groups) lines.push(`  …and ${families.length - most.groups} more: see --json or --output`);
  if (parameters > 0)
    lines.push(
      paint(
        "dim",
        `  ${parameters} ${parameters === 1 ? "parameter" : "parameters"} of classes and defines, without an effect of their own`,
      ),
    );
  return lines.length === 0 ? [] : [paint("bold", "Changes"), ...lines];
}

function familyLines({ groups: [first, ...others], nodes }: Family, paint: Paint): string[] {
  const { sign, style } = signs[first.change];
  const attribute = first.attribute === null ? "" : ` ${plain(first.attribute)}`;
  const kind = first.kind === "system" ? "" : ` (${first.kind})`;
  const where =
    first.source === null ? "" : paint("dim", `  ${plain(first.source.path)}${first.source.line === null ? "" : `:${first.source.line}`}`);
  const head = `  ${paint(style, sign)} ${plain(`${first.type}[${first.title}]`)}${attribute}${kind}  ${names(nodes)}${where}`;
  const example = others.length === 0 ? [] : [paint("dim", `${others.length + 1} variants, on ${first.nodes[0] ?? ""}:`)];
  const values = valueLines(first, paint);
  return [head, ...(values.length === 0 ? [] : [...example, ...values]).map((line) => `      ${line}`)];
}

function valueLines(group: EffectGroup, paint: Paint): string[] {
  if (group.kind === "secret") return [paint("dim", "changed (secret)")];
  if (group.attribute === null) return [];
  const before = shown(group.before);
  const after = shown(group.after);
  const removed = group.change === "added" ? [] : without(before, after);
  const added = group.change === "removed" ? [] : without(after, before);
  const lines = [...removed.map((line) => paint("red", `- ${line}`)), ...added.map((line) => paint("green", `+ ${line}`))];
  if (lines.length === 0) return [paint("dim", "the same lines, in another order or with another end")];
  return limited(lines, most.lines);
}

/** The lines of one side that the other lacks, each as often as it lacks it. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

/** A value as lines: text as its lines, anything else as JSON. */
function shown(value: EffectGroup["before"]): string[] {
  if (typeof value === "string" && value.includes("\n"))
    return value
      .replace(/\n$/u, "")
      .split("\n")
      .map((line) => plain(line, 160));
  return [plain(typeof value === "string" ? `'${value}'` : JSON.stringify(value), 160)];
}

function findings(report: Report, paint: Paint): string[] {
  const lines = report.findings.map((finding) => findingLine(finding, paint));
  const debt =
    report.debt.lint === 0
      ? []
      : [
          paint(
            "dim",
            `  ${report.debt.lint} lint ${report.debt.lint === 1 ? "finding" : "findings"} in these files that base has too: debt, not a wall`,
          ),
        ];
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

function names(certnames: readonly string[]): string {
  const count = `${certnames.length} ${certnames.length === 1 ? "node" : "nodes"}`;
  const few = certnames.slice(0, most.names).join(", ");
  return plain(certnames.length > most.names ? `${count} (${few}, …)` : `${count} (${few})`);
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
