import type { MergeMethod } from "../state.ts";

/** A repository's ruleset for branches. https://docs.github.com/en/rest/repos/rules */

export interface BypassActor {
  actor_type: "Integration" | "Team" | "RepositoryRole" | "OrganizationAdmin";
  /** An App's, team's or role's id; null for an organisation's admins. */
  actor_id: number | null;
  bypass_mode: "always" | "pull_request";
}

export type Rule =
  | { type: "creation" | "deletion" | "non_fast_forward" | "required_linear_history" | "required_signatures" }
  | { type: "update"; parameters: { update_allows_fetch_and_merge: boolean } }
  | {
      type: "pull_request";
      parameters: {
        required_approving_review_count: number;
        dismiss_stale_reviews_on_push: boolean;
        require_code_owner_review: boolean;
        require_last_push_approval: boolean;
        required_review_thread_resolution: boolean;
        allowed_merge_methods: MergeMethod[];
      };
    }
  | {
      type: "required_status_checks";
      parameters: {
        strict_required_status_checks_policy: boolean;
        required_status_checks: { context: string; integration_id?: number }[];
      };
    };

export interface Ruleset {
  id: number;
  name: string;
  enforcement: "active" | "disabled" | "evaluate";
  /** Patterns of full refs, `refs/heads/release/*`; `~DEFAULT_BRANCH` and `~ALL` too. */
  include: string[];
  exclude: string[];
  bypass: BypassActor[];
  rules: Rule[];
  createdAt: string;
}
