import type { Merge } from "../gate/decide.ts";
import type { Known } from "../gate/facts.ts";
import type { Place } from "./api.ts";
import { failureText, isOfGitHub, learn, messageOf, statusOf } from "./failure.ts";
import { plain } from "./escape.ts";

/** What became of one request to merge. After `unclear` nobody knows whether it was merged: read before anything is tried again. */
export type MergeOutcome =
  | { kind: "merged"; sha: string }
  | { kind: "refused"; reason: "head-moved" | "base-moved" | "other"; text: string }
  | { kind: "unclear"; text: string };

/**
 * Asks GitHub once to merge exactly this head. Retries are off: Octokit's plugin would repeat a 405 or 409, which only mean that
 * something moved, and a 5xx, after which it may be merged already. https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
 */
export async function mergePull({ api, repo }: Place, number: number, { head, method }: Merge): Promise<MergeOutcome> {
  try {
    const { data } = await api.rest.pulls.merge({ ...repo, pull_number: number, sha: head, merge_method: method, request: { retries: 0 } });
    if (!data.merged) return { kind: "refused", reason: "other", text: said(data.message) };
    return { kind: "merged", sha: data.sha };
  } catch (error) {
    if (!isOfGitHub(error)) throw error;
    const status = statusOf(error);
    if (status === null || status >= 500) return { kind: "unclear", text: failureText(error) };
    return { kind: "refused", reason: reasonOf(status, messageOf(error)), text: said(messageOf(error)) };
  }
}

const said = (message: string): string => `GitHub refused the merge: ${plain(message, 500)}`;

function reasonOf(status: number, message: string): "head-moved" | "base-moved" | "other" {
  if (status === 409) return "head-moved";
  return status === 405 && /base branch was modified/iu.test(message) ? "base-moved" : "other";
}

/** The tree of a commit. */
export const treeOf = ({ api, repo }: Place, sha: string): Promise<Known<string>> =>
  learn(async () => (await api.rest.repos.getCommit({ ...repo, ref: sha, per_page: 1 })).data.commit.tree.sha);
