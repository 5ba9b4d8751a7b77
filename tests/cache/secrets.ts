import { expect } from "vitest";
import type { CompileCache } from "../../src/engine/ports/cache.ts";
import * as leaks from "../check/leaks.ts";

/** Raw answers hold secrets in clear text, and keys of the cache say whom they are about. */
const answer = Buffer.from(JSON.stringify({ certname: "web01.example.com", ok: true, secrets: Object.values(leaks.secrets) }));
const scope = `acme/control ${leaks.secrets.ruby}`;
const inClear = ["web01.example.com", "acme/control"];

/** Puts answers, records and a mark with secrets in them, and in their names. */
export async function fillWithSecrets(cache: CompileCache): Promise<void> {
  for (const name of ["web01.example.com", leaks.secrets.old]) {
    await cache.write(name, answer);
    await cache.writeRecord(scope, name, answer);
  }
  await cache.distrust(scope, { repository: "acme/control", why: `web01.example.com: ${leaks.secrets.fresh}` });
  expect(await cache.read(leaks.secrets.old)).toEqual(answer);
  await cache.close();
}

/** What the names and bytes give away, and what they say of nodes and repositories. */
export const givenAway = (everything: string): string[] => [
  ...leaks.foundIn(everything),
  ...inClear.filter((word) => everything.includes(word)),
];
