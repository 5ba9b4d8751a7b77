import { describe, expect, it } from "vitest";
import type { EnvironmentLayout } from "../../src/engine/ports/environment.ts";
import type { OpenTree, PuppetEdge } from "../../src/engine/ports/puppet.ts";
import type { Repository } from "../../src/engine/ports/repository.ts";
import type { TreeToCompile } from "../../src/engine/ports/compile.ts";
import type { ProvidedModule } from "../../src/engine/resolve-modules.ts";
import { createSlots, type Slot } from "../../src/engine/slots.ts";
import { readServed, servedBy, Trees, type TreesInput } from "../../src/engine/trees.ts";
import { tablePuppet } from "./stand-ins/puppet.ts";
import { MemoryRepository, type Files } from "./stand-ins/repository.ts";

/** Two trees of nothing; what is opened is counted until it is closed. */
async function stage(): Promise<{ trees: Trees; open: () => number; opening: PromiseWithResolvers<void> }> {
  let open = 0;
  const opening = Promise.withResolvers<void>();
  const puppet = {
    findLayout: async () => ({ modulepath: [] }),
    open: async (): Promise<OpenTree> => {
      await opening.promise;
      open += 1;
      return { close: async () => void (open -= 1) } as OpenTree;
    },
  };
  const input = {
    repository: { list: async () => [], read: async () => null } as unknown as Repository,
    puppet: puppet as unknown as PuppetEdge,
    provided: { base: [], merged: [] },
    slots: createSlots(2),
    keep: null,
  } as unknown as TreesInput;
  return { trees: await Trees.of(input, "base", "merged"), open: () => open, opening };
}

it("a tree that is still being opened is closed with the others", async () => {
  const { trees, open, opening } = await stage();
  const [base] = [trees.base.open()];
  const closed = trees.close();
  opening.resolve();
  await Promise.all([base, closed]);
  expect(open()).toBe(0);
});

it("nothing is opened for a check that has ended", async () => {
  const { trees, open, opening } = await stage();
  opening.resolve();
  await trees.base.open();
  expect(open()).toBe(1);
  await trees.close();
  await expect(trees.merged.open()).rejects.toThrow("the check has ended");
  expect(open()).toBe(0);
});

const limits = { nodeSeconds: 1, startSeconds: 1, memoryMib: 1, processes: 1, outputMib: 1 };
const files = (text: string): Files => ({ "manifests/site.pp": text, "modules/ntp/files/x": "x\n" });

/** Both sides over a table's Puppet, and what was asked of it. */
async function sides(main: Files, change: Files, more: Partial<TreesInput> = {}) {
  const repository = new MemoryRepository({ commits: { main, change } });
  const list = repository.list.bind(repository);
  let lists = 0;
  repository.list = async (tree) => ((lists += 1), list(tree));
  const table = tablePuppet();
  const opened: TreeToCompile[] = [];
  const asked: Array<{ paths: readonly string[]; versioned: readonly string[] | undefined; provided: unknown }> = [];
  const of = table.of(repository);
  const puppet: PuppetEdge = {
    ...of,
    open: (tree) => (opened.push(tree), of.open(tree)),
    findLayout: (tree, request) => (
      asked.push({ paths: tree.paths, versioned: request.versioned, provided: request.provided }),
      of.findLayout(tree, request)
    ),
  };
  const layout = { environment: "production", modulepath: null, manifest: null, worktree: null };
  const given = {
    name: "acme/control",
    repository,
    puppet,
    layout,
    limits,
    slots: createSlots(2),
    keep: null,
    provided: { base: [], merged: [] },
  };
  const trees = await Trees.of({ ...given, ...more }, repository.tree("main"), repository.tree("change"));
  const listed = lists;
  return { trees, repository, opened, asked, log: table.log, listed: () => listed };
}

