import { rm } from "node:fs/promises";
import { z } from "zod";
import { writeCommit } from "../commits.ts";
import { commitOf, git, runGit } from "../git.ts";
import { isoSeconds, readCommit, type Identity } from "../history.ts";
import { accountOf } from "../http/actor.ts";
import { Refusal, created, notFound, ok, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { identityOf, webFlow } from "../identities.ts";
import { gitCommitShape, treeShape, type TreeEntry } from "../shapes/git-data.ts";
import { repoUrl } from "../shapes/repository.ts";
import type { Schemas } from "../shapes/schemas.ts";

/** Blobs, trees and commits by the REST API. https://docs.github.com/en/rest/git/commits */

export const gitObjectRoutes: readonly Route[] = [
  forRepo("POST /repos/{owner}/{repo}/git/blobs", ["contents:write"], "write", createBlob),
  forRepo("GET /repos/{owner}/{repo}/git/blobs/{sha}", ["contents:read"], "read", readBlob),
  forRepo("POST /repos/{owner}/{repo}/git/trees", ["contents:write"], "write", createTree),
  forRepo("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", ["contents:read"], "read", async (call) => {
    const name = call.params["tree_sha"] ?? "";
    const sha = (await typeOf(call, name)) === "tree" ? name : await commitTree(call, name);
    return ok(treeShape(call.world, call.repo, sha, await listTree(call, sha, call.url.searchParams.has("recursive"))));
  }),
  forRepo("POST /repos/{owner}/{repo}/git/commits", ["contents:write"], "write", createCommit),
  forRepo("GET /repos/{owner}/{repo}/git/commits/{sha}", ["contents:read"], "read", async (call) => {
    const sha = call.params["sha"] ?? "";
    if ((await typeOf(call, sha)) !== "commit") throw notFound();
    return ok(gitCommitShape(call.world, call.repo, await readCommit(call.repo.folder, sha)));
  }),
];

/** What an object of that full id is, or null. */
async function typeOf({ repo }: RepoCall, sha: string): Promise<string | null> {
  if (!/^[0-9a-f]{40}$/.test(sha)) return null;
  const found = await runGit(repo.folder, ["cat-file", "-t", sha], { accept: [1, 128] });
  return found.code === 0 ? found.stdout.toString("utf8").trim() : null;
}

function demandCommits({ repo }: RepoCall): void {
  if (repo.refs.size === 0) throw new Refusal(409, "Git Repository is empty.");
}

const blobRequest = z.object({ content: z.string(), encoding: z.enum(["utf-8", "base64"]).default("utf-8") });

async function createBlob(call: RepoCall): Promise<Answer> {
  demandCommits(call);
  const { content, encoding } = take(blobRequest, call.body);
  const sha = await git(call.repo.folder, ["hash-object", "-w", "--stdin"], { input: Buffer.from(content, encoding) });
  return created({ sha, url: `${repoUrl(call.world, call.repo)}/git/blobs/${sha}` } satisfies Schemas["short-blob"]);
}

async function readBlob(call: RepoCall): Promise<Answer> {
  const sha = call.params["sha"] ?? "";
  if ((await typeOf(call, sha)) !== "blob") throw notFound();
  const { stdout } = await runGit(call.repo.folder, ["cat-file", "blob", sha]);
  return ok({
    sha,
    node_id: `B_${sha}`,
    size: stdout.length,
    url: `${repoUrl(call.world, call.repo)}/git/blobs/${sha}`,
    content: stdout.toString("base64").replaceAll(/.{60}/g, "$&\n"),
    encoding: "base64",
  } satisfies Schemas["blob"]);
}

const modes = { "100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit" } as const;

const treeRequest = z.object({
  base_tree: z.string().optional(),
  tree: z.array(
    z.object({
      path: z.string().regex(/^(?!\/)[^\0]+$/),
      mode: z.enum(["100644", "100755", "120000", "040000", "160000"]),
      sha: z.string().nullable().optional(),
      content: z.string().optional(),
    }),
  ),
});

/** Entries are laid over `base_tree` in an index of their own; a null `sha` removes a path. */
async function createTree(call: RepoCall): Promise<Answer> {
  demandCommits(call);
  const { repo } = call;
  const request = take(treeRequest, call.body);
  const base = request.base_tree === undefined ? null : await treeOf(call, request.base_tree);
  const edits: string[] = [];
  const folders: { path: string; sha: string }[] = [];
  for (const { path, mode, sha, content } of request.tree) {
    const object = content === undefined ? sha : await git(repo.folder, ["hash-object", "-w", "--stdin"], { input: content });
    if (object === undefined) throw new Refusal(422, "Must supply tree.sha or tree.content");
    if (object !== null && mode !== "160000" && (await typeOf(call, object)) !== modes[mode])
      throw new Refusal(422, `tree.sha ${object} is not a valid ${modes[mode]}`);
    if (object !== null && mode === "040000") folders.push({ path, sha: object });
    else edits.push(object === null ? removal(path) : `${mode} ${object}\t${path}`);
  }
  const env = { GIT_INDEX_FILE: `${repo.folder}/api-index-${call.world.state.ids.guid()}` };
  try {
    await git(repo.folder, ["read-tree", ...(base === null ? ["--empty"] : [base])], { env });
    for (const { path, sha } of folders) {
      const before = await git(repo.folder, ["ls-files", "-z", "--", path], { env });
      const after = await listTree(call, sha, true);
      edits.push(
        ...before
          .split("\0")
          .filter((known) => known !== "")
          .map(removal),
      );
      edits.push(...after.filter(({ type }) => type !== "tree").map((entry) => `${entry.mode} ${entry.sha}\t${path}/${entry.path}`));
    }
    await git(repo.folder, ["update-index", "-z", "--index-info"], { env, input: edits.map((edit) => `${edit}\0`).join("") });
    const sha = await git(repo.folder, ["write-tree"], { env });
    return created(treeShape(call.world, repo, sha, await listTree(call, sha, false)));
  } finally {
    await rm(env.GIT_INDEX_FILE, { force: true });
  }
}

const removal = (path: string): string => `0 ${"0".repeat(40)}\t${path}`;

async function treeOf(call: RepoCall, sha: string): Promise<string> {
  const type = await typeOf(call, sha);
  if (type === "commit") return commitTree(call, sha);
  if (type !== "tree") throw new Refusal(422, "base_tree is not a valid tree oid");
  return sha;
}

async function commitTree(call: RepoCall, name: string): Promise<string> {
  const commit = await commitOf(call.repo.folder, name);
  if (commit === null) throw notFound();
  return (await readCommit(call.repo.folder, commit)).tree;
}

async function listTree({ repo }: RepoCall, sha: string, recursive: boolean): Promise<TreeEntry[]> {
  const listing = await git(repo.folder, ["ls-tree", "-z", "-l", ...(recursive ? ["-r", "-t"] : []), sha]);
  return listing
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [head = "", path = ""] = line.split("\t");
      const [mode = "", type = "", object = "", size = ""] = head.split(/ +/);
      return { path, mode, type, sha: object, size: size === "-" ? null : Number(size) };
    });
}

