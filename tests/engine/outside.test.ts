import { describe, expect, it } from "vitest";
import { readOutside, type OutsidePorts, type OutsideRequest } from "../../src/engine/outside.ts";
import type { ExportedResource } from "../../src/engine/ports/stand-ins.ts";
import type { FactSnapshot, PuppetDb } from "../../src/engine/ports/nodes.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import { MemoryRepository, type Files } from "./stand-ins/repository.ts";

const snapshot: FactSnapshot = { id: "puppetdb", nodes: [], unreadable: [] };
const exported: ExportedResource[] = [{ certname: "web01", type: "File", title: "/a", tags: [], parameters: {} }];

interface Given {
  files?: Files;
  policy?: string;
  request?: Partial<OutsideRequest>;
  ports?: Partial<OutsidePorts>;
}

async function outsideOf({ files = {}, policy = "", request = {}, ports = {} }: Given) {
  const repository = new MemoryRepository({ commits: { main: files } });
  const loaded = loadPolicy(`version: 1\n${policy}`, "policy.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const subject = { policy: loaded.policy, baseTree: repository.tree("main") };
  return readOutside({ facts: null, ...request }, { repository, inventory, ...ports }, subject);
}
const named = (files: ReadonlyArray<{ path: string }> | undefined): string[] => (files ?? []).map(({ path }) => path);

describe("what a check takes from outside the change", () => {
  it("is nothing where nobody says so", async () => {
    expect(await outsideOf({ files: { "enc.yaml": "x" } })).toEqual({ standIns: null, enc: null, puppetdb: null });
  });

  it("is base's ENC by the policy: a file, or the files of a folder", async () => {
    const files = {
      "enc.yaml": "web01: {}\n",
      "enc/web01.yaml": "a\n",
      "enc/db01.yml": "b\n",
      "enc/x.json": "{}",
      "enc/README": "no",
      "enc/x.yaml.bak": "no",
      "encx/y.yaml": "no",
    };
    const single = await outsideOf({ files, policy: "compile: {enc: enc.yaml}" });
    expect(single.enc).toEqual({ single: true, files: [{ path: "enc.yaml", content: Buffer.from("web01: {}\n") }] });
    const folder = await outsideOf({ files, policy: "compile: {enc: enc/}" });
    expect([folder.enc?.single, named(folder.enc?.files)]).toEqual([false, ["enc/db01.yml", "enc/web01.yaml", "enc/x.json"]]);
  });

  it("is an ENC and stand-ins of this machine before those of the policy", async () => {
    const asked: string[] = [];
    const mine = {
      ...inventory,
      readEnc: async (path: string) => (asked.push(path), { single: true, files: [] }),
      readStandIns: async (path: string) => (asked.push(path), { files: [], dns: {}, queries: [], exported: null, id: "mine" }),
    };
    const files = { "enc.yaml": "web01: {}\n", "private/dns.yaml": "www: 127.0.0.1\n" };
    const policy = "compile: {enc: enc.yaml, stand_ins: private}";
    const came = await outsideOf({ files, policy, request: { enc: "/my/enc", standIns: "/my/private" }, ports: { inventory: mine } });
    expect(asked.sort()).toEqual(["/my/enc", "/my/private"]);
    expect([came.enc?.files, came.standIns?.id]).toEqual([[], "mine"]);
    const own = await outsideOf({ files, policy, request: { enc: null, standIns: null } });
    expect(named(own.enc?.files)).toEqual(["enc.yaml"]);
    expect(own.standIns?.dns).toMatchObject({ www: [{ type: "A", value: "127.0.0.1" }] });
  });

  it("is base's stand-ins, with paths below their folder", async () => {
    const { standIns } = await outsideOf({ files: { "private/files/etc/key": "text" }, policy: "compile: {stand_ins: private//}" });
    expect(standIns?.files).toEqual([{ path: "/etc/key", content: Buffer.from("text") }]);
    const files = { "of/private/files/etc/key": "text", "of/enc/a.yaml": "x" };
    const nested = await outsideOf({ files, policy: "compile: {stand_ins: of/private/, enc: of/enc/}" });
    expect([named(nested.standIns?.files), named(nested.enc?.files)]).toEqual([["/etc/key"], ["of/enc/a.yaml"]]);
  });

  const large = { bytes: 64 * 2 ** 20 - 4 };
  it.each<[string, Files, RegExp | null]>([
    ["is not there", { "privat/x": "" }, /stand_ins is private, .*: there is no such file or folder on base\./u],
    ["has a link in it", { "private/files/a": "a", "private/files/b": { link: "a" } }, /private\/files\/b is no regular file/u],
    ["has a submodule in it", { "private/files/a": { submodule: "1".repeat(40) } }, /private\/files\/a is no regular file/u],
    ["is too large", { "private/files/a": "fives", "private/files/b": large }, /it holds more than 10000 files or 64 MiB/u],
    [
      "has too many files",
      Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`private/files/${at}`, ""])),
      /more than 10000 files/u,
    ],
    ["has as many files as it may", Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`private/files/${at}`, ""])), null],
  ])("can't be used where the folder %s", async (_, files, text) => {
    const came = outsideOf({ files, policy: "compile: {stand_ins: private}" }).then(
      () => "used",
      (error: Error) => error.message,
    );
    expect(await came).toMatch(text ?? /^used$/u);
  });

  it("can be used where the folder has just 64 MiB", async () => {
    const repository = new MemoryRepository({ commits: { main: { "private/files/a": { bytes: 64 * 2 ** 20 } } } });
    Object.assign(repository, { read: async () => Buffer.from("many") });
    const files = { "private/files/a": { bytes: 64 * 2 ** 20 } };
    const { standIns } = await outsideOf({ files, policy: "compile: {stand_ins: private}", ports: { repository } });
    expect(named(standIns?.files)).toEqual(["/a"]);
  });

  it("is named as the setting that is wrong", async () => {
    await expect(outsideOf({ policy: "compile: {enc: enc}" })).rejects.toMatchObject({
      code: "bad-outside",
      text: expect.stringMatching(/compile\.enc is enc/u) as string,
    });
    const gone = new MemoryRepository({ commits: { main: { "private/a": "x" } } });
    Object.assign(gone, { read: async () => null });
    const ports = { repository: gone };
    await expect(outsideOf({ files: { "private/a": "x" }, policy: "compile: {stand_ins: private}", ports })).rejects.toThrow(
      /private\/a can't be read/u,
    );
  });
});

