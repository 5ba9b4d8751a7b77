import { describe, expect, it } from "vitest";
import { hiddenPins } from "../../src/engine/hidden-pins.ts";
import { moduleChanges, moduleFindings, pinOf } from "../../src/engine/module-changes.ts";
import { findModules, modulesOfTree, type Modules } from "../../src/engine/modules.ts";
import { providedBy, resolveModules, type SideModules } from "../../src/engine/resolve-modules.ts";
import type { ChangedFile, TreeEntry } from "../../src/engine/ports/repository.ts";
import type { EnvironmentLayout } from "../../src/engine/ports/environment.ts";
import type { ModuleSource, ResolvedModule } from "../../src/engine/ports/modules.ts";
import { readPuppetfile } from "../../src/puppet/puppetfile.ts";

const changedPuppetfile: ChangedFile = { path: "Puppetfile", oldPath: null, status: "modified", mode: "100644", added: new Set([1]) };
const inTree: EnvironmentLayout["modulepath"] = [{ in: "tree", path: "modules" }];

interface Case {
  name: string;
  puppetfile: string | null;
  modulepath?: EnvironmentLayout["modulepath"];
  changed?: ChangedFile[];
  expected: Partial<Modules>;
}

const cases: Case[] = [
  { name: "no Puppetfile", puppetfile: null, expected: { missingModules: [], puppetfileChanged: false } },
  { name: "a vendored module", puppetfile: "mod 'a/ntp', '1'", expected: { missingModules: [], puppetfileChanged: false } },
  {
    name: "a module that is nowhere",
    puppetfile: "mod 'a/apache', '1'",
    expected: { missingModules: ["apache"], puppetfileChanged: false },
  },
  {
    name: "a module resolved beside the tree",
    puppetfile: "mod 'a/apache', '1'",
    modulepath: [...inTree, { in: "disk", folder: "/clone/modules", only: ["apache"] }],
    expected: { missingModules: [], puppetfileChanged: false },
  },
  {
    name: "a whole folder of this machine may hold anything",
    puppetfile: "mod 'a/apache', '1'",
    modulepath: [{ in: "disk", folder: "/modules", only: null }],
    expected: { missingModules: [], puppetfileChanged: false },
  },
  {
    name: "a Puppetfile that changes, with a module beside the tree",
    puppetfile: "mod 'a/apache', '2'",
    modulepath: [...inTree, { in: "disk", folder: "/clone/modules", only: ["apache"] }],
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: true },
  },
  {
    name: "a Puppetfile that changes, with everything vendored",
    puppetfile: "mod 'a/ntp', '2'",
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: false },
  },
  {
    name: "a Puppetfile that changes, with a line that only running it would explain",
    puppetfile: "mod 'a/ntp', '2'\nmods.each { |m| mod m }",
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: true },
  },
  {
    name: "a Puppetfile that goes away or becomes a link",
    puppetfile: null,
    changed: [changedPuppetfile],
    expected: { missingModules: [], puppetfileChanged: true },
  },
];

describe("modules that the Puppetfile names", () => {
  it.each(cases)("$name", async ({ puppetfile, modulepath = inTree, changed = [], expected }) => {
    const entries = [{ path: "modules/ntp/manifests/init.pp", mode: "100644", size: 1, oid: "1" }];
    const merged = { entries, layout: { name: "production", manifest: "manifests", modulepath } };
    const read = async (): Promise<Buffer | null> => (puppetfile === null ? null : Buffer.from(puppetfile));
    const repository = { read, list: async () => entries };
    const side = await resolveModules({ repository, puppet: { readPuppetfile }, resolver: null, sources: [] }, "t");
    expect(findModules({ base: side, merged: side }, merged, changed)).toEqual({
      refusedModules: [],
      movingModules: [],
      submodules: [],
      ...expected,
    });
  });
});

