import { hashBytes, type Hash } from "./hashes.ts";
import type { TreeNode } from "./proofs.ts";
import { emptyRange, grow, rootOf } from "./range.ts";

/** Hashes of a whole tile (C2SP tlog-tiles): eight levels of the tree. */
export const tileWidth = 256;
const tileHeight = 8;

/** Which tile of the log: `level` counts tiles, not nodes. */
export interface TileName {
  level: number;
  index: number;
}

/** A tile with as many hashes as there are by now. */
export interface Tile extends TileName {
  hashes: Buffer;
}

export const tileKey = ({ level, index }: TileName): string => `${level}/${index}`;

/** `tile/0/x001/234.p/7`; `entries` for the bundle of entries beside a tile of level 0. `width` is left out of the name of a whole one. */
export function tilePath(level: number | "entries", index: number, width: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const parts = digits.match(/\d{3}/gu) ?? [];
  const name = parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join("/");
  return `tile/${level}/${name}${width === tileWidth ? "" : `.p/${width}`}`;
}

/** The tiles of a tree of this size from leaf `from` on, each as wide as it is by then, the lowest level first. */
export function tilesOf(size: number, from = 0): (TileName & { width: number })[] {
  const tiles: (TileName & { width: number })[] = [];
  for (let level = 0; tileWidth ** level <= size; level += 1) {
    const hashes = Math.floor(size / tileWidth ** level);
    // A tile whose hashes were all there before is there already.
    const before = Math.floor(from / tileWidth ** level);
    if (before === hashes) continue;
    for (let index = Math.floor(before / tileWidth); index * tileWidth < hashes; index += 1)
      tiles.push({ level, index, width: Math.min(tileWidth, hashes - index * tileWidth) });
  }
  return tiles;
}

/** The tiles that a tree's growth begins with: the last of each level that is not whole. */
export const edgeOf = (size: number): TileName[] =>
  tilesOf(size)
    .filter(({ width }) => width < tileWidth)
    .map(({ level, index }) => ({ level, index }));

/** Tiles that are new or wider once these leaves come after a tree of `size`. `edge`: what `edgeOf(size)` names. Throws where that is not so wide as it must be. */
export function growTiles(size: number, leaves: readonly Hash[], edge: readonly Tile[]): Tile[] {
  const open = new Map(edge.map((tile) => [tileKey(tile), tile.hashes]));
  const grown = new Map<string, TileName & { parts: Buffer[]; width: number }>();
  const put = (level: number, place: number, hash: Hash): void => {
    const name = { level, index: Math.floor(place / tileWidth) };
    const key = tileKey(name);
    const before = open.get(key);
    const tile = grown.get(key) ?? { ...name, parts: before === undefined ? [] : [before], width: (before?.length ?? 0) / hashBytes };
    if (tile.width !== place % tileWidth) throw new Error(`tile ${key} has ${tile.width} hashes where ${place % tileWidth} must be`);
    tile.parts.push(hash);
    tile.width += 1;
    grown.set(key, tile);
    if (tile.width === tileWidth) put(level + 1, name.index, rootOfHashes(Buffer.concat(tile.parts)));
  };
  for (const [at, leaf] of leaves.entries()) put(0, size + at, leaf);
  return [...grown.values()].map(({ level, index, parts }) => ({ level, index, hashes: Buffer.concat(parts) }));
}

/** The tile that has what a subtree's hash is made of. */
export const tileOfNode = (node: TreeNode): TileName => {
  const { level, first } = inTiles(node);
  return { level, index: Math.floor(first / tileWidth) };
};

/** The hash of a whole subtree, from tiles by their keys. Throws where the tile is not there or not wide enough. */
export function hashFromTiles(tiles: ReadonlyMap<string, Buffer>, node: TreeNode): Hash {
  const { first, count } = inTiles(node);
  const tile = tiles.get(tileKey(tileOfNode(node)));
  const from = (first % tileWidth) * hashBytes;
  const hashes = tile?.subarray(from, from + count * hashBytes);
  if (hashes?.length !== count * hashBytes) throw new Error(`tile ${tileKey(tileOfNode(node))} lacks hashes of the tree`);
  return rootOfHashes(hashes);
}

/** Of the level of tiles below the node: its first hash, and how many of them. */
function inTiles({ level, index }: TreeNode): { level: number; first: number; count: number } {
  const count = 2 ** (level % tileHeight);
  return { level: Math.floor(level / tileHeight), first: index * count, count };
}

export const rootOfHashes = (hashes: Buffer): Hash => rootOf(grow(emptyRange, splitHashes(hashes)));

export const splitHashes = (hashes: Buffer): Hash[] =>
  Array.from({ length: hashes.length / hashBytes }, (_, at) => hashes.subarray(at * hashBytes, (at + 1) * hashBytes));
