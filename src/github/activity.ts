import type { Push } from "../gate/event.ts";
import { unknown, type Known } from "../gate/facts.ts";
import type { Place } from "./api.ts";
import { learn } from "./failure.ts";
import { personOf } from "./people.ts";

/** More than the newest are never needed: a branch's tip is what came to it last. */
const most = 100;

/**
 * Who moved a branch to which commit and when, newest first, as far back as one page goes. It is what webhooks of pushes tell, for those
 * that never came. https://docs.github.com/en/rest/repos/repos#list-repository-activities
 */
export const readPushes = ({ api, repo }: Place, branch: string): Promise<Known<readonly Push[]>> =>
  learn(async () => {
    const { data } = await api.rest.repos.listActivities({ ...repo, ref: `refs/heads/${branch}`, per_page: most });
    return data
      .filter(({ activity_type }) => activity_type !== "branch_deletion")
      .map(({ after, actor, timestamp }) => ({ sha: after, by: personOf(actor), at: new Date(timestamp).toISOString() }));
  }, noRecord);

/** An Enterprise Server from before the record knows no such address. */
const noRecord = { 404: unknown("GitHub keeps no record of pushes here that could be read", "its author: push again") };
