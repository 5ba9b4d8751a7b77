import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linkFindings } from "../../src/engine/links.ts";
import type { Finding } from "../../src/catalog/effects.ts";
import { type Repo, World } from "../git/world.ts";
import { edited, MemoryRepository, type File } from "./stand-ins/repository.ts";

let world: World;
let repo: Repo;
beforeEach(() => {
  world = new World();
  repo = world.repo();
  repo.commit({ "manifests/site.pp": "", "data/common.yaml": "" });
});
afterEach(async () => world.end());

/** What is said of a head made of these raw entries at the top, beside what base has. */
async function found(
  entries: readonly { mode: string; name: string; target: string }[],
): Promise<Pick<Finding, "path" | "severity" | "code">[]> {
  const top = repo
    .git("ls-tree", "HEAD")
    .split("\n")
    .map((line) => /^(\d+) \w+ (\w+)\t(.*)$/u.exec(line) ?? [])
    .map(([, mode = "", oid = "", name = ""]) => ({ mode: mode.replace(/^0/u, ""), name, oid }));
  const made = entries.map(({ mode, name, target }) => ({ mode, name, oid: mode === "160000" ? "1".repeat(40) : repo.blob(target) }));
  const tree = repo.rawTree([...top, ...made].toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  const repository = await world.open(repo);
  const changed = await repository.changes(repo.git("rev-parse", "HEAD^{tree}"), tree);
  return (await linkFindings(repository, tree, changed)).map(({ path, severity, code }) => ({ path, severity, code }));
}
const link = (name: string, target: string): { mode: string; name: string; target: string } => ({ mode: "120000", name, target });

describe("links and submodules of a change", () => {
  it.each([
    ["case 44: inside the tree is only told", "data/common.yaml", "notice", "symlink"],
    ["case 44: absolute blocks", "/etc/passwd", "error", "symlink-escape"],
    ["case 44: out of the tree blocks", "../secrets", "error", "symlink-escape"],
    ["case 44: out of the tree and in again blocks", "data/../../control/data", "error", "symlink-escape"],
    ["case 44: up and down inside the tree is only told", "data/../manifests", "notice", "symlink"],
    ["case 44: a target that no file system takes blocks", `${"a/".repeat(2100)}x`, "error", "symlink-escape"],
    ["case 44: nowhere blocks", "", "error", "symlink-escape"],
  ])("%s", async (_name, target, severity, code) => {
    expect(await found([link("linked", target)])).toEqual([{ path: "linked", severity, code }]);
  });

  it("case 44: one that leads through another link blocks, because names alone don't say where that ends", async () => {
    expect(await found([link("a", "data"), link("b", "a/../x")])).toEqual([
      { path: "a", severity: "notice", code: "symlink" },
      { path: "b", severity: "error", code: "symlink-escape" },
    ]);
  });

  it("case 44: one in the place of code blocks, wherever it leads", async () => {
    expect(await found([link("linked.pp", "manifests/site.pp")])).toEqual([{ path: "linked.pp", severity: "error", code: "symlink" }]);
  });

  it("case 45: a submodule is refused", async () => {
    expect(await found([{ mode: "160000", name: "module", target: "" }])).toEqual([
      { path: "module", severity: "error", code: "submodule" },
    ]);
  });
});

describe("targets of links", () => {
  const main = { "data/common.yaml": "", folder: { link: "data" }, gone: { link: "../x" } };
  const told = async (edits: Record<string, File | null>): Promise<Finding[]> => {
    const repository = new MemoryRepository({ commits: { main, change: edited(main, edits) } });
    const [base, tree] = [repository.tree("main"), repository.tree("change")];
    return linkFindings(repository, tree, await repository.changes(base, tree));
  };
  it.each<[string, string, string, string]>([
    ["the folder above the tree", "linked", "..", "symlink-escape"],
    ["the folder above, from below", "deep/er/linked", "../../..", "symlink-escape"],
    ["the top", "deep/er/linked", "../..", "symlink"],
    ["a name that begins with dots", "linked", "..data", "symlink"],
    ["a name with a NUL", "linked", "data\0/x", "symlink-escape"],
    ["something behind a link that is there", "linked", "folder/common.yaml", "symlink-escape"],
    ["a link that is there", "linked", "folder", "symlink-escape"],
    ["a name of 4096 bytes", "linked", "x".repeat(4096), "symlink"],
    ["a name of 4097 bytes", "linked", "x".repeat(4097), "symlink-escape"],
  ])("that lead to %s", async (_, path, target, code) => {
    expect((await told({ [path]: { link: target } })).map((finding) => finding.code)).toEqual([code]);
  });

  it("are of no matter where a link goes, or is as it was", async () => {
    expect(await told({ gone: null, "data/common.yaml": "a: 1\n" })).toEqual([]);
  });

  it("that can't be read block", async () => {
    const repository = new MemoryRepository({ commits: { main, change: edited(main, { linked: { link: "data" } }) } });
    Object.assign(repository, { readObject: async () => null });
    const [base, tree] = [repository.tree("main"), repository.tree("change")];
    expect(await linkFindings(repository, tree, await repository.changes(base, tree))).toEqual([
      {
        check: "syntax",
        severity: "error",
        path: "linked",
        line: null,
        column: null,
        code: "symlink-escape",
        message: "a symlink that leads out of the repository, or through another one: put the file itself here",
        onChangedLine: false,
      },
    ]);
  });
});
