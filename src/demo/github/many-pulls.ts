import { git } from "./git.ts";
import { identityOf } from "./identities.ts";
import { commitStream, type FileEdit } from "./importing.ts";
import { newPull } from "./new-pull.ts";
import type { Account, Repo } from "./state.ts";
import type { World } from "./world.ts";

/** A repository with many open pull requests, made at once and without telling anybody: a world before its story begins. */

export interface ManyPullsRequest {
  /** Login of who opens them. */
  by: string;
  /** What the nth adds, from 0; without it a file of its own. */
  files?: (n: number) => Readonly<Record<string, FileEdit>>;
  title?: (n: number) => string;
  /** Its branch without it: `many/N`. */
  branch?: (n: number) => string;
  base?: string;
}

/** One process of git for all of them. Gives their numbers. */
export async function createPulls(world: World, repo: Repo, by: Account, count: number, request: ManyPullsRequest): Promise<number[]> {
  const ref = request.base ?? repo.defaultBranch;
  const base = repo.refs.get(ref);
  if (base === undefined) throw new Error(`The repository has no branch ${ref}.`);
  const identity = identityOf(by, world.now());
  const made = Array.from({ length: count }, (_unused, n) => {
    const number = repo.nextNumber++;
    const title = request.title?.(n) ?? `Change ${number}`;
    const branch = request.branch?.(n) ?? `many/${number}`;
    const files = request.files?.(n) ?? { [`many/${number}.txt`]: `${number}\n` };
    return { number, title, branch, files };
  });
  const stream = made.flatMap(({ number, title, branch, files }) => [
    commitStream({ branch, parent: base, message: title, author: identity, committer: identity, files }, number),
    Buffer.from(`reset refs/pull/${number}/head\nfrom :${number}\n\nget-mark :${number}\n`),
  ]);
  const shas = (await git(repo.folder, ["fast-import", "--quiet", "--force"], { input: Buffer.concat(stream) })).split("\n");
  for (const [index, { number, title, branch }] of made.entries()) {
    const sha = shas[index];
    if (sha === undefined) throw new Error("git fast-import named fewer commits than it was given.");
    const pull = newPull(world, repo, by, {
      number,
      title,
      body: null,
      draft: false,
      head: { repoId: repo.id, ref: branch, sha },
      base: { ref, sha: base },
    });
    repo.pulls.set(number, pull);
    repo.refs.set(branch, sha);
  }
  return made.map(({ number }) => number);
}
