import type { ProbotOctokit } from "probot";
import type { Origin } from "../gate/event.ts";
import type { Known } from "../gate/facts.ts";
import { known, unknown } from "../gate/facts.ts";

/** GitHub's API with the token of one installation. */
export type Api = InstanceType<typeof ProbotOctokit>;

/** The API for one repository: what every call needs. */
export interface Place {
  api: Api;
  repo: { owner: string; repo: string };
}

/** The App that the gate is: its comments and check runs bear the id, its account is `SLUG[bot]`. */
export interface AppIdentity {
  id: number;
  /** Asked for when it is needed, because GitHub may not have answered at the start. */
  slug: () => Promise<string>;
}

/** Gives the API of an installation. */
export type Authenticate = (installation: number) => Promise<Api>;

export const placeOf = async (authenticate: Authenticate, { installation, repository }: Origin): Promise<Place> => ({
  api: await authenticate(installation),
  repo: { owner: repository.owner, repo: repository.name },
});

/** GitHub's status for a failed call; null where there was no answer at all: refused, reset, timed out. */
export function statusOf(error: unknown): number | null {
  const { status, response } = (error ?? {}) as { status?: unknown; response?: unknown };
  // Octokit reports a connection that failed as status 500, without a response.
  return typeof status === "number" && typeof response === "object" && response !== null ? status : null;
}

/** A list that goes on beyond every bound. It is no answer, so that it is never taken for a whole one. */
class EndlessListError extends Error {
  override readonly name = "EndlessListError";
}

const mostPages = 100;

/**
 * Every page of a list. Not Octokit's `paginate`, which turns a 409 into an empty list: here an answer that is missing is an error, and
 * never the news that there are no reviews.
 */
export async function everyPage<T>(
  ask: (page: { per_page: number; page: number }) => Promise<{ data: T[]; headers: { link?: string } }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const { data, headers } = await ask({ per_page: 100, page });
    all.push(...data);
    if (!/rel="next"/u.test(headers.link ?? "")) return all;
  }
  throw new EndlessListError(`GitHub lists more than ${mostPages * 100} things, which is more than is read`);
}

/** A failed call in a few words that name it: `GitHub answered 502 to GET /repos/acme/control/pulls/7/reviews`. */
export function failureText(error: unknown): string {
  if (error instanceof EndlessListError) return error.message;
  const { request, message } = (error ?? {}) as { request?: { method?: string; url?: string }; message?: unknown };
  const call = request?.url === undefined ? "" : ` ${request.method ?? "GET"} ${pathOf(request.url)}`;
  const status = statusOf(error);
  if (status !== null) return `GitHub answered ${status} to${call || " a request"}`;
  return call === "" ? `GitHub could not be asked: ${String(message ?? error)}` : `GitHub could not be reached for${call}`;
}

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname.replace(/^\/api\/v3/u, "") : url);

/** A value that has to be asked for: what GitHub would not say becomes an unknown with its reason, never an empty value. */
export async function learn<T>(ask: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await ask());
  } catch (error) {
    if (isOfGitHub(error)) return unknown(failureText(error));
    throw error;
  }
}

/** Whether an error is GitHub's answer or its absence (an answer that broke off midway, too), and not a fault of this program. */
export function isOfGitHub(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isBrokenOff = error.name === "TimeoutError" || (error instanceof TypeError && error.message === "terminated");
  return error instanceof EndlessListError || error.name === "HttpError" || isBrokenOff;
}
