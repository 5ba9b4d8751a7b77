import type { Commit, Repository } from "../engine/ports/repository.ts";
import { changesBetween } from "./changes.ts";
import { exportTree } from "./export.ts";
import { requireObjectId } from "./git.ts";
import { mergeCommits } from "./merge.ts";
import { ObjectReader } from "./objects.ts";
import { missingObjects, problem } from "./problems.ts";
import { commitOf, findDefaultBranch } from "./refs.ts";
import { remembering } from "./remembering.ts";
import { type Scratch, makeScratch, removeScratch } from "./scratch.ts";
import { type Source, findSource } from "./source.ts";
import { FileReader, listTree } from "./tree.ts";
import { requireGit } from "./version.ts";
import { commitWorkTree } from "./worktree.ts";

/**
 * Opens the repository that a folder belongs to: a clone, a linked work tree or a bare repository. Throws a Problem when git is missing or
 * too old, when there is no repository, or when it is somebody else's.
 */
export async function openRepository(folder: string): Promise<Repository> {
  await requireGit();
  const source = await findSource(folder);
  return repositoryOf(source, await makeScratch(source));
}

/** Trees, and pairs of them, whose listings and differences are at hand: those of two checks at once. A listing of 20,000 files takes 5 MB. */
const mostRemembered = 6;

/** The questions of a Repository: refs are asked of the source, everything else of the scratch repository that borrows its objects. */
export function repositoryOf(source: Source, scratch: Scratch): Repository {
  const objects = new ObjectReader(scratch);
  const files = new FileReader(objects, source.partial);
  const list = remembering(mostRemembered, (tree: string) => listTree(scratch, tree));
  const changes = remembering(mostRemembered, (fromTree: string, toTree: string) => changesBetween(scratch, fromTree, toTree));

  return {
    workTree: source.workTree,
    defaultBranch: () => findDefaultBranch(source),
    resolve: async (ref): Promise<Commit> => {
      if (ref === "worktree") return { ref, sha: null, oid: await commitWorkTree(source, scratch, await commitOf(source, "HEAD")) };
      const oid = await commitOf(source, ref);
      return { ref, sha: oid, oid };
    },
    merge: (base, head) => mergeCommits(source, scratch, base, head),
    treeOf: async ({ oid }) => {
      const commit = await objects.contents(requireObjectId(oid));
      if (commit === null) throw problem(missingObjects(source.partial, oid));
      const [, tree] = /^tree ([0-9a-f]+)\n/u.exec(commit.toString("latin1")) ?? [];
      if (tree === undefined) throw new TypeError(`${oid} is not a commit`);
      return tree;
    },
    changes,
    list,
    read: (tree, path) => files.read(tree, path),
    readObject: (oid) => files.readBlob(oid),
    export: (tree, folder, index) => exportTree(scratch, tree, folder, index),
    close: async () => {
      await objects.close();
      await removeScratch(scratch);
    },
  };
}
