import { describe, expect, it } from "vitest";
import { judgeExample } from "../../../src/catalog/expect/examples.ts";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";
import { modeGrants } from "../../../src/catalog/expect/mode.ts";
import { become } from "../../../src/catalog/expect/outcome.ts";
import type { Judged } from "../../../src/catalog/expect/evaluate.ts";

type Catalog = Record<string, Record<string, never>>;

const web = {
  "File[/etc/motd]": { mode: "0644", content: "hello" },
  "File[/etc/open]": { mode: "0666" },
  "Service[nginx]": { ensure: "running", enable: true },
  "Firewall[web]": { dport: [80, 443], port: 22 },
  "Profile::Db[app]": {
    plain_password: "hunter2",
    password: { $secret: "a" },
    again: { $secret: "a" },
    other: { $secret: "b" },
    key: { $deferred: "vault" },
    deep: { a: { $secret: "a" } },
  },
  "Class[Role::Web]": {},
  "@@Nagios_host[web01]": { address: "10.0.0.1" },
} as unknown as Catalog;

const judge = (expect: string, catalog: Catalog = web): Judged =>
  judgeExample(
    { scope: "catalog", expect, each: null },
    { name: "x", node: { certname: "web01", services: ["web"], datacentre: "lon" }, catalog },
  );

/** Expression, and what it comes to: what breaks it as `subject attribute = value`, or a part of why it can't be told. */
const cases: Array<[expression: string, is: "holds" | "fails" | "unknown", what?: string[] | string]> = [
  ['catalog.has("Service", "nginx")', "holds"],
  ['catalog.has("service", "nginx")', "holds"],
  ['catalog.has("Service", "apache2")', "fails", ["Service[apache2] = missing"]],
  ['catalog.has("Nagios_host", "web01")', "fails", ["Nagios_host[web01] = missing"]],
  ['catalog.exported("nagios_host").size() == 1', "holds"],
  ['catalog.includes("role::web")', "holds"],
  ['catalog.includes("role::db")', "fails", ["Class[Role::Db] = missing"]],
  ['catalog.text("Service", "nginx", "enable") == "true"', "holds"],
  ['catalog.text("Service", "nginx", "ensure") == "stopped"', "fails", ['Service[nginx] ensure = "running"']],
  ['catalog.param("Service", "nginx", "enable") == true', "holds"],
  ['catalog.text("Service", "gone", "ensure") == "running"', "fails", ["Service[gone] = missing"]],
  ['catalog.resources("File").all(f, !f.grants("o", "w"))', "fails", ['File[/etc/open] mode = "0666"']],
  ['!catalog.resources("File").exists(f, f.grants("o", "w"))', "fails", ['File[/etc/open] mode = "0666"']],
  ['catalog.resources("File").filter(f, f.grants("o", "w")).size() == 0', "fails", ['File[/etc/open] mode = "0666"']],
  ['catalog.resources("File").filter(f, f.has("content")).all(f, f.text("content") == "")', "fails", ['File[/etc/motd] content = "hello"']],
  [
    'catalog.has("Service", "nginx") && catalog.has("File", "/x") && catalog.has("File", "/y")',
    "fails",
    ["File[/x] = missing", "File[/y] = missing"],
  ],
  ['catalog.has("File", "/x") || catalog.has("File", "/y")', "fails", ["File[/x] = missing", "File[/y] = missing"]],
  ['catalog.has("Service", "nginx") ? catalog.has("File", "/x") : true', "fails", ["File[/x] = missing"]],
  [
    'catalog.resources("Firewall").exists(f, "25" in f.texts("dport"))',
    "fails",
    ['catalog.resources("Firewall").exists(f, "25" in f.texts("dport")) = null'],
  ],
  ['catalog.resources("Firewall").exists(f, "443" in f.texts("dport") && f.texts("port") == ["22"])', "holds"],
  ['catalog.resource("Profile::Db", "app").secret("password")', "holds"],
  ['catalog.resource("Profile::Db", "app").deferred("key")', "holds"],
  ['catalog.resource("Profile::Db", "app").secret("key")', "fails", ["Profile::Db[app] key = (deferred)"]],
  ['catalog.resource("Profile::Db", "app").same("password", catalog.resource("Profile::Db", "app"), "again")', "holds"],
  [
    'catalog.resource("Profile::Db", "app").same("password", catalog.resource("Profile::Db", "app"), "other")',
    "fails",
    ["Profile::Db[app] password = (secret)", "Profile::Db[app] other = (secret)"],
  ],
  ['catalog.text("Profile::Db", "app", "password") == "hunter2"', "unknown", "is a secret"],
  ['catalog.text("Profile::Db", "app", "password") == "hunter2" || true', "unknown", "is a secret"],
  ['true || catalog.text("Profile::Db", "app", "password") == "hunter2"', "holds"],
  ['catalog.param("Profile::Db", "app", "deep") == 1', "unknown", "is a secret"],
  ['catalog.text("Profile::Db", "app", "key") == ""', "unknown", "is made by the agent"],
  ['catalog.resources().exists(r, r.text("password") == "a")', "unknown", "is a secret"],
  ['catalog.text("Firewall", "web", "dport") == "80"', "unknown", "is a list"],
  ['node.certname == "web01" && node.datacentre == "lon" && "web" in node.services', "holds"],
  ['catalog.resources("Profile::Db").all(d, d.text("plain_password") == "")', "fails", ["Profile::Db[app] plain_password = (not shown)"]],
  ['catalog.resources("File").all(f, f.text("mode") != "0666" && f.text("owner") != "web")', "fails", ['File[/etc/open] mode = "0666"']],
  [
    'catalog.resources("File").all(f, f.text("mode") != "0666" || f.text("owner") == "web")',
    "fails",
    ['File[/etc/open] mode, owner = "0666", (not set)'],
  ],
  ["1 / 0 == 1", "unknown", "can't be evaluated"],
];