describe("modules that are had from elsewhere", () => {
  const of = (id: string, moves = false): ResolvedModule => ({ ok: true, id, version: id, folder: `/cache/${id}`, files: [], moves });
  const refused: ResolvedModule = { ok: false, text: "nobody has it", hint: "Ask." };
  const within = (id: string, oid: string): ResolvedModule =>
    Object.assign(of(id), { files: [{ path: "files", mode: "160000", oid, size: 0 }] });
  const text = "mod 'a/apache', '1.0.0'\n";
  const outcomes: Array<[name: string, base: ResolvedModule, merged: ResolvedModule, ruby: string, expected: Partial<Modules>]> = [
    ["both sides have theirs", of("1"), of("2"), "", {}],
    ["a branch", of("1", true), of("1", true), "", { movingModules: ["apache"] }],
    [
      "head's can't be had",
      of("1"),
      refused,
      "",
      { missingModules: ["apache"], refusedModules: [{ name: "apache", text: "nobody has it", hint: "Ask." }], puppetfileChanged: true },
    ],
    ["base's can't be had", refused, of("2"), "", { puppetfileChanged: true }],
    [
      "both have the same submodule",
      within("1", "a"),
      within("2", "a"),
      "",
      { submodules: [{ name: "apache", paths: ["files"], changed: false }] },
    ],
    [
      "head's submodule is another",
      within("1", "a"),
      within("2", "b"),
      "",
      { submodules: [{ name: "apache", paths: ["files"], changed: true }] },
    ],
    ["head's comes with one", of("1"), within("2", "b"), "", { submodules: [{ name: "apache", paths: ["files"], changed: true }] }],
    ["head's is rid of it", within("1", "a"), of("2"), "", { submodules: [{ name: "apache", paths: ["files"], changed: true }] }],
    [
      "a module that comes with one, where base's can't be had",
      refused,
      within("2", "a"),
      "",
      { puppetfileChanged: true, submodules: [{ name: "apache", paths: ["files"], changed: true }] },
    ],
    ["a line of Ruby may be anything", of("1"), of("2"), "mods.each { |m| mod m }\n", { puppetfileChanged: true }],
  ];
  it.each(outcomes)("%s", async (_, base, merged, ruby, expected) => {
    const side = async (resolved: ResolvedModule, written: string): Promise<SideModules> => {
      const resolver = { resolve: async () => resolved, history: async () => null, read: async () => null };
      const repository = { read: async () => Buffer.from(written), list: async () => [] };
      return resolveModules({ repository, puppet: { readPuppetfile }, resolver, sources: ["https://forge.example"] }, "t");
    };
    const sides = { base: await side(base, text), merged: await side(merged, text + ruby) };
    const layout = { name: "production", manifest: "manifests", modulepath: [] };
    expect(findModules(sides, { entries: [], layout }, [changedPuppetfile])).toEqual({
      missingModules: [],
      refusedModules: [],
      movingModules: [],
      submodules: [],
      puppetfileChanged: false,
      ...expected,
    });
  });
});

