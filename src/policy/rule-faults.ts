import { checkCondition, type ConditionKind } from "./cel.ts";
import { whenKind } from "./conditions.ts";
import { type Fault, nameOf } from "./issues.ts";
import { type RequirementFile, requirementKinds } from "./requirement-schema.ts";
import type { PolicyFile } from "./schema.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** What a schema can't say of rules: conditions that type-check, and requirements that mean something. */
export function ruleFaults({ rules }: PolicyFile, source: YamlSource): Fault[] {
  return rules.flatMap(({ when, require }, at) => [
    ...conditionFaults(["rules", at, "when"], when, whenKind, ofChanges, source),
    ...requirementFaults(require, { path: ["rules", at, "require"], depth: 1, negated: false }, source),
  ]);
}

const ofChanges = "It may read `change`, `radius`, `groups` and `findings`, and must give a bool.";

/** What does not type-check in a condition, at the character where it does not. */
export function conditionFaults(path: Path, text: string, kind: ConditionKind, hint: string, source: YamlSource): Fault[] {
  const error = checkCondition(text, kind);
  if (error === null) return [];
  return [{ ...source.characterAt(path, error.at), text: `${nameOf(path)}: ${error.text}${error.text.endsWith("?") ? "" : "."}`, hint }];
}

/** Levels of `all`, `any` and `not`. Nobody can read out a deeper one. */
const deepest = 6;

interface Place {
  path: Path;
  depth: number;
  /** Whether a `not` is above it. */
  negated: boolean;
}

function requirementFaults(file: RequirementFile, { path, depth, negated }: Place, source: YamlSource): Fault[] {
  const fault = (at: Path, text: string, hint: string): Fault[] => [{ ...source.keyAt(at), text: `${nameOf(at)} ${text}.`, hint }];
  const kinds = requirementKinds.filter((kind) => file[kind] !== undefined);
  if (kinds.length !== 1) {
    const known = requirementKinds.map((kind) => `\`${kind}\``).join(", ");
    const says = kinds.length === 0 ? "says nothing" : `says ${kinds.map((kind) => `\`${kind}\``).join(" and ")} side by side`;
    return fault(path, `${says}; expected exactly one of ${known}`, "Put several into a list: `all: [{…}, {…}]` or `any: [{…}, {…}]`.");
  }
  if (depth > deepest) return fault(path, `is nested deeper than ${deepest} levels`, "Write it flatter, or as several rules.");
  if (negated && (file.approvals !== undefined || file.check !== undefined))
    return fault(
      [...path, ...kinds],
      "stands under `not`",
      "`not` may hold conditions only: nobody can wait for an approval or a check to be absent.",
    );
  const below = (part: RequirementFile, key: Path, not = negated): Fault[] =>
    requirementFaults(part, { path: [...path, ...key], depth: depth + 1, negated: not }, source);
  return [
    ...(file.all ?? []).flatMap((part, at) => below(part, ["all", at])),
    ...(file.any ?? []).flatMap((part, at) => below(part, ["any", at])),
    ...(file.not === undefined ? [] : below(file.not, ["not"], true)),
    ...(file.condition === undefined ? [] : conditionFaults([...path, "condition"], file.condition, whenKind, ofChanges, source)),
    ...(file.approvals === undefined ? [] : approverFaults(file.approvals.from, [...path, "approvals", "from"], fault)),
    ...(file.check === undefined ? [] : acceptFaults(file.check.accept, [...path, "check", "accept"], fault)),
  ];
}

type MakeFault = (at: Path, text: string, hint: string) => Fault[];
type ApproversFile = NonNullable<RequirementFile["approvals"]>["from"];

/** Owners are asked for by themselves: an approval of anybody else would not be theirs. */
function approverFaults({ users, teams, owners, codeowners }: ApproversFile, path: Path, fault: MakeFault): Fault[] {
  const hint = "Put each into an `approvals` of its own, below `all` or `any`.";
  if (owners !== undefined && codeowners !== undefined) return fault([...path, "codeowners"], "stands beside `owners`", hint);
  if (users.length === 0 && teams.length === 0) return [];
  const mixed = users.length > 0 ? "users" : "teams";
  if (owners !== undefined) return fault([...path, "owners"], `stands beside \`${mixed}\``, hint);
  return codeowners === undefined ? [] : fault([...path, "codeowners"], `stands beside \`${mixed}\``, hint);
}

function acceptFaults(accept: readonly string[], path: Path, fault: MakeFault): Fault[] {
  return new Set(accept).size === accept.length ? [] : fault(path, "says the same conclusion twice", "Name each once.");
}
