import { assert, integer, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { packEntries, unpackEntries } from "../../src/ledger/entry-bundles.ts";
import { emptyRoot, leafHash, nodeHash, type Hash } from "../../src/ledger/hashes.ts";
import { consistencyPlan, inclusionPlan, proofBy, verifyConsistency, verifyInclusion, wholeSubtreesOf } from "../../src/ledger/proofs.ts";
import { emptyRange, grow, rootOf } from "../../src/ledger/range.ts";
import {
  edgeOf,
  growTiles,
  hashFromTiles,
  splitHashes,
  tileKey,
  tileOfNode,
  tilePath,
  tilesOf,
  type Tile,
} from "../../src/ledger/tiles.ts";

/** The leaves and roots that implementations of RFC 6962 have passed from one to the other since the first. */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** RFC 6962, 2.1, word for word. */
function rootByTheBook(hashes: readonly Hash[]): Hash {
  const [first] = hashes;
  if (first === undefined) return emptyRoot;
  if (hashes.length === 1) return first;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(rootByTheBook(hashes.slice(0, k)), rootByTheBook(hashes.slice(k)));
}

const leafOf = (n: number): Hash => leafHash(Buffer.from(`leaf ${n}`));
const leavesOf = (size: number): Hash[] => Array.from({ length: size }, (_, n) => leafOf(n));
const rootAt = (size: number): Hash => rootOf(grow(emptyRange, leavesOf(size)));

function treeOf(sizes: readonly number[]): Map<string, Buffer> {
  const tiles = new Map<string, Buffer>();
  let size = 0;
  for (const more of sizes) {
    const edge: Tile[] = edgeOf(size).map((name) => ({ ...name, hashes: tiles.get(tileKey(name)) ?? Buffer.alloc(0) }));
    for (const tile of growTiles(
      size,
      Array.from({ length: more }, (_, n) => leafOf(size + n)),
      edge,
    ))
      tiles.set(tileKey(tile), tile.hashes);
    size += more;
  }
  return tiles;
}

describe("a tree", () => {
  it("has the roots that all implementations have", () => {
    const hashes = leaves.map((leaf) => leafHash(Buffer.from(leaf, "hex")));
    expect(roots.map((_, size) => rootOf(grow(emptyRange, hashes.slice(0, size))).toString("hex"))).toEqual(roots);
  });

  it("has the root of the definition, however it grew", () => {
    assert(
      property(nat(300), nat(300), (first, second) => {
        const grown = grow(grow(emptyRange, leavesOf(first)), leavesOf(first + second).slice(first));
        expect(grown.size).toBe(first + second);
        expect(rootOf(grown)).toEqual(rootByTheBook(leavesOf(first + second)));
      }),
      { numRuns: 40 },
    );
  });
});

const tiles = treeOf([1, 254, 1, 3, 700, 64_577, 4_464]);
const whole = 70_000;
const hashOf = (node: { level: number; index: number }): Hash => hashFromTiles(tiles, node);

describe("tiles", () => {
  it("are those of the specification's example", () => {
    const named = tilesOf(70_000).map(({ level, index, width }) => tilePath(level, index, width));
    expect(named).toHaveLength(273 + 1 + 1 + 1 + 1);
    expect(named.filter((name) => name.includes(".p/"))).toEqual(["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    expect(tilesOf(256)).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect(tilesOf(0)).toEqual([]);
    expect([tilePath("entries", 1_234_067, 256), tilePath(0, 7, 3)]).toEqual(["tile/entries/x001/x234/067", "tile/0/007.p/3"]);
  });

  it("are all there after any growth, as wide as they must be, and nothing else", () => {
    const wanted = new Map(tilesOf(whole).map(({ width, ...name }) => [tileKey(name), width * 32]));
    expect(new Map([...tiles].map(([key, hashes]) => [key, hashes.length]))).toEqual(wanted);
    expect(splitHashes(tiles.get("0/3") ?? Buffer.alloc(0))).toEqual(leavesOf(1024).slice(768));
  });

  it("that are new since an earlier size are named, whole and partial", () => {
    assert(
      property(nat(2_000), nat(2_000), (from, more) => {
        const width = ({ level, index }: { level: number; index: number }, size: number): number =>
          Math.min(256, Math.max(0, Math.floor(size / 256 ** level) - index * 256));
        const named = tilesOf(from + more).filter((tile) => width(tile, from) < tile.width);
        expect(tilesOf(from + more, from)).toEqual(named);
      }),
    );
  });

  it("refuse to grow from an edge that is not theirs", () => {
    expect(() => growTiles(3, [leafOf(3)], [])).toThrow("tile 0/0 has 0 hashes where 3 must be");
    expect(() => hashFromTiles(new Map(), { level: 3, index: 0 })).toThrow("tile 0/0 lacks hashes");
  });

  it("give the root of every size below theirs", () => {
    for (const size of [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, whole]) {
      const hashes = wholeSubtreesOf(size).map(hashOf);
      expect(rootOf({ size, hashes })).toEqual(rootAt(size));
    }
    expect(tileOfNode({ level: 16, index: 0 })).toEqual({ level: 2, index: 0 });
  });
});

describe("proofs", () => {
  const heads = new Map([1, 2, 3, 7, 8, 255, 256, 1_000, 65_536, whole].map((size) => [size, rootAt(size)]));

  it("of inclusion hold for their leaf, at its place, in their tree, and nowhere else", () => {
    for (const [size, root] of heads) {
      for (const index of new Set([0, 1, 6, 254, 255, 256, 65_535, size - 2, size - 1].filter((n) => n >= 0 && n < size))) {
        const proof = proofBy(inclusionPlan(index, size), hashOf);
        const holds = (more: { leaf?: Hash; index?: number; size?: number; root?: Hash; proof?: Hash[] }): boolean =>
          verifyInclusion(
            more.leaf ?? leafOf(index),
            more.index ?? index,
            { size: more.size ?? size, root: more.root ?? root },
            more.proof ?? proof,
          );
        expect(holds({})).toBe(true);
        expect(proof.length).toBeLessThanOrEqual(17);
        const wrong = [
          { leaf: leafOf(size) },
          { index: index + 1 },
          { index: index - 1 },
          { root: leafOf(0) },
          { proof: [...proof, root] },
          { index: size },
        ];
        expect(wrong.filter((one) => size > 1 && holds(one))).toEqual([]);
        for (const at of proof.keys()) {
          expect(holds({ proof: proof.with(at, leafOf(999_999)) })).toBe(false);
          expect(holds({ proof: proof.toSpliced(at, 1) })).toBe(false);
        }
      }
    }
  });

  it("of consistency hold between every two sizes, and for no other root", () => {
    for (const [before, oldRoot] of heads) {
      for (const [size, root] of heads) {
        if (before > size) continue;
        const proof = proofBy(consistencyPlan(before, size), hashOf);
        const holds = (old: Hash, made: Hash, given: readonly Hash[] = proof): boolean =>
          verifyConsistency({ size: before, root: old }, { size, root: made }, given);
        expect(holds(oldRoot, root)).toBe(true);
        expect([holds(leafOf(7_777), root), holds(oldRoot, leafOf(7_777)), holds(oldRoot, root, [...proof, root])]).toEqual([
          false,
          false,
          false,
        ]);
        for (const at of proof.keys()) expect(holds(oldRoot, root, proof.with(at, leafOf(8_888)))).toBe(false);
      }
    }
    expect(verifyConsistency({ size: 8, root: rootAt(8) }, { size: 7, root: rootAt(7) }, [])).toBe(false);
    expect(verifyConsistency({ size: 0, root: emptyRoot }, { size: 7, root: rootAt(7) }, [])).toBe(true);
  });

  it("hold in every small tree", () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const head = { size, root: rootAt(size) };
        expect(verifyInclusion(leafOf(index), index, head, proofBy(inclusionPlan(index, size), hashOf))).toBe(true);
        const old = { size: index + 1, root: rootAt(index + 1) };
        expect(verifyConsistency(old, head, proofBy(consistencyPlan(index + 1, size), hashOf))).toBe(true);
      }
    }
  });
});

describe("bundles of entries", () => {
  it("give back what was put in, and nothing where a length is wrong", () => {
    assert(
      property(integer({ min: 0, max: 9 }), (count) => {
        const entries = Array.from({ length: count }, (_, n) => Buffer.from("x".repeat(n * 100)));
        expect(unpackEntries(packEntries(entries))).toEqual(entries);
      }),
    );
    expect(unpackEntries(Buffer.from([0, 2, 1]))).toBeNull();
    expect(unpackEntries(Buffer.from([0]))).toBeNull();
  });

  it("take 65,535 bytes and no more", () => {
    expect(packEntries([Buffer.alloc(65_535)])).toHaveLength(65_537);
    expect(() => packEntries([Buffer.alloc(65_536)])).toThrow("an entry of 65536 bytes has no place in a log");
  });
});
