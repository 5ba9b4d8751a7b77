import { commitOf, branches, git, isAncestor, lines } from "./git.ts";
import { emit, pullChanged } from "./events.ts";
import { pushPayload, type Move } from "./push-payload.ts";
import { must } from "./lookup.ts";
import type { Account, Activity, Pull, Repo } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** What GitHub does when it notices that branches moved: pushes are told, pull requests follow their heads, landed ones close. */

/** Compares the branches with what was last noticed, and does what follows. Callers hold the repository's lane. */
export async function noticeBranches(world: World, repo: Repo, by: Account, how: "push" | "pr_merge" = "push"): Promise<Move[]> {
  const now = await branches(repo.folder);
  const names = new Set([...repo.refs.keys(), ...now.keys()]);
  const moves = [...names]
    .map((branch): Move => ({ branch, before: repo.refs.get(branch) ?? null, after: now.get(branch) ?? null }))
    .filter(({ before, after }) => before !== after)
    // What landed and lost its branch in one push has landed: removals are looked at last.
    .sort((a, b) => Number(a.after === null) - Number(b.after === null));
  repo.refs = now;
  if (moves.length > 0) repo.pushedAt = stamp(world);
  for (const move of moves) {
    repo.activities.push(await activityOf(world, repo, by, move, how));
    const payload = await pushPayload(world, repo, by, move);
    emit(world, repo, by, "push", payload);
    for (const pull of pullsFrom(world, repo, move.branch)) await followHead(world, pull, repo, move, by);
    for (const pull of await pullsHitBy(repo, move)) await followBase(world, repo, pull, move, by);
  }
  return moves;
}

async function activityOf(world: World, repo: Repo, by: Account, move: Move, how: "push" | "pr_merge"): Promise<Activity> {
  const { before, after } = move;
  const moved = before === null || after === null || (await isAncestor(repo.folder, before, after)) ? how : "force_push";
  const type = before === null ? "branch_creation" : after === null ? "branch_deletion" : moved;
  return { id: world.state.ids.next(), ...move, type, actorId: by.id, at: stamp(world) };
}

function pullsFrom(world: World, repo: Repo, branch: string): Pull[] {
  const all = world.state.repos.values().flatMap((base) => base.pulls.values());
  return all.filter((pull) => pull.state === "open" && pull.head.repoId === repo.id && pull.head.ref === branch).toArray();
}

/** Open pull requests that a move of their base ends: all of a branch that went, and those whose head it now has. One question for all. */
async function pullsHitBy(repo: Repo, { branch, after }: Move): Promise<Pull[]> {
  const open = [...repo.pulls.values()].filter((pull) => pull.state === "open" && pull.base.ref === branch);
  if (after === null || open.length === 0) return open;
  const landed = lines(await git(repo.folder, ["for-each-ref", "--format=%(objectname)", `--merged=${after}`, "refs/pull/*/head"]));
  return open.filter((pull) => landed.includes(pull.head.sha));
}

async function followHead(world: World, pull: Pull, head: Repo, { before, after }: Move, by: Account): Promise<void> {
  if (after === null) {
    await closePull(world, pull, by);
    return;
  }
  const base = must(world.state.repos, pull.repoId);
  await keepHead(base, head, pull.number, after);
  if (before !== null && !(await isAncestor(base.folder, before, after)) && world.faults.takeReviewsMove())
    for (const review of pull.reviews) if (review.commitId === before) review.commitId = after;
  pull.head.sha = after;
  pull.base.sha = base.refs.get(pull.base.ref) ?? pull.base.sha;
  pull.updatedAt = stamp(world);
  await pullChanged(world, pull, by, { action: "synchronize", before: before ?? "0".repeat(40), after });
}

/** Brings a fork's commit into the base repository; forks share their objects on GitHub. */
export async function bringCommit(base: Repo, head: Repo, sha: string): Promise<void> {
  if (base.id !== head.id) await git(base.folder, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", head.folder, sha]);
}

/** Keeps a pull request's head under `refs/pull/N/head` of the base repository. */
export async function keepHead(base: Repo, head: Repo, number: number, sha: string): Promise<void> {
  await bringCommit(base, head, sha);
  await git(base.folder, ["update-ref", `refs/pull/${number}/head`, sha]);
}

/** A pull request whose head arrived in its base by a push counts as merged by whoever pushed; one whose base went is closed. */
async function followBase(world: World, repo: Repo, pull: Pull, { before, after }: Move, by: Account): Promise<void> {
  if (after === null) {
    await closePull(world, pull, by);
    return;
  }
  const range = before === null ? after : `${before}..${after}`;
  const firsts = lines(await git(repo.folder, ["rev-list", "--first-parent", "--reverse", range]));
  let landing = after;
  for (const candidate of firsts) {
    if (!(await isAncestor(repo.folder, pull.head.sha, candidate))) continue;
    landing = candidate;
    break;
  }
  pull.base.sha = before ?? pull.base.sha;
  await closePull(world, pull, by, landing);
}

/** @param landed the commit that brought it into its base, where it was merged */
export async function closePull(world: World, pull: Pull, by: Account, landed?: string): Promise<void> {
  const at = stamp(world);
  if (landed === undefined) pull.base.sha = must(world.state.repos, pull.repoId).refs.get(pull.base.ref) ?? pull.base.sha;
  else pull.merged = { at, by: by.id, sha: landed };
  Object.assign(pull, { state: "closed", closedAt: at, updatedAt: at });
  await pullChanged(world, pull, by, { action: "closed" });
}

/** The head commit that `branch` or `owner:branch` names, with its repository; null where there is none. */
export async function findHead(world: World, base: Repo, head: string): Promise<{ repo: Repo; ref: string; sha: string } | null> {
  const colon = head.indexOf(":");
  const ref = colon < 0 ? head : head.slice(colon + 1);
  const login = colon < 0 ? null : head.slice(0, colon).toLowerCase();
  const family = [base, ...world.state.repos.values().filter((other) => other.parentId === base.id)];
  const repo = family.find((entry) => login === null || must(world.state.accounts, entry.ownerId).login.toLowerCase() === login);
  const sha = repo === undefined ? null : await commitOf(repo.folder, `refs/heads/${ref}`);
  return repo === undefined || sha === null ? null : { repo, ref, sha };
}
