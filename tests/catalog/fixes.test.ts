import { describe, expect, it } from "vitest";
import { suggestionsOf } from "../../src/catalog/fixes.ts";

const lines = (...numbers: number[]): ReadonlySet<number> => new Set(numbers);
const path = "site/profile/manifests/init.pp";

describe("suggestionsOf", () => {
  it.each([
    { what: "a line that is mended", text: 'a\n"b"\nc\n', fixed: "a\n'b'\nc\n", changed: lines(2), offered: [[2, 2, "'b'"]] },
    { what: "a line that the change does not touch", text: 'a\n"b"\nc\n', fixed: "a\n'b'\nc\n", changed: lines(1, 3), offered: [] },
    { what: "neighbours are one suggestion", text: "a\nb\nc\n", fixed: "A\nB\nc\n", changed: lines(1, 2), offered: [[1, 2, "A\nB"]] },
    { what: "a run that is touched in part", text: "a\nb\nc\n", fixed: "A\nB\nc\n", changed: lines(1), offered: [] },
    { what: "a line that goes", text: "a\n\n\nb\n", fixed: "a\n\nb\n", changed: lines(2, 3), offered: [[3, 3, ""]] },
    { what: "nothing mended", text: "a\nb\n", fixed: "a\nb\n", changed: lines(1, 2), offered: [] },
    { what: "lines that only come", text: "a\nb", fixed: "a\nb\n", changed: lines(2), offered: [] },
  ])("$what", ({ text, fixed, changed, offered }) => {
    expect(suggestionsOf(path, text, fixed, changed)).toEqual(offered.map(([line, endLine, text]) => ({ path, line, endLine, text })));
  });
});
