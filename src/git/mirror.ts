import type { MergeCommit, PushOutcome } from "../engine/ports/mirror.ts";
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { ModuleHistory } from "../engine/ports/modules.ts";
import type { Repository } from "../engine/ports/repository.ts";
import type { Carry } from "../gate/facts.ts";
import { Problem } from "../problem.ts";
import type { Fingerprint } from "../rollout/copies.ts";
import { type Pair, compareHeads } from "./carry.ts";
import { type BlamedLine, blame, changedIn, type Range } from "./blame.ts";
import { gitEnvironment } from "./environment.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type Place, failure, git } from "./git.ts";
import { commitsBetween, hasCommit, isAncestor, mergeBases, revertedBy, subjectOf, type Step } from "./history.ts";
import { makeMerge, pushCommit } from "./land.ts";
import { patchId } from "./patch-id.ts";
import { badRefspec, noDefaultBranch, problem, remoteTooLarge } from "./problems.ts";
import { distanceOf, isPublished, publishedCommit } from "./published.ts";
import { isRefName } from "./ref-name.ts";
import { type Credentials, checkUrl, remoteEnvironment, remoteFailure, secretsOf } from "./remote.ts";
import { repositoryOf } from "./repository.ts";
import { makeRevert, type RevertCommit, type Reverted } from "./revert.ts";
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
  /** Most bytes that its folder may take. Where a fetch would take more, it is ended, and what is here is removed: all of it can be fetched again. */
  mostBytes?: number;
}

/** A repository that can be brought up to date with its remote. `defaultBranch` asks the remote. */
export interface Mirror extends Repository {
  /**
   * Fetches refs, like `refs/heads/main:refs/heads/main` and `refs/pull/7/head:refs/pull/7/head`, all or none. A ref that moved backwards moves here
   * too. Throws a Problem: refused, unknown ref, unreachable, too slow.
   */
  fetch(refspecs: readonly string[], seconds?: number): Promise<void>;
  /** Fetches all branches and tags, and forgets those that are gone. */
  fetchPublished(seconds?: number): Promise<void>;
  /** The commit that a branch or a tag has here; null where there is none of that name. */
  published(ref: string): Promise<string | null>;
  /** Whether a branch or tag that was fetched has this commit. */
  isPublished(commit: string): Promise<boolean>;
  /** What one commit here has and the other has not. */
  distance(from: string, to: string): Promise<ModuleHistory>;
  /** Fetches commits by their ids and keeps them for a change, whatever becomes of its branch. Gives those that the remote has no more. Each takes no longer than `seconds`. */
  keep(number: number, commits: readonly string[], seconds?: number): Promise<string[]>;
  /** What differs between two heads that are here, each against its base. */
  compare(from: Pair, to: Pair): Promise<Carry>;
  /** The patch from the merge base to the head, by digest; null for an empty change. */
  patch(base: string, head: string): Promise<string | null>;
  /** Makes a merge commit of the merge result; null where the two conflict. */
  makeMerge(merge: MergeCommit): Promise<{ commit: string; tree: string } | null>;
  /** Moves a branch of the remote from `expected`, and from nothing else, to a commit that was made here. */
  push(move: { branch: string; expected: string; commit: string }): Promise<PushOutcome>;
  /** Whether a branch of the remote has this commit now. */
  isReachable(commit: string, branch: string): Promise<boolean>;
  /** A branch's own line from its tip down to `after`, the oldest first; null where `after` is not behind the tip any more. `told` as in `tipOf`. */
  lineOf(branch: string, after: string, told?: string): Promise<{ tip: string; steps: Step[] | null }>;
  /** The remote's tip of a branch. `told`: where the remote just said that it is; where it was fetched with that commit, nothing is asked. */
  tipOf(branch: string, told?: string): Promise<string>;
  /** Where branches of the remote are, and which one is its default, with its tip, in one question; null for a branch that is not there. */
  heads(branches: readonly string[]): Promise<{ defaultBranch: string; tip: string; tips: ReadonlyMap<string, string | null> }>;
  /** The commits that a step of a line takes back, by what its messages say. */
  revertsOf(step: Step): Promise<string[]>;
  /** Who of a range of a branch's own line wrote a file's lines; null where its end has no such file, or one that is no text. */
  blame(range: Range, path: string): Promise<BlamedLine[] | null>;
  /** What a commit of a branch's own line does, to tell another that does the same; null for one that is not here. */
  fingerprint(commit: string): Promise<Fingerprint | null>;
  /** Paths that each commit of a range changes, the oldest first. */
  changedIn(range: Range): Promise<{ commit: string; paths: string[] }[]>;
  /** The first line of a commit's message. */
  subjectOf(commit: string): Promise<string>;
  /** Makes a commit that takes back what another one did. */
  makeRevert(revert: RevertCommit): Promise<Reverted>;
}

