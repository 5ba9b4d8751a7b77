import { verify } from "node:crypto";
import { z } from "zod";
import { accountByLogin, atLeast, covers, must, permissionOf } from "../lookup.ts";
import type { Account, App, AppPermissions, Permission, Repo, State, TokenHolder, Via } from "../state.ts";
import type { World } from "../world.ts";
import { Refusal, notFound } from "./answers.ts";
import type { Needs } from "./router.ts";

/** Who is asking, and what they may do. */

export type Actor =
  | { kind: "nobody" }
  | { kind: "app"; app: App }
  | { kind: "user"; account: Account; via: Via }
  | {
      kind: "installation";
      app: App;
      account: Account;
      installationId: number;
      permissions: AppPermissions;
      repositories: Set<number> | "all";
      accountId: number;
    };

/** The actor of an `Authorization` header: a token, a JWT of an App, or git's Basic with a token as password. */
export function authenticate(world: World, header: string | null): Actor {
  if (header === null) return { kind: "nobody" };
  const [scheme = "", value = ""] = header.split(" ", 2);
  if (/^basic$/i.test(scheme))
    return byToken(
      world,
      Buffer.from(value, "base64")
        .toString("utf8")
        .replace(/^[^:]*:/, ""),
    );
  if (!/^(bearer|token)$/i.test(scheme)) throw badCredentials();
  return /^[^.]+\.[^.]+\.[^.]+$/.test(value) ? byJwt(world, value) : byToken(world, value);
}

const badCredentials = (): Refusal => new Refusal(401, "Bad credentials");

function byToken({ state, tokenClock }: World, value: string): Actor {
  const token = state.tokens.get(value);
  if (token === undefined || (token.expiresAt !== null && token.expiresAt <= tokenClock())) throw badCredentials();
  return actorOf(state, token.holder);
}

function actorOf(state: State, holder: TokenHolder): Actor {
  if (holder.kind === "user") return { kind: "user", account: must(state.accounts, holder.accountId), via: holder.via };
  const installation = must(state.installations, holder.installationId);
  if (installation.suspendedAt !== null) throw new Refusal(403, "This installation has been suspended");
  const app = must(state.apps, installation.appId);
  const account = must(state.accounts, app.botId);
  return {
    kind: "installation",
    app,
    account,
    installationId: installation.id,
    permissions: holder.permissions,
    repositories: reachOf(holder.repositories, installation.repositories),
    accountId: installation.accountId,
  };
}

/** A token reaches what it was made for, as far as its installation still does. */
function reachOf(token: Set<number> | "all", installation: Set<number> | "all"): Set<number> | "all" {
  if (token === "all") return installation;
  return installation === "all" ? token : token.intersection(installation);
}

const claimsSchema = z.object({ iss: z.union([z.string(), z.number()]), iat: z.number(), exp: z.number() });

/** @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
function byJwt({ state }: World, value: string): Actor {
  const [head = "", payload = "", signature = ""] = value.split(".");
  const undecodable = new Refusal(401, "A JSON web token could not be decoded");
  const claims = claimsSchema.safeParse(readJson(payload));
  if (!claims.success) throw undecodable;
  const app = state.apps.values().find((entry) => String(entry.id) === String(claims.data.iss));
  if (app === undefined) throw new Refusal(404, "Integration not found");
  if (!verify("RSA-SHA256", Buffer.from(`${head}.${payload}`), app.publicKey, Buffer.from(signature, "base64url"))) throw undecodable;
  // An App signs by the clock of its own machine, which is this one, whatever time the story plays at.
  const present = Date.now() / 1000;
  const { iat, exp } = claims.data;
  if (exp <= present) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > present + 600) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  if (iat > present)
    throw new Refusal(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
  return { kind: "app", app };
}

function readJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as unknown;
  } catch {
    return null;
  }
}

/** A name for the one who asks: what rate limits count by. */
export function identity(actor: Actor): string {
  if (actor.kind === "nobody") return "nobody";
  if (actor.kind === "installation") return `installation ${actor.installationId}`;
  return actor.kind === "app" ? `app ${actor.app.id}` : `user ${actor.account.id}`;
}

