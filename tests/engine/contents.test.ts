import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { showContents } from "../../src/engine/contents.ts";

const blobs: Record<string, Buffer> = {
  text: Buffer.from("a = 1\n"),
  utf8: Buffer.from("grün\n"),
  binary: Buffer.from([0, 255, 1]),
  long: Buffer.alloc(64 * 1024 + 1, "x"),
};
const read = async (oid: string): Promise<Buffer | null> => blobs[oid] ?? null;
const served = (oid: string, size: number): EffectGroup["before"] => ({ sha256: `git:${oid}`, size });
const show = async (before: EffectGroup["before"]): Promise<EffectGroup["before"]> => {
  const group: EffectGroup = {
    type: "File",
    title: "/a",
    attribute: "content",
    change: "changed",
    kind: "system",
    before,
    after: null,
    nodes: ["n"],
    source: null,
  };
  return (await showContents([group], new Set([...Object.keys(blobs), "huge"]), read))[0]?.before ?? null;
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
    ["other values stay", ["a", 1, null], ["a", 1, null]],
  ];
  it.each(cases)("%s", async (_, given, expected) => {
    expect(await show(given)).toEqual(expected);
  });

  it("gives text above 64 KiB by digest", async () => {
    expect(await show(served("long", 64 * 1024 + 1))).toMatchObject({
      size: 64 * 1024 + 1,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
  });
});
