import { readFileSync } from "node:fs";
import type { RequestOptions } from "node:https";

import type { z } from "zod";

import { Problem, type ProblemText } from "../problem.ts";
import { createRowReader } from "./json-rows.ts";

/** Where a PuppetDB is, and how to be let in. Paths are files in PEM. */
export interface PuppetDbAddress {
  url: string;
  ca: string | null;
  cert: string | null;
  key: string | null;
}

/** Milliseconds, and bytes of one answer. */
export interface HttpLimits {
  answer: number;
  bytes: number;
}

export type Ask = (endpoint: string, query: object, signal: AbortSignal) => Promise<unknown>;

/** Asks PuppetDB's query API, version 4. Nothing of an answer is logged or quoted: facts may hold secrets. */
export function createAsk(address: PuppetDbAddress, limits: HttpLimits): Ask {
  const ask = createRequest(address, limits);
  return (endpoint, query, signal) => ask(`/pdb/query/v4/${endpoint}`, endpoint, JSON.stringify(query), signal);
}

/** The same for an answer of many rows: they are given in the portions in which they come. */
export type AskRows = (endpoint: string, query: object, onRows: (rows: unknown[]) => void, signal: AbortSignal) => Promise<void>;

export function createAskRows(address: PuppetDbAddress, limits: HttpLimits): AskRows {
  const { base, tls } = whereTo(address);
  return async (endpoint, query, onRows, signal) => {
    const reader = createRowReader(onRows);
    const asked = { url: urlOf(base, `/pdb/query/v4/${endpoint}`), body: JSON.stringify(query), tls };
    try {
      const { status } = await exchange(asked, limits, signal, (chunk) => reader.take(chunk));
      if (status !== 200) throw new Problem(refused(base, endpoint, status));
      reader.end();
    } catch (cause) {
      if (cause instanceof SyntaxError) throw new Problem(notUnderstood(base, endpoint, "it is no JSON"), { cause });
      throw cause;
    }
  };
}

/** What a page of PuppetDB's own says of it: `/status/v1/…`, `/pdb/meta/v1/…`. */
export type Look = (path: string, signal: AbortSignal) => Promise<unknown>;

export function createLook(address: PuppetDbAddress, limits: HttpLimits): Look {
  const ask = createRequest(address, limits);
  return (path, signal) => ask(path, path, null, signal);
}

type Request = (path: string, called: string, body: string | null, signal: AbortSignal) => Promise<unknown>;

function createRequest(address: PuppetDbAddress, limits: HttpLimits): Request {
  const { base, tls } = whereTo(address);
  return async (path, endpoint, text, signal) => {
    const chunks: Buffer[] = [];
    const { status } = await exchange({ url: urlOf(base, path), body: text, tls }, limits, signal, (chunk) => chunks.push(chunk));
    const body = Buffer.concat(chunks).toString("utf8");
    if (status !== 200) throw new Problem(refused(base, endpoint, status));
    try {
      return JSON.parse(body) as unknown;
    } catch (cause) {
      throw new Problem(notUnderstood(base, endpoint, "it is no JSON"), { cause });
    }
  };
}

function whereTo(address: PuppetDbAddress): { base: URL; tls: RequestOptions } {
  const base = readUrl(address.url);
  return { base, tls: base.protocol === "https:" ? tlsOf(address) : {} };
}

const urlOf = (base: URL, path: string): URL => new URL(`${base.pathname.replace(/\/+$/u, "")}${path}`, base);

/** What was asked for, in the form that it should have. */
export function parsed<T>(schema: z.ZodType<T>, given: unknown, where: string, endpoint: string): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new Problem(notUnderstood(where, endpoint, `${result.error.issues[0]?.path.join(".") || "it"} has another form`));
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new Problem(badAddress("it is no URL of http or https", "https://puppetdb.example.com:8081"));
  if (url.username !== "" || url.password !== "") throw new Problem(badAddress("it has a user or password in it", "a certificate"));
  if (url.protocol === "http:" && !/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(url.hostname))
    throw new Problem(
      badAddress(`it is http, and ${url.hostname} is not this machine: facts would cross the network in clear text`, "https"),
    );
  return url;
}

