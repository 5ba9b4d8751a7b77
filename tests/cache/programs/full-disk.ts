import { randomBytes } from "node:crypto";
import { createCompileCache } from "../../../src/cache/cache.ts";
import { folderShelf } from "../../../src/cache/folder.ts";
import { givenKey } from "../../../src/cache/key-file.ts";

/** Writes more than the disk of this folder takes, reads it again, and prints what came of it as JSON. */
const [folder = ""] = process.argv.slice(2);
const troubles: string[] = [];
const shelf = folderShelf(folder, 1e9);
const cache = createCompileCache({
  shelf,
  key: givenKey(Buffer.alloc(32, 7)),
  onTrouble: (error) => troubles.push(String(error)),
  onBroken: () => troubles.push("broken"),
});
for (let name = 0; name < 40; name++) await cache.write(String(name), randomBytes(100_000));
let read = 0;
for (let name = 0; name < 40; name++) if ((await cache.read(String(name))) !== null) read += 1;
const isMarked = await cache.distrust("repo", { repository: "repo", why: "x".repeat(10) });
await cache.close();
process.stdout.write(JSON.stringify({ troubles, read, isMarked, mark: await cache.distrusted("repo"), counts: cache.counts() }));