describe("what changes of a module from elsewhere", () => {
  const file = (path: string, oid: string) => ({ path, oid, mode: "100644", size: 1 });
  const of = (id: string, files: Array<ReturnType<typeof file>>): ResolvedModule => ({
    ok: true,
    id,
    version: `v${id}`,
    folder: `/cache/${id}`,
    files,
    moves: false,
  });
  const one = of("1", [file("manifests/init.pp", "1"), file("gone", "1")]);
  const two = of("2", [file("manifests/init.pp", "2"), file("new", "1")]);
  const forked: ResolvedModule = { ok: false, text: "no branch or tag has it", hint: "Merge it.", unpublished: true };
  const git = (commit: string): string => `mod 'clock', git: 'https://git.example/clock.git', commit: '${commit.repeat(40)}'\n`;
  interface Changing {
    name: string;
    base: [text: string, resolved: ResolvedModule | null];
    merged: [text: string, resolved: ResolvedModule | null];
    found: Array<Record<string, unknown>>;
    says?: string;
  }
  const cases: Changing[] = [
    {
      name: "its files and commits; and that its upstream published it",
      base: [git("1"), one],
      merged: [git("2"), two],
      found: [{ before: "v1", after: "v2", published: true, commits: { ahead: 1, behind: 0, subjects: ["Two"] }, moreFiles: 0 }],
      says: "notice clock v1 -> v2: 1 commit more, 3 files of it change, a branch or tag of its upstream has the new commit",
    },
    {
      name: "a commit that nobody published is no module that goes",
      base: [git("1"), one],
      merged: [git("2"), forked],
      found: [
        {
          before: "v1",
          after: "2".repeat(40),
          published: false,
          commits: null,
          files: [],
          moreFiles: 0,
          unseen: "no branch or tag has it",
        },
      ],
      says: `error clock v1 -> ${"2".repeat(40)}: NO branch or tag of its upstream has the new commit: it may be anybody's, of a fork, its content can't be compared: no branch or tag has it`,
    },
    {
      name: "a release of a forge is nobody's branch",
      base: ["mod 'a/clock', '1'\n", one],
      merged: ["mod 'a/clock', '2'\n", two],
      found: [{ before: "v1", after: "v2" }],
      says: "notice clock v1 -> v2: 1 commit more, 3 files of it change",
    },
    {
      name: "a pin that nobody may fetch is told by its words",
      base: ["mod 'a/clock', '1.0.0'\n", null],
      merged: ["mod 'a/clock', '2.0.0'\n", null],
      found: [{ before: "1.0.0", after: "2.0.0", files: [] }],
      says: "notice clock 1.0.0 -> 2.0.0: its content can't be compared: base's policy does not say where modules may be fetched from (`modules.sources`)",
    },
    { name: "nothing where the words stay, whatever was not had", base: [git("1"), forked], merged: [`\n${git("1")}`, forked], found: [] },
    {
      name: "one that comes",
      base: ["", null],
      merged: [git("2"), two],
      found: [{ before: null, after: "v2", published: true }],
      says: "notice clock comes in, v2: a branch or tag of its upstream has the new commit",
    },
    {
      name: "one that goes",
      base: [git("1"), one],
      merged: ["", null],
      found: [{ before: "v1", after: null }],
      says: "notice clock goes, was v1",
    },
  ];
  it.each(cases)("$name", async ({ base, merged, found, says }) => {
    const history = async () => ({ ahead: 1, behind: 0, subjects: ["Two"] });
    const side = async ([text, resolved]: [string, ResolvedModule | null]): Promise<SideModules> => {
      const repository = { read: async () => Buffer.from(text), list: async () => [] };
      const resolve = async (): Promise<ResolvedModule> => resolved ?? one;
      const resolver = resolved === null ? null : { resolve, history, read: async () => null };
      return resolveModules({ repository, puppet: { readPuppetfile }, resolver, sources: ["https://git.example/*"] }, "t");
    };
    const resolver = { resolve: async () => one, history, read: async () => null };
    const changes = await moduleChanges(await side(base), await side(merged), resolver);
    expect(changes).toMatchObject(found);
    expect(changes).toHaveLength(found.length);
    const [finding] = moduleFindings(changes);
    expect(finding === undefined ? undefined : `${finding.severity} ${finding.message}`).toBe(says);
  });
});

