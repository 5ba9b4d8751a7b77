import type { MergeCommit, PushOutcome } from "../engine/ports/mirror.ts";
import type { Commit } from "../engine/ports/repository.ts";
import { type Environment } from "./environment.ts";
import { type Place, git, requireObjectId } from "./git.ts";
import { mergeCommits } from "./merge.ts";
import { saidBy } from "./problems.ts";
import { isRefName } from "./ref-name.ts";
import { isRefusal } from "./remote.ts";
import type { Scratch } from "./scratch.ts";
import type { Source } from "./source.ts";

/** Makes a merge commit over the merge result of base and head, computed here and now. Null where they conflict. */
export async function makeMerge(source: Source, scratch: Scratch, merge: MergeCommit): Promise<{ commit: string; tree: string } | null> {
  const [base, head] = [named("base", merge.base), named("head", merge.head)];
  const result = await mergeCommits(source, scratch, base, head);
  if (!result.ok) return null;
  const date = `@${Math.floor(Date.parse(merge.date) / 1000)} +0000`;
  const env: Environment = {
    ...scratch.env,
    GIT_AUTHOR_NAME: plain(merge.author.name),
    GIT_AUTHOR_EMAIL: plain(merge.author.email),
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: plain(merge.committer.name),
    GIT_COMMITTER_EMAIL: plain(merge.committer.email),
    GIT_COMMITTER_DATE: date,
  };
  const parents = ["-p", requireObjectId(base.oid), "-p", requireObjectId(head.oid)];
  const message = `${merge.message.replaceAll("\0", "").trimEnd()}\n`;
  const { stdout } = await git({ ...scratch, env }, ["commit-tree", ...parents, "-F", "-", result.tree], { input: message });
  return { commit: requireObjectId(stdout.toString().trim()), tree: result.tree };
}

const named = (ref: string, oid: string): Commit => ({ ref, sha: oid, oid });

/** What git would take for the end of a name, and what it refuses to write. */
export const plain = (text: string): string => text.replaceAll(/[<>\p{C}]/gu, "").trim() || "nobody";

/**
 * Moves a branch of the remote from `expected` to `commit`, and from nothing else: a base that moved, backwards too, refuses. It is git's
 * own compare-and-swap: the lease is compared with what the remote says now, and the remote moves its ref only from there.
 */
export async function pushCommit(
  place: Place,
  { url, ref, expected, commit, secrets }: { url: string; ref: string; expected: string; commit: string; secrets: readonly string[] },
): Promise<PushOutcome> {
  if (!ref.startsWith("refs/heads/") || !isRefName(ref)) throw new TypeError(`${JSON.stringify(ref)} is no branch`);
  const lease = `--force-with-lease=${ref}:${requireObjectId(expected)}`;
  const options = ["--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed", lease];
  const args = ["push", ...options, "--end-of-options", url, `${requireObjectId(commit)}:${ref}`];
  const { exitCode, stdout, stderr } = await git(place, args, { seconds: PUSH_SECONDS, answers: [0, 1, 128], secrets });
  if (exitCode === 0) return { kind: "merged", sha: commit };
  const [, summary = ""] = /^!\t[^\t]*\t(.*)$/mu.exec(stdout.toString()) ?? [];
  if (summary !== "") return refusal(summary, stderr);
  // Not let in: then nothing was moved. Anything else may have happened before or after the remote moved its ref.
  if (isRefusal(stderr)) return { kind: "refused", reason: "other", text: `GitHub refused the push: ${saidBy(stderr)}` };
  return { kind: "unclear", text: `the push ended without an answer: ${saidBy(stderr)}` };
}

const PUSH_SECONDS = 120;

/** `[rejected] (stale info)` is git's, by the lease; the others are the remote's words, which may be anything. */
function refusal(summary: string, stderr: string): PushOutcome {
  if (/\((?:stale info|fetch first|non-fast-forward|needs force)\)|cannot lock ref|incorrect old value|failed to update ref/u.test(summary))
    return { kind: "refused", reason: "base-moved", text: "the base branch is no longer where it was checked" };
  const rules = stderr
    .split("\n")
    .flatMap((line) => /^remote: (.*)$/u.exec(line)?.slice(1) ?? [])
    .map((line) => line.replace(/^error: /u, "").trim())
    .filter((line) => line !== "");
  const said = [summary.replace(/^\[[a-z ]+\] \(?/u, "").replace(/\)$/u, ""), ...rules.map((line) => line.replace(/^- |[.]$/gu, ""))]
    .join("; ")
    .replaceAll(/\p{C}/gu, "?")
    .slice(0, 500);
  return { kind: "refused", reason: "other", text: `GitHub refused the push: ${said}` };
}
