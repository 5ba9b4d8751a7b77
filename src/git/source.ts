import { existsSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";

import { type Environment, gitEnvironment, personsEnvironment } from "./environment.ts";
import { type Place, git, splitNul } from "./git.ts";
import { noSuchFolder, notARepository, notYours, problem, saidBy, unreadableRepository } from "./problems.ts";

/** Where refs and objects come from. It is asked for refs and never written to; objects are read through a scratch repository. */
export interface Source extends Place {
  /** What people call it. */
  name: string;
  /** This work tree's own git folder: HEAD and index. */
  gitDir: string;
  /** The folder that all work trees share. */
  commonDir: string;
  objects: string;
  objectFormat: string;
  /** The top of the work tree; null in a bare repository and inside a git folder. */
  workTree: string | null;
  shallow: boolean;
  /** Whether a filter left objects out when it was cloned. */
  partial: boolean;
}

type Settings = ReadonlyArray<readonly [string, string]>;

/** Finds the repository that a folder belongs to, as git itself does. Throws a Problem when there is none or it can't be opened. */
export async function findSource(folder: string): Promise<Source> {
  // A missing folder and a missing git are one error to whoever starts a process.
  const isFolder = existsSync(folder) && (await stat(folder)).isDirectory();
  if (!isFolder) throw problem(noSuchFolder(folder));
  const cwd = await realpath(folder);
  const first = await locate(folder, { cwd, env: gitEnvironment() });
  if (first) return first;
  // Git keeps off what another user owns, unless the person said otherwise in their own settings, which nothing else here reads.
  const settings = await trustedFolders();
  const second = settings.length > 0 ? await locate(folder, { cwd, env: gitEnvironment({ settings }) }, settings) : null;
  if (second) return second;
  throw problem(notYours(cwd));
}

/** Null when git refuses because of the owner. */
async function locate(name: string, place: Place, settings: Settings = []): Promise<Source | null> {
  const facts = ["--is-inside-work-tree", "--is-shallow-repository", "--show-object-format"];
  const paths = ["--git-dir", "--git-common-dir", "--git-path", "objects", "--show-cdup"];
  const result = await git(place, ["rev-parse", ...facts, "--path-format=absolute", ...paths], { answers: [0, 128] });
  if (result.exitCode === 128) {
    if (result.stderr.includes("dubious ownership")) return null;
    if (result.stderr.includes("not a git repository")) throw problem(notARepository(name));
    throw problem(unreadableRepository(name, saidBy(result.stderr)));
  }
  const [inside, shallow, objectFormat, gitDir, commonDir, objects, up = "", ...more] = result.stdout.toString().trimEnd().split("\n");
  if (!objectFormat || !gitDir || !commonDir || !objects || more.length > 0) {
    throw problem(unreadableRepository(name, "there is a line break in its path"));
  }
  const env: Environment = { ...gitEnvironment({ settings }), GIT_DIR: gitDir };
  const partial = await isPartial({ env, cwd: place.cwd });
  return {
    name,
    cwd: place.cwd,
    env,
    gitDir,
    commonDir,
    objects,
    objectFormat,
    // Git takes the current folder for the top once it is told where the git folder is: so the top is asked for here.
    workTree: inside === "true" ? resolve(place.cwd, up) : null,
    shallow: shallow === "true",
    partial,
  };
}

const isPartial = async (place: Place): Promise<boolean> =>
  (await git(place, ["config", "--get-regexp", String.raw`^(remote\..*\.promisor|extensions\.partialclone)$`], { answers: [0, 1] }))
    .exitCode === 0;

/** The person's own `safe.directory` settings, as git would read them: of the machine, the user and the command line, never of a repository. */
async function trustedFolders(): Promise<Settings> {
  const place = { cwd: tmpdir(), env: personsEnvironment() };
  const { stdout } = await git(place, ["config", "--show-scope", "--null", "--get-all", "safe.directory"], { answers: [0, 1] });
  const fields = splitNul(stdout).map(String);
  const settings: Array<readonly [string, string]> = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [scope, value = ""] = fields.slice(index, index + 2);
    if (scope !== "local" && scope !== "worktree") settings.push(["safe.directory", value]);
  }
  return settings;
}
