import { checkCondition, type ConditionKind } from "./cel.ts";
import { datacentreKind, matchKind, whenKind } from "./conditions.ts";
import { type Fault, faultsOf, nameOf } from "./issues.ts";
import { type Policy, type PolicyFile, policyFileSchema, toPolicy } from "./schema.ts";
import { type Path, YamlSource } from "./yaml-source.ts";

/** What is wrong with a policy file, where (both from 1), and what to do. */
export interface PolicyProblem {
  path: string;
  line: number;
  column: number;
  text: string;
  hint: string;
}

export type LoadedPolicy = { ok: true; policy: Policy } | { ok: false; problems: PolicyProblem[] };

/**
 * Reads a policy file. `path` is what its problems call it. All problems of one kind are told at once, in order of the file: first
 * those of YAML, then of the schema, then what only the whole can show (names twice, sizes that fall, conditions that don't type-check).
 * Never throws for what a file can hold.
 */
export function loadPolicy(text: string, path: string): LoadedPolicy {
  const refused = (faults: readonly Fault[]): LoadedPolicy => ({
    ok: false,
    problems: faults
      .map(({ line, column, text: what, hint }) => ({ path, line, column, text: what, hint }))
      .sort((a, b) => a.line - b.line || a.column - b.column),
  });
  const yaml = YamlSource.parse(text);
  if (!yaml.ok) return refused(yaml.faults);
  const { source } = yaml;
  if (source.value === null)
    return refused([{ line: 1, column: 1, text: "The file is empty.", hint: "Begin it with `version: 1`, or remove it." }]);
  const parsed = policyFileSchema.safeParse(source.value);
  if (!parsed.success) return refused(faultsOf(parsed.error.issues, policyFileSchema, source));
  const faults = [...nameFaults(parsed.data, source), ...sizeFaults(parsed.data, source), ...conditionFaults(parsed.data, source)];
  return faults.length === 0 ? { ok: true, policy: toPolicy(parsed.data) } : refused(faults);
}

function nameFaults(file: PolicyFile, source: YamlSource): Fault[] {
  return (["services", "rules"] as const).flatMap((list) => {
    const seen = new Map<string, number>();
    return file[list].flatMap(({ name }, at) => {
      const first = seen.get(name);
      if (first === undefined) {
        seen.set(name, at);
        return [];
      }
      const path = [list, at, "name"];
      const { line } = source.valueAt([list, first, "name"]);
      return [
        { ...source.valueAt(path), text: `${nameOf(path)} is "${name}", which line ${line} has already.`, hint: "Give each its own name." },
      ];
    });
  });
}

/** In the order in which they must not fall. */
const sizeNames = ["small", "medium", "large"] as const;

function sizeFaults({ radius: { sizes } }: PolicyFile, source: YamlSource): Fault[] {
  return sizeNames.slice(1).flatMap((name, at) => {
    const below = sizeNames[at] ?? "small";
    if (sizes[name] >= sizes[below]) return [];
    const path = ["radius", "sizes", name];
    const text = `${nameOf(path)} is ${sizes[name]}, and \`${below}\` is ${sizes[below]}; expected at least as much.`;
    return [{ ...source.valueAt(path), text, hint: "Let the sizes rise: small, medium, large." }];
  });
}

function conditionFaults({ services, radius, rules }: PolicyFile, source: YamlSource): Fault[] {
  const fault = (path: Path, condition: string, kind: ConditionKind, hint: string): Fault[] => {
    const error = checkCondition(condition, kind);
    if (error === null) return [];
    return [{ ...source.characterAt(path, error.at), text: `${nameOf(path)}: ${error.text}${error.text.endsWith("?") ? "" : "."}`, hint }];
  };
  const ofNodes = "It may read `certname`, `trusted` {authenticated, certname, hostname, domain, extensions, external} and `classes`";
  return [
    ...services.flatMap(({ match }, at) => fault(["services", at, "match"], match, matchKind, `${ofNodes}, and must give a bool.`)),
    ...fault(["radius", "datacentre"], radius.datacentre, datacentreKind, `${ofNodes}, and must give a string.`),
    ...rules.flatMap(({ when }, at) =>
      fault(["rules", at, "when"], when, whenKind, "It may read `change`, `radius`, `groups` and `findings`, and must give a bool."),
    ),
  ];
}
