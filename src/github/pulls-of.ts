import type { Known } from "../gate/facts.ts";
import { everyPage } from "./api.ts";
import type { Place } from "./api.ts";
import { learn } from "./failure.ts";

/** A pull request that a commit belongs to. */
export interface PullOfCommit {
  number: number;
  merged: boolean;
  /** The target branch. */
  base: string;
}

/** The pull requests of a commit: https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit */
export const readPullsOf = ({ api, repo }: Place, sha: string): Promise<Known<readonly PullOfCommit[]>> =>
  learn(async () => {
    const pulls = await everyPage((page) => api.rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: sha, ...page }));
    return pulls.map(({ number, merged_at, base }) => ({ number, merged: merged_at !== null, base: base.ref }));
  });
