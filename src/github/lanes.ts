import { ProbotOctokit } from "probot";
import type { FoundPull, RulesetToMake, WritableLaneForge } from "../engine/ports/lanes.ts";
import { Problem } from "../problem.ts";
import { everyPage, type Api, type Place } from "./api.ts";
import { withPatience } from "./app.ts";
import { plain } from "./escape.ts";
import { failureText, isOfGitHub, limitOf, messageOf, statusOf } from "./failure.ts";

/** GitHub's API by a person's token. Writes are spaced a second apart, as GitHub asks for, where `throttled`. */
export const apiOf = ({ token, api, throttled }: { token: string; api: string; throttled: boolean }): Api =>
  new ProbotOctokit({
    auth: { token },
    baseUrl: api,
    request: { fetch: withPatience(fetch) },
    retry: { enabled: false },
    throttle: { enabled: throttled, onRateLimit: () => false, onSecondaryRateLimit: () => false },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });

/** Branches and settings of one repository, as `init lanes` needs them. */
export function createLaneForge({ api, repo }: Place): WritableLaneForge {
  const { rest } = api;
  const tipOf = async (branch: string): Promise<string | null> =>
    orNull(async () => (await rest.git.getRef({ ...repo, ref: `heads/${branch}` })).data.object.sha);
  return {
    settings: () =>
      asked("read the repository", async () => {
        const { data } = await rest.repos.get(repo);
        return { defaultBranch: data.default_branch, removesHeads: data.delete_branch_on_merge === true };
      }),
    tipOf: (branch) => asked(`read ${branch}`, () => tipOf(branch)),
    treeOf: (commit) => asked(`read ${commit}`, async () => (await rest.git.getCommit({ ...repo, commit_sha: commit })).data.tree.sha),
    lacking: (branch, commit) =>
      asked(`compare ${branch} with ${commit}`, async () => {
        const { data } = await rest.repos.compareCommitsWithBasehead({ ...repo, basehead: `${branch}...${commit}`, per_page: 1 });
        return data.ahead_by;
      }),
    fileAt: (commit, path) => asked(`read ${path}`, () => orNull(() => textOf(api, { ...repo, path, ref: commit }))),
    openPulls: () =>
      asked("list open pull requests", async () => {
        const all = await everyPage({ what: "open pull requests" }, (page) => rest.pulls.list({ ...repo, ...page, state: "open" }));
        return all.map(({ number, title, base, head }): FoundPull => ({
          number,
          title,
          base: base.ref,
          head: isSame(head.repo, base.repo) ? head.ref : null,
        }));
      }),
    rulesets: () =>
      asked("list rulesets", () =>
        orNull(async () => {
          const all = await everyPage({ what: "rulesets" }, (page) =>
            rest.repos.getRepoRulesets({ ...repo, ...page, includes_parents: false }),
          );
          return new Map(all.map(({ id, name }) => [id, name]));
        }, absent),
      ),
    rulesOn: (branch) =>
      asked(`read the rules of ${branch}`, async () => {
        const list = (page: { per_page: number; page: number }) => rest.repos.getBranchRules({ ...repo, branch, ...page });
        const all = await orNull(() => everyPage({ what: "rules of one branch" }, list), absent);
        return new Set(all?.map(({ type }) => type));
      }),
    createBranch: (branch, commit) =>
      asked(`create ${branch}`, async () => void (await rest.git.createRef({ ...repo, ref: `refs/heads/${branch}`, sha: commit }))),
    forwardBranch: (branch, commit) =>
      asked(`move ${branch}`, async () => void (await rest.git.updateRef({ ...repo, ref: `heads/${branch}`, sha: commit, force: false }))),
    deleteBranch: (branch, commit) => asked(`remove ${branch}`, () => removeFrom(api, repo, branch, commit)),
    setDefaultBranch: (branch) =>
      asked(`make ${branch} the default branch`, async () => void (await rest.repos.update({ ...repo, default_branch: branch }))),
    retarget: (pull, base) =>
      asked(
        `retarget #${pull} to ${base}`,
        async () => void (await rest.pulls.update({ ...repo, pull_number: pull, base })),
        "pull-refused",
      ),
    createRuleset: (ruleset) => asked(`make the ruleset "${ruleset.name}"`, () => makeRuleset(api, repo, ruleset)),
    deleteRuleset: (id) =>
      asked(`remove the ruleset ${id}`, async () => void (await rest.repos.deleteRepoRuleset({ ...repo, ruleset_id: id }))),
  };
}

const isSame = (one: { id: number } | null, other: { id: number } | null): boolean => one !== null && one.id === other?.id;

async function textOf(api: Api, at: Place["repo"] & { path: string; ref: string }): Promise<string> {
  const { data } = await api.rest.repos.getContent(at);
  if (!Array.isArray(data) && data.type === "file" && data.encoding === "base64")
    return Buffer.from(data.content, "base64").toString("utf8");
  throw new Problem({
    code: "no-regular-file",
    text: `${at.path} is no regular file that GitHub gives as one.`,
    hint: "Put the file itself there: links are not followed.",
  });
}

const zeros = "0".repeat(40);

/** A compare-and-swap: REST would remove whatever is there by then. https://docs.github.com/en/graphql/reference/mutations#updaterefs */
async function removeFrom(api: Api, repo: Place["repo"], branch: string, commit: string): Promise<void> {
  const { data } = await api.rest.repos.get(repo);
  const mutation = `mutation ($repositoryId: ID!, $refUpdates: [RefUpdate!]!) { updateRefs(input: { repositoryId: $repositoryId, refUpdates: $refUpdates }) { clientMutationId } }`;
  const refUpdates = [{ name: `refs/heads/${branch}`, beforeOid: commit, afterOid: zeros, force: true }];
  await api.graphql(mutation, { repositoryId: data.node_id, refUpdates });
}

async function makeRuleset(api: Api, repo: Place["repo"], ruleset: RulesetToMake): Promise<void> {
  await api.rest.repos.createRepoRuleset({ ...repo, ...ruleset });
}

/** How GitHub says that a repository's plan, or an older Enterprise Server, has no rulesets. */
const absent = [403, 404];

async function orNull<T>(ask: () => Promise<T>, statuses: readonly number[] = [404]): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (limitOf(error) === null && statuses.includes(statusOf(error) ?? 0)) return null;
    throw error;
  }
}

/** What GitHub refuses, or does not answer, is told with what to do. `code` names a refusal that concerns nothing but what was asked for. */
async function asked<T>(what: string, ask: () => Promise<T>, code = "forge-refused"): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isOfGitHub(error)) throw error;
    const status = statusOf(error);
    const said = `${failureText(error)}${status === null ? "" : ` (${plain(messageOf(error), 300)})`}`;
    throw new Problem(
      { code: status === 422 ? code : "forge-refused", text: `GitHub did not ${what}: ${said}.`, hint: hintFor(status) },
      { cause: error },
    );
  }
}

function hintFor(status: number | null): string {
  if (status === 401) return "GITHUB_TOKEN is not valid any more, or of another GitHub: make a new one.";
  if (status === 403 || status === 404)
    return "GITHUB_TOKEN has to be an administrator's of this repository: a fine-grained one with Administration, Contents and Pull requests to write, or what `gh auth token` prints.";
  if (status === 422) return "Mend what GitHub says, then run this again: it goes on where it was.";
  return "Run this again: it finds what was done and goes on there.";
}
