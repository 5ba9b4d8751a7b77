import type { ProbotOctokit } from "probot";
import type { Origin } from "../gate/event.ts";
import { EndlessListError } from "./failure.ts";

/** GitHub's API with the token of one installation, or as the App itself. */
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
  /** The API as the App itself, which knows its installations and its webhooks. */
  api: () => Promise<Api>;
}

/** Gives the API of an installation. */
export type Authenticate = (installation: number) => Promise<Api>;

export const placeOf = async (authenticate: Authenticate, { installation, repository }: Origin): Promise<Place> => ({
  api: await authenticate(installation),
  repo: { owner: repository.owner, repo: repository.name },
});

/** The gate's own account. */
export const ownLogin = async ({ slug }: AppIdentity): Promise<string> => `${await slug()}[bot]`;

interface Page<T> {
  data: T[];
  headers: { link?: string | undefined };
}

const mostPages = 100;

/** A list in words, for when it goes on beyond every bound. */
export interface ListName {
  /** What it has, as the rest of "GitHub lists more than 10000 …". */
  what: string;
  /** Who can do what about it, as in `Unknown`; missing where nobody on a pull request can. */
  way?: string;
}

export const inPull = (what: string): ListName => ({
  what: `${what} of this pull request`,
  way: "its author: close this pull request, and open a new one with what is left",
});
export const onHead = (what: string): ListName => ({ what: `${what} on this head`, way: "its author: push again, which begins anew" });

/**
 * Every page of a list. Not Octokit's `paginate`, which turns a 409 into an empty list: here an answer that is missing is an error, and
 * never the news that there are no reviews.
 */
export async function everyPage<T>(
  { what, way }: ListName,
  ask: (page: { per_page: number; page: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const { data, headers } = await ask({ per_page: 100, page });
    all.push(...data);
    if (!/rel="next"/u.test(headers.link ?? "")) return all;
  }
  throw new EndlessListError(`GitHub lists more than ${mostPages * 100} ${what}, which is more than is read`, way);
}
