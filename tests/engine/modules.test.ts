import { describe, expect, it } from "vitest";
import { hiddenPins } from "../../src/engine/hidden-pins.ts";
import { moduleChanges, moduleFindings } from "../../src/engine/module-changes.ts";
import { findModules, type Modules } from "../../src/engine/modules.ts";
import { resolveModules, type SideModules } from "../../src/engine/resolve-modules.ts";
import type { ChangedFile, EnvironmentLayout, ResolvedModule } from "../../src/engine/ports.ts";
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
      found: [{ before: "v1", after: "2".repeat(40), published: false, commits: null, files: [], unseen: "no branch or tag has it" }],
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
