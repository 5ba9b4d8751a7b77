import { describe, expect, it } from "vitest";
import { Binary, Deferred, type Resource, Secret } from "../../src/catalog/catalog.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { catalog, line, type Short } from "./build.ts";

/** The cases of the page on catalogs, by number, that need no Ruby type and no served file; `what` says which. */
interface Case {
  n: number;
  what: string;
  before: readonly Short[];
  after: readonly Short[];
  expected: readonly string[];
}

const motd = (parameters: NonNullable<Short[1]>): Short[] => [["File[/etc/motd]", parameters]];
const same = (n: number, what: string, before: readonly Short[], after: readonly Short[]): Case => ({
  n,
  what,
  before,
  after,
  expected: [],
});

const cases: Case[] = [
  same(1, "resource order", [["File[/a]"], ["File[/b]"]], [["File[/b]"], ["File[/a]"]]),
  same(
    2,
    "a File retitled, same path",
    [["File[/etc/motd]", { mode: "0644" }]],
    [["File[motd]", { path: "/etc/motd", mode: "0644" }, { key: "/etc/motd" }]],
  ),
  {
    n: 2,
    what: "a File with the same title and another path is another file",
    before: [["File[motd]", { path: "/etc/motd" }, { key: "/etc/motd" }]],
    after: [["File[motd]", { path: "/etc/issue" }, { key: "/etc/issue" }]],
    expected: ['system added File[motd] null -> {"path":"/etc/issue"}', 'system removed File[motd] {"path":"/etc/motd"} -> null'],
  },
  {
    n: 3,
    what: "a Package retitled, same name, and what requires it",
    before: [
      ["Package[apache2]", { ensure: "present" }, { key: "\0apache2\0" }],
      ["File[/a]", { require: "Package[apache2]" }],
    ],
    after: [
      ["Package[web server]", { name: "apache2", ensure: "present" }, { key: "\0apache2\0" }],
      ["File[/a]", { require: "Package[web server]" }],
    ],
    expected: ['type-only renamed Package[web server] "apache2" -> "web server"'],
  },
  {
    n: 3,
    what: "a Service retitled that changes as well",
    before: [["Service[ssh]", { enable: true }]],
    after: [["Service[secure shell]", { name: "ssh", enable: false }, { key: "ssh" }]],
    expected: [
      'type-only renamed Service[secure shell] "ssh" -> "secure shell"',
      "system changed Service[secure shell] enable true -> false",
    ],
  },
  {
    n: 3,
    what: "a Package that names its provider is the same package",
    before: [["Package[rake]", { ensure: "present" }, { key: "\0rake\0" }]],
    after: [["Package[rake]", { ensure: "present", provider: "gem" }, { key: "gem\0rake\0" }]],
    expected: ['system added Package[rake] provider null -> "gem"'],
  },
  {
    n: 3,
    what: "a Package that names another package is another one",
    before: [["Package[web]", { name: "apache2" }, { key: "\0apache2\0" }]],
    after: [["Package[web]", { name: "nginx" }, { key: "\0nginx\0" }]],
    expected: ['system added Package[web] null -> {"name":"nginx"}', 'system removed Package[web] {"name":"apache2"} -> null'],
  },
  same(4, "a trailing slash", [["File[/etc/x/]", { path: "/etc/x" }, { key: "/etc/x" }]], [["File[/etc/x]", {}, { key: "/etc/x" }]]),
  same(
    7,
    "a manifest line that moved",
    [["File[/a]", {}, { source: { path: "a.pp", line: 1 } }]],
    [["File[/a]", {}, { source: { path: "a.pp", line: 9 } }]],
  ),
  {
    n: 8,
    what: "a class parameter only",
    before: [["Class[Ntp]", { servers: ["a"] }]],
    after: [["Class[Ntp]", { servers: ["b"] }]],
    expected: ['class-parameter changed Class[Ntp] servers ["a"] -> ["b"]'],
  },
  {
    n: 8,
    what: "a new class with nothing in it",
    before: [],
    after: [["Class[Ntp]", { x: 1 }]],
    expected: ['class-parameter added Class[Ntp] null -> {"x":1}'],
  },
  {
    n: 9,
    what: "a define's parameter only",
    before: [["Apache::Vhost[a]", { port: 80 }]],
    after: [["Apache::Vhost[a]", { port: 81 }]],
    expected: ["class-parameter changed Apache::Vhost[a] port 80 -> 81"],
  },
  same(10, "tags", motd({ tag: ["a"] }), motd({ tag: ["b"] })),
  {
    n: 11,
    what: "require retargeted",
    before: [["File[/a]", { require: "File[/b]" }], ["File[/b]"], ["File[/c]"]],
    after: [["File[/a]", { require: "File[/c]" }], ["File[/b]"], ["File[/c]"]],
    expected: ['ordering changed File[/a] require "File[/b]" -> "File[/c]"'],
  },
  same(
    12,
    "notify order, and one of them twice",
    [["File[/a]", { notify: ["Service[x]", "Service[y]"] }], ["Service[x]"], ["Service[y]"]],
    [["File[/a]", { notify: ["Service[y]", "Service[x]", "Service[x]"] }], ["Service[x]"], ["Service[y]"]],
  ),
  {
    n: 13,
    what: "notify removed",
    before: [["File[/a]", { notify: "Service[x]" }], ["Service[x]"]],
    after: [["File[/a]"], ["Service[x]"]],
    expected: ['ordering removed File[/a] notify "Service[x]" -> null'],
  },
  same(
    14,
    "an arrow that becomes a metaparameter of the other end",
    [["File[/a]", { before: ["File[/b]"], notify: "Service[x]" }], ["File[/b]"], ["Service[x]"]],
    [["File[/a]"], ["File[/b]", { require: "File[/a]" }], ["Service[x]", { subscribe: ["File[/a]"] }]],
  ),
  {
    n: 14,
    what: "before that becomes notify",
    before: [["File[/a]", { before: "Service[x]" }], ["Service[x]"]],
    after: [["File[/a]", { notify: "Service[x]" }], ["Service[x]"]],
    expected: ['ordering removed File[/a] before "Service[x]" -> null', 'ordering added File[/a] notify null -> "Service[x]"'],
  },
  same(
    14,
    "a reference by alias, by name and with a trailing slash",
    [["File[/a]", { require: ["Package[web]", "File[/b]"] }], ["Package[web]", { name: "nginx" }, { key: "nginx" }], ["File[/b]"]],
    [
      ["File[/a]", { require: ["Package[nginx]", "File[/b/]", "File[b]"] }],
      ["Package[web]", { name: "nginx" }, { key: "nginx" }],
      ["File[/b]", { alias: "b" }],
    ],
  ),
  same(
    20,
    "an unordered array in another order",
    [
      ["User[ann]", { groups: ["a", "b"] }],
      ["Cron[x]", { environment: ["A=1", "B=2"], minute: [0, 30] }],
    ],
    [
      ["User[ann]", { groups: ["b", "a"] }],
      ["Cron[x]", { environment: ["B=2", "A=1"], minute: [30, 0] }],
    ],
  ),
  {
    n: 21,
    what: "an ordered array in another order",
    before: [["Exec[x]", { command: ["a", "b"] }]],
    after: [["Exec[x]", { command: ["b", "a"] }]],
    expected: ['system changed Exec[x] command ["a","b"] -> ["b","a"]'],
  },
  {
    n: 22,
    what: "a member of a multiset twice",
    before: [["User[ann]", { groups: ["a", "a", "b"] }]],
    after: [["User[ann]", { groups: ["a", "b"] }]],
    expected: ['system changed User[ann] groups ["a","a","b"] -> ["a","b"]'],
  },
  same(23, "x and [x]", motd({ content: "x" }), motd({ content: ["x"] })),
  {
    n: 24,
    what: "1 and true for their texts, at any depth",
    before: [["Sysctl[x]", { value: 1, on: true, all: [1, { a: 2 }] }]],
    after: [["Sysctl[x]", { value: "1", on: "true", all: ["1", { a: "2" }] }]],
    expected: [
      'type-only changed Sysctl[x] all [1,{"a":2}] -> ["1",{"a":"2"}]',
      'type-only changed Sysctl[x] on true -> "true"',
      'type-only changed Sysctl[x] value 1 -> "1"',
    ],
  },
  {
    n: 24,
    what: "but never for a mode",
    before: motd({ mode: 644 }),
    after: motd({ mode: "644" }),
    expected: ['system changed File[/etc/motd] mode 644 -> "644"'],
  },
  {
    n: 26,
    what: "'1' and '1.0'",
    before: motd({ content: "1" }),
    after: motd({ content: "1.0" }),
    expected: ['system changed File[/etc/motd] content "1" -> "1.0"'],
  },
  same(
    27,
    "0644 and 644, which the type takes for one",
    [["File[/etc/motd]", { mode: "0644" }, { munged: new Map([["mode", "644"]]) }]],
    motd({ mode: "644" }),
  ),
  {
    n: 27,
    what: "0644 and u=rw,go=r, which leaves three bits alone",
    before: motd({ mode: "0644" }),
    after: motd({ mode: "u=rw,go=r" }),
    expected: ['type-only changed File[/etc/motd] mode "0644" -> "u=rw,go=r"'],
  },
  {
    n: 27,
    what: "0644 and u+r,go=r, which depends on what is there",
    before: motd({ mode: "0644" }),
    after: motd({ mode: "u+r,go=r" }),
    expected: ['system changed File[/etc/motd] mode "0644" -> "u+r,go=r"'],
  },
  {
    n: 27,
    what: "0644 and 0640",
    before: motd({ mode: "0644" }),
    after: motd({ mode: "0640" }),
    expected: ['system changed File[/etc/motd] mode "0644" -> "0640"'],
  },
  same(
    28,
    "a package that is installed or present",
    [["Package[x]", { ensure: "installed" }, { munged: new Map([["ensure", "present"]]) }]],
    [["Package[x]", { ensure: "present" }]],
  ),
  {
    n: 28,
    what: "a file that is present or a file",
    before: motd({ ensure: "present" }),
    after: motd({ ensure: "file" }),
    expected: ['system changed File[/etc/motd] ensure "present" -> "file"'],
  },
  same(29, "undef and absent", motd({ mode: null }), motd({})),
  {
    n: 29,
    what: "undef and false",
    before: motd({ backup: null }),
    after: motd({ backup: false }),
    expected: ["system added File[/etc/motd] backup null -> false"],
  },
  {
    n: 32,
    what: "a trailing newline, CRLF (33) and trailing blanks (34) as they are",
    before: motd({ content: "a\n" }),
    after: motd({ content: "a \r\n" }),
    expected: ['system changed File[/etc/motd] content "a\\n" -> "a \\r\\n"'],
  },
  {
    n: 37,
    what: "Binary",
    before: motd({ content: new Binary("aa", 5) }),
    after: motd({ content: new Binary("bb", 5) }),
    expected: ['system changed File[/etc/motd] content {"sha256":"aa","size":5} -> {"sha256":"bb","size":5}'],
  },
  {
    n: 38,
    what: "a Deferred's argument",
    before: motd({ content: new Deferred("vault", ["a", new Secret("1")]) }),
    after: motd({ content: new Deferred("vault", ["b", new Secret("1")]) }),
    expected: ['system changed File[/etc/motd] content {"deferred":"vault","args":["a",null]} -> {"deferred":"vault","args":["b",null]}'],
  },
  {
    n: 38,
    what: "a secret in a Deferred",
    before: motd({ content: new Deferred("vault", [new Secret("1")]) }),
    after: motd({ content: new Deferred("vault", [new Secret("2")]) }),
    expected: ["secret changed File[/etc/motd] content null -> null"],
  },
  {
    n: 39,
    what: "a Sensitive",
    before: motd({ content: new Secret("1") }),
    after: motd({ content: new Secret("2") }),
    expected: ["secret changed File[/etc/motd] content null -> null"],
  },
  same(39, "an equal Sensitive", motd({ content: new Secret("1") }), motd({ content: new Secret("1") })),
  {
    n: 39,
    what: "clear text that becomes Sensitive is not shown either",
    before: motd({ content: "hunter2" }),
    after: motd({ content: new Secret("2") }),
    expected: ["secret changed File[/etc/motd] content null -> null"],
  },
  {
    n: 40,
    what: "a nested Sensitive alone",
    before: [["Db[x]", { options: { password: new Secret("1"), user: "a" } }]],
    after: [["Db[x]", { options: { password: new Secret("2"), user: "a" } }]],
    expected: ["secret changed Db[x] options null -> null"],
  },
  {
    n: 40,
    what: "a nested Sensitive and something else",
    before: [["Db[x]", { options: { password: new Secret("1"), user: "a" } }]],
    after: [["Db[x]", { options: { password: new Secret("2"), user: "b" } }]],
    expected: ['system changed Db[x] options {"password":null,"user":"a"} -> {"password":null,"user":"b"}'],
  },
  {
    n: 40,
    what: "a new resource with a secret",
    before: [],
    after: [["Db[x]", { password: new Secret("1"), user: "a" }]],
    expected: ['system added Db[x] null -> {"password":null,"user":"a"}'],
  },
  {
    n: 49,
    what: "what becomes absent says nothing else",
    before: motd({ ensure: "file", content: "x", mode: "0644" }),
    after: motd({ ensure: "absent", mode: "0600" }),
    expected: ['system changed File[/etc/motd] ensure "file" -> "absent"'],
  },
  same(50, "absent on both sides", motd({ ensure: "absent", mode: "0644" }), motd({ ensure: "absent", mode: "0600", require: "File[/a]" })),
  {
    n: 51,
    what: "a resource default, as each resource has it",
    before: [
      ["File[/a]", { mode: "0644" }],
      ["File[/b]", { mode: "0644" }],
    ],
    after: [
      ["File[/a]", { mode: "0600" }],
      ["File[/b]", { mode: "0600" }],
    ],
    expected: ['system changed File[/a] mode "0644" -> "0600"', 'system changed File[/b] mode "0644" -> "0600"'],
  },
  same(55, "an exported resource is for others", [["File[/a]", {}, { exported: true }]], []),
  same(56, "alias", motd({}), motd({ alias: "motd" })),
  {
    n: 57,
    what: "noop and stage",
    before: [["File[/a]"], ["Class[A]", { stage: "main" }]],
    after: [
      ["File[/a]", { noop: true }],
      ["Class[A]", { stage: "last" }],
    ],
    expected: ['ordering changed Class[A] stage "main" -> "last"', "system added File[/a] noop null -> true"],
  },
  {
    n: 64,
    what: "a parameter called type, and ones that objects have by nature",
    before: [["Nagios[x]", { type: "a", constructor: "a" }]],
    after: [["Nagios[x]", { type: "b", constructor: "b" }]],
    expected: ['system changed Nagios[x] constructor "a" -> "b"', 'system changed Nagios[x] type "a" -> "b"'],
  },
];

