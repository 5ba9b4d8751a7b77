import { z } from "zod";
import { bringCommit, noticeBranches } from "../branches.ts";
import { baseTip } from "../comparison.ts";
import { mergeTree, moveRef, writeCommit } from "../commits.ts";
import { isAncestor } from "../git.ts";
import { accountOf, mayWrite } from "../http/actor.ts";
import { Refusal, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { identityOf, webFlow } from "../identities.ts";
import { must } from "../lookup.ts";
import { repoUrl } from "../shapes/repository.ts";

/** "Update branch": base is merged into head. https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch */
export const updateBranchRoutes: readonly Route[] = [
  forRepo("PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch", ["pull_requests:write"], "read", async (call) => {
    const { expected_head_sha } = take(request, call.body);
    return call.world.exclusively(must(call.world.state.repos, pullOf(call).head.repoId), async () => update(call, expected_head_sha));
  }),
];

const request = z.object({ expected_head_sha: z.string().optional() });

async function update(call: RepoCall, expected: string | undefined): Promise<Answer> {
  const { world, repo, actor } = call;
  const pull = pullOf(call);
  const refuse = (message: string): Refusal => validationFailed({ resource: "PullRequest", code: "custom", message });
  const headRepo = must(world.state.repos, pull.head.repoId);
  if (!mayWrite(world.state, actor, headRepo, ["contents:write"]))
    throw new Refusal(403, "You do not have permission to update this pull request branch.");
  const head = pull.head.sha;
  const base = baseTip(repo, pull);
  if (expected !== undefined && expected !== head) throw refuse("expected head sha didn't match current head ref.");
  if (pull.state === "closed" || (await isAncestor(repo.folder, base, head))) throw refuse("There are no new commits on the base branch.");
  const tree = await mergeTree(repo.folder, head, base);
  if (tree === null) throw refuse("merge conflict between base and head");
  const by = accountOf(actor);
  const sha = await writeCommit(repo.folder, {
    tree,
    parents: [head, base],
    message: `Merge branch '${pull.base.ref}' into ${pull.head.ref}`,
    author: identityOf(by, world.now()),
    committer: webFlow(world.now()),
  });
  world.state.signed.add(sha);
  await bringCommit(headRepo, repo, sha);
  if (!(await moveRef(headRepo.folder, `refs/heads/${pull.head.ref}`, sha, head)))
    throw refuse("expected head sha didn't match current head ref.");
  await noticeBranches(world, headRepo, by);
  return { status: 202, body: { message: "Updating pull request branch.", url: `${repoUrl(world, repo)}/pulls/${pull.number}` } };
}
