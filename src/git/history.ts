import { type Place, git, requireObjectId } from "./git.ts";

/** Questions about commits that are here already. Ids are full. */

export async function hasCommit(place: Place, oid: string): Promise<boolean> {
  const { exitCode } = await git(place, ["cat-file", "-e", `${requireObjectId(oid)}^{commit}`], { answers: [0, 1, 128] });
  return exitCode === 0;
}

export async function treeOf(place: Place, oid: string): Promise<string> {
  const { stdout } = await git(place, ["rev-parse", "--verify", "--end-of-options", `${requireObjectId(oid)}^{tree}`]);
  return stdout.toString().trim();
}

/** All best common ancestors, sorted; none for histories without a common commit, several for criss-cross merges. */
export async function mergeBases(place: Place, one: string, other: string): Promise<string[]> {
  const args = ["merge-base", "--all", "--end-of-options", requireObjectId(one), requireObjectId(other)];
  return lines((await git(place, args, { answers: [0, 1] })).stdout).sort();
}

export async function isAncestor(place: Place, ancestor: string, descendant: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", "--end-of-options", requireObjectId(ancestor), requireObjectId(descendant)];
  return (await git(place, args, { answers: [0, 1] })).exitCode === 0;
}

export interface Step {
  sha: string;
  parents: string[];
}

/** What is reachable from `head` and from none of `without`, the newest first; `firstParent` follows a branch's own line alone. */
export async function commitsBetween(
  place: Place,
  { head, without, firstParent }: { head: string; without: readonly string[]; firstParent: boolean },
): Promise<Step[]> {
  const line = firstParent ? ["--first-parent"] : ["--topo-order"];
  const ends = [requireObjectId(head), ...without.map((oid) => `^${requireObjectId(oid)}`)];
  const { stdout } = await git(place, ["rev-list", "--parents", ...line, "--end-of-options", ...ends]);
  return lines(stdout).map((record) => {
    const [sha = "", ...parents] = record.split(" ");
    return { sha, parents };
  });
}

/** The messages of what `head` has and `base` has not, as bytes. */
export async function messagesOf(place: Place, base: string, head: string): Promise<Buffer> {
  const range = [requireObjectId(head), `^${requireObjectId(base)}`];
  return (
    await git(place, ["log", "-z", "--topo-order", "--no-show-signature", "--encoding=", "--format=%B", "--end-of-options", ...range])
  ).stdout;
}

/** Commits that this one's own line takes back, by the words that git and GitHub write into a revert's message; sorted, each once. */
export async function revertedBy(place: Place, { sha, parents }: Step): Promise<string[]> {
  const [base] = parents;
  if (base === undefined) return [];
  const messages = (await messagesOf(place, base, sha)).toString("latin1");
  return [...new Set([...messages.matchAll(/^This reverts commit ([0-9a-f]{40})\b/gmu)].map(([, commit = ""]) => commit))].sort();
}

/** The first line of a commit's message. */
export async function subjectOf(place: Place, oid: string): Promise<string> {
  const args = ["log", "-1", "--no-show-signature", "--encoding=UTF-8", "--format=%s", "--end-of-options", requireObjectId(oid)];
  return (await git(place, args)).stdout.toString().trimEnd();
}

const lines = (bytes: Buffer): string[] =>
  bytes
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
