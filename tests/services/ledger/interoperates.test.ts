import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consistencyProof, inclusionProof, rootAt } from "../../../src/engine/ledger/tree.ts";
import { openCheckpoint } from "../../../src/ledger/checkpoint.ts";
import { leafHash } from "../../../src/ledger/hashes.ts";
import { keysOf } from "../../../src/ledger/log-keys.ts";
import { signerKey, signerOf, verifierKey } from "../../../src/ledger/keys.ts";
import { consistencyPlan, inclusionPlan, verifyConsistency, verifyInclusion } from "../../../src/ledger/proofs.ts";
import { ledgerWorld, type LedgerWorld } from "../../store/ledger/world.ts";

/** Debian's packages, and no module from a network: `golang-go` and `golang-golang-x-mod-dev`. */
const modules = "/usr/share/gocode";
let folder: string;
let world: LedgerWorld;
let program: string;

beforeAll(async () => {
  if (!existsSync(join(modules, "src/golang.org/x/mod/sumdb/tlog")))
    throw new Error("This test needs Go and its module library: sudo apt-get install golang-go golang-golang-x-mod-dev");
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-tlog-"));
  program = join(folder, "tlog");
  const env = { PATH: process.env["PATH"], HOME: folder, GOPATH: modules, GO111MODULE: "off", GOCACHE: join(folder, "cache"), GOFLAGS: "" };
  execFileSync("go", ["build", "-o", program, join(import.meta.dirname, "tlog.go")], { env, stdio: "pipe" });
  world = await ledgerWorld();
}, 300_000);
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = (question: object): { status: number | null; stdout: string } => {
  const { status, stdout } = spawnSync(program, { input: JSON.stringify(question), encoding: "utf8", maxBuffer: 1 << 26 });
  return { status, stdout };
};
const texts = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString("base64"));

describe("Go's checksum database", () => {
  it("verifies our checkpoint, every proof that a leaf is in it, and every one that it goes on from another", async () => {
    await world.append(599);
    const { signed } = await world.look();
    if (signed.kind !== "signed") throw new Error("nothing was signed");
    const { size } = signed.checkpoint;
    const Entries = await world.records.leavesFrom(0, size);
    const Inclusion: Record<number, string[]> = {};
    const Consistency: Record<number, string[]> = {};
    const Heads: Record<number, string> = {};
    for (const index of [0, 1, 254, 255, 256, 257, 511, 512, 513, size - 2, size - 1]) {
      Inclusion[index] = texts(await inclusionProof(world.records, index, size));
      Consistency[index + 1] = texts(await consistencyProof(world.records, index + 1, size));
      Heads[index + 1] = (await rootAt(world.records, index + 1)).toString("base64");
    }
    const [key] = keysOf(await world.records.logEntries()).map(verifierKey);
    const question = { Key: key, Checkpoint: signed.note, Entries, Inclusion, Consistency, Heads };
    expect(ask(question)).toEqual({ status: 0, stdout: `{"size":600,"inclusion":11,"consistency":11}` });
    expect(ask({ ...question, Entries: Entries.with(3, "other") }).stdout).toContain("the root of the entries is");
    expect(ask({ ...question, Checkpoint: signed.note.replace("\n600\n", "\n599\n") }).status).toBe(1);
  });

  it.each([1, 2, 3, 7, 8, 64, 100, 257])("makes a log of %i entries whose checkpoint and proofs we verify", (size) => {
    const signer = signerOf("go.example/log", Buffer.alloc(32, size % 256));
    const made = JSON.parse(ask({ Make: size, Secret: signerKey(signer) }).stdout) as {
      checkpoint: string;
      inclusion: Record<string, string[]>;
      consistency: Record<string, string[]>;
      heads: Record<string, string>;
    };
    const opened = openCheckpoint(made.checkpoint, "go.example/log", [signer]);
    expect(opened).toMatchObject({ ok: true, checkpoint: { size } });
    const root = Buffer.from(made.heads[size] ?? "", "base64");
    const bytes = (hashes: string[] | undefined): Buffer[] => (hashes ?? []).map((hash) => Buffer.from(hash, "base64"));
    const held = Array.from({ length: size }, (_, index) => {
      const proof = bytes(made.inclusion[index]);
      const consistency = bytes(made.consistency[index + 1]);
      const before = { size: index + 1, root: Buffer.from(made.heads[index + 1] ?? "", "base64") };
      return (
        proof.length === inclusionPlan(index, size).length &&
        consistency.length === consistencyPlan(index + 1, size).length &&
        verifyInclusion(leafHash(Buffer.from(`entry ${index}`)), index, { size, root }, proof) &&
        verifyConsistency(before, { size, root }, consistency)
      );
    });
    expect(held.filter((one) => !one)).toEqual([]);
    expect(held).toHaveLength(size);
  });
});
