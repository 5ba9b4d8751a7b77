import { describe, expect, it } from "vitest";
import { createRowReader } from "../../src/fleet/json-rows.ts";

const read = (text: string, size: number): unknown[] => {
  const rows: unknown[] = [];
  const reader = createRowReader((some) => rows.push(...some));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size));
  reader.end();
  return rows;
};
const sizes = [1, 2, 3, 7, 64, 1_000];

describe("rows in portions", () => {
  it.each<[string, unknown[]]>([
    ["none", []],
    ["one", [{ a: 1 }]],
    ["many", Array.from({ length: 50 }, (_, at) => ({ at, name: `n${at}` }))],
    ["brackets, quotes and backslashes in texts", [{ a: '}],"{[\\' }, { b: "\\\\" }, { "}": "\u{1F4A5}é" }]],
    ["rows in rows", [{ a: [{ b: [1, 2] }, {}] }, { c: { d: null } }, {}]],
  ])("are the same as all at once: %s", (_, rows) => {
    for (const text of [JSON.stringify(rows), ` ${JSON.stringify(rows, null, 2)}\n`])
      for (const size of sizes) expect([size, read(text, size)]).toEqual([size, rows]);
  });

  it.each([
    "",
    "{}",
    "[",
    '[{"a":1}',
    '[{"a":1},',
    '[{"a":1}{"b":2}]',
    "<html>",
    '{"a":1}]',
    '[{"a":1}] and more',
    '[{"a":1}]]',
    '[{"a"}]',
    "null",
  ])("are none of what is no array of objects: %s", (text) => {
    for (const size of sizes) expect(() => read(text, size), `${size}`).toThrow(SyntaxError);
  });
});