describe("a pin that changes while its module lies in the tree", () => {
  interface Hidden {
    name: string;
    before: string;
    after: string;
    changed?: string[];
    says: string[];
  }
  const rest =
    "of the tree was compiled in its place: what the pin does was not looked at. Bring that folder up to date in the same change, or take the folder or the line away";
  const cases: Hidden[] = [
    {
      name: "is told, with the folder that hides it",
      before: "mod 'a/ntp', '1.0.0'\n",
      after: "\nmod 'a/ntp', '2.0.0'\n",
      says: [`2 ntp is pinned to 2.0.0 instead of 1.0.0, and site/ntp ${rest}`],
    },
    {
      name: "is told where it is new",
      before: "",
      after: "mod 'a/ntp', '2.0.0'\n",
      says: [`1 ntp is pinned to 2.0.0, and site/ntp ${rest}`],
    },
    { name: "is none where its line only moves", before: "mod 'a/ntp', '1.0.0'\n", after: "\n\nmod 'a/ntp', '1.0.0'\n", says: [] },
    { name: "is none where the module is not there", before: "mod 'a/apache', '1.0.0'\n", after: "mod 'a/apache', '2.0.0'\n", says: [] },
    {
      name: "is none where the folder changes with it",
      before: "mod 'a/ntp', '1.0.0'\n",
      after: "mod 'a/ntp', '2.0.0'\n",
      changed: ["site/ntp/metadata.json"],
      says: [],
    },
    {
      name: "is one where a folder behind it changes, which nobody compiles",
      before: "mod 'a/ntp', '1.0.0'\n",
      after: "mod 'a/ntp', '2.0.0'\n",
      changed: ["modules/ntp/metadata.json"],
      says: [`1 ntp is pinned to 2.0.0 instead of 1.0.0, and site/ntp ${rest}`],
    },
  ];
  const layout: EnvironmentLayout = {
    name: "production",
    manifest: "manifests",
    modulepath: ["site", "modules"].map((path) => ({ in: "tree", path })),
  };
  const entries = ["modules/ntp/manifests/init.pp", "site/ntp/manifests/init.pp"].map((path) => ({
    path,
    mode: "100644",
    size: 1,
    oid: "1",
  }));
  it.each(cases)("$name", ({ before, after, changed = [], says }) => {
    const side = (text: string): SideModules => ({ puppetfile: readPuppetfile(text), outside: new Map() });
    const files = changed.map((path): ChangedFile => ({ ...changedPuppetfile, path }));
    const findings = hiddenPins({ base: side(before), merged: side(after) }, { entries, layout }, [changedPuppetfile, ...files]);
    expect(findings.map(({ line, message }) => `${line} ${message}`)).toEqual(says);
  });
});

const entry = (path: string, oid = "1", mode = "100644"): TreeEntry => ({ path, oid, mode, size: 1 });
const had = (id: string, files: readonly TreeEntry[] = []): ResolvedModule => ({
  ok: true,
  id,
  version: `v${id}`,
  folder: `/cache/${id}`,
  files,
  moves: false,
});
const git = (name: string, commit: string): string =>
  `mod '${name}', git: 'https://git.example/${name}.git', commit: '${commit.repeat(40)}'\n`;

/** A side by its Puppetfile, its files and what becomes of each module. */
async function sideOf(
  puppetfile: string | null,
  {
    files = [],
    resolved = {},
    sources = ["https://git.example/*"],
  }: { files?: TreeEntry[]; resolved?: Record<string, ResolvedModule> | null; sources?: string[] } = {},
): Promise<SideModules> {
  const repository = { read: async () => (puppetfile === null ? null : Buffer.from(puppetfile)), list: async () => files };
  const resolve = async ({ name }: { name: string }): Promise<ResolvedModule> =>
    resolved?.[name] ?? { ok: false, text: `nobody has ${name}`, hint: "Ask." };
  const resolver = resolved === null ? null : { resolve, history: async () => null, read: async () => null };
  return resolveModules({ repository, puppet: { readPuppetfile }, resolver, sources }, "tree");
}

