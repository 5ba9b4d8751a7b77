import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Log } from "../../../src/engine/ports/log.ts";
import { openDatabase, type Database } from "../../../src/store/database.ts";
import { ledgerRecords } from "../../../src/store/ledger-records.ts";
import { appendEntries } from "../../../src/store/statements/ledger.ts";
import { controlSocket } from "../../../src/wiring/control-socket.ts";
import { listenForCommands } from "../../../src/wiring/control.ts";
import { logOf } from "../../../src/wiring/ledger.ts";
import { ledgerDefaults } from "../../../src/wiring/ledger-settings.ts";

/** Commands beside a server that has the embedded database for itself: they ask it over its socket. */
const run = promisify(execFile);
const errors: string[] = [];
const log: Log = { info: () => undefined, warn: () => undefined, error: (_, text) => errors.push(text) };
let folder: string;
let database: Database;
let stopListening: () => Promise<void>;

const gate = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const env = { PATH: process.env["PATH"] ?? "", PUPPET_GATE_DATA: folder };
  try {
    const { stdout, stderr } = await run(process.execPath, ["src/cli.ts", ...args], { env });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-served-"));
  database = await openDatabase(folder);
  const records = ledgerRecords(database);
  const at = new Date("2026-11-01T12:00:00Z");
  const told = (kind: "merge-intended" | "landed", about: object) =>
    ({ kind, subject: "pull/7", actor: kind === "landed" ? null : 7, evidence: [JSON.stringify(about)], key: kind }) as const;
  await database.transaction((executor) =>
    appendEntries(executor, 1, [told("merge-intended", { head: "h", approvals: [] }), told("landed", { head: "h", commit: "c" })], at),
  );
  await logOf(ledgerDefaults(folder), { records, now: () => at, log, dataFolder: folder }).look();
  const unused = (): never => {
    throw new Error("nobody rolls anything out here");
  };
  stopListening = await listenForCommands(folder, {
    store: { records: {}, transaction: unused } as never,
    forge: { permissionOf: unused, personNamed: unused },
    origin: unused,
    nudge: unused,
    ledger: records,
    now: () => at,
    log,
  });
});
afterAll(async () => {
  await stopListening();
  await database.close();
  await rm(folder, { recursive: true });
});

describe("while a server has the database", () => {
  it("questions are answered, by person, too", async () => {
    const asked = await gate("audit", "ask", "1", "--json", "--person", "7", "--from", "2026-11-01", "--to", "2026-11-02");
    expect(asked.err).toBe("");
    expect(JSON.parse(asked.out)).toMatchObject({
      question: 1,
      log: { entries: 3, signed: 3 },
      rows: [{ actor: "7", subject: "pull/7", commit: "c" }],
    });
    expect((await gate("audit", "sample", "--seed", "x", "-n", "5")).out).toContain("1 of 1 by the seed x");
  });

  it("bundles are exported and entries proven, and both are verified", async () => {
    const bundle = join(folder, "bundle");
    const exported = await gate("audit", "export", bundle);
    expect(exported).toMatchObject({ code: 0, err: "" });
    const key = (await readFile(join(bundle, "key"), "utf8")).trim();
    expect((await gate("audit", "verify", bundle, "--key", key)).out).toContain("\nVERIFIED  ");
    const proof = await gate("audit", "prove", "1", "--data", folder);
    await writeFile(join(folder, "proof"), proof.out);
    expect((await gate("audit", "verify", join(folder, "proof"), "--key", key)).out).toMatch(/^VERIFIED/u);
    expect((await gate("audit", "verify", folder)).err).toContain("neither a folder with an audit bundle nor a proof");
    await writeFile(join(bundle, "checkpoint"), "nothing\n");
    expect((await gate("audit", "verify", bundle)).out).toBe(
      "WRONG       checkpoint is no signed checkpoint\n\nNOT VERIFIED  this bundle is not what was signed, or not all of it\n",
    );
    expect((await gate("audit", "prove", "99")).err).toContain("Entry 99 is in no signed checkpoint");
  });

  it("the ledger is checked, and a person forgotten", async () => {
    expect(await gate("ledger", "check")).toMatchObject({ code: 0, out: expect.stringContaining("as they came into the tree") as string });
    const words = ["--person", "7", "--reason", "request 1"];
    expect((await gate("ledger", "forget", ...words, "--dry-run")).out).toContain("Would forget");
    expect((await gate("ledger", "forget", ...words)).out).toContain("Forgot");
    expect((await gate("audit", "ask", "1", "--csv")).out).toContain("unknown:");
    expect(errors).toEqual([]);
  });

  it("what is no call is refused, and no other function of an object can be called", async () => {
    const post = (body: string | Buffer): Promise<number> =>
      new Promise((fulfil, reject) => {
        const call = request({ socketPath: controlSocket(folder) ?? "", path: "/ledger", method: "POST" }, (response) => {
          response.resume();
          fulfil(response.statusCode ?? 0);
        });
        call.on("error", reject);
        call.end(body);
      });
    const { serialize } = await import("node:v8");
    expect(await post("nonsense")).toBe(400);
    expect(await post(serialize(["constructor"]))).toBe(400);
    expect(await post(serialize(["toString"]))).toBe(400);
  });

  it("a folder whose holder does not answer is told of, with what to do", async () => {
    await stopListening();
    const asked = await gate("audit", "ask", "1");
    stopListening = async () => undefined;
    expect(asked.code).toBe(1);
    expect(asked.err).toContain("Another puppet-gate has the database, and no server answers");
  });
});
