import { emptyRoot, nodeHash, type Hash } from "./hashes.ts";

/**
 * The least that a tree can be grown from, and its root told: the roots of its whole subtrees, the largest and leftmost first, one for
 * each bit of `size` that is set.
 */
export interface Range {
  readonly size: number;
  readonly hashes: readonly Hash[];
}

export const emptyRange: Range = { size: 0, hashes: [] };

/** The range with these leaves after its own. */
export function grow({ size, hashes }: Range, leaves: Iterable<Hash>): Range {
  const roots = [...hashes];
  let grown = size;
  for (const leaf of leaves) {
    let root = leaf;
    // Each bit that is carried is one pair of whole subtrees of the same size.
    for (let rest = grown; rest % 2 === 1; rest = (rest - 1) / 2) root = nodeHash(roots.pop() ?? root, root);
    roots.push(root);
    grown += 1;
  }
  return { size: grown, hashes: roots };
}

/** RFC 6962, 2.1: the Merkle tree hash. */
export function rootOf({ hashes }: Range): Hash {
  const last = hashes.at(-1);
  if (last === undefined) return emptyRoot;
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}
