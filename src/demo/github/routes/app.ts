import { z } from "zod";
import { covers, repoByName, same } from "../lookup.ts";
import { granted, knownAccount, type Actor } from "../http/actor.ts";
import { Refusal, created, notFound, ok, paginate, unprocessable, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forAnybody, forApp, type Call, type Route } from "../http/router.ts";
import { appShape, installationShape } from "../shapes/account.ts";
import { repositoryShape } from "../shapes/repository.ts";
import type { Schemas } from "../shapes/schemas.ts";
import { isoSeconds } from "../history.ts";
import type { Installation } from "../state.ts";

/** An App, its installations, and their tokens. https://docs.github.com/en/rest/apps/apps */

/** An installation's token lives for one hour. */
const tokenLifeMs = 3_600_000;

export const appRoutes: readonly Route[] = [
  forApp("GET /app", async ({ world, actor }) => ok(appShape(world, theApp(actor)))),
  forApp("GET /app/installations", async (call) => {
    const page = paginate(installationsOf(call), call.url);
    return { ...ok(page.items.map((installation) => installationShape(call.world, installation))), headers: page.headers };
  }),
  forApp("GET /app/installations/{installation_id}", async (call) => ok(installationShape(call.world, byId(call)))),
  forApp("POST /app/installations/{installation_id}/access_tokens", createToken),
  forApp("GET /repos/{owner}/{repo}/installation", async (call) => {
    const repo = repoByName(call.world.state, call.params["owner"] ?? "", call.params["repo"] ?? "");
    const found = repo === undefined ? undefined : installationsOf(call).find((installation) => covers(installation, repo));
    if (found === undefined) throw notFound();
    return ok(installationShape(call.world, found));
  }),
  forApp("GET /orgs/{org}/installation", async (call) => ofAccount(call, call.params["org"] ?? "")),
  forApp("GET /users/{username}/installation", async (call) => ofAccount(call, call.params["username"] ?? "")),
  forAnybody("GET /installation/repositories", async ({ world, actor, url }) => {
    if (actor.kind !== "installation")
      throw new Refusal(403, "You must authenticate with an installation access token in order to list repositories for an installation.");
    const all = world.state.repos
      .values()
      .filter((repo) => covers(actor, repo))
      .toArray();
    const page = paginate(all, url);
    const repositories = page.items.map((repo) => repositoryShape(world, repo));
    return {
      ...ok({ total_count: all.length, repositories, repository_selection: actor.repositories === "all" ? "all" : "selected" }),
      headers: page.headers,
    };
  }),
];

function theApp(actor: Actor) {
  if (actor.kind !== "app") throw notFound();
  return actor.app;
}

function installationsOf({ world, actor }: Call): Installation[] {
  const { id } = theApp(actor);
  return world.state.installations
    .values()
    .filter((installation) => installation.appId === id)
    .toArray();
}

function byId(call: Call): Installation {
  const found = installationsOf(call).find(({ id }) => id === Number(call.params["installation_id"]));
  if (found === undefined) throw notFound();
  return found;
}

function ofAccount(call: Call, login: string): Answer {
  const account = knownAccount(call.world.state, login);
  const found = installationsOf(call).find(({ accountId }) => accountId === account.id);
  if (found === undefined) throw notFound();
  return ok(installationShape(call.world, found));
}

const tokenRequest = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.enum(["read", "write"])).optional(),
});

async function createToken(call: Call): Promise<Answer> {
  const { world } = call;
  const { state } = world;
  const installation = byId(call);
  if (installation.suspendedAt !== null) throw new Refusal(403, "This installation has been suspended");
  const request = take(tokenRequest, call.body);
  const asked = request.permissions ?? installation.permissions;
  if (!Object.entries(asked).every(([name, level]) => granted(installation.permissions, `${name}:${level}`))) {
    throw unprocessable("The permissions requested are not granted to this installation.");
  }
  const visible = state.repos
    .values()
    .filter((repo) => covers(installation, repo))
    .toArray();
  const named = [...(request.repositories ?? []), ...(request.repository_ids ?? [])];
  const chosen = named.map((name) => visible.find((repo) => (typeof name === "number" ? repo.id === name : same(repo.name, name))));
  if (chosen.includes(undefined))
    throw unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.");
  const repositories =
    named.length === 0 ? installation.repositories : new Set(chosen.flatMap((repo) => (repo === undefined ? [] : [repo.id])));
  const expiresAt = new Date(Math.floor(world.tokenClock().getTime() / 1000) * 1000 + tokenLifeMs);
  const token = `ghs_${state.ids.secret()}`;
  const permissions = { metadata: "read" as const, ...asked };
  state.tokens.set(token, {
    token,
    expiresAt,
    holder: { kind: "installation", installationId: installation.id, permissions, repositories },
  });
  return created({
    token,
    expires_at: isoSeconds(expiresAt),
    permissions,
    repository_selection: repositories === "all" ? "all" : "selected",
    ...(named.length === 0 ? {} : { repositories: chosen.flatMap((repo) => (repo === undefined ? [] : [repositoryShape(world, repo)])) }),
  } satisfies Schemas["installation-token"]);
}
