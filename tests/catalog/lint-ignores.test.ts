import { describe, expect, it } from "vitest";

import type { ChangedLines } from "../../src/catalog/lint-debt.ts";
import { addedIgnores } from "../../src/catalog/lint-ignores.ts";

interface Case {
  name: string;
  base?: string;
  head: string;
  /** Numbers of the lines that the change adds. */
  added: number[];
  path?: string;
  status?: ChangedLines["status"];
  expected: string[];
}

const cases: Case[] = [
  { name: "none", base: "a\n", head: "a\nb\n", added: [2], expected: [] },
  { name: "one behind code", base: "a\n", head: "a # lint:ignore:140chars\n", added: [1], expected: ["1 140chars !"] },
  { name: "several in one comment", head: "# lint:ignore:a lint:ignore:b why\n", added: [1], expected: ["1 a, b !"] },
  { name: "in a comment of the second kind", head: "// lint:ignore:a\n", added: [1], expected: ["1 a !"] },
  { name: "in a comment of several lines", head: "/*\n  lint:ignore:a\n*/\n", added: [1, 2, 3], expected: ["2 a !"] },
  { name: "behind characters that only Ruby strips", head: "#\0\vlint:ignore:a\n", added: [1], expected: ["1 a !"] },
  { name: "one that base has", base: "# lint:ignore:a\nx\n", head: "y\n# lint:ignore:a\nx\n", added: [1], expected: [] },
  { name: "one that moved by itself", base: "# lint:ignore:a\nx\n", head: "x\n  # lint:ignore:a\n", added: [2], expected: [] },
  {
    name: "one that moved behind other code",
    base: "x # lint:ignore:a\ny\n",
    head: "x\ny # lint:ignore:a\n",
    added: [1, 2],
    expected: ["2 a !"],
  },
  { name: "a second copy", base: "# lint:ignore:a\n", head: "# lint:ignore:a\n# lint:ignore:a\n", added: [1], expected: ["1 a !"] },
  { name: "another check", base: "# lint:ignore:a\n", head: "# lint:ignore:b\n", added: [1], expected: ["1 b !"] },
  { name: "an end alone", base: "x\n", head: "x\n# lint:endignore\n", added: [2], expected: [] },
  { name: "in a file that is no manifest", head: "# lint:ignore:a\n", added: [1], path: "README.md", expected: [] },
  { name: "in a name that git quotes", head: "# lint:ignore:a\n", added: [1], path: String.raw`"\377.pp"`, expected: ["1 a !"] },
  { name: "in a removed file", head: "", added: [], status: "removed", expected: [] },
];

const check = ({ base, head, added, path = "a.pp", status = "modified" }: Case, ignores: "block" | "allow") => {
  const texts = { base: new Map(base === undefined ? [] : [[path, base]]), head: new Map([[path, head]]) };
  return addedIgnores([{ path, oldPath: null, status, added: new Set(added) }], texts, ignores);
};

describe("addedIgnores", () => {
  it.each(cases)("$name", (one) => {
    const found = check(one, "block");
    const words = found.map(
      ({ line, message, onChangedLine }) => `${line} ${message.replace(/.* to ignore (.*) here$/, "$1")}${onChangedLine ? " !" : ""}`,
    );
    expect(words).toEqual(one.expected);
    expect(new Set(found.map(({ severity, code }) => `${severity} ${code}`)).size).toBeLessThanOrEqual(1);
  });

  it("blocks by default and is still shown where the policy allows it", () => {
    const one: Case = { name: "", head: "# lint:ignore:a\n", added: [1], expected: [] };
    expect(check(one, "block").map(({ severity }) => severity)).toEqual(["warning"]);
    expect(check(one, "allow").map(({ severity }) => severity)).toEqual(["notice"]);
  });

  it("finds the old one under a renamed file's old name", () => {
    const texts = { base: new Map([["old.pp", "# lint:ignore:a\n"]]), head: new Map([["a.pp", "# lint:ignore:a\n"]]) };
    expect(addedIgnores([{ path: "a.pp", oldPath: "old.pp", status: "renamed", added: new Set() }], texts, "block")).toEqual([]);
  });

  it("says so when a manifest's text is not at hand", () => {
    const found = addedIgnores(
      [{ path: "a.pp", oldPath: null, status: "added", added: new Set() }],
      { base: new Map(), head: new Map() },
      "allow",
    );
    expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual(["error lint-ignore-unknown"]);
  });
});
