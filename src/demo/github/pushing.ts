import { noticeBranches } from "./branches.ts";
import { commitOf, git } from "./git.ts";
import { isoSeconds, type Identity } from "./history.ts";
import { identityOf } from "./identities.ts";
import { importCommit, type FileEdit } from "./importing.ts";
import { atLeast, fullName, permissionOf } from "./lookup.ts";
import { pushViolations, rejection, type RefMove } from "./rules/violations.ts";
import type { Account, Repo } from "./state.ts";
import type { World } from "./world.ts";

/** Commits made in the bare repository and pushed, for stories that need no clone. */

export interface CommitRequest {
  branch: string;
  /** Where the branch starts, or starts again as after a force-push: a branch or sha. Without it: its own tip, else the default branch's. */
  from?: string;
  files: Readonly<Record<string, FileEdit>>;
  message: string;
  /** `Name <address>`; without it the person who pushes. */
  author?: string;
  committer?: string;
  /** Whether the commit bears a signature that GitHub verifies. */
  signed?: boolean;
}

export async function pushCommit(world: World, repo: Repo, by: Account, request: CommitRequest): Promise<string> {
  demandPush(world, repo, by);
  return world.exclusively(repo, async () => {
    const before = await commitOf(repo.folder, `refs/heads/${request.branch}`);
    const start =
      request.from === undefined
        ? (before ?? (await commitOf(repo.folder, `refs/heads/${repo.defaultBranch}`)))
        : await commitOf(repo.folder, request.from);
    if (start === null && request.from !== undefined) throw new Error(`${fullName(world.state, repo)} has no commit ${request.from}.`);
    const sha = await importCommit(repo.folder, {
      branch: request.branch,
      parent: start,
      files: request.files,
      message: request.message,
      author: parseIdentity(request.author, by, world.now()),
      committer: parseIdentity(request.committer, by, world.now()),
    });
    if (request.signed === true) world.state.signed.add(sha);
    const ref = `refs/heads/${request.branch}`;
    try {
      await demandRules(world, repo, by, { ref, before, after: sha });
    } catch (refused) {
      await git(repo.folder, before === null ? ["update-ref", "-d", ref] : ["update-ref", ref, before]);
      throw refused;
    }
    await noticeBranches(world, repo, by);
    return sha;
  });
}

/** Points a branch somewhere else, as a push with force does; null removes it. */
export async function pushBranch(world: World, repo: Repo, by: Account, branch: string, to: string | null): Promise<void> {
  demandPush(world, repo, by);
  await world.exclusively(repo, async () => {
    const ref = `refs/heads/${branch}`;
    const after = to === null ? null : await commitOf(repo.folder, to);
    await demandRules(world, repo, by, { ref, before: await commitOf(repo.folder, ref), after });
    await git(repo.folder, to === null ? ["update-ref", "-d", ref] : ["update-ref", ref, to]);
    await noticeBranches(world, repo, by);
  });
}

function demandPush({ state }: World, repo: Repo, by: Account): void {
  if (!atLeast(permissionOf(state, repo, by), "write"))
    throw new Error(`Write access to ${fullName(state, repo)} is not granted to ${by.login}.`);
}

async function demandRules(world: World, repo: Repo, by: Account, move: RefMove): Promise<void> {
  const found = await pushViolations(world, repo, { kind: "user", account: by, via: { kind: "self" } }, move);
  if (found.length > 0) throw new Error(rejection(world, repo, move.ref, found));
}

function parseIdentity(text: string | undefined, by: Account, now: Date): Identity {
  if (text === undefined) return identityOf(by, now);
  const [, name, email] = /^(.*?)\s*<(.*)>$/.exec(text) ?? [];
  if (name === undefined || email === undefined) throw new Error(`"${text}" is no identity; write "Name <address>".`);
  return { name, email, date: isoSeconds(now) };
}