describe("modules that a tree names and does not have", () => {
  const text = "mod 'a/ntp', '1'\nmod 'a/clock', '1'\n";
  const outsideOf = ({ outside }: SideModules): string[] =>
    [...outside].map(([name, { resolved }]) => `${name} ${resolved === null ? "-" : resolved.ok}`);

  it.each<[string, string, string[], string[]]>([
    ["is vendored", text, ["modules/ntp/manifests/init.pp"], ["clock false"]],
    ["is vendored, with anything in it", text, ["modules/ntp/a/b/c/d"], ["clock false"]],
    ["is vendored under another name", text, ["modules/ntpx/a", "modules/clock", "other/ntp/a"], ["ntp false", "clock false"]],
    ["is vendored where the Puppetfile puts it", "moduledir 'site'\nmod 'a/ntp', '1'\n", ["site/ntp/a", "site/other/b"], []],
    ["is named twice: the first line counts", "mod 'a/ntp', '1'\nmod 'b/ntp', '2'\n", [], ["ntp false"]],
    ["lies beside files of many folders", text, ["a/b/c", "a/b/d", "a/e", "modules/ntp/x", "modules/ntp/y", "z"], ["clock false"]],
  ])("are what %s", async (_, puppetfile, files, expected) => {
    expect(outsideOf(await sideOf(puppetfile, { files: files.map((path) => entry(path)) }))).toEqual(expected);
  });

  it("are wanted as the first line of each name has it", async () => {
    const { outside } = await sideOf("mod 'a/ntp', '1'\nmod 'b/ntp', '2'\n");
    expect([...outside.values()].map(({ wanted }) => wanted.title)).toEqual(["a/ntp"]);
  });

  it("are asked for by nobody where nobody may, or nothing is named", async () => {
    expect(outsideOf(await sideOf(text, { resolved: null }))).toEqual(["ntp -", "clock -"]);
    expect(outsideOf(await sideOf(text, { sources: [] }))).toEqual(["ntp -", "clock -"]);
    const none = await sideOf(null);
    expect([none.puppetfile, outsideOf(none)]).toEqual([null, []]);
  });

  it("are fetched four at a time, each once, with the forge that the Puppetfile names", async () => {
    const names = Array.from({ length: 9 }, (_, at) => `m${at}`);
    let [running, most] = [0, 0];
    const asked: string[] = [];
    const resolver = {
      resolve: async ({ name }: { name: string }, forge: string | null, sources: readonly string[]): Promise<ResolvedModule> => {
        asked.push(`${name} ${forge} ${sources.join()}`);
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return had(name);
      },
      history: async () => null,
      read: async () => null,
    };
    const puppetfile = `forge 'https://forge.example'\n${names.map((name) => `mod 'a/${name}', '1'\n`).join("")}`;
    const repository = { read: async () => Buffer.from(puppetfile), list: async () => [] };
    const side = await resolveModules({ repository, puppet: { readPuppetfile }, resolver, sources: ["https://x/*"] }, "tree");
    expect(asked.sort()).toEqual(names.map((name) => `${name} https://forge.example https://x/*`));
    expect(most).toBe(4);
    expect(outsideOf(side)).toEqual(names.map((name) => `${name} true`));
  });

  it("are provided as far as they were had, into the folder that the Puppetfile names", async () => {
    const files = [entry("manifests/init.pp")];
    const side = await sideOf("moduledir 'site'\nmod 'a/ntp', '1'\nmod 'a/clock', '1'\n", { resolved: { clock: had("2", files) } });
    expect(providedBy(side)).toEqual([{ into: "site", name: "clock", folder: "/cache/2", id: "2", files }]);
    expect(providedBy(await sideOf(text, { resolved: null }))).toEqual([]);
  });
});

describe("modules of the tree", () => {
  it("are those of its module folders, by the first that has one", () => {
    const layout: EnvironmentLayout = {
      name: "production",
      manifest: "manifests",
      modulepath: [
        { in: "tree", path: "site" },
        { in: "disk", folder: "/disk", only: ["disk"] },
        { in: "tree", path: "modules" },
      ],
    };
    const paths = ["modules/ntp/a", "modules/clock/a/b", "site/ntp/a", "modules/README", "other/modules/x/a", "sitex/y/a", "site"];
    expect(modulesOfTree({ entries: paths.map((path) => entry(path)), layout })).toEqual(
      new Map([
        ["ntp", "site/ntp"],
        ["clock", "modules/clock"],
      ]),
    );
  });
});

