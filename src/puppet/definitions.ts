import { z } from "zod";

import type { Definition } from "../plan/definitions.ts";

/** Of one file, and characters of a name: more is made to wear us out, and as good as a file that does not parse. */
const most = 20_000;
const longest = 2_000;

const row = z.tuple([
  z.enum(["class", "define", "function", "type", "node", "plan", "other"]),
  z.string().max(longest),
  z.string().regex(/^[0-9a-f]{64}$/u),
]);
const answerSchema = z.strictObject({ definitions: z.array(z.array(row).max(most).nullable().catch(null)) });

/** What a worker says that files define, one of `paths` after the other; null for all of them where it is no such thing. */
export function readDefinitions(line: Buffer, paths: readonly string[]): Map<string, readonly Definition[] | null> | null {
  const answer = answerSchema.safeParse(parseJson(line));
  if (!answer.success || answer.data.definitions.length !== paths.length) return null;
  return new Map(
    paths.map((path, at) => [path, answer.data.definitions[at]?.map(([kind, name, digest]) => ({ kind, name, digest })) ?? null] as const),
  );
}

function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString()) as unknown;
  } catch {
    return undefined; // which the schema refuses
  }
}
