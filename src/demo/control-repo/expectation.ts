import type { EffectGroup, NodeOutcome, Radius } from "../../catalog/effects.ts";
import type { Report } from "../../gate/report.ts";

/** What a story's report has to say. Whatever is left out may be anything, but for node outcomes: those not named must not occur. */
export interface Expectation {
  verdict: Report["verdict"]["outcome"];
  /** Rules that must have failed. */
  fails?: readonly string[];
  nodes?: Partial<Record<NodeOutcome["outcome"], number>>;
  size?: Radius["size"];
  services?: readonly string[];
  datacentres?: readonly string[];
  /** All restarts: `Service[search]` and on how many nodes. */
  restarts?: Readonly<Record<string, number>>;
  /** Findings that must be among those reported; `path` is where they are. */
  findings?: ReadonlyArray<{ check: string; path: string; code?: string }>;
  /** Effects that must be among those reported, with the nodes of all groups that match. */
  effects?: ReadonlyArray<{ resource: string; attribute?: string | null; change: EffectGroup["change"]; nodes: number }>;
  /** True when nothing of any kind may differ on any node. */
  noEffects?: true;
}

/** What the report does not say as expected, one sentence each; empty when all is well. */
export function unmet(expected: Expectation, report: Report): string[] {
  return [
    ...differs("verdict", expected.verdict, report.verdict.outcome),
    ...(expected.fails ?? []).flatMap((rule) => ruleFails(rule, report)),
    ...(expected.nodes === undefined ? [] : differs("nodes", withoutZeros(expected.nodes), countOutcomes(report))),
    ...(expected.size === undefined ? [] : differs("size", expected.size, report.radius.size)),
    ...(expected.services === undefined ? [] : differs("services", sorted(expected.services), sorted(report.radius.services))),
    ...(expected.datacentres === undefined ? [] : differs("datacentres", sorted(expected.datacentres), sorted(report.radius.datacentres))),
    ...(expected.restarts === undefined ? [] : differs("restarts", byName(expected.restarts), countRestarts(report))),
    ...(expected.findings ?? []).flatMap((finding) => hasFinding(finding, report)),
    ...(expected.effects ?? []).flatMap((effect) => hasEffect(effect, report)),
    ...(expected.noEffects === true && report.groups.length > 0
      ? [`no effect was expected, and there are ${report.groups.length}, first ${describe(report)}`]
      : []),
  ];
}

function differs(what: string, expected: unknown, got: unknown): string[] {
  const [wanted, found] = [JSON.stringify(expected), JSON.stringify(got)];
  return wanted === found ? [] : [`${what}: expected ${wanted}, got ${found}`];
}

function ruleFails(rule: string, report: Report): string[] {
  const reason = report.verdict.reasons.find((each) => each.rule === rule);
  if (reason === undefined) return [`rule ${rule}: expected to fail, and it is not in the verdict`];
  return reason.outcome === "fail" ? [] : [`rule ${rule}: expected to fail, got ${reason.outcome}: ${reason.text}`];
}

const sorted = (names: readonly string[]): string[] => [...names].sort();
const byName = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
const withoutZeros = (counts: Partial<Record<string, number>>): Record<string, number> =>
  byName(
    Object.fromEntries(Object.entries(counts).flatMap(([name, count]) => (count === undefined || count === 0 ? [] : [[name, count]]))),
  );

function countOutcomes(report: Report): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of report.nodes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return byName(counts);
}

function countRestarts(report: Report): Record<string, number> {
  return byName(Object.fromEntries(report.radius.restarts.map(({ type, title, nodes }) => [`${type}[${title}]`, nodes])));
}

function hasFinding(wanted: { check: string; path: string; code?: string }, report: Report): string[] {
  const found = report.findings.some(
    ({ check, path, code }) => check === wanted.check && path === wanted.path && (wanted.code === undefined || code === wanted.code),
  );
  return found
    ? []
    : [`finding: expected ${wanted.check}${wanted.code === undefined ? "" : ` ${wanted.code}`} in ${wanted.path}, and there is none`];
}

function hasEffect(wanted: NonNullable<Expectation["effects"]>[number], report: Report): string[] {
  const groups = report.groups.filter(
    ({ type, title, attribute, change }) =>
      `${type}[${title}]` === wanted.resource &&
      change === wanted.change &&
      (wanted.attribute === undefined || attribute === wanted.attribute),
  );
  const nodes = new Set(groups.flatMap((group) => group.nodes)).size;
  return nodes === wanted.nodes ? [] : [`effect: expected ${wanted.resource} ${wanted.change} on ${wanted.nodes} nodes, got ${nodes}`];
}

function describe(report: Report): string {
  const [group] = report.groups;
  return group === undefined
    ? ""
    : `${group.type}[${group.title}] ${group.attribute ?? ""} ${group.change} on ${group.nodes.length} nodes (${group.kind})`;
}
