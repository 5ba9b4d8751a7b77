import { spawn } from "node:child_process";

/** Git as the stand-in's own hand: no hooks, no configuration of this machine, and the identity said each time. */

/** Settings that keep the machine's configuration and any hook out; the repositories are the stand-in's own. */
export const gitEnvironment: Record<string, string> = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_CONFIG_COUNT: "3",
  GIT_CONFIG_KEY_0: "core.hooksPath",
  GIT_CONFIG_VALUE_0: "/dev/null",
  GIT_CONFIG_KEY_1: "safe.directory",
  GIT_CONFIG_VALUE_1: "*",
  GIT_CONFIG_KEY_2: "gc.auto",
  GIT_CONFIG_VALUE_2: "0",
};

export interface GitOptions {
  input?: string | Buffer;
  env?: Record<string, string>;
  /** Exit codes that are answers and not failures. */
  accept?: readonly number[];
}

export interface GitResult {
  code: number;
  stdout: Buffer;
}

/** What stands in for git where repositories are not on disk: a story that runs git ten thousand times has no time to start it. */
export type GitStandIn = (folder: string, args: readonly string[], options?: GitOptions) => GitResult;
/** By the folder that their repositories' names begin with. */
const standIns = new Map<string, GitStandIn>();

/** Has commands for repositories below `folder` run by `git` from now on; gives how to end that. */
export function keepElsewhere(folder: string, git: GitStandIn): () => void {
  standIns.set(folder, git);
  return () => standIns.delete(folder);
}

export async function runGit(folder: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  for (const [prefix, standIn] of standIns) if (folder === prefix || folder.startsWith(`${prefix}/`)) return standIn(folder, args, options);
  const child = spawn("git", ["-C", folder, ...args], { env: { ...gitEnvironment, ...options.env }, stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  // Git may end before it has read its input; the exit code tells, not the broken pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? -1));
  });
  if (code !== 0 && !(options.accept ?? []).includes(code)) {
    throw new Error(`git ${args[0] ?? ""} in ${folder} exited ${code}: ${Buffer.concat(err).toString("utf8").trim()}`);
  }
  return { code, stdout: Buffer.concat(out) };
}

/** Standard output as text, without the last line's end. */
export async function git(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await runGit(folder, args, options)).stdout.toString("utf8").replace(/\n$/, "");
}

/** Whether git answered yes, for commands that say so by exit code 0 and 1. */
async function gitSays(folder: string, args: readonly string[]): Promise<boolean> {
  return (await runGit(folder, args, { accept: [1] })).code === 0;
}

export async function branches(folder: string): Promise<Map<string, string>> {
  const listing = await git(folder, ["for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads"]);
  return new Map(lines(listing).map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** The commit a name stands for, or null. Names are those of the API: a sha, a branch, `heads/…`, or a full ref. */
export async function commitOf(folder: string, name: string): Promise<string | null> {
  const refs = name.startsWith("refs/") ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  for (const candidate of /^[0-9a-f]{7,40}$/.test(name) ? [name, ...refs] : refs) {
    const found = await runGit(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${candidate}^{commit}`], {
      accept: [1, 128],
    });
    if (found.code === 0) return found.stdout.toString("utf8").trim();
  }
  return null;
}

export async function isAncestor(folder: string, ancestor: string, descendant: string): Promise<boolean> {
  return gitSays(folder, ["merge-base", "--is-ancestor", ancestor, descendant]);
}

/** The best common ancestor, or null where the histories share nothing. */
export async function mergeBase(folder: string, a: string, b: string): Promise<string | null> {
  const found = await runGit(folder, ["merge-base", a, b], { accept: [1] });
  return found.code === 0 ? found.stdout.toString("utf8").trim() : null;
}

export function lines(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}