describe("modules that are missing", () => {
  const layout = (modulepath: EnvironmentLayout["modulepath"]): EnvironmentLayout => ({
    name: "production",
    manifest: "manifests",
    modulepath,
  });
  const found = async (
    base: SideModules,
    merged: SideModules,
    more: { entries?: TreeEntry[]; changed?: ChangedFile[]; modulepath?: EnvironmentLayout["modulepath"] } = {},
  ) =>
    findModules(
      { base, merged },
      { entries: more.entries ?? [], layout: layout(more.modulepath ?? inTree) },
      more.changed ?? [changedPuppetfile],
    );

  it("are tried again where their host was away, and not otherwise", async () => {
    const away: ResolvedModule = { ok: false, text: "away", hint: "Wait.", passing: true };
    const side = await sideOf("mod 'a/ntp', '1'\nmod 'a/clock', '1'\n", { resolved: { ntp: away } });
    expect((await found(side, side)).refusedModules).toEqual([
      { name: "ntp", text: "away", hint: "Wait.", passing: true },
      { name: "clock", text: "nobody has clock", hint: "Ask." },
    ]);
  });

  it("are none that lie in a module folder of the tree which the Puppetfile does not name", async () => {
    const side = await sideOf("mod 'a/ntp', '1'\n");
    const entries = [entry("site/ntp/manifests/init.pp")];
    const came = await found(side, side, { entries, modulepath: [{ in: "tree", path: "site" }] });
    expect(came).toMatchObject({ missingModules: [], refusedModules: [], puppetfileChanged: false });
  });

  it("are told of the merge result; whether base has all of its own matters once the Puppetfile changes", async () => {
    const whole = await sideOf("mod 'a/ntp', '1'\n", { resolved: { ntp: had("1") } });
    const lacking = await sideOf("mod 'a/ntp', '1'\n");
    expect(await found(lacking, whole)).toMatchObject({ missingModules: [], puppetfileChanged: true });
    expect(await found(lacking, whole, { changed: [] })).toMatchObject({ puppetfileChanged: false });
    const moved = { ...changedPuppetfile, path: "old/Puppetfile", oldPath: "Puppetfile" };
    expect(await found(lacking, whole, { changed: [{ ...changedPuppetfile, path: "README" }, moved] })).toMatchObject({
      puppetfileChanged: true,
    });
    const none = await sideOf(null);
    expect(await found(none, none, { changed: [] })).toMatchObject({ puppetfileChanged: false });
    // Base had none, and the merge result has all of its own.
    expect(await found(none, whole)).toMatchObject({ missingModules: [], puppetfileChanged: false });
  });

  it("have submodules, which are named in order, and changed where one of them is", async () => {
    const within = (...oids: string[]): ResolvedModule =>
      had("1", [...oids.map((oid, at) => entry(`${"zyx"[at]}`, oid, "160000")), entry("file")]);
    const side = (...oids: string[]) => sideOf("mod 'a/ntp', '1'\n", { resolved: { ntp: within(...oids) } });
    expect((await found(await side("1", "1"), await side("1", "2"))).submodules).toEqual([
      { name: "ntp", paths: ["y", "z"], changed: true },
    ]);
    expect((await found(await side("1", "1"), await side("1", "1"))).submodules).toEqual([
      { name: "ntp", paths: ["y", "z"], changed: false },
    ]);
    expect((await found(await side(), await side())).submodules).toEqual([]);
  });
});

