import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readiness } from "../engine/ports/readiness.ts";

export interface OperationsPorts {
  readiness: () => Promise<Readiness>;
  expose: () => Promise<{ type: string; text: string }>;
  /** Whoever has it reads the numbers from anywhere; null: nobody does, but on an address of this machine's own. */
  token: string | null;
}

/** Through which address a request came: the one that GitHub reaches, or the operators' own. */
export type Door = "public" | "own" | "loopback";

export type Operations = (request: IncomingMessage, response: ServerResponse, door: Door) => Promise<boolean>;

/**
 * What machines ask a server: whether it lives, whether it is ready, and its numbers. Gives false for whatever is none of these. The first two tell strangers
 * names of parts and no more; why a part fails is told at the operators' own address.
 *
 * A proxy in front may run on this machine, so that it is no proof of anything that a request comes from here: at the public address the numbers are for the
 * token alone.
 */
export function createOperations({ readiness, expose, token }: OperationsPorts): Operations {
  const answerTo = async (path: string, request: IncomingMessage, door: Door): Promise<Answer | null> => {
    if (path === "/healthz") return { status: 200, body: { alive: true } };
    if (path === "/readyz") {
      const found = await readiness();
      return { status: found.ready ? 200 : 503, body: shown(found, door) };
    }
    if (path !== "/metrics") return null;
    const refused = refusal(request, door, token);
    if (refused !== null) return refused;
    const { type, text } = await expose();
    return { status: 200, type, body: text };
  };
  return async (request, response, door) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const path = request.url?.split("?", 1)[0] ?? "";
    const answer = isRead || !paths.has(path) ? await answerTo(path, request, door) : notRead;
    if (answer === null) return false;
    const text = typeof answer.body === "string" ? answer.body : `${JSON.stringify(answer.body)}\n`;
    response.writeHead(answer.status, {
      "content-type": answer.type ?? "application/json",
      "content-length": String(Buffer.byteLength(text)),
      "cache-control": "no-store",
      ...answer.headers,
    });
    response.end(request.method === "HEAD" ? undefined : text);
    return true;
  };
}

interface Answer {
  status: number;
  type?: string;
  body: string | object;
  headers?: Record<string, string>;
}

const paths: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);
const notRead: Answer = { status: 405, body: { error: "This is to be read." }, headers: { allow: "GET, HEAD" } };

/** Why a part fails may name hosts and Apps: that is for operators. */
const shown = ({ ready, draining, parts }: Readiness, door: Door): object => ({
  ready,
  draining,
  parts: Object.fromEntries(parts.map(({ name, state, text }) => [name, door === "public" ? state : { state, text }])),
});

function refusal({ headers }: IncomingMessage, door: Door, token: string | null): Answer | null {
  // A page of elsewhere may point a name of its own at this machine, and so have a browser here read what only this machine may.
  if (door === "loopback" && isLoopback(headers.host)) return null;
  if (door === "loopback") return { status: 421, body: { error: "Ask for this machine by its own address." } };
  if (token === null)
    return {
      status: 404,
      body: { error: "The numbers are at the address of PUPPET_GATE_METRICS, or here for PUPPET_GATE_METRICS_TOKEN." },
    };
  const given = /^Bearer (.+)$/u.exec(headers.authorization ?? "")?.[1];
  if (given !== undefined && isSame(given, token)) return null;
  return { status: 401, body: { error: "These are for a token." }, headers: { "www-authenticate": 'Bearer realm="metrics"' } };
}

/** In a time that tells nothing of where they differ. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** `Host` as those write it who asked for this machine. */
const isLoopback = (host: string | undefined): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/u.test(host ?? "");
