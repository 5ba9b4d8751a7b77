import { createHash } from "node:crypto";
import { accountByLogin } from "./lookup.ts";
import type { App } from "./state.ts";
import type { World } from "./world.ts";

/**
 * How people sign in with an App. Whoever comes says who they are by `login`, or picks somebody from a page: there are no passwords here.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
 */

/** A code lives for ten minutes, and a person's token for eight hours. */
const codeLifeMs = 600_000;
const tokenLifeMs = 28_800_000;

/** Null for what is no part of it. */
export async function webFlow(world: World, request: Request): Promise<Response | null> {
  const url = new URL(request.url);
  if (url.pathname === "/login/oauth/authorize" && request.method === "GET") return authorize(world, url);
  if (url.pathname !== "/login/oauth/access_token" || request.method !== "POST") return null;
  const given = new URLSearchParams(await request.text());
  return Response.json(grant(world, given));
}

const appOf = ({ state }: World, clientId: string | null): App | undefined =>
  state.apps.values().find((app) => app.client !== null && app.client.id === clientId);

function authorize(world: World, url: URL): Response {
  const asked = url.searchParams;
  const app = appOf(world, asked.get("client_id"));
  const client = app?.client;
  if (app === undefined || client === null || client === undefined) return new Response("Not Found", { status: 404 });
  const wanted = asked.get("redirect_uri");
  const back = new URL(wanted !== null && client.callbacks.includes(wanted) ? wanted : (client.callbacks[0] ?? ""));
  const redirect = (answer: Record<string, string>): Response => {
    for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value);
    const state = asked.get("state");
    if (state !== null) back.searchParams.set("state", state);
    return new Response(null, { status: 302, headers: { location: back.href } });
  };
  if (wanted !== null && !client.callbacks.includes(wanted)) return redirect({ error: "redirect_uri_mismatch" });
  if (asked.has("cancel")) return redirect({ error: "access_denied", error_description: "The user has denied your application access." });
  const login = asked.get("login");
  const account = login === null ? undefined : accountByLogin(world.state, login);
  if (account?.type !== "User") return new Response(whoAreYou(world, url), { headers: { "content-type": "text/html; charset=utf-8" } });
  const challenge = asked.get("code_challenge_method") === "S256" ? asked.get("code_challenge") : null;
  const code = world.state.ids.secret().slice(0, 20);
  const expiresAt = new Date(world.now().getTime() + codeLifeMs);
  world.state.codes.set(code, { appId: app.id, accountId: account.id, redirect: wanted, challenge, expiresAt });
  return redirect({ code });
}

/** Logins hold letters, digits and hyphens alone. */
function whoAreYou({ state }: World, url: URL): string {
  const links = state.accounts
    .values()
    .filter(({ type, deleted }) => type === "User" && !deleted)
    .map(({ login }) => `<li><a href="${to(url, "login", login)}">${login}</a></li>`);
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Who are you?</h1><ul>${[...links].join("")}</ul><p><a href="${to(url, "cancel", "1")}">Cancel</a></p></html>`;
}

function to(url: URL, name: string, value: string): string {
  const next = new URL(url);
  next.searchParams.set(name, value);
  return `${next.pathname}${next.search}`.replaceAll("&", "&amp;");
}

function grant(world: World, given: URLSearchParams): Record<string, unknown> {
  const { state, now, tokenClock } = world;
  const app = appOf(world, given.get("client_id"));
  if (app === undefined || app.client?.secret !== given.get("client_secret"))
    return refusal("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
  const code = given.get("code") ?? "";
  const kept = state.codes.get(code);
  state.codes.delete(code);
  const verifier = given.get("code_verifier");
  const challenge = kept?.challenge ?? null;
  const proven = challenge === null || (verifier !== null && createHash("sha256").update(verifier).digest("base64url") === challenge);
  if (kept?.appId !== app.id || kept.expiresAt <= now() || !proven)
    return refusal("bad_verification_code", "The code passed is incorrect or expired.");
  if (kept.redirect !== null && given.get("redirect_uri") !== kept.redirect)
    return refusal("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.");
  const token = `ghu_${state.ids.secret()}`;
  const holder = { kind: "user", accountId: kept.accountId, via: { kind: "app", appId: app.id } } as const;
  state.tokens.set(token, { token, expiresAt: new Date(tokenClock().getTime() + tokenLifeMs), holder });
  const refresh = { refresh_token: `ghr_${state.ids.secret()}`, refresh_token_expires_in: 15_897_600 };
  return { access_token: token, expires_in: tokenLifeMs / 1000, ...refresh, scope: "", token_type: "bearer" };
}

const refusal = (error: string, description: string): Record<string, unknown> => ({
  error,
  error_description: description,
  error_uri: "https://docs.github.com",
});
