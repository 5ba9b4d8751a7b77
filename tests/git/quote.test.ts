import { sample, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";

import { quotePath, unquotePath } from "../../src/git/quote.ts";

const bytes = (...parts: Array<string | number>): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([part]) : Buffer.from(part))));

describe("paths as people see them", () => {
  it.each([
    ["plain", bytes("manifests/site.pp"), "manifests/site.pp"],
    ["UTF-8", bytes("data/café/東京.yaml"), "data/café/東京.yaml"],
    ["blanks", bytes("a file"), "a file"],
    ["Latin-1", bytes("caf", 0xe9), String.raw`"caf\351"`],
    ["UTF-8 beside a byte that is none", bytes("café", 0xff), String.raw`"caf\303\251\377"`],
    ["a line break and a tab", bytes("a\nb\tc"), String.raw`"a\nb\tc"`],
    ["an escape sequence", bytes("\u001B[31mred"), String.raw`"\033[31mred"`],
    ["quotes and backslashes", bytes('"a"\\b'), String.raw`"\"a\"\\b"`],
    ["a bidirectional override in UTF-8", bytes("é\u202Epp.exe"), String.raw`"é\342\200\256pp.exe"`],
    ["a byte order mark", bytes("\uFEFFa"), String.raw`"\357\273\277a"`],
  ])("%s", (_, path, shown) => {
    expect(quotePath(path)).toBe(shown);
    expect(unquotePath(shown)).toEqual(path);
  });

  it("come back as the same bytes, whatever they are", () => {
    for (const path of sample(uint8Array({ minLength: 1, maxLength: 24 }), { numRuns: 3000, seed: 3 })) {
      expect(unquotePath(quotePath(path))).toEqual(Buffer.from(path));
    }
  });

  it.each(['"', '"a', '"a"b"', String.raw`"\8"`, String.raw`"\400"`, String.raw`"\q"`])(
    "refuses %s, which git would not write",
    (shown) => {
      expect(() => unquotePath(shown)).toThrow(TypeError);
    },
  );
});
