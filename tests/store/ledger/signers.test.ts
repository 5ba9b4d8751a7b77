import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createLog, type InstallationLog } from "../../../src/engine/ledger/log.ts";
import { watchLog } from "../../../src/engine/ledger/watch.ts";
import { openCheckpoint } from "../../../src/ledger/checkpoint.ts";
import { keysOf } from "../../../src/ledger/log-keys.ts";
import type { Database } from "../../../src/store/database.ts";
import { directoryPlace } from "../../../src/store/ledger/directory.ts";
import { newKey, readKeys, writeKeys } from "../../../src/store/ledger/key-file.ts";
import { keptFile } from "../../../src/store/ledger/kept-file.ts";
import { openTestDatabase } from "../open.ts";
import { ledgerWorld, type LedgerWorld } from "./world.ts";

let world: LedgerWorld;
let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await ledgerWorld(database);
});
afterEach(() => world.close());

/** The time of a turn is over. */
const turnOver = (): Promise<unknown> => database.query("update signing set held_until = '-infinity'");

class Killed extends Error {}

/** Dies at the n-th call to anything outside, before it or after it, and does nothing from then on. Gives how many calls there were. */
function mortal(at: number, after: boolean): { log: InstallationLog; calls: () => number } {
  let calls = 0;
  let dead = false;
  const wrapped = <T extends object>(ports: T): T =>
    Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [
        name,
        typeof port !== "function"
          ? port
          : async (...given: unknown[]) => {
              const call = port as (...all: unknown[]) => unknown;
              calls += 1;
              if (dead || (calls === at && !after)) {
                dead = true;
                throw new Killed();
              }
              const mine = calls;
              const value: unknown = await call(...given);
              if (mine === at) {
                dead = true;
                throw new Killed();
              }
              return value;
            },
      ]),
    ) as T;
  const { key, kept } = world.settings;
  const keys = {
    read: () => readKeys(key),
    make: async () => {
      const made = { current: newKey("killed/log"), previous: null };
      await writeKeys(key, made);
      return made;
    },
  };
  const log = createLog({
    records: wrapped(world.records),
    kept: wrapped(keptFile(kept)),
    keys: wrapped(keys),
    places: ["a", "b"].map((name) => wrapped(directoryPlace(join(world.folder, name)))),
    holder: `killed at ${at}`,
    now: () => world.now(),
    log: { info: () => undefined, warn: () => undefined, error: (_, text) => void world.said.push(text) },
  });
  return { log, calls: () => calls };
}

/** What everybody must find once a look was through: one log, at all places, whoever died before. */
async function expectWhole(size: number): Promise<void> {
  const keys = keysOf(await world.records.logEntries());
  const notes = await Promise.all(
    [world.settings.kept, join(world.folder, "a/checkpoint"), join(world.folder, "b/checkpoint")].map((path) => readFile(path, "utf8")),
  );
  const sizes = notes.map((note) => {
    const opened = openCheckpoint(note, keys[0]?.name ?? "", keys);
    return opened.ok ? opened.checkpoint.size : opened.why;
  });
  expect(sizes).toEqual([size, size, size]);
  expect(await world.records.logSize()).toEqual({ entries: size, tree: size });
  expect((await world.records.newestCheckpoint())?.size).toBe(size);
  expect((await world.records.places()).map((place) => [place.size, place.failingSince])).toEqual([
    [size, null],
    [size, null],
  ]);
  expect(world.said).toEqual([]);
}

