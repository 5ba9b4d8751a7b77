import { announceFaults } from "./announce-schema.ts";
import { datacentreKind, matchKind } from "./conditions.ts";
import { guardFaults } from "./guard-faults.ts";
import { type Fault, faultsOf, nameOf } from "./issues.ts";
import { laneFaults } from "./lane-faults.ts";
import { readYaml, refusedFor, type Refused } from "./problems.ts";
import { conditionFaults, ruleFaults } from "./rule-faults.ts";
import { type Policy, type PolicyFile, policyFileSchema, toPolicy } from "./schema.ts";
import type { YamlSource } from "./yaml-source.ts";

/** `says` is what the file itself says, as dotted names (`lint`, `lint.disable`, …): the rest of the policy is defaults. */
export type LoadedPolicy = { ok: true; policy: Policy; says: ReadonlySet<string> } | Refused;

/**
 * Reads a policy file. `path` is what its problems call it. All problems of one kind are told at once, in order of the file: first
 * those of YAML, then of the schema, then what only the whole can show (names twice, sizes that fall, conditions that don't type-check, …).
 * Never throws for what a file can hold.
 */
export function loadPolicy(text: string, path: string): LoadedPolicy {
  const refused = (faults: readonly Fault[]): Refused => refusedFor(path, faults);
  const yaml = readYaml(text, "Begin it with `version: 1`, or remove it.");
  if (!yaml.ok) return refused(yaml.faults);
  const { source } = yaml;
  const parsed = policyFileSchema.safeParse(source.value);
  if (!parsed.success) return refused(faultsOf(parsed.error.issues, policyFileSchema, source));
  const faults = [nameFaults, sizeFaults, placeFaults, sourceFaults, ruleFaults, guardFaults, laneFaults, announceFaults].flatMap(
    (faultsIn) => faultsIn(parsed.data, source),
  );
  return faults.length === 0 ? { ok: true, policy: toPolicy(parsed.data), says: saidIn(source.value) } : refused(faults);
}

function saidIn(file: unknown): Set<string> {
  const parts = (value: unknown): Array<[string, unknown]> =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return new Set(parts(file).flatMap(([name, value]) => [name, ...parts(value).map(([part]) => `${name}.${part}`)]));
}

function nameFaults(file: PolicyFile, source: YamlSource): Fault[] {
  return (["services", "rules", "freezes", "lanes"] as const).flatMap((list) => {
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

/** Which of two sources holds would be a guess. */
function sourceFaults({ facts }: PolicyFile, source: YamlSource): Fault[] {
  if (facts.folder === undefined || facts.puppetdb === undefined) return [];
  const text = "`facts.folder` and `facts.puppetdb` both say where node facts come from.";
  return [{ ...source.keyAt(["facts", "puppetdb"]), text, hint: "Keep one of the two." }];
}

function placeFaults({ services, radius }: PolicyFile, source: YamlSource): Fault[] {
  const ofNodes =
    "It may read `certname`, `trusted` {authenticated, certname, hostname, domain, extensions, external}, `enc` {classes, parameters, environment} and `classes`";
  return [
    ...services.flatMap(({ match }, at) =>
      conditionFaults(["services", at, "match"], match, matchKind, `${ofNodes}, and must give a bool.`, source),
    ),
    ...conditionFaults(["radius", "datacentre"], radius.datacentre, datacentreKind, `${ofNodes}, and must give a string.`, source),
  ];
}
