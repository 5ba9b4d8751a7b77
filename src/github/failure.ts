import { known, unknown, type Known, type Unknown } from "../gate/facts.ts";
import { plain } from "./escape.ts";

/** What GitHub's refusals and silences mean, in one place. */

interface Told {
  name?: unknown;
  message?: unknown;
  status?: unknown;
  request?: { method?: string; url?: string };
  response?: { headers?: Headers; data?: { message?: unknown } };
  /** Of a GraphQL answer. */
  headers?: Headers;
  errors?: readonly { type?: string; message?: string }[];
}
type Headers = Readonly<Record<string, string | number | undefined>>;

const toldBy = (error: unknown): Told => (typeof error === "object" && error !== null ? error : {});
const isGraphql = ({ name }: Told): boolean => name === "GraphqlResponseError";

/** GitHub's status for a failed call; null where there was no answer at all: refused, reset, timed out. */
export function statusOf(error: unknown): number | null {
  const { status, response } = toldBy(error);
  // Octokit reports a connection that failed as status 500, without a response.
  return typeof status === "number" && typeof response === "object" ? status : null;
}

/** What GitHub itself says of a refusal. */
export function messageOf(error: unknown): string {
  const { response, message } = toldBy(error);
  const said = response?.data?.message ?? message;
  return typeof said === "string" ? said : String(error);
}

/** A list that goes on beyond every bound. It is no answer, so that it is never taken for a whole one. */
export class EndlessListError extends Error {
  override readonly name = "EndlessListError";
  /** Who can do what about it. */
  readonly way: string | undefined;

  constructor(message: string, way?: string) {
    super(message);
    this.way = way;
  }
}

/** Whether an error is GitHub's answer or its absence (an answer that broke off midway, too), and not a fault of this program. */
export function isOfGitHub(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isBrokenOff = error.name === "TimeoutError" || (error instanceof TypeError && error.message === "terminated");
  return error instanceof EndlessListError || error.name === "HttpError" || isGraphql(error) || isBrokenOff;
}

/** A failed call in a few words that name it: `GitHub answered 502 to GET /repos/acme/control/pulls/7/reviews`. */
export function failureText(error: unknown): string {
  if (error instanceof EndlessListError) return error.message;
  const told = toldBy(error);
  const limit = limitOf(error);
  const wait = limit === null ? "" : `: its rate limit is reached, and it wants ${limit} seconds without requests`;
  if (isGraphql(told)) return `GitHub refused a GraphQL query${wait || `: ${plain(graphqlText(told), 300)}`}`;
  const { request, message } = told;
  const call = request?.url === undefined ? "" : ` ${request.method ?? "GET"} ${pathOf(request.url)}`;
  const status = statusOf(error);
  if (status !== null) return `GitHub answered ${status} to${call || " a request"}${wait}`;
  return call === "" ? `GitHub could not be asked: ${String(message ?? error)}` : `GitHub could not be reached for${call}`;
}

const graphqlText = ({ errors = [] }: Told): string => errors.map(({ message = "no reason was given" }) => message).join("; ");
const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname.replace(/^\/api\/v3/u, "") : url);

/**
 * Seconds until GitHub takes requests again after it refused one for there being too many; null for any other failure.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function limitOf(error: unknown): number | null {
  const told = toldBy(error);
  if (isGraphql(told)) return told.errors?.some(({ type }) => type === "RATE_LIMITED") === true ? untilReset(told.headers ?? {}) : null;
  const status = statusOf(error);
  if (status !== 403 && status !== 429) return null;
  const headers = told.response?.headers ?? {};
  const after = retryAfter(headers);
  if (after !== null) return after;
  if (String(headers["x-ratelimit-remaining"]) === "0") return untilReset(headers);
  return status === 429 || /rate limit/iu.test(messageOf(error)) ? aMinute : null;
}

/** Seconds to wait before anything is asked again: 0 where GitHub does not say. */
export const waitOf = (error: unknown): number => limitOf(error) ?? retryAfter(toldBy(error).response?.headers ?? {}) ?? 0;

/** What GitHub asks for where it names no time. */
const aMinute = 60;
/** A limit is lifted within the hour; whatever says otherwise is wrong. */
const anHour = 3_600;

function retryAfter(headers: Headers): number | null {
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 1), anHour) : null;
}

/** By GitHub's own clock, where it gives it. */
function untilReset(headers: Headers): number {
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  const date = Date.parse(String(headers["date"]));
  if (!Number.isFinite(reset)) return aMinute;
  const now = Number.isFinite(date) ? date : Date.now();
  return Math.min(Math.max(Math.ceil(reset - now / 1000) + 1, 1), anHour);
}

/**
 * A value that has to be asked for: what GitHub would not say becomes an unknown with its reason, never an empty value. A rate limit
 * is thrown on: it says nothing about the value, and everything else would be refused alike. `refusals` has better words for some
 * of GitHub's answers, by their status.
 */
export async function learn<T>(ask: () => Promise<T>, refusals: Readonly<Record<number, Unknown>> = {}): Promise<Known<T>> {
  try {
    return known(await ask());
  } catch (error) {
    if (isOfGitHub(error) && limitOf(error) === null) return refusals[statusOf(error) ?? 0] ?? refusedOr(error);
    throw error;
  }
}

/** What the App may not do it may not do the next time either; any other failure may pass. */
function refusedOr(error: unknown): Unknown {
  const text = failureText(error);
  if (error instanceof EndlessListError) return unknown(text, error.way);
  const { errors = [] } = toldBy(error);
  if (statusOf(error) !== 403 && !errors.some(({ type }) => type === "FORBIDDEN")) return unknown(text);
  const said = statusOf(error) === 403 ? ` (${plain(messageOf(error), 200)})` : "";
  return unknown(
    `${text}${said}: the App may not do this until an administrator lets it`,
    "an administrator: accept the permissions that the App asks for (those of app.yml), in the settings under GitHub Apps",
  );
}
