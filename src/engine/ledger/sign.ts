import { openCheckpoint, signCheckpoint, type Checkpoint } from "../../ledger/checkpoint.ts";
import { digestOf, textOfBlob } from "../../ledger/entry.ts";
import type { Signer } from "../../ledger/keys.ts";
import { keysOf } from "../../ledger/log-keys.ts";
import { verifyConsistency } from "../../ledger/proofs.ts";
import { tileWidth } from "../../ledger/tiles.ts";
import type { KeptCheckpoint, LedgerRecords } from "../ports/ledger.ts";
import { consistencyProof, isTileTrue, rootAt } from "./tree.ts";

export interface SignPorts {
  records: LedgerRecords;
  kept: KeptCheckpoint;
  now: () => Date;
}

/** The log's key, and the one that it took over from, which signs the first checkpoint after that too. */
export interface Keys {
  current: Signer;
  previous: Signer | null;
}

export type Signed =
  | { kind: "signed" | "unchanged"; checkpoint: Checkpoint; note: string }
  /** Before the first entry. */
  | { kind: "empty" }
  | Refused;

/** Nothing is signed: what was signed before and what the database has now can't both be true. */
export interface Refused {
  kind: "refused";
  code: "kept-lost" | "kept-wrong" | "kept-old" | "restored" | "forked" | "rewritten";
  why: string;
  /** What to do. */
  hint: string;
}

/** Entries that come into the tree in one transaction. */
const grownAtOnce = 4_096;
/** Tiles whose entries are read again at each signing, in turn: of a million entries each is looked at every four hours. */
const lookedAtOnce = 16;

/** Makes a signer. One look: brings new entries into the tree, compares with what was signed last, and signs what is new. */
export function createSigner(ports: SignPorts): { sign(keys: Keys): Promise<Signed> } {
  let looked = 0;
  return {
    sign: async (keys) => {
      const { records } = ports;
      let tree = await grown(records);
      for (let at = 0; at < lookedAtOnce; at += 1) {
        if (looked * tileWidth >= tree) looked = 0;
        if (!(await isTileTrue(records, looked, tree))) return rewritten(looked);
        looked += 1;
        if (looked * tileWidth >= tree) break;
      }
      return signTree(ports, keys, tree);
    },
  };
}

/** Texts that entries rest on, by their digests; those that were forgotten are left out. */
interface Texts {
  blobsOf(digests: readonly string[]): Promise<readonly { sha256: string; blob: string }[]>;
  /** All that were signed. */
  checkpoints(): Promise<readonly { size: number; note: string }[]>;
}

/** What became of texts: digests. */
export interface LookedAt {
  refused: Refused | null;
  changed: readonly string[];
  /** Gone, and no entry says that they were forgotten. */
  missing: readonly string[];
  /** Sizes of checkpoints that no key of the log has signed as they are. */
  unsigned: readonly number[];
}

/** Looks at every entry of the log, and not in turn, at every text that they rest on, and at every signature. Nothing is refused where each is what the tree was made of. */
export async function lookAtAll(records: LedgerRecords & Texts): Promise<LookedAt> {
  const { tree } = await records.logSize();
  const own = await records.logEntries();
  const forgotten = new Set(own.flatMap(({ entry, blobs }) => forgottenIn(entry, blobs)));
  const keys = keysOf(own);
  const unsigned = (await records.checkpoints()).flatMap(({ size, note }) => {
    const opened = openCheckpoint(note, keys.at(-1)?.name ?? "", keys);
    return opened.ok && opened.checkpoint.size === size ? [] : [size];
  });
  const [changed, missing]: [string[], string[]] = [[], []];
  for (let index = 0; index * tileWidth < tree; index += 1) {
    if (!(await isTileTrue(records, index, tree))) return { refused: rewritten(index), changed, missing, unsigned };
    const leaves = await records.leavesFrom(index * tileWidth, Math.min(tileWidth, tree - index * tileWidth));
    const digests = leaves.flatMap((leaf) => (JSON.parse(leaf) as { evidence: string[] }).evidence);
    const there = new Map((await records.blobsOf(digests)).map(({ sha256, blob }) => [sha256, blob]));
    for (const digest of new Set(digests)) {
      const blob = there.get(digest);
      if (blob === undefined ? !forgotten.has(digest) : digestOf(blob) !== digest) (blob === undefined ? missing : changed).push(digest);
    }
  }
  return { refused: null, changed, missing, unsigned };
}

function forgottenIn(entry: string, blobs: readonly string[]): string[] {
  if ((JSON.parse(entry) as { kind: string }).kind !== "forgotten") return [];
  return blobs.flatMap((blob) => (JSON.parse(textOfBlob(blob)) as { blobs: string[] }).blobs);
}

async function grown(records: LedgerRecords): Promise<number> {
  for (;;) {
    const { entries, tree } = await records.logSize();
    if (tree >= entries) return tree;
    await records.growTree(grownAtOnce);
  }
}

