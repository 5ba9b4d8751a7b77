import { existsSync } from "node:fs";
import { chmod, mkdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import type { Repository } from "../engine/ports.ts";
import { gitEnvironment } from "./environment.ts";
import { type Place, failure, git } from "./git.ts";
import { badRefspec, noDefaultBranch, problem } from "./problems.ts";
import { type Credentials, checkUrl, remoteEnvironment, remoteFailure, secretsOf } from "./remote.ts";
import { repositoryOf } from "./repository.ts";
import { makeRepository, makeScratch } from "./scratch.ts";
import type { Source } from "./source.ts";
import { requireGit } from "./version.ts";

export interface MirrorOptions {
  /** `https://HOST/OWNER/NAME.git`; `http` on the loopback interface alone. Without a user or a password. */
  url: string;
  /** The mirror's own folder below the data directory. It is made where there is none. */
  folder: string;
  /** An installation token, asked for at every fetch because it lives for an hour. Null asks without one. */
  credentials: Credentials;
}

/** A repository that can be brought up to date with its remote. `defaultBranch` asks the remote. */
export interface Mirror extends Repository {
  /**
   * Fetches refs, like `refs/heads/main:refs/heads/main` and `refs/pull/7/head:refs/pull/7/head`, all or none. A ref that moved backwards moves here
   * too. Throws a Problem: refused, unknown ref, unreachable, too slow.
   */
  fetch(refspecs: readonly string[]): Promise<void>;
}

/** Opens the server's copy of a repository, without fetching anything. */
export async function openMirror({ url, folder, credentials }: MirrorOptions): Promise<Mirror> {
  await requireGit({ env: gitEnvironment(), cwd: tmpdir() });
  checkUrl(url);
  const gitDir = resolve(folder);
  if (!existsSync(join(gitDir, "HEAD"))) await makeMirror(gitDir);
  const place: Place = { env: { ...gitEnvironment(), GIT_DIR: gitDir }, cwd: gitDir };
  const objects = join(gitDir, "objects");
  const source: Source = {
    ...place,
    name: url,
    gitDir,
    commonDir: gitDir,
    objects,
    objectFormat: "sha1",
    workTree: null,
    shallow: false,
    partial: false,
  };
  const repository = repositoryOf(source, await makeScratch(source));

  const askRemote = async (args: readonly string[], input: string): Promise<string> => {
    const token = await credentials();
    const asked = { ...place, env: remoteEnvironment({ url, gitDir, token }) };
    const result = await git(asked, args, { input, seconds: FETCH_SECONDS, answers: [0, 1, 128], secrets: secretsOf(token) });
    if (result.exitCode === 0) return result.stdout.toString();
    throw remoteFailure(url, result.stderr) ?? failure(asked, args, result);
  };

  return {
    ...repository,
    fetch: (refspecs) =>
      oneAtATime(gitDir, async () => {
        const wrong = refspecs.find((refspec) => !REFSPEC.test(refspec) || refspec.includes(".."));
        if (wrong !== undefined) throw problem(badRefspec(wrong));
        await removeStaleLocks(gitDir, refspecs);
        await askRemote([...FETCH, "--end-of-options", url], `${refspecs.join("\n")}\n`);
      }),
    defaultBranch: async () => {
      const answer = await askRemote(["ls-remote", "--symref", "--end-of-options", url, "HEAD"], "");
      const [, branch] = /^ref: (refs\/heads\/\S+)\tHEAD$/mu.exec(answer) ?? [];
      if (branch === undefined) throw problem(noDefaultBranch([]));
      return branch;
    },
  };
}

// Refs come on stdin; what a fetch usually writes besides them (FETCH_HEAD, tags) is of no use here.
const FETCH = ["fetch", "--stdin", "--atomic", "--force", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--quiet"];
const FETCH_SECONDS = 600;
const REFSPEC = /^\+?(?:refs\/[\w./-]+|[0-9a-f]{40}):refs\/[\w./-]+$/u;

async function makeMirror(gitDir: string): Promise<void> {
  await mkdir(gitDir, { recursive: true });
  // What is in a private repository is nobody else's on this machine.
  await chmod(gitDir, 0o700);
  await makeRepository(gitDir, "sha1");
}

/**
 * A process that is killed while it moves a ref leaves its lock behind, and every later fetch would fail on it. Older than any fetch may
 * take, it belongs to nobody.
 */
async function removeStaleLocks(gitDir: string, refspecs: readonly string[]): Promise<void> {
  const refs = refspecs.map((refspec) => refspec.slice(refspec.indexOf(":") + 1));
  for (const name of [...refs, "packed-refs", "HEAD", "config"]) {
    const lock = join(gitDir, `${name}.lock`);
    if (existsSync(lock) && Date.now() - (await stat(lock)).mtimeMs > 2 * FETCH_SECONDS * 1000) await rm(lock, { force: true });
  }
}

/** Two fetches into one folder would trip over each other's locks. */
const turns = new Map<string, Promise<unknown>>();

function oneAtATime<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(folder) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(folder, mine);
  const forget = (): void => {
    if (turns.get(folder) === mine) turns.delete(folder);
  };
  mine.then(forget, forget);
  return mine;
}