const containing = (text: string): unknown => expect.stringContaining(text);
const wordsOf = (judged: Judged): string[] =>
  judged.is === "fails"
    ? judged.items.map(({ subject, attribute, value }) => `${subject}${attribute === null ? "" : ` ${attribute}`} = ${value}`)
    : [];

describe("an expression over a catalog", () => {
  it.each(cases)("%s: %s", (expression, is, what) => {
    const judged = judge(expression);
    const words: unknown = typeof what === "string" ? containing(what) : (what ?? []);
    expect([judged.is, judged.is === "unknown" ? judged.reason : wordsOf(judged)]).toEqual([is, words]);
  });

  it("tells no more than fifty of what breaks it, and how many there are", () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`File[/${at}]`, { mode: "0666" }])) as unknown as Catalog;
    const judged = judge('catalog.resources("File").all(f, !f.grants("o", "w"))', many);
    if (judged.is !== "fails") throw new Error("it holds");
    expect(judged.items).toHaveLength(50);
    expect(judged.total).toBe(150);
  });
});

describe("modes", () => {
  it.each([
    ["0644", false],
    ["0666", true],
    ["666", true],
    ["1777", true],
    ["u=rw,go=r", false],
    ["a+w", true],
    ["+w", true],
    ["o+w,o-w", false],
    ["u+x", false],
    ["o=g", null],
    ["rubbish", null],
  ])("%s gives everybody to write: %s", (mode, grants) => expect(modeGrants(mode, "o", "w")).toBe(grants));
});

const item = (subject: string) => ({ subject, attribute: null, value: null, path: null, line: null });
const fails = (...subjects: string[]): Judged => ({ is: "fails", items: subjects.map(item), total: subjects.length });

describe("what a change makes of an expectation", () => {
  const outcomes: Array<[name: string, before: Judged | null, after: Judged, reached: boolean, is: string]> = [
    ["held and holds", { is: "holds" }, { is: "holds" }, true, "holds"],
    ["held and fails", { is: "holds" }, fails("a"), true, "broken"],
    ["fails on a new node", null, fails("a"), true, "broken"],
    ["fails as before", fails("a"), fails("a"), true, "already"],
    ["fails by one more", fails("a"), fails("a", "b"), true, "broken"],
    ["fails by less", fails("a", "b"), fails("a"), true, "already"],
    ["fails by more than can be told", { ...fails("a"), total: 100 } as Judged, { ...fails("a"), total: 200 } as Judged, true, "broken"],
    [
      "fails by as many, of which not all are told",
      { ...fails("a"), total: 100 } as Judged,
      { ...fails("b"), total: 100 } as Judged,
      true,
      "already",
    ],
    ["was mended", fails("a"), { is: "holds" }, true, "mended"],
    ["was unknown and fails", { is: "unknown", reason: "x" }, fails("a"), true, "broken"],
    ["is unknown where nothing changes", { is: "unknown", reason: "x" }, { is: "unknown", reason: "x" }, false, "unknown-already"],
    ["is unknown where something changes", { is: "unknown", reason: "x" }, { is: "unknown", reason: "x" }, true, "unknown"],
    ["is unknown for another reason", { is: "unknown", reason: "x" }, { is: "unknown", reason: "y" }, false, "unknown"],
  ];
  it.each(outcomes)("%s", (_, before, after, reached, is) => expect(become(before, after, reached).is).toBe(is));
});

const valid = `name: a\nwhy: because\nask: ["@ann"]\nexpect:\n  catalog: catalog.has("A", "b")\nexamples:\n  pass: [{ name: x, catalog: { "A[b]": {} } }]\n  fail: [{ name: y, catalog: {} }]\n`;

describe("a file of expectations", () => {
  it.each([
    ["is empty", "", 1, "empty"],
    ["has an unknown key", valid.replace("why:", "whi: x\nwhy:"), 2, "`whi` is not known; did you mean `why`?"],
    ["has no examples that fail", valid.replace(/ {2}fail.*\n/u, ""), 7, "`examples.fail` is missing"],
    ["asks nobody", valid.replace('["@ann"]', "[]"), 3, "`ask` is an empty list"],
    ["looks at two things", valid.replace("expect:\n", "expect:\n  fleet: 'true'\n"), 5, "exactly one of"],
    ["does not type-check", valid.replace('catalog.has("A", "b")', 'catalog.has("A")'), 5, "`expect.catalog`: found no matching overload"],
    ["names a variable of another kind", valid.replace('catalog.has("A", "b")', 'before.has("A", "b")'), 5, "`before` is not known"],
    [
      "has an example of another kind",
      valid.replace("fail: [{ name: y, catalog: {} }]", "fail: [{ name: y, nodes: {} }]"),
      8,
      "says no `catalog`",
    ],
    ["asks about nodes that nobody can tell", valid.replace("expect:\n", "for: facts.os == 1\nexpect:\n"), 4, "`facts` is not known"],
    ["names no resource in an example", valid.replace('"A[b]"', '"A"'), 7, "expected a resource under its name"],
  ])("%s", (_, text, line, words) => {
    const loaded = loadExpectation(text, "expectations/a.yml");
    expect(loaded.ok ? [] : loaded.problems).toContainEqual(expect.objectContaining({ line, text: expect.stringContaining(words) }));
  });

  it("is good as it is", () => expect(loadExpectation(valid, "expectations/a.yml").ok).toBe(true));
});
