import { tmpdir } from "node:os";
import { gitEnvironment } from "./environment.ts";
import { git } from "./git.ts";
import { gitTooOld, problem } from "./problems.ts";

/**
 * Of all that is asked of git here, `merge-tree --write-tree` came last. Before it came `cat-file --batch-command` (2.36), `fetch --atomic`,
 * `rev-parse --path-format` and settings by GIT_CONFIG_COUNT (2.31), `fetch --stdin` (2.29); `push --force-with-lease` is older than those.
 * https://git-scm.com/docs, the release notes of each.
 */
const OLDEST = [2, 38] as const;

/** What was good enough once, by where it was looked for: a server opens its mirrors several times a minute, and starting a program costs it most. */
const found = new Map<string, string>();

/** Git's version. Throws a Problem when git is missing or too old. */
export async function requireGit(): Promise<string> {
  const path = process.env["PATH"] ?? "";
  const known = found.get(path);
  if (known !== undefined) return known;
  const { stdout } = await git({ env: gitEnvironment(), cwd: tmpdir() }, ["--version"], { seconds: 20 });
  const version = /\d+\.\d+(?:\.\d+)*/u.exec(stdout.toString())?.[0] ?? stdout.toString().trim();
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))) throw problem(gitTooOld(version));
  found.set(path, version);
  return version;
}
