import { describe, expect, it } from "vitest";
import { findCauses } from "../../src/catalog/causes.ts";
import { changedAbove } from "../../src/catalog/containers.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { editsOf, type ChangedText } from "../../src/catalog/edits.ts";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { catalog, type Short } from "./build.ts";

/** A changed file; the lines that come are those that the old text lacks. */
function file(path: string, before: string | null, after: string | null): ChangedText {
  const old = new Set(before?.split("\n"));
  const added = new Set((after ?? "").split("\n").flatMap((line, at) => (old.has(line) ? [] : [at + 1])));
  return { path, before, after, added };
}

describe("editsOf", () => {
  it.each<[string, ChangedText[], string[]]>([
    ["a key", [file("data/common.yaml", "---\na::b: 1\nc: 2\n", "---\na::b: 3\nc: 2\n")], ["data a::b data/common.yaml:2"]],
    ["a key below which something differs", [file("data/x.yaml", "a:\n  b: 1\nc: 2\n", "a:\n  b: 2\nc: 2\n")], ["data a data/x.yaml:1"]],
    ["keys that come and go", [file("data/x.yaml", "a: 1\n", "'b::c': 1\n")], ["data b::c data/x.yaml:1", "data a data/x.yaml"]],
    [
      "one key in two files",
      [file("data/x.yaml", "a: 1\n", "a: 2\n"), file("data/y.yaml", "a: 1\n", "a: 3\n")],
      ["data a data/x.yaml:1 data/y.yaml:1"],
    ],
    ["comments and blank lines alone", [file("data/x.yaml", "a: 1\n", "# now\na: 1\n\n")], ["file data/x.yaml data/x.yaml"]],
    ["what is no mapping", [file("data/x.yaml", "- a\n", "- b\n")], ["file data/x.yaml data/x.yaml"]],
    [
      "a template",
      [file("modules/ntp/templates/a/b.epp", "x", "y")],
      ["template modules/ntp/templates/a/b.epp modules/ntp/templates/a/b.epp as ntp/a/b.epp"],
    ],
    [
      "functions",
      [file("modules/ntp/functions/peers.pp", "x", "y"), file("modules/ntp/lib/puppet/functions/ntp/mb.rb", "x", "y")],
      [
        "function modules/ntp/functions/peers.pp modules/ntp/functions/peers.pp as ntp::peers",
        "function modules/ntp/lib/puppet/functions/ntp/mb.rb modules/ntp/lib/puppet/functions/ntp/mb.rb as ntp::mb",
      ],
    ],
    [
      "nothing of what no compile reads",
      [file("README.md", "x", "y"), file(".github/workflows/ci.yml", "x", "y"), file("docs/a.txt", "x", "y")],
      [],
    ],
  ])("tells %s", (_, files, told) => {
    const short = editsOf(files).map(({ kind, name, places, alias }) => {
      const where = places.map(({ path, line }) => (line === null ? path : `${path}:${line}`)).join(" ");
      return `${kind} ${name} ${where}${alias === null ? "" : ` as ${alias}`}`;
    });
    expect(short).toEqual(told);
  });
});

describe("changedAbove", () => {
  const before: Short[] = [
    ["Class[A]", { x: 1 }],
    ["B[b]", { y: 1 }, { kind: "define" }],
    ["File[/f]", { mode: "0644" }],
  ];
  const after: Short[] = [
    ["Class[A]", { x: 2 }],
    ["B[b]", { y: 2 }, { kind: "define" }],
    ["File[/f]", { mode: "0600" }],
  ];
  const above = (contains: Record<string, string[]>): unknown => {
    const is = catalog(after, contains);
    return Object.fromEntries(changedAbove(diffCatalogs(catalog(before, contains), is), is));
  };

  it("names the outermost class or define whose parameters change", () => {
    expect(above({ "Class[A]": ["B[b]"], "B[b]": ["File[/f]"] })).toEqual({ "File[/f]": ["Class[A] x"] });
    expect(above({ "Class[A]": [], "B[b]": ["File[/f]"] })).toEqual({ "File[/f]": ["B[b] y"] });
  });

  it("ends in a catalog that contains itself", () => {
    expect(above({ "Class[A]": ["B[b]"], "B[b]": ["Class[A]", "File[/f]"] })).toHaveProperty("File[/f]");
  });
});

