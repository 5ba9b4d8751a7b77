import { checkCondition, type ConditionKind } from "../../policy/cel.ts";
import { matchKind } from "../../policy/conditions.ts";
import { type Fault, faultsOf, nameOf } from "../../policy/issues.ts";
import { readYaml, refusedFor, type Refused } from "../../policy/problems.ts";
import type { YamlSource } from "../../policy/yaml-source.ts";
import { expressionKinds, type Scope } from "./language.ts";
import { expectationSchema, toExpectation, type Expectation } from "./schema.ts";

export type LoadedExpectation = { ok: true; expectation: Expectation } | Refused;

/** Reads one file; nothing of it is evaluated. All problems of one kind are told at once, where they are. Never throws for what a file can hold. */
export function loadExpectation(text: string, path: string): LoadedExpectation {
  const refused = (faults: readonly Fault[]): Refused => refusedFor(path, faults);
  const yaml = readYaml(text, "Let `puppet-gate expect new` write one, or remove the file.");
  if (!yaml.ok) return refused(yaml.faults);
  const { source } = yaml;
  const parsed = expectationSchema.safeParse(source.value);
  if (!parsed.success) return refused(faultsOf(parsed.error.issues, expectationSchema, source));
  const expectation = toExpectation(parsed.data, { path, line: source.valueAt(["name"]).line });
  const faults = [
    ...("condition" in expectation.for ? faultsIn(["for"], expectation.for.condition, matchKind, ofNodes, source) : []),
    ...faultsIn(["expect", expectation.scope], expectation.expect, expressionKinds[expectation.scope], hints[expectation.scope], source),
    ...(expectation.each === null ? [] : faultsIn(["expect", "each"], expectation.each, expressionKinds.each, hints.each, source)),
    ...exampleFaults(expectation, source),
  ];
  return faults.length === 0 ? { ok: true, expectation } : refused(faults);
}

function faultsIn(path: readonly string[], text: string, kind: ConditionKind, hint: string, source: YamlSource): Fault[] {
  const error = checkCondition(text, kind);
  if (error === null) return [];
  return [{ ...source.characterAt(path, error.at), text: `${nameOf(path)}: ${error.text}${error.text.endsWith("?") ? "" : "."}`, hint }];
}

const ofNodes = "It may read `certname`, `trusted`, `enc` and `classes`, as a service's `match` in the policy does, and must give a bool.";
const guide = "docs/expectations.md lists what there is.";
const hints: Readonly<Record<Scope | "each", string>> = {
  catalog: `It may read \`catalog\` and \`node\`, and must give a bool; ${guide}`,
  change: `It may read \`before\`, \`after\`, \`changes\`, \`restarts\` and \`node\`, and must give a bool; ${guide}`,
  fleet: `It may read \`nodes\` and \`datacentres\`, and must give a bool; ${guide}`,
  each: `It may read \`catalog\` and \`node\`; ${guide}`,
};

/** What an example has to tell: the catalogs that the expectation looks at. */
const told = { catalog: ["catalog"], change: ["before", "after"], fleet: ["nodes"] } as const satisfies Record<Scope, readonly string[]>;

function exampleFaults({ scope, examples }: Expectation, source: YamlSource): Fault[] {
  const counts = { pass: 0, fail: 0, unknown: 0 };
  return examples.flatMap((example) => {
    const path = ["examples", example.result, counts[example.result]++];
    const wanted: readonly string[] = told[scope];
    const given = (["catalog", "before", "after", "nodes"] as const).filter((key) => example[key] !== undefined);
    const missing = wanted.filter((key) => !given.some((each) => each === key));
    const alien = given.filter((key) => !wanted.includes(key));
    if (missing.length === 0 && alien.length === 0) return [];
    const text =
      missing.length > 0
        ? `${nameOf(path)} says no \`${missing[0] ?? ""}\`.`
        : `${nameOf(path)} says \`${alien[0] ?? ""}\`, which nothing looks at.`;
    return [
      {
        ...source.valueAt(path),
        text,
        hint: `An example of \`expect.${scope}\` tells ${wanted.map((key) => `\`${key}\``).join(" and ")}.`,
      },
    ];
  });
}
