import { noticeBranches } from "./branches.ts";
import { isAncestor, runGit } from "./git.ts";
import { accountOf, type Actor } from "./http/actor.ts";
import { pushViolations, ruleWords } from "./rules/violations.ts";
import { workflowRefusal } from "./rules/workflow-files.ts";
import type { Repo } from "./state.ts";
import type { World } from "./world.ts";

/** Moving refs by the API: all of them or none, each from the value it must have, by the branch's rules. */

export interface RefUpdate {
  /** In full: `refs/heads/main`. */
  ref: string;
  /** What it must point to now: a commit, null for nothing, undefined for whatever it is. */
  before: string | null | undefined;
  /** Null: remove it. */
  after: string | null;
  /** Whether commits may be left behind. */
  force: boolean;
}

export interface RefRefusal {
  ref: string;
  code: "name" | "exists" | "absent" | "default" | "stale" | "object" | "rewind" | "rules" | "workflow";
  words: string;
}

/** Gives what stood in the way, and then nothing has moved. */
export async function updateRefs(world: World, repo: Repo, actor: Actor, updates: readonly RefUpdate[]): Promise<RefRefusal | null> {
  return world.exclusively(repo, async () => {
    const moves: string[] = [];
    for (const update of updates) {
      const current = await objectOf(repo, update.ref);
      const refusal = await refusalOf(world, repo, actor, update, current);
      if (refusal !== null) return { ref: update.ref, ...refusal };
      const known = current ?? "0".repeat(40);
      moves.push(update.after === null ? `delete ${update.ref} ${known}` : `update ${update.ref} ${update.after} ${known}`);
    }
    // One transaction: git moves every ref or none. https://git-scm.com/docs/git-update-ref
    const done = await runGit(repo.folder, ["update-ref", "--stdin"], { input: `${moves.join("\n")}\n`, accept: [1, 128] });
    if (done.code !== 0) return { ref: updates[0]?.ref ?? "", code: "stale", words: "Reference cannot be updated" };
    await noticeBranches(world, repo, accountOf(actor));
    return null;
  });
}

async function refusalOf(
  world: World,
  repo: Repo,
  actor: Actor,
  update: RefUpdate,
  current: string | null,
): Promise<Omit<RefRefusal, "ref"> | null> {
  const { ref, before, after, force } = update;
  if (!/^refs\/(?:heads|tags|[^/]+)\/./.test(ref) || ref.startsWith("refs/pull/"))
    return { code: "name", words: `${ref} is not a valid ref name.` };
  if (before !== undefined && before !== current) {
    if (before === null) return { code: "exists", words: "Reference already exists" };
    if (current === null) return { code: "absent", words: "Reference does not exist" };
    return { code: "stale", words: `Expected ${ref} to point to ${before} but it points to ${current}` };
  }
  if (after === null) {
    if (current === null) return { code: "absent", words: "Reference does not exist" };
    if (ref === `refs/heads/${repo.defaultBranch}`) return { code: "default", words: "Cannot delete the default branch" };
  } else {
    const type = await typeOf(repo, after);
    if (type === null) return { code: "object", words: "Object does not exist" };
    if (type !== "commit" && ref.startsWith("refs/heads/"))
      return { code: "object", words: "Reference update failed: the object is no commit" };
    if (!force && current !== null && !(await isAncestor(repo.folder, current, after)))
      return { code: "rewind", words: "Update is not a fast forward" };
  }
  const move = { ref, before: current, after };
  const workflow = await workflowRefusal(repo, actor, move);
  if (workflow !== null) return { code: "workflow", words: workflow };
  const found = await pushViolations(world, repo, actor, move);
  return found.length === 0 ? null : { code: "rules", words: ruleWords(found) };
}

async function objectOf(repo: Repo, ref: string): Promise<string | null> {
  const found = await runGit(repo.folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", ref], { accept: [1, 128] });
  return found.code === 0 ? found.stdout.toString("utf8").trim() : null;
}

async function typeOf(repo: Repo, sha: string): Promise<string | null> {
  const found = await runGit(repo.folder, ["cat-file", "-t", sha], { accept: [1, 128] });
  return found.code === 0 ? found.stdout.toString("utf8").trim() : null;
}
