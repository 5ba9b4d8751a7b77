import { minimatch } from "minimatch";
import type { Actor } from "../http/actor.ts";
import { must, permissionOf, teamMembers } from "../lookup.ts";
import type { Permission, Repo } from "../state.ts";
import type { World } from "../world.ts";
import type { BypassActor, Rule, Ruleset } from "./ruleset.ts";

/** Which rules bind whom, on which branch. https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets */

export interface AppliedRule {
  ruleset: Ruleset;
  rule: Rule;
}

/** Every active rule of a branch, whoever asks. @param ref in full: `refs/heads/main` */
export function rulesOf(repo: Repo, ref: string): AppliedRule[] {
  return repo.rulesets
    .values()
    .filter((ruleset) => ruleset.enforcement === "active" && targets(repo, ruleset, ref))
    .flatMap((ruleset) => ruleset.rules.map((rule) => ({ ruleset, rule })))
    .toArray();
}

function targets(repo: Repo, { include, exclude }: Ruleset, ref: string): boolean {
  const fits = (pattern: string): boolean => {
    if (pattern === "~ALL") return ref.startsWith("refs/heads/");
    return pattern === "~DEFAULT_BRANCH" ? ref === `refs/heads/${repo.defaultBranch}` : minimatch(ref, pattern);
  };
  return include.some(fits) && !exclude.some(fits);
}

/** The rules that bind this actor. @param merging whether a pull request is merged, which some may do past the rules and not push */
export function bindingRules(world: World, repo: Repo, ref: string, actor: Actor, merging: boolean): Rule[] {
  return rulesOf(repo, ref)
    .filter(({ ruleset }) => !mayBypass(world, repo, ruleset, actor, merging))
    .map(({ rule }) => rule);
}

export function mayBypass(world: World, repo: Repo, ruleset: Ruleset, actor: Actor, merging: boolean): boolean {
  return ruleset.bypass.some((entry) => (merging || entry.bypass_mode === "always") && isNamed(world, repo, entry, actor));
}

/** Ids that GitHub gives its own roles. */
export const roleIds: Partial<Record<Permission, number>> = { maintain: 2, write: 4, admin: 5 };

function isNamed({ state }: World, repo: Repo, { actor_type: type, actor_id: id }: BypassActor, actor: Actor): boolean {
  if (actor.kind === "installation") return type === "Integration" && id === actor.app.id;
  if (actor.kind !== "user") return false;
  if (type === "OrganizationAdmin") return must(state.accounts, repo.ownerId).members.get(actor.account.id) === "admin";
  const team = type === "Team" && id !== null ? state.teams.get(id) : undefined;
  if (team !== undefined) return teamMembers(state, team).has(actor.account.id);
  return type === "RepositoryRole" && id !== null && roleIds[permissionOf(state, repo, actor.account)] === id;
}
