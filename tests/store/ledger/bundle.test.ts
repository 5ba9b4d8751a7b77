import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeBundle, type BundleOptions } from "../../../src/cli/audit/bundle.ts";
import { lastWords, verifyBundle, type Verdict } from "../../../src/cli/audit/verify.ts";
import { signCheckpoint } from "../../../src/ledger/checkpoint.ts";
import { verifierKey } from "../../../src/ledger/keys.ts";
import { newKey, readKeys, writeKeys } from "../../../src/store/ledger/key-file.ts";
import { ledgerWorld, type LedgerWorld } from "./world.ts";

const run = promisify(execFile);
const whole: BundleOptions = { from: null, to: null, repository: null, people: false };
let world: LedgerWorld;
let folder: string;
/** Checkpoints as somebody kept them who is not the operator, by their sizes. */
const kept = new Map<number, string>();
let key: string;
let made = 0;

const bundle = async (options: Partial<BundleOptions> = {}): Promise<string> => {
  const target = join(folder, `bundle-${(made += 1)}`);
  await writeBundle(world.records, target, { ...whole, ...options });
  return target;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-bundle-"));
  world = await ledgerWorld();
  const look = async (): Promise<void> => {
    const { signed } = await world.look();
    if (signed.kind === "signed") kept.set(signed.checkpoint.size, signed.note);
  };
  await world.append(20);
  await look();
  world.later(86_400);
  await world.append(150);
  await world.append(150, { repository: 2, actor: 8 });
  await look();
  const keys = await readKeys(world.settings.key);
  if (keys === null) throw new Error("no key was made");
  key = verifierKey(keys.current);
  await writeKeys(world.settings.key, { current: newKey(keys.current.name), previous: keys.current });
  world.later(86_400);
  await world.append(100);
  await look();
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const day = (n: number): Date => new Date(Date.parse("2026-11-01T00:00:00Z") + n * 86_400_000);
const anchors = (): { keys: string[]; checkpoints: string[] } => ({ keys: [key], checkpoints: [...kept.values()] });

describe("a bundle", () => {
  it("is verified by what was known before, with a key that took over since", async () => {
    const verdict = verifyBundle(await bundle(), anchors());
    expect(verdict).toMatchObject({ problems: [], notes: [], size: 422, first: 0, count: 422, blobs: 422, forgotten: 0 });
    expect(lastWords(verdict, anchors())).toMatch(/^VERIFIED {2}/u);
    expect(lastWords(verdict, { keys: [], checkpoints: [] })).toMatch(/^VERIFIED AGAINST ITSELF/u);
  });

  it("of a period has its entries, and one on each side", async () => {
    const verdict = verifyBundle(await bundle({ from: day(1), to: day(2) }), anchors());
    expect(verdict).toMatchObject({ problems: [], first: 20, count: 302, from: day(1).toISOString(), to: day(2).toISOString() });
    expect(verifyBundle(await bundle({ from: day(5), to: day(6) }), anchors())).toMatchObject({ problems: [], first: 421, count: 1 });
    expect(verifyBundle(await bundle({ from: null, to: day(-1) }), anchors())).toMatchObject({ problems: [], first: 0, count: 1 });
  });

  it("of one repository has all entries, and the evidence of that one", async () => {
    const verdict = verifyBundle(await bundle({ repository: 1 }), anchors());
    expect(verdict).toMatchObject({ problems: [], count: 422, blobs: 272 });
  });

  it("names people only where that was asked for", async () => {
    const target = await bundle({ people: true });
    const people = (await readFile(join(target, "people.jsonl"), "utf8")).trim().split("\n");
    expect(people.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([7, 8]);
    await expect(readFile(join(await bundle(), "people.jsonl"))).rejects.toThrow("ENOENT");
  });

  it("is verified by the program in it, alone, with nothing but Node", async () => {
    const target = await bundle({ from: day(1) });
    await writeFile(join(target, "kept"), kept.get(21) ?? "");
    const { stdout } = await run(process.execPath, ["verify.mjs", ".", "--key", key, "--checkpoint", "kept"], { cwd: target, env: {} });
    expect(stdout).toContain("\nVERIFIED  ");
    for (const [args, why] of [
      [[".", "--kye", key], 'there is no option "--kye"'],
      [[".", "--key"], "--key lacks its value"],
      [[".", "--checkpoint", "nowhere"], "ENOENT"],
    ] as const) {
      const refused = await run(process.execPath, ["verify.mjs", ...args], { cwd: target, env: {} }).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringMatching(/^NOT VERIFIED {2}.*\n {2}node verify\.mjs .*\n$/u),
      });
      expect(refused).toMatchObject({ stderr: expect.stringContaining(why) });
    }
    await writeFile(join(target, "entries.jsonl"), (await readFile(join(target, "entries.jsonl"), "utf8")).replace('"pull/7"', '"pull/8"'));
    const failed = await run(process.execPath, ["verify.mjs", ".", "--key", key], { cwd: target, env: {} }).catch(
      (error: unknown) => error as { code: number; stdout: string },
    );
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining("NOT VERIFIED") });
    expect((await readFile(join(target, "README.md"), "utf8")).split("\n").filter((line) => /^\d+\. /u.test(line))).toHaveLength(10);
  });
});

