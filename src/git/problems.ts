import { Problem, type ProblemText } from "../problem.ts";

/** All that this room says to people. Paths and refs are shown as JSON strings where they could be anything. */
export const gitMissing = (): ProblemText => ({
  code: "git-missing",
  text: "git is not installed, or not in PATH.",
  hint: "Install it (Debian: apt-get install git), version 2.38 or newer.",
});

export const gitTooOld = (found: string): ProblemText => ({
  code: "git-too-old",
  text: `This is git ${found}; computing a merge result without a work tree needs git 2.38 or newer.`,
  hint: "Upgrade git (Debian 12 has 2.39).",
});

export const noSuchFolder = (folder: string): ProblemText => ({
  code: "not-a-repository",
  text: `There is no folder ${folder}.`,
  hint: "Name the clone of a control repo with --repo, or run the command inside one.",
});

export const notARepository = (folder: string): ProblemText => ({
  code: "not-a-repository",
  text: `${folder} is not a git repository, nor is any folder above it.`,
  hint: "Name the clone of a control repo with --repo, or run the command inside one.",
});

export const notYours = (folder: string): ProblemText => ({
  code: "not-your-repository",
  text: `${folder} belongs to another user, and git does not open such a repository unasked.`,
  hint: `If you trust it: git config --global --add safe.directory ${shellWord(folder)}`,
});

/** A path as a person can paste it into a shell. */
const shellWord = (path: string): string => (/^[\w@%+=:,./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`);

export const unreadableRepository = (folder: string, said: string): ProblemText => ({
  code: "repository-unreadable",
  text: `git can't open ${folder}: ${said}.`,
  hint: "Mend what git names, or clone the repository anew.",
});

export const noCommits = (folder: string): ProblemText => ({
  code: "no-commits",
  text: `${folder} has no commits yet.`,
  hint: "Commit something first: what is checked is a change between two commits.",
});

export const unbornHead = (branch: string): ProblemText => ({
  code: "no-commits",
  text: `HEAD is the branch ${branch}, which has no commits yet.`,
  hint: "Commit something, or name another commit with --head.",
});

/** `near` are names that could have been meant, `known` some that exist. */
export const unknownRef = (ref: string, { near, known }: { near: readonly string[]; known: readonly string[] }): ProblemText => ({
  code: "unknown-ref",
  text: `${JSON.stringify(ref)} is no branch, tag or commit of this repository.`,
  hint: `${near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `There are ${known.join(", ")}.`} What only the remote has must be fetched first.`,
});

export const badRef = (ref: string): ProblemText => ({
  code: "unknown-ref",
  text: `${JSON.stringify(ref)} can't be the name of a branch, tag or commit.`,
  hint: "Name one as `git branch --all` lists it, or a commit's id.",
});

export const ambiguousRef = (ref: string): ProblemText => ({
  code: "ambiguous-ref",
  text: `${JSON.stringify(ref)} names more than one thing in this repository: a branch and a tag, say.`,
  hint: `Write it in full, like refs/heads/${ref} or refs/tags/${ref}.`,
});

export const shallowRef = (ref: string): ProblemText => ({
  code: "shallow-clone",
  text: `${JSON.stringify(ref)} is not in this clone, which is shallow.`,
  hint: "Get the whole history: git fetch --unshallow",
});

export const shallowMerge = (base: string, head: string): ProblemText => ({
  code: "shallow-clone",
  text: `This clone is shallow: where ${head} left ${base} lies beyond the history it has.`,
  hint: "Get the whole history: git fetch --unshallow (actions/checkout: fetch-depth: 0)",
});

export const unrelated = (base: string, head: string): ProblemText => ({
  code: "unrelated-histories",
  text: `${base} and ${head} have no commit in common, so there is no merge result.`,
  hint: "Check that both belong to one project. If they do, and it was made anew, rebase the change onto the base.",
});

export const noDefaultBranch = (found: readonly string[]): ProblemText => ({
  code: "no-default-branch",
  text:
    found.length === 0
      ? "This repository does not say which branch is the default one."
      : `This repository does not say which branch is the default one; it could be ${found.join(" or ")}.`,
  hint: "Name the branch to compare with: --base REF (or let git learn it: git remote set-head origin --auto)",
});

export const noWorkTree = (folder: string): ProblemText => ({
  code: "no-work-tree",
  text: `${folder} has no work tree: there is no uncommitted work.`,
  hint: "Name a commit with --head.",
});

export const unmerged = (paths: readonly string[]): ProblemText => ({
  code: "unmerged-worktree",
  text: `A merge is under way in the work tree; without a decision yet: ${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ", …" : ""}.`,
  hint: "Resolve the conflicts and git add the files, or name a commit with --head.",
});

export const missingObjects = (partial: boolean, said: string): ProblemText => ({
  code: "missing-objects",
  text: `Objects that are needed are not in this clone${partial ? ", which is a partial one" : ""}: ${said}.`,
  hint: partial ? "Get them all: git fetch --refetch --no-filter" : "See what is damaged with git fsck, or clone the repository anew.",
});

