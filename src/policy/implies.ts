import type { Approvals, Approvers, RequiredCheck, Requirement } from "./requirement.ts";

/** Whether two values are of one form with the same parts; the order of a list counts. */
export function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const keys = Object.keys(one);
  if (Array.isArray(one) !== Array.isArray(other) || keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isSame(Reflect.get(one, key), Reflect.get(other, key)));
}

/**
 * Whether a change that satisfies `strict` satisfies `loose`, whatever the change is. True only where the trees show it: false is "can't be
 * shown". A leaf that may be skipped (nobody owns what the change touches) satisfies nothing, so it implies only itself.
 */
export function implies(strict: Requirement, loose: Requirement): boolean {
  if (isSame(strict, loose)) return true;
  if ("all" in loose) return loose.all.every((part) => implies(strict, part));
  if ("any" in strict) return strict.any.every((part) => implies(part, loose));
  if ("all" in strict && strict.all.some((part) => implies(part, loose))) return true;
  if ("any" in loose) return !maySkip(strict) && loose.any.some((part) => implies(strict, part));
  if ("approvals" in strict && "approvals" in loose) return impliesApprovals(strict.approvals, loose.approvals);
  if ("check" in strict && "check" in loose) return impliesCheck(strict.check, loose.check);
  return false;
}

/** Whether a requirement may come to nothing, because nobody owns what a change touches. */
export function maySkip(requirement: Requirement): boolean {
  if ("all" in requirement) return requirement.all.some(maySkip);
  if ("any" in requirement) return requirement.any.some(maySkip);
  if (!("approvals" in requirement)) return false;
  const { owners, codeowners } = requirement.approvals.from;
  return owners !== null || codeowners === "named-paths";
}

const impliesApprovals = (strict: Approvals, loose: Approvals): boolean =>
  strict.count >= loose.count && impliesApprovers(strict.from, loose.from);

function impliesApprovers(strict: Approvers, loose: Approvers): boolean {
  if (loose.permission === "admin" && strict.permission !== "admin") return false;
  if (strict.owners !== loose.owners) return false;
  const anybody = loose.users.length === 0 && loose.teams.length === 0;
  // Where every path has an owner who approved, so many people approved.
  if (strict.codeowners !== loose.codeowners) return strict.codeowners === "every-path" && loose.codeowners === null && anybody;
  if (anybody) return true;
  if (strict.users.length === 0 && strict.teams.length === 0) return false;
  return isAmong(strict.users, loose.users) && isAmong(strict.teams, loose.teams);
}

const isAmong = (few: readonly string[], many: readonly string[]): boolean => {
  const names = new Set(many.map((name) => name.toLowerCase()));
  return few.every((name) => names.has(name.toLowerCase()));
};

/** When a check is called missing decides nothing: it has not passed either way. */
const impliesCheck = (strict: RequiredCheck, loose: RequiredCheck): boolean =>
  strict.name === loose.name &&
  strict.appId === loose.appId &&
  strict.accept.every((conclusion) => loose.accept.includes(conclusion)) &&
  (loose.workflow === null || loose.workflow === strict.workflow);
