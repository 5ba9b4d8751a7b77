import { hashBytes, type Hash } from "./hashes.ts";

/** A proof that stands for itself: that an entry is in a log (C2SP tlog-proof, version 1). */
export interface TlogProof {
  /** The entry's place, from 0 on. */
  index: number;
  proof: readonly Hash[];
  /** A signed checkpoint, as it was published. */
  checkpoint: string;
  /** Anything besides, which nothing vouches for; null where there is nothing. */
  extra: Buffer | null;
}

const mark = "c2sp.org/tlog-proof@v1";
/** A tree of 2^63 leaves has no longer proof. */
const mostHashes = 63;

export const renderProof = ({ index, proof, checkpoint, extra }: TlogProof): string =>
  [
    mark,
    ...(extra === null ? [] : [`extra ${extra.toString("base64")}`]),
    `index ${index}`,
    ...proof.map((hash) => hash.toString("base64")),
    "",
    checkpoint,
  ].join("\n");

/** Null for what is none. What the checkpoint is worth is not looked at. */
export function parseProof(text: string): TlogProof | null {
  const cut = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(cut, 0)).split("\n");
  if (first !== mark) return null;
  const [, encoded = null] = /^extra ([A-Za-z0-9+/]*={0,2})$/u.exec(lines[0] ?? "") ?? [];
  if (encoded !== null) lines.shift();
  const [, index = null] = /^index (0|[1-9]\d{0,14})$/u.exec(lines.shift() ?? "") ?? [];
  const proof = lines.map((line) => Buffer.from(line, "base64"));
  const isWhole = proof.every((hash, at) => hash.length === hashBytes && hash.toString("base64") === lines[at]);
  if (index === null || !isWhole || proof.length > mostHashes) return null;
  return { index: Number(index), proof, checkpoint: text.slice(cut + 2), extra: encoded === null ? null : Buffer.from(encoded, "base64") };
}
