import { packEntries } from "../../ledger/entry-bundles.ts";
import { leafHash, type Hash } from "../../ledger/hashes.ts";
import { consistencyPlan, inclusionPlan, proofBy, wholeSubtreesOf, type ProofPlan, type TreeNode } from "../../ledger/proofs.ts";
import { rootOf } from "../../ledger/range.ts";
import { hashFromTiles, splitHashes, tileOfNode, tileWidth } from "../../ledger/tiles.ts";
import type { LedgerRecords, Publication } from "../ports/ledger.ts";

type Tiles = Pick<LedgerRecords, "tilesOf">;

/** The root of the log at a size that the tiles have. */
export async function rootAt(records: Tiles, size: number): Promise<Hash> {
  const nodes = wholeSubtreesOf(size);
  const hashOf = await hashesFor(records, nodes);
  return rootOf({ size, hashes: nodes.map(hashOf) });
}

/** That the log of `size` begins with the log of `before`. */
export const consistencyProof = (records: Tiles, before: number, size: number): Promise<Hash[]> =>
  provenBy(records, consistencyPlan(before, size));

/** That leaf `index` is in the log of `size`. */
export const inclusionProof = (records: Tiles, index: number, size: number): Promise<Hash[]> =>
  provenBy(records, inclusionPlan(index, size));

async function provenBy(records: Tiles, plan: ProofPlan): Promise<Hash[]> {
  return proofBy(plan, await hashesFor(records, plan.flat()));
}

async function hashesFor(records: Tiles, nodes: readonly TreeNode[]): Promise<(node: TreeNode) => Hash> {
  const tiles = await records.tilesOf(nodes.map(tileOfNode));
  return (node) => hashFromTiles(tiles, node);
}

/** Whether the entries beside a tile are those that it was made of; a tile beyond the tree has none. */
export async function isTileTrue(records: Pick<LedgerRecords, "tilesOf" | "leavesFrom">, index: number, tree: number): Promise<boolean> {
  const width = Math.min(tileWidth, tree - index * tileWidth);
  if (width <= 0) return true;
  const [hashes] = (await records.tilesOf([{ level: 0, index }])).values();
  const leaves = await records.leavesFrom(index * tileWidth, width);
  const kept = hashes === undefined ? [] : splitHashes(hashes);
  return leaves.length === width && leaves.every((leaf, at) => kept[at]?.equals(leafHash(Buffer.from(leaf))) === true);
}

/** What a place is given of the log, as it is at the size of a checkpoint. */
export const publicationOf = (
  records: Pick<LedgerRecords, "tilesOf" | "leavesFrom">,
  { note, size, before }: Pick<Publication, "note" | "size" | "before">,
): Publication => ({
  note,
  size,
  before,
  tile: async ({ level, index, width }) => {
    const [hashes] = (await records.tilesOf([{ level, index }])).values();
    if (hashes === undefined || hashes.length < width * 32) throw new Error(`tile ${level}/${index} of the log is not ${width} wide`);
    return hashes.subarray(0, width * 32);
  },
  bundle: async (index, width) => {
    const leaves = await records.leavesFrom(index * tileWidth, width);
    if (leaves.length < width) throw new Error(`the log has not ${width} entries from ${index * tileWidth} on`);
    return packEntries(leaves.map((leaf) => Buffer.from(leaf)));
  },
});
