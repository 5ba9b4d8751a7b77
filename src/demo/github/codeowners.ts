import { git, runGit } from "./git.ts";
import { accountByEmail, accountByLogin, atLeast, fullName, must, permissionOf, same } from "./lookup.ts";
import type { Permission, Repo, State, Team } from "./state.ts";

/**
 * What GitHub finds wrong with a CODEOWNERS file.
 * https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 */

export interface CodeownersError {
  line: number;
  column: number;
  source: string;
  kind: "Invalid pattern" | "Invalid owner" | "Unknown owner";
  suggestion: string | null;
  message: string;
  path: string;
}

/** Where GitHub looks, in this order; the first there is counts alone. */
const places = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/** Bytes above which GitHub loads nothing of the file. */
const largest = 3 * 1024 * 1024;

/** Null: the commit has no such file, or one that is too large to be loaded, or a link, which governs nothing. */
export async function codeownersErrors(state: State, repo: Repo, commit: string): Promise<CodeownersError[] | null> {
  for (const path of places) {
    const [mode = "", , sha = ""] = (await git(repo.folder, ["ls-tree", commit, "--", path])).split(/\s+/);
    if (mode === "") continue;
    if (mode === "120000" || Number(await git(repo.folder, ["cat-file", "-s", sha])) > largest) return null;
    const text = (await runGit(repo.folder, ["cat-file", "blob", sha])).stdout.toString("utf8");
    return text.split("\n").flatMap((line, index) => lineErrors(state, repo, path, line, index + 1));
  }
  return null;
}

interface Found {
  kind: CodeownersError["kind"];
  at: number;
  suggestion: string | null;
}

function lineErrors(state: State, repo: Repo, path: string, source: string, line: number): CodeownersError[] {
  const words = [...source.replace(/(^|\s)#.*$/, "").matchAll(/(?:\\ |\S)+/g)].map((match) => ({ word: match[0], at: match.index }));
  const [pattern, ...owners] = words;
  if (pattern === undefined) return [];
  const faulty = patternFault(pattern.word, pattern.at);
  // A line whose pattern can't be read is skipped, and its owners with it.
  const found = faulty === null ? owners.flatMap(({ word, at }) => ownerFault(state, repo, word, at) ?? []) : [faulty];
  return found.map(({ kind, at, suggestion }) => ({
    line,
    column: at + 1,
    source: `${source}\n`,
    kind,
    suggestion,
    message: `${kind} on line ${line}${suggestion === null ? "" : `: ${suggestion}`}\n\n  ${source}\n  ${" ".repeat(at)}^`,
    path,
  }));
}

function patternFault(pattern: string, at: number): Found | null {
  const kind = "Invalid pattern";
  if (pattern === "/") return { kind, at, suggestion: "The pattern `/` will never match anything, did you mean `*` instead?" };
  if (pattern.startsWith("!")) return { kind, at, suggestion: "Negated patterns are not supported" };
  if (/\[.*\]/.test(pattern)) return { kind, at, suggestion: "Character ranges are not supported" };
  return pattern.startsWith("\\#") || pattern.includes("***") ? { kind, at, suggestion: null } : null;
}

function ownerFault(state: State, repo: Repo, owner: string, at: number): Found | null {
  const unknown = (suggestion: string): Found => ({ kind: "Unknown owner", at, suggestion });
  const [, organization, slug] = /^@([^/@\s]+)\/([^/@\s]+)$/.exec(owner) ?? [];
  if (organization !== undefined && slug !== undefined) {
    const team = state.teams
      .values()
      .find((entry) => same(entry.slug, slug) && same(must(state.accounts, entry.organizationId).login, organization));
    const able = team?.privacy === "closed" && atLeast(teamAccess(state, team, repo), "write");
    return able ? null : unknown(`make sure the team ${owner} exists, is publicly visible, and has write access to the repository`);
  }
  const isLogin = /^@[^/@\s]+$/.test(owner);
  if (!isLogin && !/^[^@\s]+@[^@\s]+$/.test(owner)) return { kind: "Invalid owner", at, suggestion: null };
  const account = isLogin ? accountByLogin(state, owner.slice(1)) : accountByEmail(state, owner);
  const able = account !== undefined && atLeast(permissionOf(state, repo, account), "write");
  return able ? null : unknown(`make sure ${owner} exists and has write access to ${fullName(state, repo)}`);
}

/** A team has the access of the teams above it, too. */
function teamAccess(state: State, team: Team, repo: Repo): Permission {
  const own = team.access.get(repo.id) ?? "none";
  if (team.parentId === null) return own;
  const above = teamAccess(state, must(state.teams, team.parentId), repo);
  return atLeast(above, own) ? above : own;
}
