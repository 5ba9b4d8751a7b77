import type { MergeOutcome } from "../engine/ports/forge.ts";
import type { Merge } from "../gate/decide.ts";
import type { Known } from "../gate/facts.ts";
import type { AppIdentity, Place } from "./api.ts";
import { failureText, isOfGitHub, learn, limitOf, messageOf, statusOf } from "./failure.ts";
import { refusalAdvice } from "./refusals.ts";
import { plain } from "./escape.ts";

/**
 * Asks GitHub once to merge exactly this head. Retries are off: Octokit's plugin would repeat a 405 or 409, which only mean that
 * something moved, and a 5xx, after which it may be merged already. A rate limit is thrown: nothing was done, and nothing is known of
 * the merge. https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
 */
export async function mergePull({ api, repo }: Place, app: AppIdentity, number: number, merge: Merge): Promise<MergeOutcome> {
  const { head, method, message } = merge;
  // A rebase keeps the messages that the commits have.
  const texts = method === "rebase" ? {} : { commit_title: message.title, commit_message: message.body };
  const asked = { ...repo, pull_number: number, sha: head, merge_method: method, ...texts, request: { retries: 0 } };
  try {
    const { data } = await api.rest.pulls.merge(asked);
    return data.merged ? { kind: "merged", sha: data.sha } : { kind: "refused", reason: "other", text: said(data.message) };
  } catch (error) {
    if (!isOfGitHub(error) || limitOf(error) !== null) throw error;
    const status = statusOf(error);
    if (status === null || status >= 500) return { kind: "unclear", text: failureText(error) };
    const [words, wayOut] = [messageOf(error), refusalAdvice(messageOf(error), { ...merge, slug: await app.slug() })];
    return { kind: "refused", reason: reasonOf(status, words), text: wayOut === null ? said(words) : `${said(words)} ${wayOut}` };
  }
}

/** GitHub's sentence as one line with a stop. */
const said = (message: string): string =>
  `GitHub refused the merge: ${plain(message.trim().replaceAll(/\s*\n\s*/gu, " "), 500).replace(/[.]?$/u, ".")}`;

function reasonOf(status: number, message: string): "head-moved" | "base-moved" | "other" {
  if (status === 409) return "head-moved";
  return status === 405 && /base branch was modified/iu.test(message) ? "base-moved" : "other";
}

/** The tree of a commit. */
export const treeOf = ({ api, repo }: Place, sha: string): Promise<Known<string>> =>
  learn(async () => (await api.rest.repos.getCommit({ ...repo, ref: sha, per_page: 1 })).data.commit.tree.sha);
