import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Problem } from "../../problem.ts";
import type { Answer, Asked } from "./answers.ts";
import { createAccess } from "./access.ts";
import { readAsked } from "./asked.ts";
import { assets, frame } from "./frame.ts";
import { keptForEver, notKept, securityHeaders } from "./headers.ts";
import { notFound, refusal } from "./pages/refusal.ts";
import { welcome } from "./pages/welcome.ts";
import type { SitePorts, Viewer } from "./ports.ts";
import { createRoutes } from "./routes.ts";
import { formToken, isFormToken, sessionId, sessionOf, type Keeping, type Session } from "./session.ts";
import { backPath, createDoors, type Doors } from "./sign-in.ts";

export interface SiteSettings {
  /** Seals what browsers keep. */
  key: Uint8Array;
  /** Where people reach it; null on this machine alone. */
  url: string | null;
}

/** The pages, as what answers every request that is none of a webhook. */
export function createSite(
  ports: SitePorts,
  { key, url }: SiteSettings,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const keeping: Keeping = { key, secure: url?.startsWith("https:") ?? false };
  const now = (): number => ports.now().getTime();
  const doors =
    ports.signIn === null || url === null ? null : createDoors({ signIn: ports.signIn, sessions: ports.sessions }, keeping, url, now);
  const routes = createRoutes(ports, createAccess(ports));

  return async (request, response) => {
    const kept = sessionOf(keeping, request.headers.cookie, now());
    let viewer: Viewer | null = null;
    const answer = await (async () => {
      const session = await holding(kept);
      viewer = viewerOf(session);
      return answerTo(request, session, viewer);
    })().catch((error: unknown) => {
      if (error instanceof Problem) return refusal(503, "Not now", error.text, error.hint);
      ports.log.error({ err: error, path: request.url?.split("?", 1)[0] }, "a page failed over a fault of the gate");
      return refusal(500, "The gate failed over this page", "Its log says more.", "Try again in a minute.");
    });
    await write(request, response, answer, viewer);
  };

  /** A cookie alone is nobody: what was signed out here, or for everybody, does not come back with a copy of it. */
  async function holding(session: Session | null): Promise<Session | null> {
    if (session === null || ports.sessions === null) return null;
    return (await ports.sessions.holds({ id: sessionId(session), person: session.id, at: ports.now() })) ? session : null;
  }

  function viewerOf(session: Session | null): Viewer | null {
    if (doors === null) return { kind: "local" };
    if (session === null) return null;
    const { id, login } = session;
    return { kind: "person", person: { id, login, bot: false }, formToken: formToken(keeping, session) };
  }

  async function answerTo(request: IncomingMessage, session: Session | null, viewer: Viewer | null): Promise<Answer> {
    // Another site may point a name of its own at this machine, and so read what only this machine may.
    if (doors === null && !isLoopback(request.headers.host))
      return refusal(421, "Not here", "These pages are this machine's own.", "Take http://127.0.0.1 and the port.");
    const read = await readAsked(request);
    if (!read.ok) return refusal(read.status, "Not understood", read.why);
    const { asked } = read;
    const [first, second] = asked.segments;
    if (first === "assets" && asked.method === "GET") {
      const asset = asked.segments.length === 2 ? assets.get(second ?? "") : undefined;
      return asset === undefined ? notFound() : { kind: "asset", ...asset };
    }
    if (asked.method === "POST") {
      const why = doors === null ? "These pages are to be read only." : forged(request, asked, session);
      if (why !== null) return refusal(403, "Not done", why, "Load the page again, and send its form.");
    }
    return doors === null || !isDoor(asked) ? inside(asked, viewer, doors) : through(doors, asked, request, session);
  }

  /** Why a form is not believed to come from a page of ours; null where it does. */
  function forged({ headers }: IncomingMessage, { form }: Asked, session: Session | null): string | null {
    if (session === null) return "You are not signed in, or not any more.";
    const { origin, "sec-fetch-site": from } = headers;
    if (origin !== undefined && origin !== new URL(url ?? "").origin) return "This form was sent from another site.";
    if (from !== undefined && from !== "same-origin") return "This form was sent from another site.";
    return isFormToken(keeping, session, form.get("token") ?? undefined) ? null : "This form is not one of this sign-in.";
  }

  async function inside(asked: Asked, viewer: Viewer | null, way: Doors | null): Promise<Answer> {
    if (viewer !== null) return routes.answer(asked, viewer);
    if (asked.segments.length === 0 || way === null) return welcome();
    return asked.method === "GET" ? way.begin(`/${asked.segments.map(encodeURIComponent).join("/")}${queryOf(asked)}`) : welcome();
  }

  /** As fast as it is read. What fails in the middle ends the connection, so that nobody takes a part for the whole. */
  async function pour(text: AsyncIterable<string>, response: ServerResponse): Promise<void> {
    try {
      await pipeline(Readable.from(text), response);
    } catch (error) {
      // Whoever asked went away.
      if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") ports.log.error({ err: error }, "a download broke off");
    }
  }

  async function write(request: IncomingMessage, response: ServerResponse, answer: Answer, viewer: Viewer | null): Promise<void> {
    const secured = securityHeaders(keeping.secure);
    const cookies = "cookies" in answer && answer.cookies !== undefined ? { "set-cookie": [...answer.cookies] } : {};
    const send = (status: number, headers: Record<string, string | string[]>, text: string): void => {
      response.writeHead(status, { ...secured, ...cookies, ...headers, "content-length": String(Buffer.byteLength(text)) });
      response.end(request.method === "HEAD" ? undefined : text);
    };
    if (answer.kind === "to") send(303, { ...notKept, location: answer.path }, "");
    else if (answer.kind === "asset") send(200, { ...keptForEver, "content-type": answer.type }, answer.text);
    else if (answer.kind === "document")
      send(
        200,
        {
          ...notKept,
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": `${answer.policy}; frame-ancestors 'none'`,
        },
        answer.html,
      );
    else if (answer.kind === "csv" || answer.kind === "file") {
      const headers = {
        ...notKept,
        "content-type": `${answer.kind === "csv" ? "text/csv" : "text/plain"}; charset=utf-8`,
        "content-disposition": `attachment; filename="${answer.name}"`,
      };
      if (typeof answer.text === "string") send(200, headers, answer.text);
      else {
        response.writeHead(200, { ...secured, ...headers });
        await pour(request.method === "HEAD" ? nothing() : answer.text, response);
      }
    } else send(answer.status, { ...notKept, "content-type": "text/html; charset=utf-8" }, frame({ ...answer, viewer }));
  }
}

async function* nothing(): AsyncGenerator<string> {}

const doorPaths = new Set(["sign-in", backPath.slice(1), "sign-out", "signed-out"]);
const isDoor = ({ segments }: Asked): boolean => doorPaths.has(segments.join("/"));

async function through(doors: Doors, asked: Asked, { headers }: IncomingMessage, session: Session | null): Promise<Answer> {
  const path = `/${asked.segments.join("/")}`;
  if (path === backPath && asked.method === "GET") return doors.back(asked, headers.cookie);
  if (path === "/sign-out" && asked.method === "POST") return doors.leave(session);
  if (path === "/sign-in" && asked.method === "GET") return doors.begin(asked.query.get("to") ?? "/");
  return path === "/signed-out" ? welcome("You are signed out.") : notFound();
}

const queryOf = ({ query }: Asked): string => (query.size === 0 ? "" : `?${query.toString()}`);

/** `Host` as browsers write it. */
const isLoopback = (host: string | undefined): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/u.test(host ?? "");
