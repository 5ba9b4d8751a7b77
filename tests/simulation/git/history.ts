import { emptyTree, type FileEntry, type KnownObjects as Objects } from "./objects.ts";

/** What git says of commits: what one has and the other has not, where two parted, and what they come to together. */

export const isAncestor = (objects: Objects, ancestor: string, descendant: string): boolean => objects.ancestors(descendant).has(ancestor);

/** The best common ancestors, the newest first. */
export function mergeBases(objects: Objects, one: string, other: string): string[] {
  const theirs = objects.ancestors(other);
  const common = [...objects.ancestors(one)].filter((sha) => theirs.has(sha));
  const best = common.filter((sha) => !common.some((later) => later !== sha && isAncestor(objects, sha, later)));
  return best.sort((a, b) => objects.commit(b).committer.at - objects.commit(a).committer.at || (a < b ? -1 : 1));
}

/** Commits that `from` lead to and `without` do not, each before its parents. */
export function commitsOf(objects: Objects, from: readonly string[], without: readonly string[], firstParent = false): string[] {
  const left = new Set(without.flatMap((sha) => [...objects.ancestors(sha)]));
  const seen = new Set<string>();
  const parentsFirst: string[] = [];
  const visit = (sha: string): void => {
    if (seen.has(sha) || left.has(sha)) return;
    seen.add(sha);
    const { parents } = objects.commit(sha);
    for (const parent of firstParent ? parents.slice(0, 1) : parents) visit(parent);
    parentsFirst.push(sha);
  };
  for (const sha of from) visit(sha);
  return parentsFirst.reverse();
}

/** The tree of merging two commits, whole files at a time; null where both changed one file, each in its own way. */
export function mergeTrees(objects: Objects, one: string, other: string): string | null {
  const [base] = mergeBases(objects, one, other);
  const before = objects.files(base === undefined ? emptyTree : objects.commit(base).tree);
  const [ours, theirs] = [objects.files(objects.commit(one).tree), objects.files(objects.commit(other).tree)];
  const merged = new Map<string, FileEntry>();
  for (const path of new Set([...before.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [was, our, their] = [before.get(path), ours.get(path), theirs.get(path)];
    const kept = isSame(our, their) || isSame(was, their) ? our : isSame(was, our) ? their : null;
    if (kept === null) return null;
    if (kept !== undefined) merged.set(path, kept);
  }
  return objects.addTree(merged);
}

const isSame = (one: FileEntry | undefined, other: FileEntry | undefined): boolean =>
  one?.blob === other?.blob && one?.mode === other?.mode;

export interface Difference {
  path: string;
  before: FileEntry | undefined;
  after: FileEntry | undefined;
}

export function differences(objects: Objects, from: string, to: string): Difference[] {
  const [old, now] = [objects.files(from), objects.files(to)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter(({ before, after }) => !isSame(before, after));
}

/** The patch from where head left base up to head, as text that is equal for equal patches; null for an empty one. */
export function patchOf(objects: Objects, base: string, head: string): string | null {
  const [from] = mergeBases(objects, base, head);
  const changes = differences(objects, from === undefined ? emptyTree : objects.commit(from).tree, objects.commit(head).tree);
  if (changes.length === 0) return null;
  return changes.map(({ path, before, after }) => `${path} ${named(before)} ${named(after)}`).join("\n");
}

const named = (entry: FileEntry | undefined): string => (entry === undefined ? "-" : `${entry.mode}:${entry.blob}`);
