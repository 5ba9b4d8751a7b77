import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createNodeMiddleware } from "@octokit/webhooks";
import type { Probot } from "probot";
import type { Tell } from "../engine/ports/told.ts";
import type { Event } from "../gate/event.ts";
import { isKnownEvent, readEvent } from "./inbound.ts";

export const webhookPath = "/api/github/webhooks";
/** GitHub sends no larger payloads. https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
const largestBody = 25 * 1024 * 1024;

export interface WebhookPorts {
  appId: number;
  /** Keeps a delivery; GitHub is answered when this resolves, and told of a failure when it rejects. */
  receive: (delivery: { id: string; name: string; event: Event | null }) => Promise<void>;
  /** Answers what machines ask a server; false for whatever is none of that. */
  operations: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Does what a delivery needs with its id on each line of the log. */
  within: <T>(delivery: string, work: () => T) => T;
  /** Hears how each webhook was answered. Times are seconds. */
  tell: Tell;
  /** Answers whatever is neither; null: nothing does. */
  pages: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null;
}

/** The HTTP server: webhooks whose signature is right, what machines ask, and pages. */
export async function createWebhookServer(
  probot: Probot,
  { appId, receive, operations, within, tell, pages }: WebhookPorts,
): Promise<Server> {
  probot.onAny(async ({ id, name, payload }) => receive({ id, name, event: readEvent(name, payload, appId) }));
  // Octokit's middleware, not Probot's, for its time-out: that one answers 202 after nine seconds and lets what comes later fail unseen.
  const middleware = createNodeMiddleware(probot.webhooks, { path: webhookPath, log: probot.log, timeout: 60_000 });
  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      probot.log.error({ err: error }, "a request could not be answered");
      if (response.headersSent) response.destroy();
      else reply(response, 500, { error: "The gate failed over this request; its log says more." });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split("?", 1)[0];
    if (await operations(request, response)) return;
    if (path !== webhookPath && pages !== null) {
      await pages(request, response);
      return;
    }
    if (path !== webhookPath) {
      reply(response, 404, { error: `Webhooks go to ${webhookPath}.` });
      return;
    }
    tellOf(request, response, tell);
    const { "x-github-delivery": delivery } = request.headers;
    await within(typeof delivery === "string" && /^[\w-]{1,64}$/u.test(delivery) ? delivery : "", async () => {
      if (limitBody(request, response)) await middleware(request, response);
    });
  }
}

function tellOf({ headers }: IncomingMessage, response: ServerResponse, tell: Tell): void {
  const begun = performance.now();
  const name = headers["x-github-event"];
  const event = typeof name === "string" && isKnownEvent(name) ? name : "other";
  response.once("close", () => {
    const { statusCode, writableFinished } = response;
    const outcome = !writableFinished || statusCode >= 500 ? "failed" : statusCode >= 400 ? "refused" : "taken";
    tell({ kind: "answered", event, outcome, seconds: (performance.now() - begun) / 1000 });
  });
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** The body is read before its signature can be checked, so its size is what keeps a stranger from filling the memory. */
function limitBody(request: IncomingMessage, response: ServerResponse): boolean {
  if (Number(request.headers["content-length"] ?? 0) > largestBody) {
    reply(response, 413, { error: "This is larger than any webhook of GitHub's." });
    return false;
  }
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > largestBody) request.destroy();
  });
  return true;
}
