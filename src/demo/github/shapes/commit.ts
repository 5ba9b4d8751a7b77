import { accountByEmail } from "../lookup.ts";
import type { CommitData, FileChange, Identity } from "../history.ts";
import type { Repo } from "../state.ts";
import type { World } from "../world.ts";
import { nodeId, userShape } from "./account.ts";
import { repoPage, repoUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

export function commitShape(world: World, repo: Repo, commit: CommitData) {
  const api = repoUrl(world, repo);
  const page = repoPage(world, repo);
  const url = `${api}/commits/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: nodeId(`C_${commit.sha.slice(0, 12)}`, repo.id),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: verificationOf(world, commit),
    },
    url,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author: personOf(world, commit.author),
    committer: personOf(world, commit.committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${page}/commit/${sha}` })),
  } satisfies Schemas["commit"];
}

/** The signature itself is not shown: there is none in the repository. */
export function verificationOf({ state }: World, { sha, committer }: CommitData) {
  if (!state.signed.has(sha)) return { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null };
  return { verified: true, reason: "valid", signature: null, payload: null, verified_at: committer.date };
}

/** The account whose address the commit bears, or null: GitHub says nothing of addresses that it can't place. */
function personOf(world: World, { email }: Identity) {
  const account = accountByEmail(world.state, email);
  return account === undefined ? null : userShape(world, account);
}

/**
 * @param at the commit whose files the addresses point to
 * @param patch null where GitHub shows none
 */
export function fileShape(world: World, repo: Repo, at: string, file: FileChange, patch: string | null) {
  const path = file.filename.split("/").map(encodeURIComponent).join("/");
  return {
    sha: file.blob,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repoPage(world, repo)}/blob/${at}/${path}`,
    raw_url: `${repoPage(world, repo)}/raw/${at}/${path}`,
    contents_url: `${repoUrl(world, repo)}/contents/${path}?ref=${at}`,
    ...(patch === null ? {} : { patch }),
    ...(file.previous === null ? {} : { previous_filename: file.previous }),
  } satisfies Schemas["diff-entry"];
}
