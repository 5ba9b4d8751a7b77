import { createHash } from "node:crypto";
import { repoByName } from "../lookup.ts";
import { webFlow } from "../web-flow.ts";
import type { World } from "../world.ts";
import { authenticate, authorise, authoriseInOrganization } from "./actor.ts";
import { Refusal, notFound, type Answer } from "./answers.ts";
import { spent, withFaults } from "./faulty.ts";
import { createRateLimit, type Quota } from "./rate-limit.ts";
import { createRouter, type Call, type Route } from "./router.ts";

/** The REST API as a function from request to response, the same in process and behind the HTTP server. */

export type Handler = (request: Request) => Promise<Response>;

const documentation = "https://docs.github.com/rest";

/** @param limit requests an hour for one identity: GitHub's 5000, unless a story needs another */
export function createHandler(world: World, routes: readonly Route[], limit: number): Handler {
  const match = createRouter(routes);
  const countRequest = createRateLimit(world, limit);
  const served = new Map<string, Answer>();
  let requests = 0;

  return async (request) => {
    const page = await webFlow(world, request);
    if (page !== null) return page;
    const url = new URL(request.url);
    // GitHub Enterprise Server's base. https://docs.github.com/en/enterprise-server/rest
    const path = url.pathname.replace(/^\/api\/v3(?=\/|$)/, "").replace(/^\/api\/graphql$/, "/graphql");
    const headers = {
      date: world.now().toUTCString(),
      "x-github-media-type": "github.v3; format=json",
      "x-github-request-id": `stand-in:${++requests}`,
    };
    let quota: Quota | null = null;
    let answer: Answer;
    try {
      const actor = authenticate(world, request.headers.get("authorization"));
      quota = countRequest(actor, path === "/graphql" ? "graphql" : "core");
      if (quota.exceeded) throw new Refusal(403, spent(actor));
      const found = match(request.method, path);
      if (found === null) throw notFound();
      const call: Call = { world, actor, url, params: found.params, body: await readBody(request), quota };
      answer = await withFaults(served, found.route, call, async () => perform(found.route, call), headers["x-github-request-id"]);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // GraphQL tells of a spent hour with a 200.
      const told = path === "/graphql" && quota?.exceeded === true;
      answer = told
        ? { status: 200, body: { errors: [{ type: "RATE_LIMITED", message: error.message }] } }
        : { status: error.status, body: error.body(documentation) };
    }
    const rendered = render(request, answer);
    if (rendered.status === 304) quota?.refund();
    return new Response(rendered.text, { status: rendered.status, headers: { ...headers, ...quota?.headers(), ...rendered.headers } });
  };
}

async function readBody(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, "Problems parsing JSON");
  }
}

async function perform(route: Route, call: Call): Promise<Answer> {
  const { world, actor, params } = call;
  if (route.kind === "app") {
    if (actor.kind !== "app") throw new Refusal(401, "A JSON web token could not be decoded");
    return route.run(call);
  }
  if (route.kind === "anybody") return route.run(call);
  if (route.kind === "organization") {
    const organization = authoriseInOrganization(world.state, actor, params["org"] ?? "", route.grant);
    return route.run({ ...call, organization });
  }
  const repo = repoByName(world.state, params["owner"] ?? "", params["repo"] ?? "");
  if (repo === undefined) throw notFound();
  authorise(world.state, actor, repo, route.needs);
  return route.run({ ...call, repo });
}

/** JSON with an entity tag, or 304 where the caller has just that. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
function render(request: Request, answer: Answer): { status: number; text: string | null; headers: Record<string, string> } {
  if (answer.status === 204) return { status: 204, text: null, headers: answer.headers ?? {} };
  const text = JSON.stringify(answer.body);
  const headers = { "content-type": "application/json; charset=utf-8", ...answer.headers };
  if (request.method !== "GET" || answer.status !== 200) return { status: answer.status, text, headers };
  const etag = `W/"${createHash("sha256").update(text).digest("hex")}"`;
  if (request.headers.get("if-none-match") === etag) return { status: 304, text: null, headers: { ...headers, etag } };
  return { status: 200, text, headers: { ...headers, etag } };
}
