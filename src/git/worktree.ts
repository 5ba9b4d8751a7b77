import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

import { type Environment, THROWN_AWAY, gitEnvironment, personsEnvironment } from "./environment.ts";
import { type Place, git, splitNul } from "./git.ts";
import { noWorkTree, problem, unmerged } from "./problems.ts";
import { quotePath } from "./quote.ts";
import { type Scratch, makeRepository } from "./scratch.ts";
import type { Source } from "./source.ts";

/**
 * A commit of the work tree as it is: what `git add --all && git commit` would make now, on top of `head`; or `head` itself where nothing differs.
 * The clone's index and objects stay as they are (but for the time stamps of objects that git would have written anew): git works on a copy of the index and writes into the scratch objects.
 */
export async function commitWorkTree(source: Source, scratch: Scratch, head: string): Promise<string> {
  if (source.workTree === null) throw problem(noWorkTree(source.name));
  const place = await makePlace(source, scratch, source.workTree, head);
  await git(place, ["add", "--all", "--", "."]);
  const tree = (await git(place, ["write-tree"])).stdout.toString().trim();
  const before = (await git(place, ["rev-parse", "--verify", "--end-of-options", `${head}^{tree}`])).stdout.toString().trim();
  if (tree === before) return head;
  const commit = await git(place, ["commit-tree", "-p", head, "-m", "Uncommitted work", tree]);
  return commit.stdout.toString().trim();
}

/** A repository whose index is a copy of the clone's and whose new objects go to the scratch. */
async function makePlace(source: Source, scratch: Scratch, workTree: string, head: string): Promise<Place> {
  const gitDir = join(scratch.folder, `worktree-${randomUUID()}.git`);
  await makeRepository(gitDir, source.objectFormat);
  const env: Environment = {
    ...gitEnvironment({ settings: [...THROWN_AWAY, ...(await workTreeSettings(source)), ["core.bare", "false"]] }),
    GIT_DIR: gitDir,
    GIT_WORK_TREE: workTree,
    GIT_OBJECT_DIRECTORY: scratch.objects,
    ...IDENTITY,
  };
  const place = { env, cwd: workTree, partial: source.partial };
  await copyExcludes(source, gitDir);
  if (await copyIndex(source, gitDir)) await refuseUnmerged(place);
  else await git(place, ["read-tree", "--end-of-options", head]);
  return place;
}

/** Fixed, so that the same work on the same commit has the same id. */
const IDENTITY = {
  GIT_AUTHOR_NAME: "puppet-gate",
  GIT_AUTHOR_EMAIL: "puppet-gate@localhost",
  GIT_AUTHOR_DATE: "@0 +0000",
  GIT_COMMITTER_NAME: "puppet-gate",
  GIT_COMMITTER_EMAIL: "puppet-gate@localhost",
  GIT_COMMITTER_DATE: "@0 +0000",
};

/**
 * What decides how this person's git sees their files: without it, a file system without an executable bit, or an editor's backup files that
 * they ignore everywhere, would count as uncommitted work. All are plain values; what would start a program is not among them.
 */
const SEEING = String.raw`^core\.(filemode|autocrlf|eol|ignorecase|precomposeunicode|excludesfile|checkstat|trustctime|sparsecheckout|sparsecheckoutcone)$`;

async function workTreeSettings(source: Source): Promise<Array<readonly [string, string]>> {
  const place = { cwd: source.cwd, env: { ...personsEnvironment(), GIT_DIR: source.gitDir } };
  const { stdout } = await git(place, ["config", "--null", "--type=path", "--get-regexp", SEEING], { answers: [0, 1] });
  const settings = splitNul(stdout).map((record): readonly [string, string] => {
    const [key = "", ...value] = record.toString().split("\n");
    return [key, value.length === 0 ? "true" : value.join("\n")];
  });
  const { HOME = "/nonexistent", XDG_CONFIG_HOME = join(HOME, ".config") }: Environment = place.env;
  return [["core.excludesFile", join(XDG_CONFIG_HOME, "git", "ignore")], ...settings];
}

/** The clone's own list of ignored files and its sparse patterns: patterns, nothing more. */
async function copyExcludes(source: Source, gitDir: string): Promise<void> {
  await mkdir(join(gitDir, "info"), { recursive: true });
  await copyIfThere(join(source.commonDir, "info", "exclude"), join(gitDir, "info", "exclude"));
  await copyIfThere(join(source.gitDir, "info", "sparse-checkout"), join(gitDir, "info", "sparse-checkout"));
}

/**
 * The copied index spares hashing every file: it knows their times and sizes. Git compares a file again where it is as young as the index,
 * and so the copy must not be younger than the original: its time is set back, to the whole second.
 */
async function copyIndex(source: Source, gitDir: string): Promise<boolean> {
  const original = join(source.gitDir, "index");
  if (!(await copyIfThere(original, join(gitDir, "index")))) return false;
  const seconds = Math.floor((await stat(original)).mtimeMs / 1000);
  await utimes(join(gitDir, "index"), seconds, seconds);
  // A split index keeps most of its entries in a second file.
  for (const name of await readdir(source.gitDir)) {
    if (name.startsWith("sharedindex.")) await copyFile(join(source.gitDir, name), join(gitDir, name));
  }
  return true;
}

async function refuseUnmerged(place: Place): Promise<void> {
  const { stdout } = await git(place, ["ls-files", "--unmerged", "-z"]);
  const paths = splitNul(stdout).map((record) => quotePath(record.subarray(record.indexOf(9) + 1)));
  if (paths.length > 0) throw problem(unmerged([...new Set(paths)]));
}

async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
