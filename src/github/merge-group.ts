import type { AppIdentity, Place } from "./api.ts";
import { checkRunName, runsOf } from "./check-run.ts";
import { mergeGroupText } from "./words.ts";

/**
 * Ends the wait of GitHub's merge queue for our check run on a commit of its own: nobody reviewed that commit and nobody checked it,
 * and a queue lands whatever it made. Said once for each commit.
 */
export async function refuseMergeGroup(place: Place, app: AppIdentity, head: string): Promise<void> {
  const { api, repo } = place;
  if ((await runsOf(place, app.id, head)).length > 0) return;
  const external_id = `merge-group:${head}`;
  const said = { status: "completed", conclusion: "failure", output: mergeGroupText } as const;
  await api.rest.checks.create({ ...repo, ...said, name: checkRunName, head_sha: head, external_id });
}
