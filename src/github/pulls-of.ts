import type { Forge } from "../engine/ports/forge.ts";
import type { Known } from "../gate/facts.ts";
import { everyPage } from "./api.ts";
import type { Place } from "./api.ts";
import { learn } from "./failure.ts";

/** Who merged a pull request, by numeric id; null where GitHub names nobody. */
export const readMergerOf = ({ api, repo }: Place, number: number): Promise<Known<number | null>> =>
  learn(async () => (await api.rest.pulls.get({ ...repo, pull_number: number })).data.merged_by?.id ?? null);

/** The labels of a pull request, open or not. */
export const readLabelsOf = ({ api, repo }: Place, number: number): Promise<Known<readonly string[]>> =>
  learn(async () => (await api.rest.pulls.get({ ...repo, pull_number: number })).data.labels.map(({ name }) => name));

/** The pull requests of a commit: https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit */
export const readPullsOf = ({ api, repo }: Place, sha: string): ReturnType<Forge["pullsOf"]> =>
  learn(async () => {
    const pulls = await everyPage({ what: "pull requests that have one commit" }, (page) =>
      api.rest.repos.listPullRequestsAssociatedWithCommit({ ...repo, commit_sha: sha, ...page }),
    );
    return pulls.map(({ number, merged_at, base }) => ({ number, merged: merged_at !== null, base: base.ref }));
  });