describe("diffCatalogs", () => {
  it.each(cases)("case $n: $what", ({ before, after, expected }) => {
    expect(diffCatalogs(catalog(before), catalog(after)).map(line)).toEqual(expected);
  });

  it("adds everything where there is nothing before", () => {
    const changes = diffCatalogs(null, catalog([["File[/a]", { mode: "1" }], ["Class[A]"]]));
    expect(changes.map(line)).toEqual(["class-parameter added Class[A] null -> {}", 'system added File[/a] null -> {"mode":"1"}']);
  });

  it("points at the declaration after the change, or before it where there is none after", () => {
    const at = (number: number): Partial<Resource> => ({ source: { path: "a.pp", line: number } });
    const changes = diffCatalogs(
      catalog([
        ["File[/a]", { mode: "1" }, at(1)],
        ["File[/b]", {}, at(2)],
      ]),
      catalog([["File[/a]", {}, at(3)]]),
    );
    expect(changes.map(({ source }) => source?.line)).toEqual([3, 2]);
  });

  it("takes a type that turns from native to define for a change of the system", () => {
    const before = catalog([["Cron[x]", { hour: 1 }]]);
    const after = catalog([["Cron[x]", { hour: 2 }, { kind: "define" }]]);
    expect(diffCatalogs(before, after).map(({ kind }) => kind)).toEqual(["system"]);
  });

  it("tells several resources with one key apart by title, and loses none", () => {
    const run = (title: string, x: number): Short => [`Run[${title}]`, { x }, { key: "one" }];
    const changes = diffCatalogs(catalog([run("a", 1), run("b", 1), run("c", 1)]), catalog([run("b", 2), run("d", 1), run("e", 1)]));
    expect(changes.map(line)).toEqual([
      'system removed Run[a] {"x":1} -> null',
      "system changed Run[b] x 1 -> 2",
      'system removed Run[c] {"x":1} -> null',
      'system added Run[d] null -> {"x":1}',
      'system added Run[e] null -> {"x":1}',
    ]);
  });

  it("compares the namevar where the key could not be learnt", () => {
    const changes = diffCatalogs(catalog([["Odd[x]", { name: "a" }]]), catalog([["Odd[x]", { name: "b" }]]));
    expect(changes.map(line)).toEqual(['system changed Odd[x] name "a" -> "b"']);
  });
});

describe("speed", () => {
  it("case 62: compares 20,000 resources with 20,000", () => {
    const many = (mode: string): Short[] =>
      Array.from({ length: 20_000 }, (_, at) => [
        `File[/srv/${at}]`,
        { ensure: "file", mode, content: `content of ${at}`, require: at === 0 ? [] : [`File[/srv/${at - 1}]`] },
      ]);
    const before = catalog(many("0644"));
    const after = catalog(many("0600").reverse());
    expect(diffCatalogs(before, after)).toHaveLength(20_000);
  });

  it("case 61: compares arrays of 17,000 items", () => {
    const items = Array.from({ length: 17_000 }, (_, at) => `item ${at}`);
    const changes = diffCatalogs(catalog(motd({ content: items })), catalog(motd({ content: items.with(9000, "another") })));
    expect(changes).toHaveLength(1);
  });
});
