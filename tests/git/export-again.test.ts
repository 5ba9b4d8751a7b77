import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Repo, World } from "./world.ts";

/** Trees that are written over each other: each is then as it would be in an empty folder. Content, `link -> target`, `run: content` (executable) or `module`. */
type Tree = Record<string, string>;
const steps: [string, Tree][] = [
  [
    "a first one",
    { "a.pp": "class a {}\n", "data/x.yaml": "x: 1\n", "modules/m/lib/f.rb": "1\n", link: "link -> a.pp", "bin/run": "run: #!/bin/sh\n" },
  ],
  [
    "nothing differs",
    { "a.pp": "class a {}\n", "data/x.yaml": "x: 1\n", "modules/m/lib/f.rb": "1\n", link: "link -> a.pp", "bin/run": "run: #!/bin/sh\n" },
  ],
  [
    "other content of one length",
    { "a.pp": "class b {}\n", "data/x.yaml": "x: 2\n", "modules/m/lib/f.rb": "1\n", link: "link -> a.pp", "bin/run": "run: #!/bin/sh\n" },
  ],
  ["files and folders go", { "a.pp": "class b {}\n", "data/y/z.yaml": "x: 2\n" }],
  ["a folder becomes a file, and a file a folder", { "a.pp/b.pp": "class b {}\n", data: "none\n" }],
  ["a folder becomes a link out of it, and a file one to itself", { "a.pp": "link -> /etc", data: "link -> data" }],
  ["and links become folders", { "a.pp/passwd": "x\n", "data/passwd": "y\n" }],
  ["modes alone differ", { "a.pp/passwd": "run: x\n", "data/passwd": "y\n" }],
  ["a submodule comes", { "a.pp": "module", "data/passwd": "y\n" }],
  ["and becomes a file", { "a.pp": "class a {}\n", "data/passwd": "y\n" }],
  ["all goes", {}],
  ["and comes again", { "a.pp": "class a {}\n", 'odd \n"name"/ü.pp': "1\n" }],
];

describe("a tree that is written over another", () => {
  let world: World;
  let repo: Repo;
  beforeEach(() => {
    world = new World();
    repo = world.repo();
    repo.commit({ "README.md": "\n" });
  });
  afterEach(() => world.end());

  const treeOf = (tree: Tree): string => {
    repo.git("read-tree", "--empty");
    for (const [path, what] of Object.entries(tree)) {
      const [mode, content] = what.startsWith("link -> ")
        ? ["120000", what.slice(8)]
        : what.startsWith("run: ")
          ? ["100755", what.slice(5)]
          : ["100644", what];
      const entry = what === "module" ? `160000,${"1".repeat(40)}` : `${mode},${repo.blob(content)}`;
      repo.git("update-index", "--add", "--cacheinfo", `${entry},${path}`);
    }
    return repo.git("write-tree").trim();
  };
  const listing = (folder: string): string =>
    execFileSync("find", [".", "-mindepth", "1", "-printf", "%P %M %l\n"], { cwd: folder, encoding: "utf8" }).split("\n").sort().join("\n");
  const contents = (folder: string): string =>
    execFileSync("sh", ["-c", "find . -type f -exec sha256sum {} + | sort"], { cwd: folder, encoding: "utf8" });
  const seen = (folder: string): string[] => [listing(folder), contents(folder)];

  it("is as if the folder had been empty", async () => {
    const repository = await world.open(repo);
    const [folder, index] = [world.path("again"), world.path("index")];
    for (const [at, [, tree]] of steps.entries()) {
      const oid = treeOf(tree);
      await repository.export(oid, folder, index);
      await repository.export(oid, world.path(`fresh${at}`));
      expect(seen(folder)).toEqual(seen(world.path(`fresh${at}`)));
    }
  });

  it("by another clone of the same history, which has never seen the first", async () => {
    const [folder, index] = [world.path("again"), world.path("index")];
    const first = await world.open(repo);
    await first.export(treeOf({ "a.pp": "1\n", "b/c.pp": "2\n" }), folder, index);
    const other = world.repo("other");
    other.commit({ "a.pp": "1\n", "d.pp": "3\n" });
    const second = await world.open(other);
    const tree = other.git("rev-parse", "HEAD^{tree}").trim();
    await second.export(tree, folder, index);
    await second.export(tree, world.path("fresh"));
    expect(seen(folder)).toEqual(seen(world.path("fresh")));
  });

  it.each<[string, (folder: string) => void]>([
    ["changed, of one size", (folder) => writeFileSync(join(folder, "a.pp"), "class z {}\n")],
    ["removed", (folder) => rmSync(join(folder, "b/c.pp"))],
    ["made executable", (folder) => chmodSync(join(folder, "a.pp"), 0o755)],
    [
      "exchanged for a link",
      (folder) => {
        rmSync(join(folder, "a.pp"));
        symlinkSync("/etc/passwd", join(folder, "a.pp"));
      },
    ],
    [
      "below a folder that was exchanged for a link",
      (folder) => {
        rmSync(join(folder, "b"), { recursive: true });
        mkdirSync(join(folder, "../victim"));
        symlinkSync("../victim", join(folder, "b"));
      },
    ],
  ])("has a file put right that was %s meanwhile", async (_, harm) => {
    const repository = await world.open(repo);
    const [folder, index] = [world.path("again"), world.path("index")];
    const [before, after] = [
      treeOf({ "a.pp": "class a {}\n", "b/c.pp": "2\n" }),
      treeOf({ "a.pp": "class a {}\n", "b/c.pp": "2\n", "d.pp": "\n" }),
    ];
    await repository.export(before, folder, index);
    harm(folder);
    await repository.export(after, folder, index);
    await repository.export(after, world.path("fresh"));
    expect(seen(folder)).toEqual(seen(world.path("fresh")));
    expect(readFileSync(join(folder, "a.pp"), "utf8")).toBe("class a {}\n");
  });

  it("writes nothing that is the same, also where owners and modes of files were changed for a sandbox", async () => {
    const repository = await world.open(repo);
    const [folder, index] = [world.path("again"), world.path("index")];
    await repository.export(treeOf({ "a.pp": "class a {}\n", "b/c.pp": "2\n" }), folder, index);
    const inode = statSync(join(folder, "a.pp")).ino;
    execFileSync("chmod", ["-R", "g+rX,o=", folder]);
    await repository.export(treeOf({ "a.pp": "class a {}\n", "b/c.pp": "3\n" }), folder, index);
    expect(statSync(join(folder, "a.pp")).ino).toBe(inode);
    expect(readFileSync(join(folder, "b/c.pp"), "utf8")).toBe("3\n");
  });

  it("without an index of its own, never", async () => {
    const repository = await world.open(repo);
    const [folder, index] = [world.path("again"), world.path("index")];
    const tree = treeOf({ "a.pp": "1\n" });
    await repository.export(tree, folder);
    await expect(repository.export(tree, folder)).rejects.toMatchObject({ code: "export-folder-not-empty" });
    await expect(repository.export(tree, folder, index)).rejects.toMatchObject({ code: "export-folder-not-empty" });
  });
});