async function signTree({ records, kept, now }: SignPorts, keys: Keys, size: number): Promise<Signed> {
  const { entries } = await records.logSize();
  const before = await lastSigned({ records, kept }, keys);
  if (before !== null && "kind" in before) return before;
  if (entries < size) return rewritten(Math.floor(entries / tileWidth));
  if (before === null) {
    if (size === 0) return { kind: "empty" };
  } else if (size < before.checkpoint.size) return restored(before.checkpoint, size, kept);
  const checkpoint = { origin: keys.current.name, size, root: await rootAt(records, size) };
  if (before !== null) {
    const proof = await consistencyProof(records, before.checkpoint.size, size);
    if (!verifyConsistency(before.checkpoint, checkpoint, proof)) return forked(before.checkpoint, kept);
    if (size === before.checkpoint.size && before.isCurrent) {
      // A kill between the two writes leaves the database without it.
      await records.saveCheckpoint({ size, note: before.note }, now());
      return { kind: "unchanged", checkpoint, note: before.note };
    }
  }
  // The first checkpoint after a rotation has both signatures: whoever knows the old key alone can follow.
  const both = before !== null && !before.isCurrent && keys.previous !== null ? [keys.current, keys.previous] : [keys.current];
  const note = signCheckpoint(checkpoint, both);
  await kept.write(note);
  await records.saveCheckpoint({ size, note }, now());
  return { kind: "signed", checkpoint, note };
}

interface LastSigned {
  checkpoint: Checkpoint;
  note: string;
  /** Signed by the key that signs now. */
  isCurrent: boolean;
}

async function lastSigned({ records, kept }: Omit<SignPorts, "now">, keys: Keys): Promise<LastSigned | Refused | null> {
  const note = await kept.read();
  const newest = await records.newestCheckpoint();
  if (note === null) return newest === null ? null : keptLost(kept, newest.size);
  const opened = openCheckpoint(note, keys.current.name, keys.previous === null ? [keys.current] : [keys.current, keys.previous]);
  if (!opened.ok) return keptWrong(kept, opened.why);
  // It is written before the database is told: only another signer, or a file that was put back, leaves it behind.
  if (newest !== null && newest.size > opened.checkpoint.size) return keptOld(kept, opened.checkpoint.size, newest.size);
  return { checkpoint: opened.checkpoint, note, isCurrent: opened.by.some(({ id }) => id === keys.current.id) };
}

const nothingSigned = "Nothing is signed or published until that is settled";

const keptLost = ({ name }: KeptCheckpoint, size: number): Refused => ({
  kind: "refused",
  code: "kept-lost",
  why: `checkpoints were signed, the last of ${size} entries, and ${name}, which keeps the last one apart from the database, is gone. ${nothingSigned}.`,
  hint: `Put the newest checkpoint that was published there, as ${name}. Take it from a place of publication, not from this database.`,
});

const keptWrong = ({ name }: KeptCheckpoint, why: string): Refused => ({
  kind: "refused",
  code: "kept-wrong",
  why: `${name} does not hold a checkpoint that this log signed: ${why}. ${nothingSigned}.`,
  hint: `Put the newest checkpoint that was published there, and the key that signed it where this log's key is.`,
});

const keptOld = ({ name }: KeptCheckpoint, size: number, newest: number): Refused => ({
  kind: "refused",
  code: "kept-old",
  why: `${name} is a checkpoint of ${size} entries, and one of ${newest} was signed since: another process signs this log with the same key, or that file was put back from a backup. ${nothingSigned}.`,
  hint: `Let one sign, and set PUPPET_GATE_LEDGER_SIGN=apart for the others. Where this one is to sign, put the newest checkpoint that was published there, as ${name}.`,
});

const restored = (last: Checkpoint, size: number, { name }: KeptCheckpoint): Refused => ({
  kind: "refused",
  code: "restored",
  why: `the ledger has ${size} entries, and a checkpoint of ${last.size} was signed (${name}): ${last.size - size} are gone, as after a backup was restored. ${nothingSigned}.`,
  hint: "Restore a later backup, or PostgreSQL's log further (docs/operations.md). Where neither is there, `puppet-gate ledger succeed --reason TEXT` begins a new log that names the old one's last checkpoint (docs/audit.md).",
});

const forked = (last: Checkpoint, { name }: KeptCheckpoint): Refused => ({
  kind: "refused",
  code: "forked",
  why: `the first ${last.size} entries of the ledger are not those that were signed (${name}): some were changed, or others came in their place after a backup was restored. ${nothingSigned}.`,
  hint: "Compare with what was published: `puppet-gate audit verify` names the first entry that differs. Then restore the database that has the published entries, or `puppet-gate ledger succeed --reason TEXT` (docs/audit.md).",
});

const rewritten = (tile: number): Refused => ({
  kind: "refused",
  code: "rewritten",
  why: `entries from ${tile * tileWidth + 1} to ${(tile + 1) * tileWidth} of the ledger are not those that its tree was made of: one was changed or removed in the database. ${nothingSigned}.`,
  hint: "Compare with what was published: `puppet-gate audit verify` names the first entry that differs. Then put the published entries back, from a backup or by hand (docs/audit.md).",
});