describe("the two trees of a comparison", () => {
  it("are opened once each, when they are needed", async () => {
    const { trees, log, opened } = await sides(files("node a x\n"), files("node b x\n"));
    expect(log).toEqual([]);
    expect(await trees.base.open()).toBe(await trees.base.open());
    await trees.merged.open();
    expect(log).toEqual(["open main", "open change"]);
    // Head's files alone are parsed as a rule, and so has the parser that waits.
    expect(opened.map(({ of, parsed, limits: its, standIns }) => [of, parsed, its, standIns])).toEqual([
      ["acme/control", false, limits, undefined],
      ["acme/control", true, limits, undefined],
    ]);
    await trees.close();
    expect(log.slice(2)).toEqual(["close main", "close change"]);
  });

  it("are one where both are the same, listed and opened as that", async () => {
    const { trees, asked, log, listed } = await sides(files("node a x\n"), files("node a x\n"));
    expect(trees.base).toBe(trees.merged);
    expect(listed()).toBe(1);
    expect(asked).toHaveLength(1);
    expect(await trees.nodeStatements()).toEqual({ names: ["a"], open: false });
    expect(log).toEqual(["open main", "statements main"]);
  });

  it("tell of the nodes of both, each once, in order", async () => {
    const { trees } = await sides(files("node b x\nnode a x\n"), files("node c x\nnode a x\nnode default x\n"));
    expect(await trees.nodeStatements()).toEqual({ names: ["a", "b", "c"], open: true });
  });

  it("are laid out by their own files; what git has on the other side is no work tree's", async () => {
    const module = (id: string): ProvidedModule => ({ into: "modules", name: "clock", folder: `/cache/${id}`, id, files: [] });
    const provided = { base: [module("1")], merged: [module("2")] };
    const { trees, asked } = await sides(files("a\n"), { ...files("b\n"), new: "x" }, { provided });
    expect(asked).toEqual([
      {
        paths: ["manifests/site.pp", "modules/ntp/files/x"],
        versioned: ["manifests/site.pp", "modules/ntp/files/x", "new"],
        provided: provided.base,
      },
      {
        paths: ["manifests/site.pp", "modules/ntp/files/x", "new"],
        versioned: ["manifests/site.pp", "modules/ntp/files/x"],
        provided: provided.merged,
      },
    ]);
    expect([trees.base.provided, trees.merged.provided]).toEqual([provided.base, provided.merged]);
  });

  it("have the same stand-ins, where there are any", async () => {
    const standIns = { files: [], dns: {}, queries: [], exported: null, id: "1" };
    const { trees, opened } = await sides(files("a\n"), files("b\n"), { standIns });
    await Promise.all([trees.base.open(), trees.merged.open()]);
    expect(opened.map((tree) => tree.standIns)).toEqual([standIns, standIns]);
  });

  it("are refused where one is too large to be written out", async () => {
    const large = (bytes: number): Files => ({ ...files("a\n"), large: { bytes } });
    const over = 2 ** 31 - 4 + 1;
    const { trees } = await sides(files("a\n"), large(over));
    await expect(trees.base.open()).resolves.toBeDefined();
    await expect(trees.merged.open()).rejects.toMatchObject({
      code: "tree-too-large",
      text: "The tree of the merge result has 2048 MiB, written out; what is compiled may have 2048 MiB.",
    });
    const other = await sides(large(2 * over), large(over - 1));
    await expect(other.trees.merged.open()).resolves.toBeDefined();
    await expect(other.trees.base.open()).rejects.toThrow(/^The tree of base has 4096 MiB/u);
  });

  it("keep base's for the next check where it has a key, and head's never", async () => {
    const borrowed: unknown[] = [];
    const keep: TreesInput["keep"] = {
      branch: "main",
      keyOf: (tree) => (tree === "none" ? null : `key of ${tree}`),
      trees: { borrow: async (of, open) => (borrowed.push(of), open()), close: async () => {} },
    };
    const { trees, repository } = await sides(files("a\n"), files("b\n"), { keep });
    await Promise.all([trees.base.open(), trees.merged.open()]);
    expect(borrowed).toEqual([{ branch: "main", key: `key of ${repository.tree("main")}` }]);
    const without = await sides(files("a\n"), files("b\n"), { keep: { ...keep, keyOf: () => null } });
    await without.trees.base.open();
    expect(borrowed).toHaveLength(1);
  });

  it("wait for processors, and what looks at files waits more patiently", async () => {
    const waited: string[] = [];
    const share =
      (name: string): Slot =>
      async (work, signal) => {
        waited.push(`${name} ${signal === undefined ? "-" : "signal"}`);
        return work();
      };
    let sidesEntered = 0;
    const slots = { enter: () => ({ share: (how?: "patient") => share(how ?? `side ${(sidesEntered += 1)}`) }) };
    const { trees } = await sides(files("node a x\n"), files("node b x\n"), { slots });
    const { signal } = new AbortController();
    const node = { certname: "a", origin: "given", values: {}, trusted: {} } as never;
    for (const side of [trees.base, trees.merged]) {
      const tree = await side.open();
      await tree.nodeStatements();
      await tree.definitions([], signal);
      await tree.compile([node], () => {}, { workers: 1, signal });
      await tree.syntax([], signal);
      await tree.lint([], [], signal);
      await tree.fixLint([], [], signal);
    }
    const of = (name: string): string[] => [
      `${name} -`,
      `${name} signal`,
      `${name} signal`,
      "patient signal",
      "patient signal",
      "patient signal",
    ];
    expect(waited).toEqual([...of("side 1"), ...of("side 2")]);
  });
});

