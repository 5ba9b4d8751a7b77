import { implies, isSame, maySkip } from "./implies.ts";
import { beyond } from "./merge.ts";
import { levelOf, levels } from "./preconditions.ts";
import type { Freeze, NodeDebt } from "./requirement.ts";
import type { Policy, Rule } from "./schema.ts";

/** What a change makes of a policy. */
export type PolicyChange = "same" | "tightens" | "loosens";

/**
 * What becomes of the policy by a change: from base's to the one after the merge. `tightens` only where it can be shown that whatever lands under the
 * new one would have landed under the old; anything else that differs `loosens`, for a person to look at.
 */
export function comparePolicies(base: Policy, merged: Policy): PolicyChange {
  const parts: PolicyChange[] = [
    ordered(base.mode, merged.mode, ["observe", "enforce"]),
    fewer(base.observePaths, merged.observePaths),
    ...(["services", "radius", "facts", "compile", "lanes", "rollout", "announce"] as const).map((part) =>
      either(isSame(base[part], merged[part])),
    ),
    ...(["pinnedModules", "laneName", "configVersion"] as const).map((of) => ordered(levelOf(base, of), levelOf(merged, of), levels)),
    fewer(base.modules.sources, merged.modules.sources),
    fewer(base.lint.disable, merged.lint.disable),
    ordered(base.lint.ignores, merged.lint.ignores, ["allow", "refuse"]),
    compareRules(base.rules, merged.rules),
    compareFreezes(base.freezes, merged.freezes),
    ordered(base.forks, merged.forks, ["run", "ok-to-test"]),
    ordered(base.landing, merged.landing, ["api", "exact"]),
    ordered(base.suggestions, merged.suggestions, ["stay-eligible", "contribute"]),
    ordered(base.pages.nodes, merged.pages.nodes, ["read", "write", "admin"]),
    compareBreakGlass(base.breakGlass, merged.breakGlass),
    compareDebt(base.debt, merged.debt),
    fewerOf(base.empty, merged.empty),
    fewerOf(base.ignore, merged.ignore),
  ];
  return together(parts);
}

function together(parts: readonly PolicyChange[]): PolicyChange {
  if (parts.includes("loosens")) return "loosens";
  return parts.includes("tightens") ? "tightens" : "same";
}

const either = (same: boolean): PolicyChange => (same ? "same" : "loosens");

/** Words from the loosest. */
function ordered<T>(base: T, merged: T, fromLoosest: readonly T[]): PolicyChange {
  if (base === merged) return "same";
  return fromLoosest.indexOf(base) < fromLoosest.indexOf(merged) ? "tightens" : "loosens";
}

/** Of exceptions that say more than a name, in any order. */
const fewerOf = (base: readonly object[], merged: readonly object[]): PolicyChange => fewer(base.map(textOf), merged.map(textOf));
const textOf = (entry: object): string => JSON.stringify(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Of a list of exceptions. */
function fewer(base: readonly string[], merged: readonly string[]): PolicyChange {
  if (!merged.every((each) => base.includes(each))) return "loosens";
  return base.every((each) => merged.includes(each)) ? "same" : "tightens";
}

/**
 * Rules by name: one that is renamed is gone and another is new. A change to which no rule applies can't land, so a rule that comes to apply to more
 * changes may let some of them land, unless one applies to every change already.
 */
function compareRules(base: readonly Rule[], merged: readonly Rule[]): PolicyChange {
  const somebodyIsAsked = base.some(({ mode, when, require }) => mode === "enforce" && when === "true" && !maySkip(require));
  const after = new Map(merged.map((rule) => [rule.name, rule]));
  const before = new Set(base.map(({ name }) => name));
  const more: PolicyChange = somebodyIsAsked ? "tightens" : "loosens";
  const kept = base.map((rule) => {
    const now = after.get(rule.name);
    return now === undefined ? "loosens" : compareRule(rule, now, more);
  });
  return together([...kept, ...merged.filter(({ name }) => !before.has(name)).map(() => more)]);
}

/** `more` is what it means that the rule asks where it did not ask before, or may not have. */
function compareRule(base: Rule, merged: Rule, more: PolicyChange): PolicyChange {
  const asksMore = (loosest: unknown, strictest: unknown, [one, other]: [unknown, unknown]): PolicyChange => {
    if (one === other) return "same";
    return one === loosest || other === strictest ? more : "loosens";
  };
  const requires = (): PolicyChange => {
    if (isSame(base.require, merged.require)) return "same";
    if (!implies(merged.require, base.require)) return "loosens";
    return maySkip(base.require) ? more : "tightens";
  };
  return together([
    asksMore("observe", "enforce", [base.mode, merged.mode]),
    asksMore("false", "true", [base.when, merged.when]),
    requires(),
  ]);
}

function compareFreezes(base: readonly Freeze[], merged: readonly Freeze[]): PolicyChange {
  const after = new Map(merged.map((freeze) => [freeze.name, freeze]));
  const before = new Set(base.map(({ name }) => name));
  const kept = base.map((freeze): PolicyChange => {
    const now = after.get(freeze.name);
    if (now === undefined || !isSame(now.when, freeze.when)) return "loosens";
    return isSame(now, freeze) ? "same" : ordered(freeze.binding, now.binding, [false, true]) === "loosens" ? "loosens" : "tightens";
  });
  return together([...kept, ...(merged.some(({ name }) => !before.has(name)) ? (["tightens"] as const) : [])]);
}

function compareBreakGlass(base: Policy["breakGlass"], merged: Policy["breakGlass"]): PolicyChange {
  if (isSame(base, merged)) return "same";
  if (merged === null) return "tightens";
  return base !== null && beyond(merged, base) === null ? "tightens" : "loosens";
}

/** What is excused after has to be excused before by one entry: of the same owner, for as long, with these nodes among others. */
function compareDebt(base: readonly NodeDebt[], merged: readonly NodeDebt[]): PolicyChange {
  if (isSame(base, merged)) return "same";
  const excused = (entry: NodeDebt): boolean =>
    base.some(
      ({ nodes, owner, until }) => owner === entry.owner && entry.until <= until && entry.nodes.every((node) => nodes.includes(node)),
    );
  return merged.every(excused) ? "tightens" : "loosens";
}