describe("a signer that is killed at any call, before it or after it", () => {
  it.each([false, true])("leaves what the next one goes on from (after the call: %s)", async (after) => {
    let lived = false;
    let tried = 0;
    for (let at = 1; !lived; at += 1) {
      await world.close();
      world = await ledgerWorld(database);
      await world.append(3);
      const first = mortal(at, after);
      lived = await first.log.look().then(
        () => true,
        () => false,
      );
      tried = first.calls();
      await turnOver();
      const next = mortal(0, false);
      await next.log.look();
      await expectWhole(4);
      // Nothing is signed twice, and what comes then is one log with what was there.
      await world.append(2);
      await next.log.look();
      await expectWhole(6);
    }
    // Fewer would be a look that did nothing.
    expect(tried).toBeGreaterThan(30);
  });

  it("in a rotation, too: every key is vouched for by the one before", async () => {
    let lived = false;
    for (let at = 1; !lived; at += 1) {
      await world.close();
      world = await ledgerWorld(database);
      await world.append(3);
      await mortal(0, false).log.look();
      const keys = await readKeys(world.settings.key);
      if (keys === null) throw new Error("no key was made");
      await writeKeys(world.settings.key, { current: newKey(keys.current.name), previous: keys.current });
      lived = await mortal(at, true)
        .log.look()
        .then(
          () => true,
          () => false,
        );
      await turnOver();
      await mortal(0, false).log.look();
      await expectWhole(5);
      expect(keysOf(await world.records.logEntries())).toHaveLength(2);
    }
  });
});

describe("two signers of one ledger", () => {
  it("take turns: one that looks while another does signs nothing", async () => {
    await world.append(3);
    expect(await world.records.takeSigning("elsewhere, process 1", 30)).toBeNull();
    expect(await world.look()).toEqual({ signed: { kind: "busy", by: "elsewhere, process 1" }, told: [] });
    await world.records.endSigning("somebody else");
    expect((await world.look()).signed.kind).toBe("busy");
    await world.records.endSigning("elsewhere, process 1");
    expect((await world.look()).signed.kind).toBe("signed");
    const looks = await Promise.all(Array.from({ length: 4 }, () => world.log().look()));
    expect(new Set(looks.map(({ signed }) => signed.kind))).toEqual(new Set(["unchanged", "busy"]));
  });

  it("with files of their own: the one that was left behind signs nothing, and says which setting ends that", async () => {
    await world.append(3);
    await world.look();
    const other = world.log({ kept: join(world.folder, "other.checkpoint") });
    expect((await other.look()).signed).toMatchObject({ kind: "refused", code: "kept-lost" });
    const { writeFile } = await import("node:fs/promises");
    await writeFile(join(world.folder, "other.checkpoint"), await readFile(world.settings.kept));
    await world.append(1);
    expect((await other.look()).signed.kind).toBe("signed");
    await world.append(1);
    expect((await world.look()).signed).toMatchObject({
      kind: "refused",
      code: "kept-old",
      hint: expect.stringContaining("PUPPET_GATE_LEDGER_SIGN=apart") as string,
    });
  });

  it("of which one has no key: it makes none, and says once what to set", async () => {
    await world.append(3);
    await world.look();
    const said: { fields: object; text: string }[] = [];
    const error = (fields: object, text: string): void => void said.push({ fields, text });
    const keyless = world.log({ key: join(world.folder, "no.key"), kept: join(world.folder, "no.checkpoint") });
    const look = vi.fn<() => Promise<Awaited<ReturnType<InstallationLog["look"]>>>>(() => keyless.look());
    const watched = watchLog({ look }, { info: () => undefined, warn: () => undefined, error }, 0.01);
    await expect.poll(() => look.mock.calls.length).toBeGreaterThan(5);
    await watched.close();
    expect(said).toHaveLength(1);
    expect(said[0]?.text).toContain("its key is not on this machine");
    expect(JSON.stringify(said[0]?.fields)).toContain("PUPPET_GATE_LEDGER_SIGN=apart");
    await expect(readFile(join(world.folder, "no.key"))).rejects.toThrow("ENOENT");
    await rm(join(world.folder, "ledger"), { recursive: true, force: true });
  });

  it("that start at once on an empty database make one key, and one log", async () => {
    await world.append(3);
    const [one, other] = ["one", "other"].map((name) =>
      world.log({ key: join(world.folder, `${name}.key`), kept: join(world.folder, `${name}.checkpoint`) }),
    );
    const looks = await Promise.allSettled([one?.look(), other?.look()]);
    const kinds = looks.map((look) => (look.status === "fulfilled" ? look.value?.signed.kind : String(look.reason)));
    expect(kinds.filter((kind) => kind === "signed")).toHaveLength(1);
    expect((await world.records.logEntries()).length).toBe(1);
  });
});