/** Every way to lie with a bundle: the file, and what becomes of its text. Each must be found, with these words. */
const lines = (text: string, change: (all: string[]) => string[]): string => `${change(text.trimEnd().split("\n")).join("\n")}\n`;
const field =
  (name: string, value: unknown) =>
  (text: string): string =>
    lines(text, (all) => all.with(30, JSON.stringify({ ...(JSON.parse(all[30] ?? "") as object), [name]: value })));
const manifest =
  (more: object) =>
  (text: string): string =>
    JSON.stringify({ ...(JSON.parse(text) as object), ...more });
const lies: [string, string, (text: string) => string | null, string][] = [
  ...(
    [
      ["v", 2],
      ["kind", "trusted"],
      ["at", "2026-11-01T12:00:00.001Z"],
      ["repo", 3],
      ["subject", "pull/8"],
      ["actor", null],
      ["evidence", []],
      ["idempotencyKey", "1/other"],
      ["more", true],
    ] as const
  ).map(([name, value]): [string, string, (text: string) => string, string] => [
    `the field ${name} of an entry`,
    "entries.jsonl",
    field(name, value),
    "line 31 of entries.jsonl is not entry 30 of the log",
  ]),
  ["blanks in an entry", "entries.jsonl", (text) => lines(text, (all) => all.with(30, ` ${all[30]}`)), "line 31 of entries.jsonl"],
  [
    "an entry removed",
    "entries.jsonl",
    (text) => lines(text, (all) => all.toSpliced(30, 1)),
    "entries.jsonl has 421 entries, and manifest.json says 422",
  ],
  [
    "an entry put in",
    "entries.jsonl",
    (text) => lines(text, (all) => all.toSpliced(30, 0, all[30] ?? "")),
    "entries.jsonl has 423 entries",
  ],
  [
    "two entries exchanged",
    "entries.jsonl",
    (text) => lines(text, (all) => all.with(30, all[31] ?? "").with(31, all[30] ?? "")),
    "line 31 of entries.jsonl",
  ],
  ["the last entries cut off", "entries.jsonl", (text) => lines(text, (all) => all.slice(0, 400)), "entries.jsonl has 400 entries"],
  ["all entries gone", "entries.jsonl", () => "", "entries.jsonl has 0 entries"],
  ["no entries", "entries.jsonl", () => null, "entries.jsonl is missing"],
  [
    "evidence changed",
    "evidence.jsonl",
    (text) => lines(text, (all) => all.with(30, (all[30] ?? "").replace('\\"n\\":', '\\"n\\":1'))),
    "is not what its digest says",
  ],
  ["evidence removed", "evidence.jsonl", (text) => lines(text, (all) => all.toSpliced(30, 1)), "and no entry says that it was forgotten"],
  [
    "evidence under another's name",
    "evidence.jsonl",
    (text) => lines(text, (all) => all.with(30, (all[30] ?? "").replace(/"sha256":"./u, '"sha256":"x'))),
    "is not what its digest says",
  ],
  ["no evidence", "evidence.jsonl", () => null, "evidence.jsonl is missing"],
  ["the manifest's size", "manifest.json", manifest({ size: 421 }), "manifest.json says 421"],
  ["the manifest's first entry", "manifest.json", manifest({ first: 1 }), "is not entry 1 of the log"],
  ["the manifest's count", "manifest.json", manifest({ count: 421 }), "manifest.json says 421"],
  ["the manifest's origin", "manifest.json", manifest({ origin: "other/log" }), "manifest.json of other/log"],
  ["the manifest's format", "manifest.json", manifest({ format: "other" }), "manifest.json is not one of"],
  ["no manifest", "manifest.json", () => null, "manifest.json is missing"],
  ["a manifest that is none", "manifest.json", () => "{", "manifest.json is not one of"],
  ["the checkpoint's size", "checkpoint", (text) => text.replace("\n422\n", "\n421\n"), "checkpoint is not signed by the log's key"],
  [
    "the checkpoint's root",
    "checkpoint",
    (text) => text.replace(/\n422\n./u, (found) => `${found.slice(0, -1)}${found.endsWith("A") ? "B" : "A"}`),
    "checkpoint is not signed by the log's key",
  ],
  [
    "the checkpoint's origin",
    "checkpoint",
    (text) => text.replace("puppet-gate/", "puppet-late/"),
    "checkpoint is not signed by the log's key",
  ],
  ["an earlier checkpoint", "checkpoint", () => kept.get(21) ?? "", "the checkpoint 21"],
  ["no checkpoint", "checkpoint", () => null, "checkpoint is missing"],
  ["a leaf changed", "leaf-hashes", (text) => `x${text.slice(1)}`, "the first 422 entries of the log are not those that checkpoint is of"],
  ["a leaf removed", "leaf-hashes", (text) => text.slice(32), "leaf-hashes has 421 entries, and the checkpoint 422"],
  ["half a leaf more", "leaf-hashes", (text) => `${text}x`, "and the checkpoint 422"],
  ["no leaves", "leaf-hashes", () => null, "leaf-hashes is missing"],
  [
    "an earlier checkpoint changed",
    "checkpoints/21",
    (text) => text.replace("\n21\n", "\n20\n"),
    "checkpoints/21 is not signed by a key of the log",
  ],
  ["the rotation gone", "log.jsonl", (text) => lines(text, (all) => all.slice(0, 1)), "log.jsonl lacks 0/log-key-rotated"],
  ["the first key gone", "log.jsonl", (text) => lines(text, (all) => all.slice(1)), "does not bring a key that the one before vouches for"],
  [
    "an entry about the log changed",
    "log.jsonl",
    (text) => text.replace("log-began", "log-bogan"),
    "log.jsonl names an entry 20 that is not in the log",
  ],
  [
    "an entry about the log at another place",
    "log.jsonl",
    (text) => text.replace('"index":20', '"index":21'),
    "log.jsonl names an entry 21 that is not in the log",
  ],
];

describe("verification finds", () => {
  let honest: string;
  beforeAll(async () => {
    honest = await bundle();
  });

  it.each(lies)("%s", async (_, file, lie, words) => {
    const target = join(folder, `lie-${(made += 1)}`);
    await cp(honest, target, { recursive: true });
    const before = await readFile(join(target, file), "latin1");
    const after = lie(before);
    expect(after).not.toBe(before);
    if (after === null) await rm(join(target, file));
    else await writeFile(join(target, file), after, "latin1");
    for (const known of [anchors(), { keys: [], checkpoints: [] }])
      expect(verifyBundle(target, known).problems.join("\n")).toContain(words);
  });

  const period: [string, object, (all: string[]) => string[], string][] = [
    ["an entry left out at the beginning", { first: 21, count: 301 }, (all) => all.slice(1), "earlier ones may be left out"],
    ["an entry left out at the end", { count: 301 }, (all) => all.slice(0, -1), "later ones may be left out"],
    ["a period that says that it began earlier", { from: day(0).toISOString() }, (all) => all, "earlier ones may be left out"],
    ["a period that says that it ended later", { to: day(4).toISOString() }, (all) => all, "later ones may be left out"],
    ["a period without bounds", { from: null, to: null }, (all) => all, "earlier ones may be left out"],
  ];
  it.each(period)("%s", async (_, more, change, words) => {
    const target = await bundle({ from: day(1), to: day(2) });
    const text = async (file: string, work: (before: string) => string): Promise<void> =>
      writeFile(join(target, file), work(await readFile(join(target, file), "utf8")));
    await text("manifest.json", manifest(more));
    await text("entries.jsonl", (before) => lines(before, change));
    expect(verifyBundle(target, anchors()).problems.join("\n")).toContain(words);
  });

  it("a log cut off, restored or forked since a checkpoint that somebody kept", async () => {
    const before = await bundle();
    const [, , latest = ""] = kept.values();
    await world.append(10);
    await world.look();
    const longer = await bundle();
    const newest = await readFile(join(longer, "checkpoint"), "utf8");
    expect(verifyBundle(longer, { keys: [], checkpoints: [latest] }).problems).toEqual([]);
    // Whoever restored a backup shows a log that was true once.
    expect(verifyBundle(before, { keys: [key], checkpoints: [newest] }).problems).toEqual([
      "the checkpoint given as number 1 is of 432 entries, and the bundle's log has 422: its end was cut off, or it was restored to an earlier state",
    ]);
    // A fork by the holder of the key: all of it fits, but for what is known elsewhere.
    const keys = await readKeys(world.settings.key);
    if (keys === null) throw new Error("no key was made");
    const elsewhere = signCheckpoint({ origin: keys.current.name, size: 422, root: Buffer.alloc(32, 1) }, [keys.current]);
    expect(verifyBundle(longer, { keys: [key], checkpoints: [elsewhere] }).problems).toEqual([
      "the first 422 entries of the log are not those that the checkpoint given as number 1 is of",
    ]);
    expect(verifyBundle(longer, { keys: [], checkpoints: ["no checkpoint"] }).problems).toEqual([
      "the checkpoint given as number 1 is no signed checkpoint",
    ]);
  });

  it("a log that is all another's: signed, and by a key that nobody knows", async () => {
    const other: LedgerWorld = await ledgerWorld(world.database);
    await other.append(3);
    await other.look();
    const target = join(folder, "another");
    await writeBundle(other.records, target, whole);
    const verdict: Verdict = verifyBundle(target, anchors());
    expect(verdict.problems[0]).toContain("another one has signed it");
    expect(verdict.problems[1]).toMatch(/is of puppet-gate\/ledger-[0-9a-f]+, and not of/u);
    await other.close();
  });
});
