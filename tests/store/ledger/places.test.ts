import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { prove, wrongWith } from "../../../src/cli/audit/prove.ts";
import { writeBundle } from "../../../src/cli/audit/bundle.ts";
import { verifyBundle } from "../../../src/cli/audit/verify.ts";
import { forget } from "../../../src/engine/ledger/forget.ts";
import { openCheckpoint } from "../../../src/ledger/checkpoint.ts";
import { keysOf } from "../../../src/ledger/log-keys.ts";
import { verifierKey } from "../../../src/ledger/keys.ts";
import type { Database } from "../../../src/store/database.ts";
import { succeed } from "../../../src/wiring/ledger.ts";
import { serve, serveGit, type Remote } from "../../git/remote.ts";
import { openTestDatabase } from "../open.ts";
import { ledgerWorld, type LedgerWorld } from "./world.ts";

const run = promisify(execFile);
let database: Database;
let world: LedgerWorld;
const open: Remote[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  world = await ledgerWorld(database);
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await world.close();
});

const origin = async (): Promise<string> => keysOf(await world.records.logEntries())[0]?.name ?? "";
const known = async (note: string): Promise<ReturnType<typeof openCheckpoint>> =>
  openCheckpoint(note, await origin(), keysOf(await world.records.logEntries()));

describe("a branch of another repository", () => {
  const git = async (...args: string[]): Promise<string> => (await run("git", ["-C", join(world.folder, "git/audit.git"), ...args])).stdout;

  it("gets each checkpoint as a commit on top of the one before, and nothing over what it does not know", async () => {
    await mkdir(join(world.folder, "git"));
    await run("git", ["init", "-q", "--bare", join(world.folder, "git/audit.git")]);
    await git("config", "http.receivepack", "true");
    const remote = await serveGit(join(world.folder, "git"), "hush");
    open.push(remote);
    const place = `git+${remote.url}/audit.git#ledger/one`;
    const log = world.log({ places: [place], token: "hush" });
    await world.append(2);
    expect((await log.look()).told).toEqual([{ place: place.slice(4), kind: "told" }]);
    expect((await log.look()).told).toEqual([{ place: place.slice(4), kind: "known" }]);
    await world.append(1);
    await log.look();
    expect((await git("log", "--format=%s", "ledger/one")).trim().split("\n")).toEqual([
      "The ledger at 4 entries",
      "The ledger at 3 entries",
    ]);
    expect(await known(await git("show", "ledger/one:checkpoint"))).toMatchObject({ ok: true, checkpoint: { size: 4 } });
    // Somebody else's commit with another file in place of the checkpoint.
    const blob = (
      await run("sh", ["-c", `echo no checkpoint | git -C ${join(world.folder, "git/audit.git")} hash-object -w --stdin`])
    ).stdout.trim();
    const tree = (
      await run("sh", ["-c", `printf '100644 blob ${blob}\\tcheckpoint\\n' | git -C ${join(world.folder, "git/audit.git")} mktree`])
    ).stdout.trim();
    const commit = (await git("-c", "user.name=x", "-c", "user.email=x@y", "commit-tree", "-m", "x", "-p", "ledger/one", tree)).trim();
    await git("update-ref", "refs/heads/ledger/one", commit);
    await world.append(1);
    expect((await log.look()).told).toMatchObject([{ kind: "forked", why: "what is there is not this log's: it is no signed note" }]);
    const refused = await world.log({ places: [place], token: "wrong" }).look();
    expect(refused.told).toMatchObject([{ kind: "failed" }]);
    expect(JSON.stringify(refused.told)).not.toContain("wrong");
  });
});

describe("a webhook", () => {
  it("is told once of each checkpoint, and again where it did not take one", async () => {
    const heard: string[] = [];
    let status = 200;
    const remote = await serve((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        if (status === 200) heard.push(Buffer.concat(parts).toString());
        response.writeHead(status).end("so be it");
      });
    });
    open.push(remote);
    const log = world.log({ places: [`${remote.url}/hook?secret=1`] });
    await world.append(1);
    expect((await log.look()).told).toEqual([{ place: `${remote.url}/hook`, kind: "told" }]);
    expect((await log.look()).told).toMatchObject([{ kind: "known" }]);
    status = 409;
    await world.append(1);
    expect((await log.look()).told).toMatchObject([
      { kind: "failed", why: expect.stringContaining("does not follow on the one it has (409)") },
    ]);
    status = 200;
    expect((await log.look()).told).toMatchObject([{ kind: "told" }]);
    expect(await Promise.all(heard.map(known))).toMatchObject([{ checkpoint: { size: 2 } }, { checkpoint: { size: 3 } }]);
    await remote.close();
    await world.append(1);
    expect((await log.look()).told).toMatchObject([{ kind: "failed", why: expect.not.stringContaining("secret") }]);
  });
});

