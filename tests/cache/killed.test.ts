import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folderShelf } from "../../src/cache/folder.ts";
import { keyFile } from "../../src/cache/key-file.ts";
import type { CompileCache } from "../../src/engine/ports/cache.ts";
import { filesBelow, inFolder, newFolder } from "./stage.ts";

/** Real processes that are killed, and a real disk that is full. */
const program = (name: string): string => join(import.meta.dirname, "programs", name);

/** How many entries are there; throws where one is not whole. */
async function wholeEntries(cache: CompileCache): Promise<number> {
  let found = 0;
  for (let name = 0; name < 12; name++) {
    const body = await (name % 3 === 0 ? cache.readRecord("repo", String(name)) : cache.read(String(name)));
    if (body === null) continue;
    found += 1;
    expect(createHash("sha256").update(body.subarray(32)).digest().equals(body.subarray(0, 32))).toBe(true);
  }
  return found;
}

it(
  "writers that are killed at any moment leave whole entries and one key, and what they left unfinished goes",
  { timeout: 60_000 },
  async () => {
    const folder = newFolder();
    const [cacheFolder, key] = [join(folder, "cache"), join(folder, "state", "compiles.key")];
    let said = "";
    let found = 0;
    for (let kill = 0; kill < 4; kill++) {
      const writers = [0, 1, 2].map(() =>
        spawn(process.execPath, [program("writer.ts"), cacheFolder, key], { stdio: ["ignore", "pipe", "inherit"] }),
      );
      const ended = writers.map((writer) => new Promise((resolve) => writer.once("close", resolve)));
      let rounds = 0;
      for (const writer of writers)
        writer.stdout.on("data", (chunk: Buffer) => {
          said += chunk.toString();
          // Not at the end of a round, when nothing is under way: each a little later than the one before.
          if (chunk.includes("round") && ++rounds === 3) setTimeout(() => writers.forEach((each) => each.kill("SIGKILL")), kill * 3);
        });
      await Promise.all(ended);
      const { cache, troubles } = inFolder(cacheFolder, keyFile(key));
      found = await wholeEntries(cache);
      expect([troubles, cache.counts().broken]).toEqual([[], 0]);
      expect(await cache.distrusted("marked 0")).toBe("a mark");
    }
    // The four records; of the others room is made for some.
    expect(found).toBeGreaterThanOrEqual(4);
    expect(said).not.toMatch(/trouble|broken/u);
    expect(readdirSync(join(folder, "state"))).toEqual(["compiles.key"]);
    const unfinished = join(cacheFolder, "unfinished");
    for (const file of filesBelow(unfinished)) utimesSync(file, 1, 1);
    await folderShelf(cacheFolder, 1e9).collect();
    expect(filesBelow(unfinished)).toEqual([]);
  },
);

it("on a full disk nothing more is kept, which is told once, and what was kept can be read", (context) => {
  const folder = newFolder();
  // In a mount namespace of its own: whatever happens, the mount ends with it.
  const mounted = `mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1"`;
  const script = `exec unshare --mount ${process.getuid?.() === 0 ? "" : "--map-root-user"} sh -c '${mounted}' sh "$@"`;
  const ran = spawnSync("sh", ["-c", script, "sh", folder, process.execPath, program("full-disk.ts")], { encoding: "utf8" });
  if (ran.status !== 0 && /unshare|mount/u.test(ran.stderr)) context.skip(`no file system can be mounted here: ${ran.stderr}`);
  expect(ran.stderr).toBe("");
  const { troubles, read, isMarked, mark, counts } = JSON.parse(ran.stdout) as Record<string, unknown> & { counts: Record<string, number> };
  expect(troubles).toEqual([expect.stringContaining("ENOSPC")]);
  expect(read).toBe((counts["written"] ?? 0) - (isMarked === true ? 1 : 0));
  expect(counts["written"]).toBeGreaterThan(5);
  expect(counts["refused"]).toBeGreaterThan(20);
  expect(mark).toBe("xxxxxxxxxx");
  expect(filesBelow(folder)).toEqual([]);
});
