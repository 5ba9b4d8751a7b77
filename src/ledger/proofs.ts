import { nodeHash, type Hash } from "./hashes.ts";
import { rootOf } from "./range.ts";

/** A whole subtree: the leaves from `index * 2^level` on, `2^level` of them. */
export interface TreeNode {
  level: number;
  index: number;
}

/** Leaves from `lo` up to and without `hi`, as RFC 6962 cuts a tree: `lo` is a multiple of the largest power of two in `hi - lo`. */
interface Span {
  lo: number;
  hi: number;
}

/** How a proof's hashes are made: each of the whole subtrees of one part of the tree, left to right. */
export type ProofPlan = readonly (readonly TreeNode[])[];

/** RFC 6962, 2.1.1: what proves that leaf `index` is in the tree of this size, from the leaf's sibling upwards. */
export const inclusionPlan = (index: number, size: number): ProofPlan => inclusionSpans(index, { lo: 0, hi: size }).map(wholeSubtrees);

/** RFC 6962, 2.1.2: what proves that the tree of `size` begins with the tree of `before`. Nothing where one of them is empty or they are of one size. */
export const consistencyPlan = (before: number, size: number): ProofPlan =>
  before === 0 || before === size ? [] : consistencySpans(before, { lo: 0, hi: size }, true).map(wholeSubtrees);

/** The proof, by whoever knows the hashes of whole subtrees. */
export const proofBy = (plan: ProofPlan, hashOf: (node: TreeNode) => Hash): Hash[] =>
  plan.map((nodes) => rootOf({ size: nodes.length, hashes: nodes.map(hashOf) }));

/** The whole subtrees that a tree of this size consists of: of their hashes its root is made. */
export const wholeSubtreesOf = (size: number): TreeNode[] => wholeSubtrees({ lo: 0, hi: size });

/** Whether the leaf is at this place in the tree with this root, by the algorithm of RFC 9162, 2.1.3.2. */
export function verifyInclusion(leaf: Hash, index: number, { size, root }: { size: number; root: Hash }, proof: readonly Hash[]): boolean {
  if (!isPlace(index) || !isPlace(size) || index >= size) return false;
  let [fn, sn, made] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      made = nodeHash(sibling, made);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else made = nodeHash(made, sibling);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && made.equals(root);
}

interface Head {
  size: number;
  root: Hash;
}

/** Whether the later tree begins with the earlier one, by the algorithm of RFC 9162, 2.1.4.2. Every tree begins with the empty one. */
export function verifyConsistency(before: Head, after: Head, proof: readonly Hash[]): boolean {
  if (!isPlace(before.size) || !isPlace(after.size) || before.size > after.size) return false;
  if (before.size === after.size) return proof.length === 0 && before.root.equals(after.root);
  if (before.size === 0) return proof.length === 0;
  const path = isPowerOfTwo(before.size) ? [before.root, ...proof] : [...proof];
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let [fn, sn] = [before.size - 1, after.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [old, made] = [first, first];
  for (const node of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      old = nodeHash(node, old);
      made = nodeHash(node, made);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else made = nodeHash(made, node);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && old.equals(before.root) && made.equals(after.root);
}

function inclusionSpans(index: number, { lo, hi }: Span): Span[] {
  if (hi - lo <= 1) return [];
  const middle = lo + cutOf(hi - lo);
  return index < middle
    ? [...inclusionSpans(index, { lo, hi: middle }), { lo: middle, hi }]
    : [...inclusionSpans(index, { lo: middle, hi }), { lo, hi: middle }];
}

/** `isKnown`: this span is the earlier tree itself, whose root whoever verifies has. */
function consistencySpans(before: number, { lo, hi }: Span, isKnown: boolean): Span[] {
  if (before === hi) return isKnown ? [] : [{ lo, hi }];
  const middle = lo + cutOf(hi - lo);
  return before <= middle
    ? [...consistencySpans(before, { lo, hi: middle }, isKnown), { lo: middle, hi }]
    : [...consistencySpans(before, { lo: middle, hi }, false), { lo, hi: middle }];
}

function wholeSubtrees({ lo, hi }: Span): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let from = lo; from < hi;) {
    const level = Math.floor(Math.log2(hi - from));
    nodes.push({ level, index: from / 2 ** level });
    from += 2 ** level;
  }
  return nodes;
}

/** The largest power of two below. Sizes are far below 2^48, where a logarithm is exact enough. */
const cutOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));
const half = (n: number): number => Math.floor(n / 2);
const isPlace = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const isPowerOfTwo = (n: number): boolean => 2 ** Math.round(Math.log2(n)) === n;
