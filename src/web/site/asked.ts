import type { IncomingMessage } from "node:http";
import type { Asked } from "./answers.ts";

/** No form of these pages comes near. */
const largestForm = 64 * 1024;
const longestAddress = 4_000;

export type Read = { ok: true; asked: Asked } | { ok: false; status: 400 | 405 | 413 | 414 | 415; why: string };

const bad = (status: 400 | 405 | 413 | 414 | 415, why: string): Read => ({ ok: false, status, why });

/** A request as the pages see it, or why it is none of theirs. */
export async function readAsked(request: IncomingMessage): Promise<Read> {
  const address = request.url ?? "/";
  if (address.length > longestAddress) return bad(414, `An address has ${longestAddress} characters at most.`);
  const [path = "", query = ""] = address.split(/\?(.*)/su, 2);
  const segments = segmentsOf(path);
  const head = { segments: segments ?? [], query: new URLSearchParams(query) };
  if (segments === null || hasNul(head.query, ...segments)) return bad(400, "The address holds signs that are none.");
  if (request.method === "GET" || request.method === "HEAD")
    return { ok: true, asked: { ...head, method: "GET", form: new URLSearchParams() } };
  if (request.method !== "POST") return bad(405, "Pages are read with GET, and forms sent with POST.");
  if (!/^application\/x-www-form-urlencoded(?:;|$)/iu.test(request.headers["content-type"] ?? ""))
    return bad(415, "Forms are sent as application/x-www-form-urlencoded.");
  const body = await bodyOf(request);
  if (body === null) return bad(413, `A form has ${largestForm} bytes at most.`);
  const form = new URLSearchParams(body);
  if (hasNul(form)) return bad(400, "The form holds signs that are none.");
  return { ok: true, asked: { ...head, method: "POST", form } };
}

/** PostgreSQL takes no text with one: a question with it would fail as if the gate had. */
const hasNul = (of: URLSearchParams, ...texts: readonly string[]): boolean =>
  [...of]
    .flat()
    .concat(texts)
    .some((text) => text.includes("\0"));

function segmentsOf(path: string): string[] | null {
  try {
    return path.split("/").flatMap((segment) => (segment === "" ? [] : [decodeURIComponent(segment)]));
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestForm) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
