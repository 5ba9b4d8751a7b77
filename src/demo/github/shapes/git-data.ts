import type { CommitData } from "../history.ts";
import type { Repo } from "../state.ts";
import type { World } from "../world.ts";
import { nodeId } from "./account.ts";
import { verificationOf } from "./commit.ts";
import { repoPage, repoUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

/** Git's own objects, as the API for them shows them. https://docs.github.com/en/rest/git */

export function refShape(world: World, repo: Repo, ref: string, sha: string, type: string) {
  const api = repoUrl(world, repo);
  return {
    ref,
    node_id: nodeId(`REF_${Buffer.from(ref).toString("base64url")}`, repo.id),
    url: `${api}/git/${ref}`,
    object: { sha, type, url: `${api}/git/${type}s/${sha}` },
  } satisfies Schemas["git-ref"];
}

export function gitCommitShape(world: World, repo: Repo, commit: CommitData) {
  const api = repoUrl(world, repo);
  const page = repoPage(world, repo);
  return {
    sha: commit.sha,
    node_id: nodeId(`C_${commit.sha.slice(0, 12)}`, repo.id),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/git/commits/${sha}`, html_url: `${page}/commit/${sha}` })),
    verification: verificationOf(world, commit),
  } satisfies Schemas["git-commit"];
}

export interface TreeEntry {
  path: string;
  mode: string;
  type: string;
  sha: string;
  /** Bytes of a blob. */
  size: number | null;
}

export function treeShape(world: World, repo: Repo, sha: string, entries: readonly TreeEntry[]) {
  const api = repoUrl(world, repo);
  return {
    sha,
    url: `${api}/git/trees/${sha}`,
    truncated: false,
    tree: entries.map(({ size, ...entry }) => ({
      ...entry,
      ...(size === null ? {} : { size }),
      ...(entry.type === "commit" ? {} : { url: `${api}/git/${entry.type}s/${entry.sha}` }),
    })),
  } satisfies Schemas["git-tree"];
}
