import { describe, expect, it } from "vitest";
import { checkFiles } from "../../src/engine/files.ts";
import type { OpenTree, Repository } from "../../src/engine/ports.ts";

/** Which mendings are offered: the files are given, the linter's findings and mendings too. */
const path = "site/motd.pp";
const mine = 'class motd {\n  $a = "x"\n}\n';

async function offered(texts: { base: string; head: string; merged: string }): Promise<string[]> {
  const repository = {
    read: async (tree: string, asked: string) => (asked === path ? Buffer.from(texts[tree as keyof typeof texts]) : null),
    list: async () => [],
  } as unknown as Repository;
  const line = texts.merged.split("\n").indexOf('  $a = "x"') + 1;
  const finding = { path, line, column: 8, severity: "warning", check: "lint", code: "double_quoted_strings", message: "double quotes" };
  const merged = {
    syntax: async () => [],
    lint: async () => [finding],
    fixLint: async () => new Map([[path, texts.merged.replaceAll('"', "'")]]),
  } as unknown as OpenTree;
  const base = { syntax: async () => [], lint: async () => [] } as unknown as OpenTree;
  const { suggestions } = await checkFiles({
    repository,
    trees: { base: "base", merged: "merged", head: "head" },
    changed: [{ path, oldPath: null, status: "modified", mode: "100644", added: new Set([line]) }],
    openBase: async () => base,
    openMerged: async () => merged,
    lint: { options: [], ignores: "block" },
    onProgress: () => undefined,
    signal: undefined,
  });
  return suggestions.map((one) => `${one.path}:${one.line} ${one.text}`);
}

it("offers a mending of a line of the change", async () => {
  expect(await offered({ base: "class motd {\n}\n", head: mine, merged: mine })).toEqual(["site/motd.pp:2   $a = 'x'"]);
});

it("offers none in a file that base changed too: its lines are not the head's", async () => {
  expect(await offered({ base: "# new\nclass motd {\n}\n", head: mine, merged: `# new\n${mine}` })).toEqual([]);
});

describe("base's files", () => {
  /** What base was asked about, where these findings are of the change's side. */
  async function asked(findings: { syntax?: string[]; lint?: string[] }): Promise<string[]> {
    const found = (check: "syntax" | "lint", paths: string[] = []) =>
      paths.map((each) => ({ path: each, line: 1, column: 1, severity: "error", check, code: "x", message: "x" }));
    const said: string[] = [];
    const merged = {
      syntax: async () => found("syntax", findings.syntax),
      lint: async () => found("lint", findings.lint),
      fixLint: async () => null,
    };
    const base = {
      syntax: async (paths: string[]) => (said.push(`syntax ${paths.join()}`), []),
      lint: async (paths: string[]) => (said.push(`lint ${paths.join()}`), []),
    };
    const file = (name: string, more: object = {}) => ({
      path: name,
      oldPath: null,
      status: "modified",
      mode: "100644",
      added: new Set(),
      ...more,
    });
    await checkFiles({
      repository: { read: async () => Buffer.from("x\n"), list: async () => [] } as unknown as Repository,
      trees: { base: "base", merged: "merged", head: "head" },
      changed: [
        file("a.pp"),
        file("b.pp"),
        file("new.pp", { status: "added" }),
        file("to.pp", { status: "renamed", oldPath: "from.pp" }),
      ] as never,
      openBase: async () => (said.push("open"), base as unknown as OpenTree),
      openMerged: async () => merged as unknown as OpenTree,
      lint: { options: [], ignores: "block" },
      onProgress: () => undefined,
      signal: undefined,
    });
    return said;
  }

  it.each<[string, Parameters<typeof asked>[0], string[]]>([
    ["are not looked at where nothing was found", {}, []],
    [
      "are looked at where something was found, by the names that they have there",
      { syntax: ["a.pp"], lint: ["b.pp", "to.pp"] },
      ["open", "open", "syntax a.pp", "lint b.pp,from.pp"],
    ],
    ["are none where the file is new", { syntax: ["new.pp"], lint: ["new.pp"] }, []],
  ])("%s", async (_, findings, expected) => {
    expect((await asked(findings)).sort()).toEqual(expected.toSorted());
  });
});
