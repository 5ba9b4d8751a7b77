import { describe, expect, it } from "vitest";
import type { Catalog, Resource, Value } from "../../src/catalog/catalog.ts";
import { Binary } from "../../src/catalog/catalog.ts";
import { alignContents } from "../../src/catalog/align.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { line } from "./build.ts";
import { indexServed, oidOf, serve, withServedFiles, type TreeFile } from "../../src/catalog/served.ts";

const file = (path: string, oid: string, mode = "100644", size = 3): TreeFile => ({ path, mode, oid, size });
const tree = [
  file("modules/app/files/a.conf", "aaa"),
  file("modules/app/files/dir/one", "111"),
  file("modules/app/files/dir/two", "222"),
  file("modules/app/files/link", "lll", "120000"),
  file("modules/app/files/linked/one", "111"),
  file("modules/app/files/linked/escape", "eee", "120000"),
  file("modules/soft", "sss", "120000"),
  file("modules/sub", "ccc", "160000"),
  file("site/app/files/a.conf", "shadowed"),
  file("site/other/files/b", "bbb"),
];
const index = indexServed(tree, ["modules", "site"]);

describe("what a source serves", () => {
  const cases: Array<[string, ReturnType<typeof serve>]> = [
    ["puppet:///modules/app/a.conf", { kind: "content", digest: "git:aaa", size: 3 }],
    ["puppet:///modules/other/b", { kind: "content", digest: "git:bbb", size: 3 }],
    ["puppet:///modules/app/missing", { kind: "missing", uri: "puppet:///modules/app/missing" }],
    ["puppet:///modules/nowhere/x", { kind: "elsewhere", uri: "puppet:///modules/nowhere/x" }],
    ["puppet:///files/x", { kind: "elsewhere", uri: "puppet:///files/x" }],
    ["http://mirror/x", { kind: "elsewhere", uri: "http://mirror/x" }],
    ["file:///etc/passwd", { kind: "elsewhere", uri: "file:///etc/passwd" }],
    [
      "puppet:///modules/app/../../../../etc/hostname",
      { kind: "refused", uri: "puppet:///modules/app/../../../../etc/hostname", why: "it leaves the module's files" },
    ],
    [
      "puppet:///modules/app/link",
      { kind: "refused", uri: "puppet:///modules/app/link", why: "modules/app/files/link is a symlink, and links are not followed" },
    ],
    [
      "puppet:///modules/app/link/below",
      { kind: "refused", uri: "puppet:///modules/app/link/below", why: "modules/app/files/link is a symlink, and links are not followed" },
    ],
    [
      "puppet:///modules/app/linked",
      {
        kind: "refused",
        uri: "puppet:///modules/app/linked",
        why: "modules/app/files/linked/escape is a symlink, and links are not followed",
      },
    ],
    [
      "puppet:///modules/soft/x",
      { kind: "refused", uri: "puppet:///modules/soft/x", why: "modules/soft is a symlink, and links are not followed" },
    ],
  ];
  it.each(cases)("%s", (uri, expected) => expect(serve(uri, index)).toEqual(expected));

  it("gives a folder the digest of all that is in it", () => {
    const before = serve("puppet:///modules/app/dir", index);
    const edited = tree.map((each) => (each.path.endsWith("dir/two") ? file(each.path, "333") : each));
    const after = serve("puppet:///modules/app/dir/", indexServed(edited, ["modules", "site"]));
    expect(before).toMatchObject({ kind: "content", size: 6 });
    expect(after).not.toEqual(before);
    expect(serve("puppet:///modules/app/dir/", index)).toEqual(before);
  });
});

const resource = (parameters: Record<string, Value>): Resource => ({
  type: "File",
  title: "/etc/a",
  key: "/etc/a",
  parameters: new Map(Object.entries(parameters)),
  exported: false,
  source: null,
  kind: "native",
});
const catalog = (one: Resource): Catalog => ({ certname: "web01", resources: [one], contains: [], classes: [] });
const contentOf = (parameters: Record<string, Value>): Value | undefined =>
  withServedFiles(catalog(resource(parameters)), index).catalog.resources[0]?.parameters.get("content");

describe("a folder served from the tree", () => {
  const edited = tree.map((each) => (each.path.endsWith("dir/two") ? file(each.path, "333", "100755", 4) : each));
  const withNew = [...edited, file("modules/app/files/dir/three", "777")];
  const source = "puppet:///modules/app/dir";
  const lines = (before: Record<string, Value>, after: Record<string, Value>, files: readonly TreeFile[]): [string[], string[]] => {
    const [was, is] = [
      withServedFiles(catalog(resource(before)), index),
      withServedFiles(catalog(resource(after)), indexServed(files, ["modules", "site"])),
    ];
    const aligned = alignContents(was.catalog, is.catalog, new Map([...was.folders, ...is.folders]));
    return [diffCatalogs(aligned.before, aligned.after).map(line), aligned.oids];
  };

  it("case 45: shows the files in it that differ, and no others", () => {
    expect(lines({ source, recurse: true }, { source, recurse: "remote" }, withNew)).toEqual([
      [
        'system changed File[/etc/a] content {"two":{"sha256":"git:222","size":3}} -> {"three":{"sha256":"git:777","size":3},"two":{"sha256":"git:333","size":4}}',
        'system changed File[/etc/a] recurse true -> "remote"',
      ],
      ["222", "777", "333"],
    ]);
  });

  it("case 45: takes nothing of what is in it where it is not recursive", () => {
    expect(lines({ source }, { source }, withNew)).toEqual([[], []]);
  });

  it("counts the rest of many files", () => {
    const many = Array.from({ length: 60 }, (_, at) => file(`modules/app/files/dir/n${at}`, "999"));
    const [[said], oids] = lines({ source, recurse: true }, { source, recurse: true }, [...tree, ...many]);
    expect(said).toMatch(/"…":"and 10 more files \(sha256 of the folder's list: [0-9a-f]{64}\)"/u);
    expect(oids).toHaveLength(50);
  });
});

describe("a file served from the tree", () => {
  it("case 42: has its bytes for the diff to compare", () => {
    const content = contentOf({ source: "puppet:///modules/app/a.conf" });
    expect(content).toEqual(new Binary("git:aaa", 3));
    expect(content instanceof Binary ? oidOf(content.sha256) : null).toBe("aaa");
  });

  it("case 44: takes the first source that exists, as the agent does", () => {
    expect(contentOf({ source: ["puppet:///modules/app/nope", "puppet:///modules/other/b"] })).toEqual(new Binary("git:bbb", 3));
  });

  it("case 46: keeps the address where the bytes are not in the tree", () => {
    const given = resource({ source: ["http://mirror/x", "puppet:///modules/app/a.conf"] });
    expect(withServedFiles(catalog(given), index).catalog.resources[0]).toEqual(given);
  });

  it("case 47 and 48: reports a source that leaves the tree or is missing", () => {
    const refused = withServedFiles(catalog(resource({ source: "puppet:///modules/app/../x" })), index).refused;
    expect(refused).toMatchObject([{ ref: "File[/etc/a]", why: "it leaves the module's files" }]);
    expect(withServedFiles(catalog(resource({ source: "puppet:///modules/app/gone" })), index).missing).toMatchObject([
      { ref: "File[/etc/a]" },
    ]);
  });
});
