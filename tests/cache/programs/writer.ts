import { createHash, randomBytes } from "node:crypto";
import { createCompileCache } from "../../../src/cache/cache.ts";
import { folderShelf } from "../../../src/cache/folder.ts";
import { keyFile } from "../../../src/cache/key-file.ts";

/**
 * Writes entries, records and marks for ever, few names again and again, each body with its own digest in front; says so after each
 * round. It is killed at any moment.
 */
const [folder = "", key = ""] = process.argv.slice(2);
const cache = createCompileCache({
  shelf: folderShelf(folder, 3_000_000),
  key: keyFile(key),
  onTrouble: (error) => process.stdout.write(`trouble ${String(error)}\n`),
  onBroken: () => process.stdout.write("broken\n"),
});
for (let round = 0; ; round++) {
  const writes: Promise<unknown>[] = [];
  for (let name = 0; name < 12; name++) {
    const body = randomBytes(20_000 + name * 4_000);
    const whole = Buffer.concat([createHash("sha256").update(body).digest(), body]);
    writes.push(name % 3 === 0 ? cache.writeRecord("repo", String(name), whole) : cache.write(String(name), whole));
  }
  writes.push(cache.distrust(`marked ${round % 3}`, { repository: "repo", why: "a mark" }));
  await Promise.all(writes);
  await cache.close();
  process.stdout.write(`round ${round}\n`);
}
