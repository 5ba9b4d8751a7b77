import { notFound, ok, paginate } from "../http/answers.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { fullName, permissionOf } from "../lookup.ts";
import { mayBypass, rulesOf } from "../rules/applying.ts";
import type { Ruleset } from "../rules/ruleset.ts";
import type { Schemas } from "../shapes/schemas.ts";

/** Rulesets, to read; stories write them. https://docs.github.com/en/rest/repos/rules */

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
    const { rules, include, exclude } = ruleset;
    // Who may bypass is told only to those who could change it.
    const told = mayAdminister(call) ? { bypass_actors: ruleset.bypass } : {};
    return ok({
      ...shapeOf(call, ruleset),
      conditions: { ref_name: { include, exclude } },
      rules: rules.map((rule) => ({ ...rule })),
      ...told,
    } satisfies Schemas["repository-ruleset"]);
  }),
  // Branch protection is the older mechanism beside rulesets, and no branch here has it.
  forRepo("GET /repos/{owner}/{repo}/branches/{branch}/protection", ["administration:read"], "admin", async () => ({
    status: 404,
    body: { message: "Branch not protected", documentation_url: "https://docs.github.com/rest", status: "404" },
  })),
];

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
