import type { Draft } from "../../ledger/entry.ts";
import { textOfBlob } from "../../ledger/entry.ts";

/** What forgetting somebody needs of the database. */
export interface ForgetRecords {
  /** Blobs that may name somebody: those with one of these words in them, whatever their case. */
  blobsNaming(words: readonly string[]): Promise<{ sha256: string; blob: string }[]>;
  /** Deletes a person's salt and these blobs, and records what is told; all in one transaction. */
  forgetPerson(id: number, digests: readonly string[], draft: Draft, at: Date): Promise<void>;
}

export interface Forgotten {
  /** SHA-256 of the blobs that are gone, or would be. */
  blobs: readonly string[];
}

/**
 * Forgets a person: the salt without which nobody can tell which commitments are theirs, and each text that names them by number or login. Entries stay, and the
 * tree with them. An entry says which blobs are gone and why, so that a bundle without them is whole all the same.
 *
 * @param reason goes into the ledger: a reference to the request, and no name
 */
export async function forget(
  records: ForgetRecords,
  { id, login, reason, isTrial }: { id: number; login: string | null; reason: string; isTrial: boolean },
  now: Date,
): Promise<Forgotten> {
  const words = [String(id), ...(login === null ? [] : [login])];
  const found = await records.blobsNaming(words);
  const blobs = found.filter(({ blob }) => isAbout(textOfBlob(blob), id, login)).map(({ sha256 }) => sha256);
  if (isTrial) return { blobs };
  const evidence = JSON.stringify({ blobs, reason });
  const draft: Draft = { kind: "forgotten", subject: "log", actor: null, evidence: [evidence], key: `forgotten:${now.toISOString()}` };
  await records.forgetPerson(id, blobs, draft, now);
  return { blobs };
}

/** A login as a word of its own, or the number where JSON says whose it is. */
function isAbout(text: string, id: number, login: string | null): boolean {
  const escaped = login?.replaceAll(/[^A-Za-z0-9]/gu, String.raw`\$&`) ?? null;
  if (escaped !== null && new RegExp(`(?<![A-Za-z0-9-])${escaped}(?![A-Za-z0-9-])`, "iu").test(text)) return true;
  return new RegExp(`"(?:id|byId|reviewer|person|author|mergedBy|debtor)":${id}(?!\\d)`, "u").test(text);
}
