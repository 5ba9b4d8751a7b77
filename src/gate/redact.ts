import type { EffectGroup } from "../catalog/effects.ts";
import type { Taints } from "../catalog/taints.ts";
import type { Report } from "./report.ts";

/**
 * Takes secrets out of what a report shows. Each catalog was sealed with its own secrets when it was parsed; this is for text that was parsed
 * without knowing them: the other side's value where only one side says `Sensitive`, a compile error that quotes one, a source's
 * address. Values that hold a secret become null and their group a secret's; in every other text of the report, but for the names of what is
 * in repositories, fleets and this product, the secret is replaced.
 */
export function redacted(report: Report, taints: Taints): Report {
  const { groups, suggestions, ...rest } = report;
  return {
    ...walked(rest, taints),
    groups: groups.map((group) => redactedGroup(group, taints)),
    // A mended line with something else in a secret's place would be no mending.
    ...(suggestions === undefined ? {} : { suggestions: suggestions.filter(({ text }) => !taints.isIn(text)) }),
  };
}

/** Names that the gate finds things by again. A secret that is one of them is no secret by that. */
const names = new Set([
  "schema",
  "ref",
  "sha",
  "tree",
  "path",
  "certname",
  "certnames",
  "nodes",
  "service",
  "services",
  "datacentre",
  "datacentres",
  "rule",
  "outcome",
  "severity",
  "check",
  "code",
  "kind",
  "type",
  "attribute",
  "change",
  "concerns",
  "what",
  "size",
  "status",
]);

/** The same, with clean texts. */
function walked<T>(value: T, taints: Taints, name = ""): T {
  if (typeof value === "string") return names.has(name) ? value : (taints.redact(value) as T & string);
  if (Array.isArray(value)) return value.map((each: unknown) => walked(each, taints, name)) as T & unknown[];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walked(each as unknown, taints, key)])) as T & object;
}

function redactedGroup(group: EffectGroup, taints: Taints): EffectGroup {
  const before = withoutSecrets(group.before, taints);
  const after = withoutSecrets(group.after, taints);
  const { attribute, kind } = group;
  const clean = walked({ ...group, before: null, after: null }, taints);
  const isSame = before === group.before && after === group.after;
  if (isSame || attribute === null) return { ...clean, before, after };
  return { ...clean, kind: kind === "system" ? "secret" : kind };
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
