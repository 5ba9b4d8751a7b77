import { describe, expect, it } from "vitest";
import { chooseFleet, onlyNodes, type FactSources, type Fleet } from "../../src/engine/fleet.ts";
import type { FactSnapshot, Inventory, NodeFacts, Repository } from "../../src/engine/ports.ts";

/** A repository of two trees given as path -> content; only what choosing a fleet reads. */
function repository(trees: Record<string, Record<string, string>>): Repository {
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  return {
    list: async (tree) => Object.entries(trees[tree] ?? {}).map(([path, text]) => ({ path, mode: "100644", size: text.length, oid: text })),
    read: async (tree, path) => {
      const text = trees[tree]?.[path];
      return text === undefined ? null : Buffer.from(text);
    },
    workTree: null,
    defaultBranch: unused,
    resolve: unused,
    merge: unused,
    treeOf: unused,
    changes: unused,
    readObject: unused,
    export: unused,
    close: unused,
  };
}

const node = (certname: string, role: string, origin: NodeFacts["origin"] = "given"): NodeFacts => ({
  certname,
  origin,
  values: { role },
  trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
});
/** Facts by a table: the file's stem is the certname, its text the role; `?` can't be read. */
const inventory: Inventory = {
  readFolder: async (folder) => ({ id: folder, nodes: [node("from-folder", folder)], unreadable: [] }),
  readFiles: (files) => {
    const snapshot: FactSnapshot = { id: "files", nodes: [], unreadable: [] };
    for (const { path, content } of files) {
      const certname = path.replace(/^.*\//u, "").replace(/\.\w+$/u, "");
      const problem = { code: "x", text: `${path} is not YAML.`, hint: "Mend it." };
      if (content.toString() === "?") snapshot.unreadable.push({ certname, path, problem });
      else snapshot.nodes.push(node(certname, content.toString()));
    }
    return snapshot;
  },
  prepare: (snapshot) => snapshot,
  readEnc: () => Promise.reject(new Error("not part of this test")),
  readStandIns: () => Promise.reject(new Error("not part of this test")),
  toStandIns: () => {
    throw new Error("not part of this test");
  },
  assume: (names) => ({ id: "assumed", nodes: names.map((name) => node(name, "", "assumed")), unreadable: [] }),
};
const trees = { base: "base", merged: "merged" };
const sources: FactSources = { folder: null, configured: null, nodeStatements: async () => ({ names: ["literal01"], open: true }) };
const choose = (files: Record<string, Record<string, string>>, over: Partial<FactSources> = {}): Promise<Fleet> =>
  chooseFleet(repository(files), inventory, trees, { ...sources, ...over });
const names = ({ snapshot }: Fleet): string[] => snapshot.nodes.map(({ certname }) => certname);

describe("choosing the fleet", () => {
  const facts = { "facts/b.yaml": "web", "facts/a.json": "db", "facts/README.md": "no" };

  it("takes --facts before anything else", async () => {
    expect(names(await choose({ base: facts, merged: facts }, { folder: "/f" }))).toEqual(["from-folder"]);
  });

  it("finds facts/ and spec/fixtures/facts of base", async () => {
    expect(names(await choose({ base: facts, merged: facts }))).toEqual(["a", "b"]);
    const spec = { "spec/fixtures/facts/c.yaml": "x" };
    expect(names(await choose({ base: spec, merged: spec }))).toEqual(["c"]);
  });

  it("takes a configured folder, and says so when it holds none", async () => {
    const elsewhere = { "fleet/facts/c.yaml": "x" };
    expect(names(await choose({ base: elsewhere, merged: elsewhere }, { configured: "fleet/facts/" }))).toEqual(["c"]);
    await expect(choose({ base: facts, merged: facts }, { configured: "nope" })).rejects.toThrow(
      "The configuration's facts.folder is nope, and there are no fact files",
    );
  });

  it("judges by base's facts: a head adds nodes and changes none", async () => {
    const head = { ...facts, "facts/b.yaml": "harmless", "facts/new.yaml": "web" };
    const fleet = await choose({ base: facts, merged: head });
    expect(names(fleet)).toEqual(["a", "b", "new"]);
    expect(fleet.snapshot.nodes.find(({ certname }) => certname === "b")?.values).toEqual({ role: "web" });
    expect(fleet.findings.map(({ severity, message }) => [severity, message])).toEqual([
      ["notice", "the facts of b change here; this change was judged with those of base"],
    ]);
  });

  it("lets no head bring a fleet of its own, nor water down the radius", async () => {
    const spec = { "spec/fixtures/facts/c.yaml": "x" };
    expect(names(await choose({ base: spec, merged: { ...spec, "facts/dummy.yaml": "x" } }))).toEqual(["c"]);
    expect((await choose({ base: {}, merged: facts })).assumed).toBe(true);
    expect((await choose({ base: facts, merged: { ...facts, "facts/n1.yaml": "x", "facts/n2.yaml": "x" } })).size).toBe(2);
  });

  it("keeps nodes whose facts head deletes or breaks", async () => {
    expect(names(await choose({ base: facts, merged: { "facts/b.yaml": "?" } }))).toEqual(["a", "b"]);
  });

  it("names the file that can't be read and keeps the others", async () => {
    const files = { ...facts, "facts/c.yaml": "?" };
    const fleet = await choose({ base: files, merged: files });
    expect(fleet.findings).toMatchObject([
      { check: "facts", severity: "error", path: "facts/c.yaml", message: "facts/c.yaml is not YAML. Mend it." },
    ]);
    expect(names(fleet)).toHaveLength(2);
  });

  it("assumes facts for literal names when nobody has any", async () => {
    const fleet = await choose({ base: {}, merged: {} });
    expect(fleet).toMatchObject({ assumed: true, unnamed: true });
    expect(names(fleet)).toEqual(["literal01"]);
  });

  it("assumes them for whole names of --nodes too, and for no pattern and no node of a fleet that has facts", async () => {
    const wanted = ["db01.lon", "*.sto", "web[12]", "literal01"];
    expect(names(await choose({ base: {}, merged: {} }, { wanted }))).toEqual(["literal01", "db01.lon"]);
    expect(names(await choose({ base: facts, merged: facts }, { wanted }))).toEqual(["a", "b"]);
  });
});

describe("--nodes", () => {
  it("keeps what matches, and says what there is when nothing does", async () => {
    const files = { "facts/web01.lon.yaml": "x", "facts/web02.sto.yaml": "x", "facts/db01.lon.yaml": "?" };
    const fleet = await choose({ base: files, merged: files });
    expect(names(onlyNodes(fleet, ["*.lon"]))).toEqual(["web01.lon"]);
    expect(onlyNodes(fleet, ["*.lon"]).snapshot.unreadable).toHaveLength(1);
    expect(() => onlyNodes(fleet, ["mail*"])).toThrow("No node matches --nodes mail*. There are 2 nodes, such as web01.lon, web02.sto.");
  });
});