const group = (more: Partial<EffectGroup>): EffectGroup => ({
  type: "File",
  title: "/f",
  attribute: "mode",
  change: "changed",
  kind: "system",
  before: "0644",
  after: "0600",
  nodes: ["n1", "n2"],
  source: { path: "manifests/a.pp", line: 2 },
  ...more,
});

const data = file("data/common.yaml", "ntp::servers: 1\nother: 1\n", "ntp::servers: 2\nother: 2\n");
const manifest = file(
  "manifests/a.pp",
  "class a {\n  file { '/f':\n    mode => '1',\n  }\n}\n",
  "class a {\n  file { '/f':\n    mode => '2',\n  }\n}\n",
);
const template = file("modules/m/templates/t.epp", "x", "y");
const served = file("modules/m/files/logo", "x", "y");

interface Case {
  name: string;
  files: ChangedText[];
  groups?: EffectGroup[];
  above?: Record<string, string[]>;
  manifests?: Record<string, string>;
  told: string[];
}

const cases: Case[] = [
  {
    name: "everything of a change that edits one thing",
    files: [served],
    told: ["served-file modules/m/files/logo -> 1 on 2: nothing else that Puppet reads was edited"],
  },
  {
    name: "a key whose class parameter changes around the resource",
    files: [data],
    above: { "File[/f]": ["Class[Ntp] servers"] },
    told: ["data ntp::servers -> 1 on 2: likely they are in Class[Ntp], which takes it as servers"],
  },
  { name: "no key that no class above takes", files: [data], above: { "File[/f]": ["Class[Ntp] other"] }, told: [] },
  {
    name: "a declaration with a new line",
    files: [manifest, template],
    told: ["manifest manifests/a.pp -> 1 on 2: likely their declarations have new lines"],
  },
  {
    name: "a resource on a new line",
    files: [manifest, template],
    groups: [group({ change: "added", attribute: null, source: { path: "manifests/a.pp", line: 3 } })],
    told: ["manifest manifests/a.pp -> 1 on 2: new lines there declare it"],
  },
  {
    name: "no resource of another file, or on another line",
    files: [manifest, template],
    groups: [group({ source: { path: "manifests/b.pp", line: 2 } }), group({ source: { path: "manifests/a.pp", line: 5 } })],
    told: [],
  },
  {
    name: "a resource default, for all that it changes",
    files: [file("manifests/site.pp", "", "File {\n  mode => '0600',\n}\n"), template],
    groups: [group({}), group({ title: "/g", nodes: ["n3"] }), group({ attribute: "owner" }), group({ type: "Exec" })],
    told: ["default File { mode } -> 2 on 3: likely the default of this type has a new line for it"],
  },
  {
    name: "a template that the manifest names",
    files: [template, data],
    manifests: { "manifests/a.pp": "content => epp('m/t.epp')" },
    told: ["template modules/m/templates/t.epp -> 1 on 2: likely manifests/a.pp, which declares them, uses it"],
  },
  {
    name: "none of two templates that the manifest names",
    files: [template, file("modules/m/templates/u.epp", "x", "y")],
    manifests: { "manifests/a.pp": "epp('m/t.epp') epp('m/u.epp')" },
    told: [],
  },
  {
    name: "a file that is served",
    files: [served, data],
    groups: [group({ attribute: "content", before: { sha256: "git:aa", size: 1 }, after: { sha256: "git:bb", size: 1 } })],
    told: ["served-file modules/m/files/logo -> 1 on 2: it is the file that is served"],
  },
  {
    name: "a changed order, and nothing of parameters of classes",
    files: [served],
    groups: [group({ kind: "ordering", attribute: "require" }), group({ kind: "class-parameter" })],
    told: ["served-file modules/m/files/logo -> 1 on 2: nothing else that Puppet reads was edited"],
  },
];

it.each(cases)("case 51 and 53: findCauses tells $name", ({ files, groups = [group({})], above = {}, manifests = {}, told }) => {
  const found = findCauses({
    groups,
    edits: editsOf(files),
    above: new Map([["n1", new Map(Object.entries(above))]]),
    files: new Map(files.map((each) => [each.path, each])),
    paths: new Map([["bb", "modules/m/files/logo"]]),
    manifests: new Map(Object.entries(manifests)),
  });
  expect(
    found.map(
      ({ kind, name, resources, nodes, certain, reason }) =>
        `${kind} ${name} -> ${resources} on ${nodes}: ${certain ? "" : "likely "}${reason}`,
    ),
  ).toEqual(told);
});
