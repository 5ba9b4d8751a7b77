import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { lockFolder } from "../../src/store/lock.ts";
import { openKeptCompiles } from "../../src/wiring/kept-compiles.ts";

/** What `puppet-gate cache status --serve` can say where a server has its embedded database; tests/engine-gate/night.test.ts has PostgreSQL's. */
function server(): Parameters<typeof openKeptCompiles>[0] {
  const dataFolder = mkdtempSync(join(tmpdir(), "puppet-gate-test-"));
  onTestFinished(() => rmSync(dataFolder, { recursive: true }));
  return {
    app: { id: 1, privateKey: "a key" },
    dataFolder,
    cache: { kind: "folder", folder: join(dataFolder, "compiles"), limit: 1e9 },
  };
}

it("nothing was proven where no server ever ran, and looking makes no database", async () => {
  const kept = await openKeptCompiles(server());
  expect([await kept.proofs?.(), await kept.marks(), (await kept.shelf.size()).entries]).toEqual([{ known: true, value: [] }, [], 0]);
});

it("what was proven is not known while the server has its database to itself", async () => {
  const config = server();
  mkdirSync(join(config.dataFolder, "database"));
  const lock = lockFolder(config.dataFolder);
  onTestFinished(() => lock.release());
  const kept = await openKeptCompiles(config);
  expect(await kept.proofs?.()).toMatchObject({ known: false, reason: expect.stringContaining("ask while it is stopped") });
});

it("a server that keeps nothing is told so", async () => {
  const { cache: _, ...none } = server();
  await expect(openKeptCompiles(none)).rejects.toThrow("PUPPET_GATE_CACHE is none");
});
