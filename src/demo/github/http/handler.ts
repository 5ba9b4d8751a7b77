import { createHash } from "node:crypto";
import { repoByName } from "../lookup.ts";
import type { World } from "../world.ts";
import { authenticate, authorise, identity } from "./actor.ts";
import { Refusal, notFound, type Answer } from "./answers.ts";
import { createRateLimit } from "./rate-limit.ts";
import { createRouter, type Call, type Match, type Route } from "./router.ts";

/** The REST API as a function from request to response, the same in process and behind the HTTP server. */

export type Handler = (request: Request) => Promise<Response>;

const documentation = "https://docs.github.com/rest";

/** @param limit requests an hour for one identity: GitHub's 5000, unless a story needs another */
export function createHandler(world: World, routes: readonly Route[], limit: number): Handler {
  const match = createRouter(routes);
  const rateLimit = createRateLimit(world, limit);
  const served = new Map<string, Answer>();

  return async (request) => {
    const url = new URL(request.url);
    // GitHub Enterprise Server's base. https://docs.github.com/en/enterprise-server/rest
    const path = url.pathname.replace(/^\/api\/v3(?=\/|$)/, "");
    const headers: Record<string, string> = {
      date: world.now().toUTCString(),
      "x-github-media-type": "github.v3; format=json",
      "x-github-request-id": world.state.ids.guid(),
    };
    let answer: Answer;
    try {
      const actor = authenticate(world, request.headers.get("authorization"));
      const quota = rateLimit.count(actor);
      Object.assign(headers, quota.headers);
      if (quota.exceeded) throw new Refusal(403, `API rate limit exceeded for ${identity(actor)}.`);
      const found = match(request.method, path);
      if (found === null) throw notFound();
      const call: Call = { world, actor, url, params: found.params, body: await readBody(request) };
      answer = await withFaults(world, served, found, call);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = { status: error.status, body: error.body(documentation) };
    }
    return respond(request, answer, headers);
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

async function withFaults({ faults }: World, served: Map<string, Answer>, { route }: Match, call: Call): Promise<Answer> {
  const broken = (status: number | undefined): Answer => ({ status: status ?? 502, body: { message: "Server Error" } });
  const before = faults.takeRoute(route.name, "error-before");
  if (before?.kind === "error-before") return broken(before.status);
  const meanwhile = faults.takeRoute(route.name, "meanwhile");
  if (meanwhile?.kind === "meanwhile") await meanwhile.run();
  const address = `${identity(call.actor)} ${call.url.href}`;
  const last = served.get(address);
  if (route.name.startsWith("GET ") && last !== undefined && faults.takeRoute(route.name, "stale") !== null) return last;
  const answer = await perform(route, call);
  if (route.name.startsWith("GET ")) served.set(address, answer);
  const after = faults.takeRoute(route.name, "error-after");
  return after?.kind === "error-after" ? broken(after.status) : answer;
}

async function perform(route: Route, call: Call): Promise<Answer> {
  const { world, actor, params } = call;
  if (route.kind === "app") {
    if (actor.kind !== "app") throw new Refusal(401, "A JSON web token could not be decoded");
    return route.run(call);
  }
  if (route.kind === "anybody") return route.run(call);
  const repo = repoByName(world.state, params["owner"] ?? "", params["repo"] ?? "");
  if (repo === undefined) throw notFound();
  authorise(world.state, actor, repo, route.needs);
  return route.run({ ...call, repo });
}

/** JSON with an entity tag. An unchanged GET is a 304, which costs no rate limit on GitHub. */
function respond(request: Request, answer: Answer, headers: Record<string, string>): Response {
  const all = { ...headers, ...answer.headers };
  if (answer.status === 204) return new Response(null, { status: 204, headers: all });
  const text = JSON.stringify(answer.body);
  all["content-type"] = "application/json; charset=utf-8";
  if (request.method === "GET" && answer.status === 200) {
    all["etag"] = `W/"${createHash("sha256").update(text).digest("hex")}"`;
    if (request.headers.get("if-none-match") === all["etag"]) return new Response(null, { status: 304, headers: all });
  }
  return new Response(text, { status: answer.status, headers: all });
}
