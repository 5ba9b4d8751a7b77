import type { App, MergeMethod, Permission, Repo, Team } from "../state.ts";
import { stamp, type World } from "../world.ts";
import { roleIds } from "./applying.ts";
import type { BypassActor, Rule, Ruleset } from "./ruleset.ts";

/** A ruleset as a story writes it; on GitHub a page of the repository's settings. */
export interface RulesetRequest {
  name?: string;
  /** Patterns of branches, `release/*`, or `~ALL`; the default branch without it. */
  branches?: readonly string[];
  enforcement?: Ruleset["enforcement"];
  bypass?: readonly { who: App | Team | "organization-admins" | Permission; mode?: BypassActor["bypass_mode"] }[];
  /** Changes come by pull requests, with so many approvals (none without it) and by these methods (all without it). */
  pullRequest?: { approvals?: number; methods?: readonly MergeMethod[] };
  /** @param appId the App that must report it */
  checks?: readonly { name: string; appId?: number }[];
  /** Whether heads must contain the tip of base; needs `checks`. */
  upToDate?: boolean;
  /** Only those who bypass the ruleset may move the branch. */
  restrictUpdates?: boolean;
  restrictCreation?: boolean;
  linearHistory?: boolean;
  signatures?: boolean;
  blockForcePush?: boolean;
  blockDeletion?: boolean;
}

export function createRuleset(world: World, repo: Repo, request: RulesetRequest): Ruleset {
  const ruleset: Ruleset = {
    id: world.state.ids.next(),
    name: request.name ?? "protected",
    enforcement: request.enforcement ?? "active",
    include: (request.branches ?? ["~DEFAULT_BRANCH"]).map((branch) => (branch.startsWith("~") ? branch : `refs/heads/${branch}`)),
    exclude: [],
    bypass: (request.bypass ?? []).map(({ who, mode = "always" }) => ({ ...actorOf(who), bypass_mode: mode })),
    rules: rulesOf(request),
    createdAt: stamp(world),
  };
  repo.rulesets.set(ruleset.id, ruleset);
  return ruleset;
}

function actorOf(who: App | Team | "organization-admins" | Permission): Pick<BypassActor, "actor_type" | "actor_id"> {
  if (who === "organization-admins") return { actor_type: "OrganizationAdmin", actor_id: null };
  if (typeof who !== "string" && "organizationId" in who) return { actor_type: "Team", actor_id: who.id };
  if (typeof who !== "string") return { actor_type: "Integration", actor_id: who.id };
  const id = roleIds[who];
  if (id === undefined) throw new Error(`The role "${who}" can't bypass a ruleset; ${Object.keys(roleIds).join(", ")} can.`);
  return { actor_type: "RepositoryRole", actor_id: id };
}

function rulesOf(request: RulesetRequest): Rule[] {
  const { pullRequest, checks } = request;
  const plain = [
    request.restrictCreation === true && ("creation" as const),
    request.blockDeletion === true && ("deletion" as const),
    request.blockForcePush === true && ("non_fast_forward" as const),
    request.linearHistory === true && ("required_linear_history" as const),
    request.signatures === true && ("required_signatures" as const),
  ];
  const rules: Rule[] = plain.filter((type) => type !== false).map((type) => ({ type }));
  if (request.restrictUpdates === true) rules.push({ type: "update", parameters: { update_allows_fetch_and_merge: false } });
  if (pullRequest !== undefined)
    rules.push({
      type: "pull_request",
      parameters: {
        required_approving_review_count: pullRequest.approvals ?? 0,
        dismiss_stale_reviews_on_push: false,
        require_code_owner_review: false,
        require_last_push_approval: false,
        required_review_thread_resolution: false,
        allowed_merge_methods: [...(pullRequest.methods ?? (["merge", "squash", "rebase"] as const))],
      },
    });
  if (checks !== undefined)
    rules.push({
      type: "required_status_checks",
      parameters: {
        strict_required_status_checks_policy: request.upToDate ?? false,
        required_status_checks: checks.map(({ name, appId }) => ({
          context: name,
          ...(appId === undefined ? {} : { integration_id: appId }),
        })),
      },
    });
  return rules;
}
