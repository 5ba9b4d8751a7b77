import { describe, expect, it } from "vitest";
import { chooseFleet, onlyNodes, onSite, type FactSources, type Fleet } from "../../src/engine/fleet.ts";
import type { FactSnapshot, Inventory, NodeFacts, UnreadableFacts } from "../../src/engine/ports/nodes.ts";
import type { Repository } from "../../src/engine/ports/repository.ts";
import { Problem } from "../../src/problem.ts";

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

  const fleet = (nodes: string[], unreadable: string[] = [], size = nodes.length + unreadable.length): Fleet => ({
    snapshot: {
      id: "x",
      nodes: nodes.map((name) => node(name, "")),
      unreadable: unreadable.map((name) => unreadableOf(name, `facts/${name}.json`)),
    },
    from: "folder",
    assumed: false,
    size,
    unnamed: false,
    findings: [],
  });

  it.each<[string[], string[]]>([
    [[], ["web01", "db01", ".hidden", "#one", "!two"]],
    [
      ["web*", "db*"],
      ["web01", "db01"],
    ],
    [["*"], ["web01", "db01", ".hidden", "#one", "!two"]],
    [["#one"], ["#one"]],
    [["!two"], ["!two"]],
    [["{web,db}01"], ["web01", "db01"]],
  ])("takes %j for globs of names, whatever they begin with", (globs, expected) => {
    expect(names(onlyNodes(fleet(["web01", "db01", ".hidden", "#one", "!two"]), globs))).toEqual(expected);
  });

  it("makes the fleet no larger than base's, and no larger than what is left", () => {
    expect(onlyNodes(fleet(["web01", "web02", "db01"], ["web03", "db02"]), ["web*"]).size).toBe(3);
    // Two of these are head's.
    expect(onlyNodes(fleet(["web01", "web02", "web03"], [], 1), ["web*"]).size).toBe(1);
    expect(onlyNodes(fleet([], ["web03", "db02"]), ["web*"])).toMatchObject({
      size: 1,
      snapshot: { nodes: [], unreadable: [{ certname: "web03" }] },
    });
  });

  it("names three of the nodes that there are, or says how to have some", () => {
    const hint = (of: Fleet): string => {
      try {
        onlyNodes(of, ["mail*", "imap*"]);
      } catch (error) {
        if (error instanceof Problem) return `${error.text} ${error.hint}`;
      }
      throw new Error("no Problem");
    };
    expect(hint(fleet(["a", "b", "c", "d"]))).toBe("No node matches --nodes mail*,imap*. There are 4 nodes, such as a, b, c.");
    expect(hint(fleet([]))).toContain("There are no nodes at all: give node facts with --facts DIR, or a whole certname to --nodes");
  });
});

const unreadableOf = (certname: string, path: string): UnreadableFacts => ({
  certname,
  path,
  problem: { code: "x", text: `${certname} is lost.`, hint: "Find it." },
});

describe("how large a fleet is", () => {
  it.each<[string, Record<string, string>, Record<string, string>, string[], string[], number]>([
    ["head's nodes do not count", { "facts/a.yaml": "x" }, { "facts/a.yaml": "x", "facts/b.yaml": "x" }, ["a", "b"], [], 1],
    [
      "nor do those of head that can't be read",
      { "facts/a.yaml": "x" },
      { "facts/a.yaml": "x", "facts/b.yaml": "?", "facts/c.yaml": "x" },
      ["a", "c"],
      ["b"],
      1,
    ],
    [
      "base's that can't be read do, and head does not make them readable",
      { "facts/a.yaml": "x", "facts/b.yaml": "?" },
      { "facts/a.yaml": "x", "facts/b.yaml": "x" },
      ["a"],
      ["b"],
      2,
    ],
    ["base's that head breaks are base's", { "facts/a.yaml": "x" }, { "facts/a.yaml": "?" }, ["a"], [], 1],
    ["base's alone", { "facts/b.yaml": "?" }, { "facts/b.yaml": "?" }, [], ["b"], 1],
  ])("%s", async (_, base, merged, nodes, unreadable, size) => {
    const fleet = await choose({ base, merged });
    expect([names(fleet), fleet.snapshot.unreadable.map(({ certname }) => certname), fleet.size]).toEqual([nodes, unreadable, size]);
    expect(fleet).toMatchObject({ from: "tree", assumed: false, unnamed: false });
  });

  it("is read once where both trees are one", async () => {
    const of = repository({ base: { "facts/a.yaml": "x" } });
    let listed = 0;
    const counting = { ...of, list: async (tree: string) => ((listed += 1), of.list(tree)) };
    await chooseFleet(counting, inventory, { base: "base", merged: "base" }, sources);
    expect(listed).toBe(1);
  });
});

