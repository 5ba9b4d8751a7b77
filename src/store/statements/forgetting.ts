import { blobOf, type Draft } from "../../ledger/entry.ts";
import type { Executor } from "../executor.ts";
import { appendEntries } from "./ledger.ts";

/** Blobs with one of these words in them, whatever their case: ASCII, as numbers and logins are. */
export async function blobsNaming(executor: Executor, words: readonly string[]): Promise<{ sha256: string; blob: string }[]> {
  const { rows } = await executor.query<{ sha256: string; content: Uint8Array; salt: string | null }>(
    "select sha256, content, salt from evidence where encode(content, 'escape') ilike any($1) order by sha256",
    [words.map((word) => `%${word.replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`)],
  );
  return rows.map(({ sha256, content, salt }) => ({ sha256, blob: blobOf(Buffer.from(content).toString("utf8"), salt) }));
}

/** Deletes a person's salt and these blobs, and records what is told. In a transaction. */
export async function forgetPerson(executor: Executor, id: number, digests: readonly string[], draft: Draft, at: Date): Promise<void> {
  await executor.query("delete from actors where id = $1", [id]);
  await executor.query("delete from evidence where sha256 = any($1)", [digests]);
  await appendEntries(executor, 0, [draft], at);
}
