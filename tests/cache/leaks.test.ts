import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openFolderCache } from "../../src/cache/folder-cache.ts";
import { keyFile } from "../../src/cache/key-file.ts";
import { fillWithSecrets, givenAway } from "./secrets.ts";
import { filesBelow, newFolder } from "./stage.ts";

/** Promise 8 of what is kept in a folder; `tests/store/shelf.test.ts` has the database. */
it("no secret, node or repository is in a folder's names or bytes, nor is the key", async () => {
  const folder = newFolder();
  const [kept, key] = [join(folder, "cache"), join(folder, "state", "compiles.key")];
  const silent = { onTrouble: (): void => {}, onBroken: (): void => {} };
  await fillWithSecrets(openFolderCache({ folder: kept, limit: 1e9, key: keyFile(key), ...silent }));
  const files = filesBelow(kept);
  const everything = files.map((file) => `${file}\n${readFileSync(file, "latin1")}`).join("\n");
  expect(files.length).toBe(2 + 2 + 1 + 2);
  expect(givenAway(everything)).toEqual([]);
  const text = readFileSync(key, "utf8").trim();
  for (const form of [text, Buffer.from(text, "hex").toString("latin1")]) expect(everything).not.toContain(form);
});