/** Opens the server's copy of a repository, without fetching anything. */
export async function openMirror({ url, folder, credentials, mostBytes }: MirrorOptions): Promise<Mirror> {
  await requireGit();
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
  const scratch = await makeScratch(source);
  const repository = repositoryOf(source, scratch);

  const disk = mostBytes === undefined ? {} : { disk: { folder: gitDir, bytes: mostBytes } };
  const askRemote = async (args: readonly string[], input: string, seconds = FETCH_SECONDS): Promise<string> => {
    const token = await credentials();
    const asked = { ...place, env: remoteEnvironment({ url, gitDir, token }) };
    const result = await git(asked, args, { input, seconds, answers: [0, 1, 128], secrets: secretsOf(token), ...disk });
    if (result.diskLimit) {
      await rm(gitDir, { recursive: true, force: true });
      throw problem(remoteTooLarge(url, mostBytes ?? 0));
    }
    if (result.exitCode === 0) return result.stdout.toString();
    throw remoteFailure(url, result.stderr) ?? failure(asked, args, result, seconds);
  };

  const fetch: Mirror["fetch"] = (refspecs, seconds) =>
    oneAtATime(gitDir, async () => {
      const wrong = refspecs.find((refspec) => !isRefspec(refspec));
      if (wrong !== undefined) throw problem(badRefspec(wrong));
      await removeStaleLocks(gitDir, refspecs);
      await askRemote([...FETCH, "--end-of-options", url], `${refspecs.join("\n")}\n`, seconds);
    });
  const tipOf = async (branch: string, told?: string): Promise<string> => {
    const kept = `refs/heads/${branch}`;
    // By the ref and not by the commit: what no ref here has may be removed.
    if (told !== undefined && (await publishedCommit(place, kept)) === told) return told;
    await fetch([`${kept}:${kept}`]);
    return (await git(place, ["rev-parse", "--verify", "--end-of-options", `${kept}^{commit}`])).stdout.toString().trim();
  };

  return {
    ...repository,
    fetch,
    fetchPublished: (seconds) =>
      oneAtATime(gitDir, async () => {
        await askRemote([...FETCH, "--prune", "--end-of-options", url], PUBLISHED, seconds);
      }),
    published: (ref) => publishedCommit(place, ref),
    isPublished: (commit) => isPublished(place, commit),
    distance: (from, to) => distanceOf(place, from, to),
    keep: async (number, commits, seconds) => {
      const gone: string[] = [];
      for (const commit of commits) {
        try {
          await fetch([`${commit}:refs/puppet-gate/${number}/commits/${commit}`], seconds);
        } catch (error) {
          if (!(error instanceof Problem && error.code === "unknown-ref")) throw error;
          // What was here before is still good: the remote forgets what no branch has.
          if (!(await hasCommit(place, commit))) gone.push(commit);
        }
      }
      return gone;
    },
    compare: (from, to) => compareHeads(scratch, from, to),
    patch: async (base, head) => {
      const [from = base] = await mergeBases(scratch, base, head);
      return patchId(scratch, from, head);
    },
    makeMerge: (merge) => makeMerge(source, scratch, merge),
    push: async ({ branch, expected, commit }) => {
      const token = await credentials();
      const sender = { ...scratch, env: remoteEnvironment({ url, gitDir: scratch.gitDir, token }) };
      return pushCommit(sender, { url, ref: `refs/heads/${branch}`, expected, commit, secrets: secretsOf(token) });
    },
    isReachable: async (commit, branch) => {
      const tip = await tipOf(branch);
      return (await hasCommit(place, commit)) && isAncestor(place, commit, tip);
    },
    tipOf,
    revertsOf: (step) => revertedBy(place, step),
    blame: (range, path) => blame(scratch, range, path),
    fingerprint: (commit) => fingerprintOf(scratch, commit),
    changedIn: (range) => changedIn(scratch, range),
    subjectOf: (commit) => subjectOf(scratch, commit),
    makeRevert: (revert) => makeRevert(source, scratch, revert),
    lineOf: async (branch, after, told) => {
      const tip = await tipOf(branch, told);
      if (!(await hasCommit(place, after)) || !(await isAncestor(place, after, tip))) return { tip, steps: null };
      const steps = await commitsBetween(place, { head: tip, without: [after], firstParent: true });
      return { tip, steps: steps.toReversed() };
    },
    heads: async (branches) => {
      const answer = await askRemote(
        ["ls-remote", "--symref", "--end-of-options", url, "HEAD", ...branches.map((branch) => `refs/heads/${branch}`)],
        "",
      );
      const found = new Map(
        [...answer.matchAll(/^([0-9a-f]{40})\trefs\/heads\/(\S+)$/gmu)].map(([, sha = "", branch = ""]) => [branch, sha]),
      );
      const tips = new Map(branches.map((branch) => [branch, found.get(branch) ?? null]));
      const [, tip] = /^([0-9a-f]{40})\tHEAD$/mu.exec(answer) ?? [];
      if (tip === undefined) throw problem(noDefaultBranch([]));
      return { defaultBranch: defaultIn(answer), tip, tips };
    },
    defaultBranch: async () => defaultIn(await askRemote(["ls-remote", "--symref", "--end-of-options", url, "HEAD"], "")),
  };
}

function defaultIn(answer: string): string {
  const [, branch] = /^ref: (refs\/heads\/\S+)\tHEAD$/mu.exec(answer) ?? [];
  if (branch === undefined) throw problem(noDefaultBranch([]));
  return branch;
}

// Refs come on stdin; what a fetch usually writes besides them (FETCH_HEAD, tags) is of no use here.
const FETCH = ["fetch", "--stdin", "--atomic", "--force", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--quiet"];
const FETCH_SECONDS = 600;
const PUBLISHED = "refs/heads/*:refs/heads/*\nrefs/tags/*:refs/tags/*\n";

/** `FROM:TO`: no ref has a colon in its name. */
function isRefspec(refspec: string): boolean {
  const [from = "", to = "", ...more] = refspec.replace(/^\+/u, "").split(":");
  return more.length === 0 && (/^[0-9a-f]{40}$/u.test(from) || isRefName(from)) && isRefName(to);
}

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

export function oneAtATime<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(folder) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(folder, mine);
  const forget = (): void => {
    if (turns.get(folder) === mine) turns.delete(folder);
  };
  mine.then(forget, forget);
  return mine;
}