export const tooLarge = (path: string, bytes: number, most: number): ProblemText => ({
  code: "file-too-large",
  text: `${path} has ${Math.round(bytes / 2 ** 20)} MiB; files are read up to ${most / 2 ** 20} MiB.`,
  hint: "Keep large files out of the repository (a package, or a file server), or leave this one out of what is checked.",
});

export const moduleTooLarge = (url: string, commit: string, bytes: number, most: number): ProblemText => ({
  code: "module-too-large",
  text: `${url} has ${Math.round(bytes / 2 ** 20)} MiB at ${commit}, written out; a module may have ${most / 2 ** 20} MiB.`,
  hint: "Pin a commit that holds a module and nothing else, or vendor it.",
});

export const remoteTooLarge = (url: string, most: number): ProblemText => ({
  code: "remote-too-large",
  text: `${url} takes more than ${inMiB(most)} to fetch with all its branches and tags, which is what a module's repository may take; the fetch was ended.`,
  hint: "Name a repository that holds a module and nothing else, take a release of a forge, or vendor the module.",
});

export const releaseTooLarge = (release: string, most: number): ProblemText => ({
  code: "release-too-large",
  text: `${release} takes more than ${inMiB(most)} while it is fetched and unpacked, which is what a release may take; r10k was ended.`,
  hint: "Name another release, or vendor what is needed of it.",
});

const inMiB = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

export const moduleFileName = (path: string): ProblemText => ({
  code: "module-file-name",
  text: `The module has a file whose name is not UTF-8: ${JSON.stringify(path.slice(0, 200))}.`,
  hint: "Pin a commit or release without it, or vendor the module.",
});

export const unsafePath = (path: string): ProblemText => ({
  code: "unsafe-path",
  text: `The tree holds ${path}, a path that git itself refuses to write out.`,
  hint: "Take it out of the commit; it can't have come from git add.",
});

export const folderNotEmpty = (folder: string): ProblemText => ({
  code: "export-folder-not-empty",
  text: `${folder} is not empty, and a tree is written out into an empty folder only.`,
  hint: "Name a new folder.",
});

export const tookTooLong = (what: string, seconds: number): ProblemText => ({
  code: "git-timeout",
  text: `git ${what} did not end within ${seconds} s.`,
  hint: "Look at the machine's load and disk, and try again.",
});

export const gitFailed = (what: string, said: string): ProblemText => ({
  code: "git-failed",
  text: `git ${what} failed: ${said}.`,
  hint: "Do what git says; git fsck tells whether the repository is whole.",
});

/** The first thing git said, without its own prefix; never more than one line. */
export function saidBy(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const at = Math.max(
    0,
    lines.findIndex((line) => /^(?:fatal|error):/u.test(line)),
  );
  const line = lines[at] ?? "it said nothing";
  // What git lists stands on lines of its own.
  const whole = line.endsWith(":") ? `${line} ${(lines[at + 1] ?? "").trim()}` : line;
  const plain = whole.replace(/^(?:fatal|error): /u, "").replace(/\.$/u, "");
  return plain.replaceAll(/\p{C}/gu, "?").slice(0, 500);
}

export const problem = (text: ProblemText, cause?: unknown): Problem => new Problem(text, cause === undefined ? undefined : { cause });

export const badUrl = (url: string): ProblemText => ({
  code: "bad-remote",
  text: `${url} can't be mirrored: the address of a repository is https (http on this machine's own loopback), without user, password or query.`,
  hint: "Give the address as https://HOST/OWNER/NAME.git; the token is asked for separately.",
});

export const badCredentials = (url: string): ProblemText => ({
  code: "bad-credentials",
  text: `The token for ${url} is no token: it is empty, or holds blanks or control characters.`,
  hint: "See that the app's private key and its installation are set up.",
});

export const badRefspec = (refspec: string): ProblemText => ({
  code: "bad-refspec",
  text: `${JSON.stringify(refspec)} is not two refs with a colon between them.`,
  hint: "Write it like refs/heads/main:refs/heads/main.",
});

export const noSuchRemoteRef = (url: string, ref: string): ProblemText => ({
  code: "unknown-ref",
  text: `${url} has no ${ref}.`,
  hint: "It was deleted or renamed there; read the pull request again.",
});

export const refused = (url: string, said: string): ProblemText => ({
  code: "fetch-refused",
  text: `${url} does not let this app read it: ${said}.`,
  hint: "See that the app is installed on the repository, with permission to read its contents.",
});

export const unreachable = (url: string, said: string): ProblemText => ({
  code: "remote-unreachable",
  text: `${url} can't be reached: ${said}.`,
  hint: "Look at the network between this machine and the remote.",
});

const passing: ReadonlySet<string> = new Set(["remote-unreachable", "git-timeout", "modules-not-kept"]);

/** Whether the next try may go well without anybody's doing. */
export const isPassing = ({ code }: ProblemText): boolean => passing.has(code);