/** The account that what this actor does is done by. */
export function accountOf(actor: Actor): Account {
  if (actor.kind === "user" || actor.kind === "installation") return actor.account;
  throw new Refusal(401, "Requires authentication");
}

/** What an actor may do with a repository, as a person's permission; an installation has none of these. */
export function sees(state: State, actor: Actor, repo: Repo): boolean {
  if (!repo.private) return true;
  if (actor.kind === "user") return atLeast(permissionOf(state, repo, actor.account), "read");
  return actor.kind === "installation" && covers(actor, repo);
}

export function granted(permissions: AppPermissions, grant: string): boolean {
  const [name = "", level = ""] = grant.split(":");
  const has = name === "metadata" ? "read" : permissions[name];
  return has === "write" || (has === "read" && level === "read");
}

/** Throws GitHub's refusal where the actor may not do this: 404 for what it can't see, else 403, or 401 without credentials. */
export function authorise(state: State, actor: Actor, repo: Repo, { grants, person }: Needs): void {
  if (!sees(state, actor, repo)) throw notFound();
  if (actor.kind === "installation") {
    const publicRead = !repo.private && grants.some((grant) => grant.endsWith(":read"));
    if (covers(actor, repo) ? grants.some((grant) => granted(actor.permissions, grant)) : publicRead) return;
    throw new Refusal(403, "Resource not accessible by integration");
  }
  if (actor.kind === "app") throw new Refusal(403, "Resource not accessible by integration");
  if (person === null) throw new Refusal(403, "You must authenticate via a GitHub App.");
  if (actor.kind === "nobody") {
    if (grants.some((grant) => grant.endsWith(":read"))) return;
    throw new Refusal(401, "Requires authentication");
  }
  demandApp(state, repo, actor.via, grants);
  demand(state, repo, actor.account, person);
}

/** The organisation of that name, for its members and for Apps installed on it with the grant; who is neither is told that it is not there. */
export function authoriseInOrganization(state: State, actor: Actor, login: string, grant: string): Account {
  if (actor.kind === "nobody") throw new Refusal(401, "Requires authentication");
  const organization = knownAccount(state, login);
  if (organization.type !== "Organization") throw notFound();
  if (actor.kind === "user") {
    if (!organization.members.has(actor.account.id)) throw notFound();
    return organization;
  }
  if (actor.kind === "installation" && actor.accountId !== organization.id) throw notFound();
  if (actor.kind === "app" || !granted(actor.permissions, grant)) throw new Refusal(403, "Resource not accessible by integration");
  return organization;
}

/** An App that acts for a person may do no more than it could by itself. */
function demandApp(state: State, repo: Repo, via: Via, grants: readonly string[]): void {
  if (via.kind !== "app") return;
  const installation = state.installations
    .values()
    .find((entry) => entry.appId === via.appId && entry.suspendedAt === null && covers(entry, repo));
  if (installation === undefined || !grants.some((grant) => granted(installation.permissions, grant)))
    throw new Refusal(403, "Resource not accessible by integration");
}

/** Throws where a person has less than this permission. */
export function demand(state: State, repo: Repo, account: Account, least: Permission): void {
  if (!atLeast(permissionOf(state, repo, account), least))
    throw new Refusal(403, `Must have ${least === "write" ? "push" : least} access to this repository.`);
}

export function mayWrite(state: State, actor: Actor, repo: Repo, grants: readonly string[]): boolean {
  if (actor.kind === "user") return atLeast(permissionOf(state, repo, actor.account), "write");
  return actor.kind === "installation" && covers(actor, repo) && grants.some((grant) => granted(actor.permissions, grant));
}

/** The App that an actor is, or that acts for a person. */
export function appOf(actor: Actor): number | null {
  if (actor.kind === "user") return actor.via.kind === "app" ? actor.via.appId : null;
  return actor.kind === "installation" ? actor.app.id : null;
}

/** A person known by login, or GitHub's 404. */
export function knownAccount(state: State, login: string): Account {
  const account = accountByLogin(state, login);
  if (account === undefined) throw notFound();
  return account;
}
