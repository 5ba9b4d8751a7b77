import { git } from "./git.ts";
import { ambiguousRef, badRef, noCommits, noDefaultBranch, problem, shallowRef, unbornHead, unknownRef } from "./problems.ts";
import type { Source } from "./source.ts";

/** The id of the commit that a name means here. Throws a Problem for a name that means none, or more than one thing. */
export async function commitOf(source: Source, ref: string): Promise<string> {
  // A name that begins with a dash could be taken for an option; blanks and control characters are in no ref.
  if (ref === "" || ref.startsWith("-") || /[\p{Cc}\p{Z}]/u.test(ref)) throw problem(badRef(ref));
  const args = ["rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`];
  const { exitCode, stdout, stderr } = await git(source, args, { answers: [0, 128] });
  if (/is ambiguous/u.test(stderr)) throw problem(ambiguousRef(ref));
  if (exitCode === 0) return stdout.toString().trim();
  throw problem(await explainUnknown(source, ref));
}

async function explainUnknown(source: Source, ref: string) {
  const known = (await listRefs(source)).filter(({ full }) => !full.endsWith("/HEAD"));
  if (known.length === 0) return noCommits(source.name);
  if (ref === "HEAD") {
    const branch = await git(source, ["symbolic-ref", "--quiet", "--short", "HEAD"], { answers: [0, 1] });
    if (branch.exitCode === 0) return unbornHead(branch.stdout.toString().trim());
  }
  // An id, or a step back in history: the name of a branch is not missing because of depth.
  if (source.shallow && /^[0-9a-f]{7,64}$|[~^@]/u.test(ref)) return shallowRef(ref);
  return unknownRef(ref, { near: nearest(ref, known), known: known.slice(0, 5).map(({ short }) => short) });
}

interface Ref {
  /** As a person writes it, unambiguous: `main`, `origin/main`. */
  short: string;
  full: string;
  /** What it points to, for a symbolic one like `refs/remotes/origin/HEAD`. */
  target: string | null;
}

async function listRefs(source: Source): Promise<Ref[]> {
  const format = "%(refname:short)%00%(refname)%00%(symref)";
  const { stdout } = await git(source, ["for-each-ref", `--format=${format}`, "refs/heads", "refs/remotes", "refs/tags", "refs/pull"]);
  const lines = stdout.toString().split("\n");
  return lines.flatMap((line) => {
    const [short, full, target] = line.split("\0");
    return short && full ? [{ short, full, target: target || null }] : [];
  });
}

/**
 * The default branch: what the remote's HEAD says (`origin` first, else the only remote's), else the only one of the usual names that the
 * only remote has, or that this repository has when there is no remote. Where there could be two, none is chosen.
 */
export async function findDefaultBranch(source: Source): Promise<string> {
  const refs = await listRefs(source);
  const heads = refs.filter(({ full, target }) => /^refs\/remotes\/.+\/HEAD$/u.test(full) && target !== null);
  const head = heads.find(({ full }) => full === "refs/remotes/origin/HEAD") ?? (heads.length === 1 ? heads[0] : undefined);
  const meant = refs.find(({ full }) => full === head?.target);
  if (meant) return meant.short;

  const remotes = await listRemotes(source);
  if (remotes.length > 1) throw problem(noDefaultBranch(remotes.flatMap((remote) => usual(refs, `refs/remotes/${remote}/`))));
  const found = usual(refs, remotes[0] === undefined ? "refs/heads/" : `refs/remotes/${remotes[0]}/`);
  const [only, another] = found;
  if (only === undefined || another !== undefined) throw problem(noDefaultBranch(found));
  return only;
}

const USUAL = ["main", "master", "production"];

const usual = (refs: readonly Ref[], prefix: string): string[] =>
  refs.filter(({ full }) => USUAL.some((name) => full === prefix + name)).map(({ short }) => short);

async function listRemotes(source: Source): Promise<string[]> {
  const { stdout } = await git(source, ["remote"]);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "");
}

/** At most three names that could have been meant: by edit distance, a remote's prefix counting for nothing. */
function nearest(ref: string, known: readonly Ref[]): string[] {
  const wanted = ref.toLowerCase();
  const near = known
    .map(({ short, full }) => {
      const bare = full.replace(/^refs\/(?:heads|tags|remotes\/[^/]+)\//u, "").toLowerCase();
      return { short, distance: Math.min(distance(wanted, bare), distance(wanted, short.toLowerCase())) };
    })
    .filter((candidate) => candidate.distance <= Math.max(2, Math.floor(ref.length / 3)));
  return near
    .sort((a, b) => a.distance - b.distance || (a.short < b.short ? -1 : 1))
    .slice(0, 3)
    .map(({ short }) => short);
}

/** Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