function tlsOf({ ca, cert, key }: PuppetDbAddress): RequestOptions {
  if ((cert === null) !== (key === null)) throw new Problem(badAddress("a client's certificate and key go together", "both, or none"));
  const file = (path: string | null): { pem?: Buffer } => {
    try {
      return path === null ? {} : { pem: readFileSync(path) };
    } catch (cause) {
      throw new Problem(badAddress(`${path} can't be read: ${(cause as Error).message}`, "files that exist"), { cause });
    }
  };
  const [authority, own, secret] = [file(ca).pem, file(cert).pem, file(key).pem];
  return { ...(authority && { ca: authority }), ...(own && { cert: own }), ...(secret && { key: secret }), minVersion: "TLSv1.2" };
}

interface Asked {
  url: URL;
  /** Null for a GET; JSON for a POST. */
  body: string | null;
  tls: RequestOptions;
}

/** `onChunk` gets the body of an answer of 200, and nothing of any other. */
async function exchange(
  { url, body, tls }: Asked,
  limits: HttpLimits,
  signal: AbortSignal,
  onChunk: (chunk: Buffer) => void,
): Promise<{ status: number }> {
  // Loaded here: it takes 0.07 s, which a check without PuppetDB has no use for.
  const { request: send } = await (url.protocol === "https:" ? import("node:https") : import("node:http"));
  const until = AbortSignal.any([signal, AbortSignal.timeout(limits.answer)]);
  const content = body === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      if (signal.aborted) reject(signal.reason as Error);
      else if (cause instanceof Problem) reject(cause);
      else if (until.aborted) reject(new Problem(tooSlow(url, limits.answer), { cause }));
      else reject(new Problem(unreachable(url, cause.message), { cause }));
    };
    let request;
    try {
      request = send(url, {
        method: body === null ? "GET" : "POST",
        headers: { accept: "application/json", ...content },
        agent: false,
        signal: until,
        ...tls,
      });
    } catch (cause) {
      fail(cause as Error); // a certificate or key that is none
      return;
    }
    request.once("error", fail);
    request.once("response", (response) => {
      const status = response.statusCode ?? 0;
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.bytes) response.destroy(new Problem(tooMuch(url, limits.bytes)));
        else if (status === 200) {
          try {
            onChunk(chunk);
          } catch (cause) {
            reject(cause); // what is wrong with the answer is told by whoever reads it
            response.destroy();
          }
        }
      });
      response.once("error", fail);
      response.once("end", () => resolve({ status }));
    });
    request.end(body ?? undefined);
  });
}

const whereIs = ({ protocol, host }: URL): string => `PuppetDB at ${protocol}//${host}`;

const badAddress = (why: string, expected: string): ProblemText => ({
  code: "bad-puppetdb",
  text: `PuppetDB's address can't be used: ${why}.`,
  hint: `Give ${expected} (--puppetdb, --puppetdb-ca, --puppetdb-cert, --puppetdb-key; for serve PUPPETDB_URL, PUPPETDB_CA, PUPPETDB_CERT, PUPPETDB_KEY).`,
});

const unreachable = (url: URL, why: string): ProblemText => ({
  code: "puppetdb-unreachable",
  text: `${whereIs(url)} can't be asked: ${why}.`,
  hint: "See that it runs, that this machine may reach it, and that the certificates are those of its CA.",
});

const tooSlow = (url: URL, most: number): ProblemText => ({
  code: "puppetdb-unreachable",
  text: `${whereIs(url)} did not answer within ${most / 1_000} seconds.`,
  hint: "Try again when it is less busy; without its answer nothing is judged.",
});

const tooMuch = (url: URL, most: number): ProblemText => ({
  code: "puppetdb-too-much",
  text: `${whereIs(url)} answered with more than ${most / 2 ** 20} MiB to one question.`,
  hint: "Narrow `facts.puppetdb.query` in the policy, or blocklist large facts on the agents; of runs, put fewer nodes into one lane.",
});

const refused = (url: URL, endpoint: string, status: number): ProblemText => ({
  code: "puppetdb-refused",
  text: `${whereIs(url)} answered ${status} to a query of its ${endpoint}.`,
  hint:
    status === 401 || status === 403
      ? "Give a client certificate that it lets in (its certificate-allowlist)."
      : status === 400 && endpoint !== "reports" && endpoint !== "events"
        ? "See that `facts.puppetdb.query` in the policy is an AST over the inventory endpoint."
        : "See its own log for why, and that the URL is PuppetDB's.",
});

export const notUnderstood = (url: URL | string, endpoint: string, why: string): ProblemText => ({
  code: "puppetdb-not-understood",
  text: `${typeof url === "string" ? `PuppetDB at ${url}` : whereIs(url)} gave an answer of its ${endpoint} that can't be used: ${why}.`,
  hint: "See that the URL is PuppetDB's own, without a proxy that answers for it.",
});
