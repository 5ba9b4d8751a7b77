import { z } from "zod";
import { created, noContent, notFound, ok, paginate, unprocessable, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { fullName, permissionOf } from "../lookup.ts";
import { mayBypass, rulesOf } from "../rules/applying.ts";
import type { Rule, Ruleset } from "../rules/ruleset.ts";
import type { Schemas } from "../shapes/schemas.ts";
import { stamp } from "../world.ts";

/** Rulesets of a repository, for branches. https://docs.github.com/en/rest/repos/rules */

export const rulesetRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/rules/branches/{branch}", ["metadata:read"], "read", async (call) => {
    const { world, repo, url } = call;
    const page = paginate(rulesOf(repo, `refs/heads/${call.params["branch"] ?? ""}`), url);
    const source = { ruleset_source_type: "Repository" as const, ruleset_source: fullName(world.state, repo) };
    const shapes = page.items.map(
      ({ rule, ruleset }) => ({ ...rule, ...source, ruleset_id: ruleset.id }) satisfies Schemas["repository-rule-detailed"],
    );
    return { ...ok(shapes), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/rulesets", ["metadata:read"], "read", async (call) => {
    const page = paginate([...call.repo.rulesets.values()], call.url);
    return { ...ok(page.items.map((ruleset) => shapeOf(call, ruleset))), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", ["metadata:read"], "read", async (call) => {
    const ruleset = call.repo.rulesets.get(Number(call.params["ruleset_id"]));
    if (ruleset === undefined) throw notFound();
    return ok(wholeShape(call, ruleset));
  }),
  forRepo("POST /repos/{owner}/{repo}/rulesets", ["administration:write"], "admin", create),
  forRepo("DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id}", ["administration:write"], "admin", async (call) => {
    if (!call.repo.rulesets.delete(Number(call.params["ruleset_id"]))) throw notFound();
    return noContent();
  }),
  // Branch protection is the older mechanism beside rulesets, and no branch here has it.
  forRepo("GET /repos/{owner}/{repo}/branches/{branch}/protection", ["administration:read"], "admin", async () => ({
    status: 404,
    body: { message: "Branch not protected", documentation_url: "https://docs.github.com/rest", status: "404" },
  })),
];

const checks = z.object({ context: z.string(), integration_id: z.number().int().optional() });
const methods = z.array(z.enum(["merge", "squash", "rebase"]));
const ruleSchema: z.ZodType<Rule> = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["creation", "deletion", "non_fast_forward", "required_linear_history", "required_signatures"]) }),
  z.object({
    type: z.literal("update"),
    parameters: z.object({ update_allows_fetch_and_merge: z.boolean() }).default({ update_allows_fetch_and_merge: false }),
  }),
  z.object({
    type: z.literal("pull_request"),
    parameters: z.object({
      required_approving_review_count: z.number().int().min(0).max(10),
      dismiss_stale_reviews_on_push: z.boolean(),
      require_code_owner_review: z.boolean(),
      require_last_push_approval: z.boolean(),
      required_review_thread_resolution: z.boolean(),
      allowed_merge_methods: methods.default(["merge", "squash", "rebase"]),
    }),
  }),
  z.object({
    type: z.literal("required_status_checks"),
    parameters: z.object({ strict_required_status_checks_policy: z.boolean(), required_status_checks: z.array(checks) }),
  }),
]) as z.ZodType<Rule>;

const createRequest = z.object({
  name: z.string().min(1),
  target: z.literal("branch").default("branch"),
  enforcement: z.enum(["active", "disabled", "evaluate"]),
  bypass_actors: z
    .array(
      z.object({
        actor_type: z.enum(["Integration", "Team", "RepositoryRole", "OrganizationAdmin"]),
        actor_id: z.number().int().nullable(),
        bypass_mode: z.enum(["always", "pull_request"]).default("always"),
      }),
    )
    .default([]),
  conditions: z.object({ ref_name: z.object({ include: z.array(z.string()), exclude: z.array(z.string()).default([]) }) }),
  rules: z.array(ruleSchema).default([]),
});

/** @see https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset */
async function create(call: RepoCall): Promise<Answer> {
  const { world, repo } = call;
  const { name, enforcement, bypass_actors, conditions, rules } = take(createRequest, call.body);
  if ([...repo.rulesets.values()].some((ruleset) => ruleset.name === name)) throw unprocessable("Name must be unique");
  const strange = bypass_actors.find(({ actor_type, actor_id }) => actor_type === "Integration" && !world.state.apps.has(actor_id ?? 0));
  if (strange !== undefined) throw unprocessable("Actor GitHub App must be part of the ruleset source or owner organization");
  const id = world.state.ids.next();
  const ruleset: Ruleset = { id, name, enforcement, ...conditions.ref_name, bypass: bypass_actors, rules, createdAt: stamp(world) };
  repo.rulesets.set(id, ruleset);
  return created(wholeShape(call, ruleset));
}

function wholeShape(call: RepoCall, ruleset: Ruleset) {
  const { rules, include, exclude } = ruleset;
  // Who may bypass is told only to those who could change it.
  const told = mayAdminister(call) ? { bypass_actors: ruleset.bypass } : {};
  return {
    ...shapeOf(call, ruleset),
    conditions: { ref_name: { include, exclude } },
    rules: rules.map((rule) => ({ ...rule })),
    ...told,
  } satisfies Schemas["repository-ruleset"];
}

function mayAdminister({ world, repo, actor }: RepoCall): boolean {
  if (actor.kind === "installation") return actor.permissions["administration"] === "write";
  return actor.kind === "user" && permissionOf(world.state, repo, actor.account) === "admin";
}

function shapeOf({ world, repo, actor }: RepoCall, ruleset: Ruleset) {
  const { id, name, enforcement, createdAt } = ruleset;
  const bypass = mayBypass(world, repo, ruleset, actor, false)
    ? "always"
    : mayBypass(world, repo, ruleset, actor, true)
      ? "pull_requests_only"
      : "never";
  return {
    id,
    name,
    target: "branch",
    source_type: "Repository",
    source: fullName(world.state, repo),
    enforcement,
    current_user_can_bypass: bypass,
    created_at: createdAt,
    updated_at: createdAt,
  } satisfies Schemas["repository-ruleset"];
}