describe("files that modules serve", () => {
  const layout = (modulepath: EnvironmentLayout["modulepath"]): EnvironmentLayout => ({
    name: "production",
    manifest: "manifests",
    modulepath,
  });
  const file = (path: string, oid: string, mode = "100644") => ({ path, oid, mode, size: 1 });
  const clock: ProvidedModule = {
    into: "modules",
    name: "clock",
    folder: "/cache/1",
    id: "1",
    files: [file("files/a", "aa"), file("files/l", "ll", "120000")],
  };
  const disk = { in: "disk" as const, folder: "/cache/1", only: ["clock"], id: "1" };
  const entries = [file("modules/ntp/files/x", "xx"), file("modules/clock/files/a", "old")];

  it.each<[string, EnvironmentLayout["modulepath"], Record<string, string>]>([
    ["of the tree", [{ in: "tree", path: "modules" }], { ntp: "modules/ntp", clock: "modules/clock" }],
    ["from elsewhere before those of the tree", [disk, { in: "tree", path: "modules" }], { clock: "\x001/clock", ntp: "modules/ntp" }],
    ["of the tree before those from elsewhere", [{ in: "tree", path: "modules" }, disk], { ntp: "modules/ntp", clock: "modules/clock" }],
    ["of another folder of this machine are nobody's", [{ ...disk, folder: "/cache/2" }], {}],
    ["of another name", [{ ...disk, only: ["other"] }], {}],
    ["that may be others tomorrow", [{ in: "disk", folder: "/cache/1", only: ["clock"] }], {}],
  ])("are those %s", (_, modulepath, expected) => {
    const index = servedBy({ entries, layout: layout(modulepath), provided: [clock] });
    expect(Object.fromEntries(index.modules)).toEqual(expected);
    expect(index.files.get("modules/ntp/files/x")?.oid).toBe("xx");
  });

  it("are read from where they lie: the tree, or the module; links are not followed", async () => {
    const read = readServed(
      [{ provided: [] }, { provided: [clock] }],
      async (oid) => Buffer.from(`tree ${oid}`),
      async (module, path) => Buffer.from(`${module.folder} ${path}`),
    );
    const texts = await Promise.all(["xx", "aa", "ll"].map(async (oid) => (await read(oid))?.toString()));
    expect(texts).toEqual(["tree xx", "/cache/1 clock/files/a", "tree ll"]);
  });
});
