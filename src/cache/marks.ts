import { z } from "zod";
import type { CacheShelf, Distrust } from "../engine/ports/cache.ts";
import type { KeySource } from "./key-file.ts";
import { createSealer } from "./seal.ts";

export const unreadableMark = "it was marked, and the mark can't be read";

const markSchema = z.strictObject({ repository: z.string(), why: z.string() });

/** A mark's body. Its place tells nobody whose it is, so the body does. */
export const packMark = ({ repository, why }: Distrust): Buffer => Buffer.from(JSON.stringify({ repository, why }));

/** Null where this is no mark's body: the mark holds all the same. */
export function unpackMark(body: Buffer): Distrust | null {
  try {
    return markSchema.safeParse(JSON.parse(body.toString())).data ?? null;
  } catch {
    return null; // JSON.parse alone throws here: no JSON, no mark's body
  }
}

/** What the marks of a shelf say, in the order of their places; null for one that can't be read under this key, which holds all the same. */
export async function readMarks(shelf: Pick<CacheShelf, "get" | "marks">, key: KeySource): Promise<(Distrust | null)[]> {
  const names = await shelf.marks();
  const known = names.length === 0 ? null : await key.read();
  const sealer = known === null ? null : createSealer(known);
  const found: (Distrust | null)[] = [];
  for (const name of names) {
    const place = { kind: "mark", name } as const;
    const sealed = await shelf.get(place);
    // Cleared away meanwhile.
    if (sealed === null) continue;
    const body = (await sealer?.open(place, sealed)) ?? null;
    found.push(body === null ? null : unpackMark(body));
  }
  return found;
}