describe("PuppetDB's nodes", () => {
  it("are taken where there are any to take, behind a folder that somebody named", async () => {
    const puppetdb: FactSnapshot = {
      id: "db",
      nodes: [node("a", "")],
      unreadable: [unreadableOf("b", "https://puppetdb/b"), unreadableOf("c", "data/https:c")],
    };
    const fleet = await choose({ base: { "facts/z.yaml": "x" }, merged: {} }, { puppetdb });
    expect([fleet.from, names(fleet), fleet.size]).toEqual(["puppetdb", ["a"], 3]);
    expect(fleet.findings).toEqual(
      [null, "data/https:c"].map((path, at) => ({
        check: "facts",
        severity: "error",
        path,
        line: null,
        column: null,
        code: "unreadable-facts",
        message: `${["b", "c"][at]} is lost. Find it.`,
        onChangedLine: false,
      })),
    );
    expect((await choose({ base: {}, merged: {} }, { puppetdb, folder: "/f" })).from).toBe("folder");
  });
});

describe("a file of facts that is too large", () => {
  const reading = (fault: Error): Repository => {
    const of = repository({ base: { "facts/a.yaml": "x", "facts/lon/big.yaml": "y" }, merged: {} });
    return { ...of, read: async (tree, path) => (path.endsWith("big.yaml") ? Promise.reject(fault) : of.read(tree, path)) };
  };
  const choosing = (error: Error) => chooseFleet(reading(error), inventory, trees, sources);

  it("is a node of which nothing is known", async () => {
    const fleet = await choosing(new Problem({ code: "file-too-large", text: "Too large.", hint: "Shrink it." }));
    expect(fleet.snapshot.unreadable).toMatchObject([{ certname: "big", path: "facts/lon/big.yaml", problem: { text: "Too large." } }]);
    expect(names(fleet)).toEqual(["a"]);
  });

  it.each([new Problem({ code: "other", text: "Other.", hint: "" }), Object.assign(new Error("disk"), { code: "file-too-large" })])(
    "is told from anything else that goes wrong: %s",
    async (error) => {
      await expect(choosing(error)).rejects.toBe(error);
    },
  );

  it("and one that is gone meanwhile is no node", async () => {
    const of = repository({ base: { "facts/a.yaml": "x", "facts/b.yaml": "y" }, merged: {} });
    const gone = { ...of, read: async (tree: string, path: string) => (path.endsWith("b.yaml") ? null : of.read(tree, path)) };
    expect(names(await chooseFleet(gone, inventory, trees, sources))).toEqual(["a"]);
  });
});

describe("the fleet as the site's server sees it", () => {
  const site = { filter: { only: null, never: [] }, enc: null, server: { serverversion: null, servername: "x", serverip: "127.0.0.1" } };
  const before: Fleet = {
    snapshot: { id: "x", nodes: [node("a", ""), node("b", "")], unreadable: [unreadableOf("c", "facts/c.json")] },
    from: "folder",
    assumed: false,
    size: 3,
    unnamed: false,
    findings: [],
  };

  it("loses nodes that its ENC does not have, and has those that only the ENC has", () => {
    const lost = [
      unreadableOf("c", "facts/c.json"),
      unreadableOf("b", "facts/b.json"),
      unreadableOf("d", "enc.yaml"),
      unreadableOf("e", "enc.yaml"),
    ];
    const asked: unknown[] = [];
    const seen = onSite(
      before,
      { ...inventory, prepare: (snapshot, of) => (asked.push(of), { ...snapshot, id: "y", nodes: [node("a", "")], unreadable: lost }) },
      site,
    );
    expect(asked).toEqual([site]);
    expect([seen.snapshot.id, seen.size]).toEqual(["y", 5]);
    expect(seen.findings.map(({ message }) => message)).toEqual(["b is lost. Find it.", "d is lost. Find it.", "e is lost. Find it."]);
  });

  it("is the same without an ENC", () => {
    expect(onSite(before, inventory, site)).toEqual(before);
  });
});
