import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { parseSignerKey, signerKey, signerOf, type Signer } from "../../ledger/keys.ts";
import { Problem } from "../../problem.ts";
import { readIfThere, writeWhole } from "./files.ts";

/** What signs the log: in a file of this user's alone, one key a line, the present one first and after it the one before. */
export interface LogKeys {
  current: Signer;
  previous: Signer | null;
}

/** Null where there is none. Throws a Problem where others may read it, or where it holds something else. */
export async function readKeys(path: string): Promise<LogKeys | null> {
  const content = await readIfThere(path);
  if (content === null) return null;
  if (((await stat(path)).mode & 0o077) !== 0) throw openToOthers(path);
  const [current = null, previous = null] = content.toString("utf8").trim().split("\n").map(parseSignerKey);
  if (current === null) throw noKey(path);
  return { current, previous };
}

export async function writeKeys(path: string, { current, previous }: LogKeys): Promise<void> {
  await writeWhole(path, `${[current, ...(previous === null ? [] : [previous])].map(signerKey).join("\n")}\n`, 0o600);
}

/** A new key for a log of this name; without one the log gets a name that no other has. */
export const newKey = (origin: string | null): Signer =>
  signerOf(origin ?? `puppet-gate/ledger-${randomBytes(6).toString("hex")}`, randomBytes(32));

const openToOthers = (path: string): Problem =>
  new Problem({
    code: "ledger-key",
    text: `The ledger's key, ${path}, may be read by other users.`,
    hint: "Take their rights away (chmod 600). If anybody may have read it, begin a new one: `puppet-gate ledger rotate`.",
  });

const noKey = (path: string): Problem =>
  new Problem({
    code: "ledger-key",
    text: `${path} holds no key of a ledger.`,
    hint: "Put back the file that was there (`puppet-gate ledger sign` makes one only where there is none), or give its path as PUPPET_GATE_LEDGER_KEY.",
  });
