import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { showContents } from "../../src/engine/contents.ts";

const blobs: Record<string, Buffer> = {
  text: Buffer.from("a = 1\n"),
  utf8: Buffer.from("grün\n"),
  binary: Buffer.from([0, 255, 1]),
  long: Buffer.alloc(64 * 1024 + 1, "x"),
  longest: Buffer.alloc(64 * 1024, "x"),
  nul: Buffer.from("a\0b"),
  latin: Buffer.from([0x67, 0xfc]),
  crlf: Buffer.from("a = 1\r\n"),
};
const read = async (oid: string): Promise<Buffer | null> => blobs[oid] ?? null;
const served = (oid: string, size: number): EffectGroup["before"] => ({ sha256: `git:${oid}`, size });
const groupOf = (before: EffectGroup["before"]): EffectGroup => ({
  type: "File",
  title: "/a",
  attribute: "content",
  change: "changed",
  kind: "system",
  before,
  after: null,
  nodes: ["n"],
  source: null,
});
const show = async (before: EffectGroup["before"]): Promise<EffectGroup["before"]> => {
  return (await showContents([groupOf(before)], new Set([...Object.keys(blobs), "huge"]), read))[0]?.before ?? null;
};

describe("contents of served files", () => {
  const cases: Array<[string, EffectGroup["before"], EffectGroup["before"]]> = [
    ["text is shown", served("text", 6), "a = 1\n"],
    ["case 35: UTF-8 is text", served("utf8", 6), "grün\n"],
    [
      "case 36: bytes are given by digest and size",
      served("binary", 3),
      { sha256: "47ffa3ea45a70b8a41c2c0825df323c00a8b7a01c1ea06083cc41dddcc001123", size: 3 },
    ],
    ["what can't be read is named by git's id", served("huge", 9e7), { git: "huge", size: 9e7 }],
    [
      "a whole resource's parameters are looked through",
      { mode: "0644", content: served("text", 6) },
      { mode: "0644", content: "a = 1\n" },
    ],
    ["other digests stay", { sha256: "abc", size: 3 }, { sha256: "abc", size: 3 }],
    ["what the tree does not serve is not read, whatever a manifest writes", served("zzz", 1), { sha256: "git:zzz", size: 1 }],
    ["text of 64 KiB is shown", served("longest", 1), "x".repeat(64 * 1024)],
    ["a NUL is in no text", served("nul", 3), { sha256: "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138", size: 3 }],
    [
      "nor is what is no UTF-8",
      served("latin", 2),
      { sha256: "1a980f208d2c37d90b7923794af3fbdd89d02983d3d4765f30e9c04a4dd52a0a", size: 2 },
    ],
    [
      "a hash that is more than a digest stays",
      { sha256: "git:text", size: 6, mode: "0644" },
      { sha256: "git:text", size: 6, mode: "0644" },
    ],
    ["so does one without a size", { sha256: "git:text", length: 6 }, { sha256: "git:text", length: 6 }],
    ["and one whose digest is no text", { sha256: 1, size: 6 }, { sha256: 1, size: 6 }],
    ["other values stay", ["a", 1, null], ["a", 1, null]],
  ];
  it.each(cases)("%s", async (_, given, expected) => {
    expect(await show(given)).toEqual(expected);
  });

  it("says of two texts what only they tell, unless something is said already", async () => {
    const noteOf = async (more: Partial<EffectGroup>): Promise<string | undefined> => {
      const given = { ...groupOf(served("text", 6)), after: served("crlf", 7), ...more };
      return (await showContents([given], new Set(Object.keys(blobs)), read))[0]?.note;
    };
    expect(await noteOf({})).toBe("only line ends differ (CRLF)");
    expect(await noteOf({ before: "a = 1\n" })).toBe("only line ends differ (CRLF)");
    expect(await noteOf({ after: "a = 1\r\n" })).toBe("only line ends differ (CRLF)");
    expect(await noteOf({ note: "part of /etc/lb.cfg" })).toBe("part of /etc/lb.cfg");
    expect(await noteOf({ after: served("utf8", 6) })).toBeUndefined();
    // Whoever compared the catalogs has said what there is to say of texts that were there.
    expect(await noteOf({ before: "a = 1\n", after: "a = 1\r\n" })).toBeUndefined();
    expect(await noteOf({ attribute: "schedule" })).toMatch(/^from now on it is applied only/u);
    expect(await noteOf({ attribute: null })).toBeUndefined();
  });

  it("gives text above 64 KiB by digest", async () => {
    expect(await show(served("long", 64 * 1024 + 1))).toMatchObject({
      size: 64 * 1024 + 1,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
  });
});
