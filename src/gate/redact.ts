import type { EffectGroup } from "../catalog/effects.ts";
import type { Taints } from "../catalog/taints.ts";
import type { Report } from "./report.ts";

/**
 * Takes secrets out of what a report shows. Each catalog was sealed with its own secrets when it was parsed; this is for text that was parsed
 * without knowing them: the other side's value where only one side says `Sensitive`, a compile error that quotes one, a source's
 * address. Values that hold a secret become null and their group a secret's; in sentences and names the text is replaced.
 */
export function redacted(report: Report, taints: Taints): Report {
  const clean = (text: string): string => taints.redact(text);
  return {
    ...report,
    verdict: { ...report.verdict, reasons: report.verdict.reasons.map((reason) => ({ ...reason, text: clean(reason.text) })) },
    findings: report.findings.map((finding) => ({ ...finding, message: clean(finding.message) })),
    nodes: report.nodes.map((node) => ({ ...node, reason: node.reason === null ? null : clean(node.reason) })),
    groups: report.groups.map((group) => redactedGroup(group, taints)),
    // A mended line with something else in a secret's place would be no mending.
    ...(report.suggestions === undefined ? {} : { suggestions: report.suggestions.filter(({ text }) => clean(text) === text) }),
    radius: {
      ...report.radius,
      restarts: report.radius.restarts.map((restart) => ({ ...restart, title: clean(restart.title), cause: clean(restart.cause) })),
    },
  };
}

function redactedGroup(group: EffectGroup, taints: Taints): EffectGroup {
  const before = withoutSecrets(group.before, taints);
  const after = withoutSecrets(group.after, taints);
  const title = taints.redact(group.title);
  const isSame = before === group.before && after === group.after;
  if (isSame || group.attribute === null) return { ...group, title, before, after };
  return { ...group, title, before: null, after: null, kind: group.kind === "system" ? "secret" : group.kind };
}

/** The value itself where there is no secret in it, so that whoever asks can tell. */
function withoutSecrets(value: EffectGroup["before"], taints: Taints): EffectGroup["before"] {
  if (typeof value === "string") return taints.isIn(value) ? null : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutSecrets(item, taints));
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  const entries = Object.entries(value).map(([name, item]) => [taints.redact(name), withoutSecrets(item, taints), name, item] as const);
  const isSame = entries.every(([name, item, oldName, oldItem]) => name === oldName && item === oldItem);
  return isSame ? value : Object.fromEntries(entries.map(([name, item]) => [name, item]));
}
