import type { Unplaced } from "../../src/catalog/finding.ts";
import { describe, expect, it } from "vitest";
import { checkFiles, isParsedByPuppet, type FileFindings } from "../../src/engine/files.ts";
import type { ChangedFile, Repository } from "../../src/engine/ports/repository.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import type { Progress } from "../../src/engine/ports/progress.ts";
import { Problem } from "../../src/problem.ts";
import { edited, MemoryRepository, type File, type Files } from "./stand-ins/repository.ts";

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

const changedFile = (name: string, more: Partial<ChangedFile> = {}): ChangedFile => ({
  path: name,
  oldPath: null,
  status: "modified",
  mode: "100644",
  added: new Set(),
  ...more,
});

describe("Puppet's own parser is needed", () => {
  it.each<[ChangedFile[], boolean]>([
    [[], false],
    [[changedFile("data/common.yaml"), changedFile("site/a/manifests/init.pp")], true],
    [[changedFile("plans/deploy.pp")], true],
    [[changedFile("site/a/templates/a.epp")], true],
    [[changedFile("site/a/templates/a.erb"), changedFile("data/common.yaml"), changedFile("README")], false],
    [[changedFile("site/a/manifests/init.pp", { status: "removed" })], false],
    [[changedFile("site/a/manifests/init.pp", { mode: "120000" })], false],
    [[changedFile("site/a/manifests/init.pp", { mode: "100755" })], true],
  ])("for %j: %s", (changed, expected) => expect(isParsedByPuppet(changed)).toBe(expected));
});

interface Looked extends FileFindings {
  progress: Progress[];
  /** What each side was asked for. */
  asked: string[];
}

const textOf = (files: Files, of: string): string => {
  const file = files[of];
  return typeof file === "string" ? file : "";
};

/** Findings by their paths and lines: `a.pp:3`. A line with `!lint` is one, and is mended; so is one with `!syntax`, which is not. */
async function looked(
  main: Files,
  edits: Record<string, File | null>,
  more: { head?: Files; fix?: (text: string) => string | null } = {},
): Promise<Looked> {
  const change = edited(main, edits);
  const repository = new MemoryRepository({ commits: { main, change, head: more.head ?? change } });
  const [base, merged] = [repository.tree("main"), repository.tree("change")];
  const [asked, progress]: [string[], Progress[]] = [[], []];
  const tree = (name: string, files: Files): OpenTree => {
    const linesOf = (paths: readonly string[], mark: string, how: Partial<Unplaced>): Unplaced[] =>
      paths.flatMap((of) =>
        textOf(files, of)
          .split("\n")
          .flatMap((line, at): Unplaced[] =>
            line.includes(mark)
              ? [{ check: "lint", severity: "warning", path: of, line: at + 1, column: 1, code: mark, message: mark, ...how }]
              : [],
          ),
      );
    return {
      syntax: async (paths: readonly string[]) => (
        asked.push(`${name} syntax ${paths.join()}`),
        linesOf(paths, "!syntax", { check: "syntax", severity: "error" })
      ),
      lint: async (paths: readonly string[], options: readonly string[]) => (
        asked.push(`${name} lint ${[...paths, ...options].join()}`),
        [...linesOf(paths, "!lint", {}), ...linesOf(paths, "!notice", { severity: "notice" })]
      ),
      fixLint: async (paths: readonly string[], options: readonly string[]) => {
        asked.push(`${name} fix ${[...paths, ...options].join()}`);
        const mended = paths.map(
          (of) => [of, (more.fix ?? ((text) => text.replaceAll(/ !(?:lint|notice)/gu, "")))(textOf(files, of))] as const,
        );
        return mended.some(([, text]) => text === null) ? null : new Map(mended as Array<[string, string]>);
      },
    } as unknown as OpenTree;
  };
  const found = await checkFiles({
    repository,
    trees: { base, merged, head: repository.tree("head") },
    changed: await repository.changes(base, merged),
    openBase: async () => tree("base", main),
    openMerged: async () => (asked.push("open"), tree("merged", change)),
    lint: { options: ["--no-140chars-check"], ignores: "block" },
    onProgress: (step) => void progress.push(step),
    signal: undefined,
  });
  return { ...found, asked, progress };
}
const placesOf = ({ findings }: Looked): string[] =>
  findings.map(({ severity, path: at, line, code }) => `${severity} ${at}:${line} ${code}`);