const person = z.object({ name: z.string(), email: z.string(), date: z.string().optional() });
const commitRequest = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).default([]),
  author: person.optional(),
  committer: person.optional(),
  signature: z.string().optional(),
});

/** A commit that a bot makes without saying by whom is signed by GitHub. */
async function createCommit(call: RepoCall): Promise<Answer> {
  demandCommits(call);
  const { world, repo, actor } = call;
  const request = take(commitRequest, call.body);
  if ((await typeOf(call, request.tree)) !== "tree") throw new Refusal(422, "Tree SHA does not exist");
  for (const parent of request.parents)
    if ((await typeOf(call, parent)) !== "commit") throw new Refusal(422, "Parent SHA does not exist or is not a commit object");
  const by = accountOf(actor);
  const signed = actor.kind === "installation" && request.author === undefined && request.committer === undefined;
  const author = request.author === undefined ? identityOf(by, world.now()) : identity(request.author, world.now());
  const committer = request.committer === undefined ? (signed ? webFlow(world.now()) : author) : identity(request.committer, world.now());
  const { tree, parents, message } = request;
  const sha = await writeCommit(repo.folder, { tree, parents, message, author, committer });
  if (signed) world.state.signed.add(sha);
  return created(gitCommitShape(world, repo, await readCommit(repo.folder, sha)));
}

function identity({ name, email, date }: z.infer<typeof person>, now: Date): Identity {
  return { name, email, date: isoSeconds(date === undefined ? now : new Date(date)) };
}
