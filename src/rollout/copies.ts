/** What a commit of a branch's own line does, whatever it is called and whatever it is built upon. */
export interface Fingerprint {
  tree: string;
  /** Digest of its patch to the commit before it; null where that is empty. */
  whole: string | null;
  /** Digests of the patches of the commits that it brought, where those are more than itself; empty for too many. */
  parts: readonly string[];
}

/**
 * Whether one commit does again what another one did: the same patch, all of its parts among others (somebody picked them into another pull request), or the
 * very tree that the other one left.
 */
export function doesAgain(one: Fingerprint, bad: Fingerprint): boolean {
  if (bad.whole === null) return false;
  if (one.tree === bad.tree || (one.whole !== null && one.whole === bad.whole)) return true;
  const brought = new Set([...one.parts, ...(one.whole === null ? [] : [one.whole])]);
  const asked = bad.parts.length > 0 ? bad.parts : [bad.whole];
  return asked.every((part) => brought.has(part));
}