describe("PuppetDB", () => {
  const asked: unknown[] = [];
  const puppetDb = (more: ExportedResource[] | null = null): PuppetDb => ({
    read: async (of) => (asked.push(of), { snapshot, exported: more }),
  });
  const query = 'facts: {puppetdb: {query: ["=", certname, web01], exported: true}}';

  it.each<[string, Given, FactSnapshot | null]>([
    ["is asked where the policy says so", { policy: query }, snapshot],
    ["is asked where a person says so", { request: { puppetdb: true } }, snapshot],
    ["is not asked otherwise", { request: { puppetdb: false } }, null],
    ["is not asked where a person names a folder", { policy: query, request: { facts: "/facts", puppetdb: true } }, null],
  ])("%s", async (_, given, expected) => {
    const came = await outsideOf({ ...given, ports: { puppetDb: puppetDb() } });
    expect(came.puppetdb).toEqual(expected);
  });

  it("is asked for what the policy says, and for everything without it", async () => {
    asked.length = 0;
    await outsideOf({ policy: query, ports: { puppetDb: puppetDb() } });
    await outsideOf({ request: { puppetdb: true }, ports: { puppetDb: puppetDb() } });
    expect(asked).toEqual([
      { query: ["=", "certname", "web01"], exported: true },
      { query: null, exported: false },
    ]);
  });

  it("that nobody named is a problem, and not the lack of nodes", async () => {
    for (const ports of [{}, { puppetDb: null }])
      await expect(outsideOf({ policy: query, ports })).rejects.toMatchObject({ code: "no-puppetdb" });
  });

  it("goes before stand-ins in what it says of exports, which are then others", async () => {
    const files = { "private/dns.yaml": "www: 127.0.0.1\n" };
    const policy = `compile: {stand_ins: private}\n${query}`;
    const own = await outsideOf({ files, policy, ports: { puppetDb: puppetDb(null) } });
    const both = await outsideOf({ files, policy, ports: { puppetDb: puppetDb(exported) } });
    const alone = await outsideOf({ policy: query, ports: { puppetDb: puppetDb(exported) } });
    expect(own.standIns?.exported).toBeNull();
    expect(both.standIns).toMatchObject({ dns: { www: [{ value: "127.0.0.1" }] }, exported });
    expect(alone.standIns).toMatchObject({ files: [], dns: {}, queries: [], exported });
    expect(new Set([own, both, alone].map(({ standIns }) => standIns?.id)).size).toBe(3);
  });
});
