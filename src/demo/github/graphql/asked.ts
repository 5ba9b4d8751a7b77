import { GraphQLError } from "graphql";
import { covers } from "../lookup.ts";
import { granted, sees, type Actor } from "../http/actor.ts";
import type { Quota } from "../http/rate-limit.ts";
import type { Repo } from "../state.ts";
import type { World } from "../world.ts";
import type { Cost } from "./cost.ts";

/** What every resolver works with: who asks, and what of. */
export interface Asked {
  world: World;
  actor: Actor;
  quota: Quota;
  cost: Cost;
  /** A repository as the things in it point to it. */
  repository: (repo: Repo) => object;
}

type ErrorType = "NOT_FOUND" | "FORBIDDEN" | "UNPROCESSABLE" | "MISSING_PAGINATION_BOUNDARIES" | "EXCESSIVE_PAGINATION";

/** One of GitHub's errors, which stands in `errors` with its type while `data` is null at that place. */
export function refusal(type: ErrorType, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

/** Throws unless an installation has one of these permissions; what a person sees at all they may read. */
export function demandGrant({ actor }: Asked, repo: Repo, ...grants: string[]): void {
  if (actor.kind !== "installation") return;
  const publicRead = !repo.private && grants.some((grant) => grant.endsWith(":read"));
  const has = covers(actor, repo) ? grants.some((grant) => granted(actor.permissions, grant)) : publicRead;
  if (!has) throw refusal("FORBIDDEN", "Resource not accessible by integration");
}

export function visible({ world, actor }: Asked, repo: Repo): boolean {
  return sees(world.state, actor, repo);
}
