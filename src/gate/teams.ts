import type { Requirement } from "../policy/requirement.ts";
import { peopleOf } from "./access.ts";
import { askedApprovals } from "./expectations.ts";
import type { Checked } from "./facts.ts";
import { ownedPaths } from "./owners.ts";

/** Every team that a decision on this change may ask about, in lower case (`acme/sre`), sorted: what `Facts.teams` has to hold. */
export function teamsAsked(check: Checked): string[] {
  const { policy, report } = check;
  const affected = policy.services.filter(({ name }) => report.radius.services.includes(name));
  const paths = ownedPaths(check);
  const teams = [
    ...policy.rules.flatMap(({ require }) => teamsOf(require)),
    ...(policy.breakGlass?.teams ?? []),
    ...affected.flatMap(({ owners }) => peopleOf(owners).teams),
    ...askedApprovals(report.expectations).flatMap(({ owners }) => peopleOf(owners).teams),
    ...(paths.known ? paths.value.owned.flatMap(({ people }) => people.teams) : []),
  ];
  return [...new Set(teams.map((team) => team.toLowerCase()))].toSorted();
}

function teamsOf(requirement: Requirement): readonly string[] {
  if ("all" in requirement) return requirement.all.flatMap(teamsOf);
  if ("any" in requirement) return requirement.any.flatMap(teamsOf);
  return "approvals" in requirement ? requirement.approvals.from.teams : [];
}