const offers = ({ suggestions }: Looked): string[] => suggestions.map((one) => `${one.path}:${one.line}-${one.endLine} ${one.text}`);
const a = "site/a/manifests/init.pp";
const b = "site/b/manifests/init.pp";

describe("the changed files", () => {
  it("are parsed where anything parses them, and linted where they are manifests", async () => {
    const came = await looked(
      { [a]: "one\n" },
      { [a]: "two\n", "plans/x.pp": "one\n", "data/common.yaml": "a: 1\n", "docs/notes.txt": "x\n", "site/a/files/x": "x\n" },
    );
    expect(came.asked).toEqual([
      "open",
      `merged syntax data/common.yaml,plans/x.pp,${a}`,
      `merged lint plans/x.pp,${a},--no-140chars-check`,
    ]);
    expect(came).toMatchObject({ linted: 2, parsed: 3, debt: 0, findings: [], suggestions: [] });
    expect(came.progress).toEqual([
      { step: "syntax", done: 0, total: 3 },
      { step: "lint", done: 0, total: 2 },
    ]);
  });

  it("need no tree to be opened where there is nothing to parse", async () => {
    const came = await looked(
      { [a]: "one\n" },
      { [a]: null, README: "x\n", "site/a/manifests/b.pp": { link: "/etc/passwd" }, modules: { submodule: "1".repeat(40) } },
    );
    expect(came.asked).toEqual([]);
    expect(placesOf(came)).toEqual(["error site/a/manifests/b.pp:null symlink", "error modules:null submodule"]);
    expect(came).toMatchObject({ linted: 0, parsed: 0, debt: 0, suggestions: [], secrets: [] });
  });

  it("tell of no lint where no manifest changes", async () => {
    expect((await looked({}, { "data/common.yaml": "a: 1\n" })).progress).toEqual([{ step: "syntax", done: 0, total: 1 }]);
    expect((await looked({}, { [a]: "x\n" })).progress).toEqual([
      { step: "syntax", done: 0, total: 1 },
      { step: "lint", done: 0, total: 1 },
    ]);
  });

  it("answer for what base does not have: of what it has, by whatever name, the debt is counted", async () => {
    const came = await looked(
      { [a]: "old !lint\nbad !syntax\n", [b]: "moved !lint\n" },
      { [a]: "new !lint\nold !lint\nbad !syntax\nworse !syntax\n", [b]: null, "site/c/manifests/init.pp": "moved !lint\n" },
    );
    expect(placesOf(came)).toEqual([`error ${a}:4 !syntax`, `warning ${a}:1 !lint`]);
    expect(came.debt).toBe(2);
    expect(came.asked).toContain(`base lint ${a},${b},--no-140chars-check`);
  });

  it("with links beside them are all told", async () => {
    const came = await looked(
      {},
      { [a]: "x !lint\n# lint:ignore:140chars\n", linked: { link: "data" }, "site/a/templates/x.erb": "<%= `id` %>\n" },
    );
    expect(placesOf(came).map((each) => each.split(" ").at(-1))).toEqual(expect.arrayContaining(["symlink", "!lint"]));
    expect(came.findings.length).toBeGreaterThan(2);
  });

  it("are looked through for secrets that they spell out, as they were and as they will be", async () => {
    const text = (word: string): string => `$x = Sensitive('${word}')\n`;
    const came = await looked({ [a]: text("before") }, { [a]: text("after"), "site/new/manifests/init.pp": text("new") });
    expect(came.secrets.sort()).toEqual(["after", "before", "new"]);
    const moved = await looked({ [a]: text("moved") }, { [a]: null, [b]: text("moved") });
    expect(moved.secrets).toEqual(["moved", "moved"]);
  });

  it("that are too large to be read have nothing in common with base", async () => {
    const came = await looked({ [a]: { bytes: 2 ** 30 } }, { [a]: "x !lint\n" });
    expect(placesOf(came)).toEqual([`warning ${a}:1 !lint`]);
    expect(came.secrets).toEqual([]);
    const broken = { read: async () => Promise.reject(new Problem({ code: "other", text: "No.", hint: "" })), list: async () => [] };
    const check = {
      repository: broken,
      trees: { base: "b", merged: "m", head: "h" },
      changed: [changedFile(a)],
      lint: { options: [], ignores: "block" },
    };
    const tree = { syntax: async () => [], lint: async () => [] };
    const failing = checkFiles({
      ...check,
      openMerged: async () => tree,
      openBase: async () => tree,
      onProgress: () => {},
      signal: undefined,
    } as never);
    await expect(failing).rejects.toThrow("No.");
  });
});

