import { DroppedError, type Faults } from "../faults.ts";
import { isQuery } from "../graphql/route.ts";
import { identity, type Actor } from "./actor.ts";
import type { Answer } from "./answers.ts";
import type { Call, Route } from "./router.ts";

/** What goes wrong with a request, where a fault is armed for its route. */

/** @param served the last answer of each address that was read */
export async function withFaults(
  served: Map<string, Answer>,
  route: Route,
  call: Call,
  perform: () => Promise<Answer>,
  requestId: string,
): Promise<Answer> {
  const { faults } = call.world;
  const asking = route.name === "POST /graphql" && isQuery(call.body);
  const reading = asking || route.name.startsWith("GET ");
  if (faults.takeRoute(route.name, "dropped-before") !== null) throw new DroppedError();
  const refused = limited(faults, route, call, requestId);
  if (refused !== null) return refused;
  const before = faults.takeRoute(route.name, "error-before");
  if (before?.kind === "error-before") return broken(before.status);
  const meanwhile = faults.takeRoute(route.name, "meanwhile");
  if (meanwhile?.kind === "meanwhile") await meanwhile.run();
  const address = `${identity(call.actor)} ${call.url.href}${asking ? JSON.stringify(call.body) : ""}`;
  const last = served.get(address);
  if (reading && last !== undefined && faults.takeRoute(route.name, "stale") !== null) return last;
  const answer = await perform();
  if (isLastOfSeveral(call.url, answer)) {
    const fault = faults.takeRoute(route.name, "last-page-fails");
    if (fault?.kind === "last-page-fails") return broken(fault.status);
  }
  if (reading) served.set(address, answer);
  if (faults.takeRoute(route.name, "dropped-after") !== null) throw new DroppedError();
  const after = faults.takeRoute(route.name, "error-after");
  return after?.kind === "error-after" ? broken(after.status) : answer;
}

const broken = (status = 502): Answer => ({ status, body: { message: "Server Error" } });

/** The page after which a list with more than one ends. */
function isLastOfSeveral(url: URL, { headers = {} }: Answer): boolean {
  const further = url.searchParams.has("cursor") || Number(url.searchParams.get("page") ?? 1) > 1;
  return further && !(headers["link"] ?? "").includes('rel="next"');
}

const aboutLimits = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api";

function limited(faults: Faults, route: Route, { actor, world }: Call, requestId: string): Answer | null {
  const help = `If you reach out to GitHub Support for help, please include the request ID ${requestId}.`;
  const secondary = faults.takeRoute(route.name, "secondary-limit");
  if (secondary?.kind === "secondary-limit") {
    const { status = 403, retryAfter = 60 } = secondary;
    const message = `You have exceeded a secondary rate limit. Please wait a few minutes before you try again. ${help}`;
    const body = { message, documentation_url: `${aboutLimits}#about-secondary-rate-limits`, status: String(status) };
    return { status, body, headers: retryAfter === null ? {} : { "retry-after": String(retryAfter) } };
  }
  const primary = faults.takeRoute(route.name, "primary-limit");
  if (primary?.kind !== "primary-limit") return null;
  const reset = Math.floor(world.now().getTime() / 1000) + (primary.resetAfter ?? 3600);
  const body = { message: `${spent(actor)} ${help}`, documentation_url: `${aboutLimits}#about-primary-rate-limits`, status: "403" };
  return { status: 403, body, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) } };
}

/** The hour's requests are used up, in the words for who asked. */
export function spent(actor: Actor): string {
  if (actor.kind === "nobody") return "API rate limit exceeded for 127.0.0.1.";
  const who = { app: "app", user: "user", installation: "installation" }[actor.kind];
  const id = actor.kind === "app" ? actor.app.id : actor.kind === "user" ? actor.account.id : actor.installationId;
  return `API rate limit exceeded for ${who} ID ${id}.`;
}