describe("a proof", () => {
  it("stands for itself, with the entry in it, by a key from elsewhere", async () => {
    await world.append(300);
    await world.look();
    const keys = keysOf(await world.records.logEntries()).map(verifierKey);
    const text = await prove(world.records, 123);
    expect(wrongWith(text, keys)).toMatchObject({ why: null, entry: expect.stringContaining('"idempotencyKey":"1/verdict:') });
    const extra = Buffer.from(`{"kind":"other"}`).toString("base64");
    expect(wrongWith(text.replace(/extra .*/u, `extra ${extra}`), keys).why).toBe("the entry is not in the log at that place");
    expect(wrongWith(text.replace("index 123", "index 124"), keys).why).toBe("the entry is not in the log at that place");
    expect(wrongWith(text.replace("\n301\n", "\n302\n"), keys).why).toContain("is wrong");
    expect(wrongWith(text, []).why).toContain("no key was given");
    expect(wrongWith("nothing", keys).why).toBe("it is no proof with an entry in it");
    await expect(prove(world.records, 301)).rejects.toThrow("is in no signed checkpoint");
    await world.tamper("update entries set entry = replace(entry, 'verdict', 'trusted') where seq = 8");
    await expect(prove(world.records, 7)).rejects.toThrow("is not the one that was signed");
  });
});

describe("forgetting a person", () => {
  it("leaves entries and proofs, says which texts are gone, and leaves nothing to try names out on", async () => {
    const evidence = (text: string) => ({ evidence: [text], actor: 4711 });
    await world.append(1, evidence(`{"by":{"id":4711,"login":"mallory"}}`));
    await world.append(1, evidence(`{"text":"waits for @Mallory"}`));
    await world.append(1, evidence(`{"text":"of mallory-bot and 47112","id":47112}`));
    await world.append(1, { ...evidence(`{"n":4711}`), actor: 5 });
    await world.look();
    const now = new Date("2026-11-02T00:00:00Z");
    const request = { id: 4711, login: "mallory", reason: "request 12" };
    expect((await forget(world.records, { ...request, isTrial: true }, now)).blobs).toHaveLength(2);
    expect(await world.records.people()).toHaveLength(2);
    const { blobs } = await forget(world.records, { ...request, isTrial: false }, now);
    expect(blobs).toHaveLength(2);
    expect((await world.records.people()).map(({ id }) => id)).toEqual([5]);
    expect((await world.look()).signed).toMatchObject({ kind: "signed", checkpoint: { size: 6 } });
    const folder = join(world.folder, "bundle");
    await writeBundle(world.records, folder, { from: null, to: null, repository: null, people: true });
    expect(verifyBundle(folder, { keys: [], checkpoints: [] })).toMatchObject({ problems: [], forgotten: 2, count: 6 });
    // Deleted by hand, and not by the command, it is missed.
    await database.query("delete from evidence where convert_from(content, 'UTF8') like '%bot%'");
    const other = join(world.folder, "other");
    await writeBundle(world.records, other, { from: null, to: null, repository: null, people: false });
    expect(verifyBundle(other, { keys: [], checkpoints: [] }).problems).toEqual([
      expect.stringContaining("no entry says that it was forgotten"),
    ]);
  });
});

describe("a log that can't go on", () => {
  it("is followed by another one that names its last checkpoint and has its own key", async () => {
    await world.append(5);
    await world.look();
    const [before] = await world.records.checkpoints();
    await world.tamper("delete from entries where seq > 3; update ledger set size = 3; update tree set size = 0; delete from tiles");
    await world.append(10);
    expect((await world.log().look()).signed).toMatchObject({ kind: "refused", code: "forked" });
    const key = await succeed(world.settings, world.records, "the backup of Sunday was restored");
    const log = world.log({ places: [join(world.folder, "second")] });
    expect(await log.look()).toMatchObject({ signed: { kind: "signed", checkpoint: { size: 15 } }, told: [{ kind: "told" }] });
    const entries = await world.records.logEntries();
    expect(keysOf(entries).map(verifierKey)).toEqual([key]);
    expect(entries.at(-1)?.blobs[0]).toContain(JSON.stringify(before?.note));
    const folder = join(world.folder, "bundle");
    await writeBundle(world.records, folder, { from: null, to: null, repository: null, people: false });
    expect(verifyBundle(folder, { keys: [key], checkpoints: [] }).problems).toEqual([]);
    expect(verifyBundle(folder, { keys: [], checkpoints: [before?.note ?? ""] }).problems[0]).toContain("and not of");
  });
});