describe("mendings", () => {
  const many = "one\n";
  it.each<[string, Files, Record<string, File | null>, string[]]>([
    ["are offered for lines of the change with a finding", { [a]: "old !lint\n\n" }, { [a]: "old !lint\n\nnew !lint\n" }, [`${a}:3-3 new`]],
    ["are not offered for a notice", { [a]: many }, { [a]: "one\nnew !notice\n" }, []],
    ["are not offered where the notice stands beside a finding", { [a]: many }, { [a]: "new !notice\none\nbad !lint\n" }, [`${a}:3-3 bad`]],
    [
      "are offered by a file's own findings alone",
      { [a]: many, [b]: many },
      { [a]: "new !notice\none\nbad !lint\n", [b]: "x !lint\n" },
      [`${a}:3-3 bad`, `${b}:1-1 x`],
    ],
    ["are not offered in a file that does not parse", { [a]: many }, { [a]: "new !lint\nworse !syntax\n" }, []],
    ["are offered in others then", { [a]: many, [b]: many }, { [a]: "new !lint\nworse !syntax\n", [b]: "new !lint\n" }, [`${b}:1-1 new`]],
    ["are offered of several lines, each by itself", { [a]: many }, { [a]: "x !lint\none\ny !lint\n" }, [`${a}:1-1 x`, `${a}:3-3 y`]],
    ["are offered of lines next to each other as one", { [a]: many }, { [a]: "one\nx !lint\ny !lint\n" }, [`${a}:2-3 x\ny`]],
  ])("%s", async (_, main, edits, expected) => {
    expect(offers(await looked(main, edits))).toEqual(expected);
  });

  it("are none where the mender came to nothing, and are asked for of files with findings alone", async () => {
    const main = { [a]: many, [b]: many };
    const none = await looked(main, { [a]: "x !lint\n", [b]: "fine\n" }, { fix: () => null });
    expect(none.suggestions).toEqual([]);
    expect(none.asked).toContain(`merged fix ${a},--no-140chars-check`);
    const clean = await looked(main, { [a]: "fine\n" });
    expect(clean.asked.some((each) => each.startsWith("merged fix"))).toBe(false);
  });

  it("are not asked for where no finding is on a line of the change", async () => {
    const repository = new MemoryRepository({ commits: { main: { [a]: "one\n" }, change: { [a]: "one\ntwo\n" } } });
    const [base, merged] = [repository.tree("main"), repository.tree("change")];
    const found: Unplaced = {
      check: "lint",
      severity: "warning",
      path: a,
      line: 1,
      column: 1,
      code: "x",
      message: "only with two lines",
    };
    const asked: string[] = [];
    const tree = (name: string, findings: Unplaced[]): OpenTree =>
      ({ syntax: async () => [], lint: async () => findings, fixLint: async () => (asked.push(name), new Map()) }) as unknown as OpenTree;
    const check = {
      repository,
      trees: { base, merged, head: merged },
      changed: await repository.changes(base, merged),
      onProgress: () => {},
      signal: undefined,
    };
    const came = await checkFiles({
      ...check,
      lint: { options: [], ignores: "block" },
      openBase: async () => tree("base", []),
      openMerged: async () => tree("merged", [found]),
    });
    expect([came.findings.length, came.suggestions, asked]).toEqual([1, [], []]);
  });

  it("are none of lines that the mender changes without a finding", async () => {
    const came = await looked({ [a]: many }, { [a]: "x !lint\none\ny\n" }, { fix: (text) => text.replace("y", "z").replace(" !lint", "") });
    expect(offers(came)).toEqual([`${a}:1-1 x`]);
  });
});
