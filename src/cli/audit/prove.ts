import { openCheckpoint, parseCheckpoint } from "../../ledger/checkpoint.ts";
import { leafHash } from "../../ledger/hashes.ts";
import { parseVerifierKey, type Verifier } from "../../ledger/keys.ts";
import { parseNote } from "../../ledger/note.ts";
import { inclusionPlan, proofBy, verifyInclusion } from "../../ledger/proofs.ts";
import { hashFromTiles, tileOfNode } from "../../ledger/tiles.ts";
import { parseProof, renderProof } from "../../ledger/tlog-proof.ts";
import { Problem } from "../../problem.ts";
import type { BundleSource } from "./bundle.ts";

/** A proof that one entry is in the log, with the entry itself: C2SP tlog-proof. Throws a Problem for a place that is not signed yet. */
export async function prove(source: Pick<BundleSource, "newestCheckpoint" | "leavesFrom" | "tilesOf">, index: number): Promise<string> {
  const note = (await source.newestCheckpoint())?.note ?? "";
  const head = parseCheckpoint(parseNote(note)?.text ?? "");
  if (head === null || index >= head.size)
    throw new Problem({
      code: "not-signed",
      text: `Entry ${index} is in no signed checkpoint: the newest is of ${head?.size ?? 0} entries, counted from 0.`,
      hint: "Wait a minute for the next one, or run `puppet-gate ledger sign --once`.",
    });
  const plan = inclusionPlan(index, head.size);
  const [tiles, [entry = ""]] = await Promise.all([source.tilesOf(plan.flat().map(tileOfNode)), source.leavesFrom(index, 1)]);
  const proof = proofBy(plan, (node) => hashFromTiles(tiles, node));
  if (!verifyInclusion(leafHash(Buffer.from(entry)), index, head, proof))
    throw new Problem({
      code: "ledger-rewritten",
      text: `Entry ${index} of the database is not the one that was signed.`,
      hint: "Look at what is published and at backups (docs/audit.md): it was changed.",
    });
  return renderProof({ index, proof, checkpoint: note, extra: Buffer.from(entry) });
}

/** What is wrong with a proof; null where nothing is, for these keys. The entry is the proof's own. */
export function wrongWith(text: string, keys: readonly string[]): { why: string | null; entry: string } {
  const proof = parseProof(text);
  if (proof === null || proof.extra === null) return { why: "it is no proof with an entry in it", entry: "" };
  const entry = proof.extra.toString("utf8");
  const verifiers = keys.map(parseVerifierKey).filter((key): key is Verifier => key !== null);
  if (verifiers.length === 0) return { why: "no key was given to verify it by (--key)", entry };
  const origin = parseCheckpoint(parseNote(proof.checkpoint)?.text ?? "")?.origin ?? "";
  const opened = verifiers.some(({ name }) => name === origin) ? openCheckpoint(proof.checkpoint, origin, verifiers) : null;
  if (opened === null) return { why: `it is of the log ${JSON.stringify(origin)}, and no key that was given is of that`, entry };
  if (!opened.ok) return { why: opened.why, entry };
  const holds = verifyInclusion(leafHash(proof.extra), proof.index, opened.checkpoint, proof.proof);
  return { why: holds ? null : "the entry is not in the log at that place", entry };
}