describe("a changed module", () => {
  it.each<[ModuleSource, string]>([
    [{ kind: "forge", slug: "a/ntp", version: "1.0.0" }, "1.0.0"],
    [{ kind: "forge", slug: "a/ntp", version: null }, "the newest release"],
    [{ kind: "git", url: "x", point: { kind: "tag", name: "v1" } }, "v1"],
    [{ kind: "git", url: "x", point: null }, "the default branch"],
    [{ kind: "tree" }, "what lies in the tree"],
    [{ kind: "unknown", why: "x" }, "what only running the line would tell"],
  ])("is pinned by %j to %s", (source, pin) => expect(pinOf(source)).toBe(pin));

  const histories: string[] = [];
  const resolver = {
    resolve: async () => had("1"),
    history: async (_: ModuleSource, from: string, to: string) => (
      histories.push(`${from}..${to}`),
      { ahead: 1, behind: 0, subjects: ["One"] }
    ),
    read: async () => null,
  };
  const filesOf = async (before: TreeEntry[], after: TreeEntry[]) => {
    const [base, merged] = [
      await sideOf(git("clock", "1"), { resolved: { clock: had("1", before) } }),
      await sideOf(git("clock", "2"), { resolved: { clock: had("2", after) } }),
    ];
    const [change] = await moduleChanges(base, merged, resolver);
    return { files: change?.files.map(({ path, status }) => `${status} ${path}`), more: change?.moreFiles };
  };

  it("shows what reaches nodes first, its tests and papers last, each in order", async () => {
    const paths = [
      "spec/a.rb",
      "README.md",
      ".fixtures.yml",
      "metadata.json",
      "x/lib/a",
      "hiera.yaml",
      "hiera.yaml.md",
      "data/a.yaml",
      "types/a.pp",
      "functions/a.pp",
      "files/a",
      "templates/a",
      "manifests/b.pp",
      "manifests/a.pp",
      "lib/a.rb",
      "docs/spec/x",
      "my.md.txt",
    ];
    const { files } = await filesOf(
      [],
      paths.map((path) => entry(path)),
    );
    expect(files?.map((each) => each.slice("added ".length)).join(" ")).toBe(
      "data/a.yaml files/a functions/a.pp hiera.yaml lib/a.rb manifests/a.pp manifests/b.pp templates/a types/a.pp " +
        "docs/spec/x metadata.json my.md.txt x/lib/a .fixtures.yml README.md hiera.yaml.md spec/a.rb",
    );
  });

  it("tells files apart by content and mode", async () => {
    const before = [entry("a"), entry("b"), entry("c"), entry("d")];
    const after = [entry("a"), entry("b", "2"), entry("c", "1", "100755"), entry("e")];
    expect((await filesOf(before, after)).files).toEqual(["modified b", "modified c", "removed d", "added e"]);
  });

  it("names fifty of many files, and counts the rest", async () => {
    const many = (count: number): TreeEntry[] => Array.from({ length: count }, (_, at) => entry(`manifests/${at}.pp`));
    expect(await filesOf([], many(50))).toMatchObject({ more: 0, files: { length: 50 } });
    expect(await filesOf([], many(53))).toMatchObject({ more: 3, files: { length: 50 } });
  });

  it("is one of several in order, with commits where both sides have it, and none that stays", async () => {
    histories.length = 0;
    const text = (commit: string): string => ["zoo", "ant", "bee"].map((name) => git(name, commit)).join("");
    const base = await sideOf(`${text("1")}${git("gone", "1")}`, {
      resolved: { zoo: had("1"), ant: had("3"), bee: had("5"), gone: had("7") },
    });
    const merged = await sideOf(`${git("comes", "1")}${text("2")}`, {
      resolved: { zoo: had("2"), ant: had("4"), bee: had("5"), comes: had("8") },
    });
    const changes = await moduleChanges(base, merged, resolver);
    expect(changes.map(({ name, before, after, line }) => `${name} ${before} ${after} ${line}`)).toEqual([
      "ant v3 v4 3",
      "comes null v8 1",
      "gone v7 null null",
      "zoo v1 v2 2",
    ]);
    expect(histories).toEqual(["3..4", "1..2"]);
    expect(moduleFindings(changes)[0]).toMatchObject({
      check: "modules",
      path: "Puppetfile",
      line: 3,
      column: null,
      code: "module-changed",
      onChangedLine: false,
    });
  });
});

describe("pins of what the tree has", () => {
  const layout: EnvironmentLayout = { name: "production", manifest: "manifests", modulepath: inTree };
  const hidden = (before: string, after: string) => {
    const side = (text: string): SideModules => ({ puppetfile: text === "" ? null : readPuppetfile(text), outside: new Map() });
    return hiddenPins({ base: side(before), merged: side(after) }, { entries: [entry("modules/ntp/a")], layout }, [changedPuppetfile]);
  };
  it("are told by the first line of each name, and only where they pin anything", () => {
    expect(
      hidden("", "mod 'a/ntp', '1'\nmod 'b/ntp', '2'\n").map(({ line, severity, onChangedLine }) => [line, severity, onChangedLine]),
    ).toEqual([[1, "warning", false]]);
    expect(hidden("mod 'a/ntp', '1'\n", "mod 'a/ntp', local: true\n")).toEqual([]);
    expect(hidden("mod 'a/ntp', '1'\n", "")).toEqual([]);
  });
});
