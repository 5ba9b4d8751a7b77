import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Binary, Deferred, Secret, type Value } from "../../src/catalog/catalog.ts";
import { MalformedCatalog, parseCatalog, Taints } from "../../src/catalog/parse.ts";

const seal = (text: string): string => createHmac("sha256", "a key for tests").update(text).digest("hex");

interface Raw {
  type: string;
  title: string;
  [more: string]: unknown;
}

/** A worker's answer with these resources, each with what a worker says of it. */
function answer(resources: Raw[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    certname: "web1",
    ok: true,
    catalog: { name: "web1", environment: "production", resources, edges: [], classes: ["settings"], ...more },
    keys: resources.map(() => null),
    kinds: resources.map(({ type }) => (type === "Class" || type === "Stage" ? "class" : type.includes("::") ? "define" : "native")),
    munged: [],
    auto: [],
  };
}

const parse = (resources: Raw[], more: Record<string, unknown> = {}): ReturnType<typeof parseCatalog> =>
  parseCatalog(answer(resources, more), seal, { root: "/tree" });
/** The value that a raw one becomes. */
const value = (raw: unknown): Value | undefined =>
  parse([{ type: "Notify", title: "n", parameters: { message: raw } }]).resources[0]?.parameters.get("message");
const rich = (type: string, inside?: unknown): unknown => (inside === undefined ? { __ptype: type } : { __ptype: type, __pvalue: inside });

describe("parseCatalog: what the types say", () => {
  const said = {
    ...answer([
      { type: "File", title: "/a", parameters: { mode: "0644", content: "hunter22" }, sensitive_parameters: ["content"] },
      { type: "Notify", title: "n", parameters: { message: "Hunter22", mode: "x" } },
    ]),
    munged: [
      [0, "mode", "644"],
      [0, "content", "hunter22"],
      [1, "mode", "hunter22"],
      [1, "other", "x"],
    ],
    auto: [[0, 1, true]],
  };
  const { resources, auto } = parseCatalog(said, seal);

  it("keeps what an attribute is taken for, sealed where a secret is in it, and nothing of a secret or of what is not there", () => {
    expect([...(resources[0]?.munged ?? [])]).toEqual([["mode", "644"]]);
    expect([...(resources[1]?.munged ?? [])]).toEqual([["mode", new Secret(seal('"hunter22"'))]]);
  });

  it("keeps the relations that Puppet adds by itself", () => {
    expect(auto).toEqual([{ earlier: 0, later: 1, refreshes: true }]);
  });
});

describe("parseCatalog: values", () => {
  it.each<[string, unknown, Value]>([
    ["JSON as it is", { a: [1, "x", null, true] }, { a: [1, "x", null, true] }],
    ["Default", rich("Default"), "default"],
    ["Symbol", rich("Symbol", "undef"), "undef"],
    ["Regexp", rich("Regexp", "^a"), "/^a/"],
    ["Timestamp", rich("Timestamp", "2020-01-01T00:00:00.000000000 UTC"), "2020-01-01T00:00:00.000000000 UTC"],
    ["SemVer", rich("SemVer", "1.2.3"), "1.2.3"],
    ["a type of Puppet's", { __ptype: "Pcore::IntegerType", from: 1, to: 2 }, { __ptype: "Pcore::IntegerType", from: 1, to: 2 }],
    ["a hash with other keys than strings", rich("Hash", [1, "a", "b", [2]]), { "1": "a", b: [2] }],
    ["a hash with 1 and '1'", rich("Hash", ["1", "a", 1, "b"]), { "1": "a", "1 (another)": "b" }],
    ["a hash that says __ptype", rich("Hash", ["__ptype", "Sensitive", "__pvalue", "x"]), { __ptype: "Sensitive", __pvalue: "x" }],
    [
      "Deferred",
      { __ptype: "Deferred", name: "sprintf", arguments: ["%s", rich("Sensitive", "abc")] },
      new Deferred("sprintf", ["%s", new Secret(seal('"abc"'))]),
    ],
    ["Binary", rich("Binary", "aGVsbG8="), new Binary("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", 5)],
    ["Sensitive", rich("Sensitive", { b: 1, a: 2 }), new Secret(seal('{"a":2,"b":1}'))],
    ["a Sensitive deep inside", [{ a: rich("Sensitive", "abc") }], [{ a: new Secret(seal('"abc"')) }]],
    [
      "a hash with a Sensitive key",
      rich("Hash", [rich("Sensitive", "abc"), 1]),
      new Secret(seal('{"__ptype":"Hash","__pvalue":["abc",1]}')),
    ],
    ["64 KiB of text", "x".repeat(65_536), "x".repeat(65_536)],
  ])("reads %s", (_, raw, expected) => {
    expect(value(raw)).toEqual(expected);
  });

  it("gives text of more than 64 KiB as digest and size in bytes", () => {
    expect(value("é".repeat(32_769))).toEqual(expect.objectContaining({ size: 65_538 }));
  });

  it("keeps a key __proto__ as a key", () => {
    const hash = value(JSON.parse('{"__proto__": {"x": 1}}') as unknown);
    expect(Object.keys(hash ?? {})).toEqual(["__proto__"]);
    expect(hash).not.toHaveProperty("x");
  });

  it("gives two values one digest exactly if they are equal", () => {
    expect(value(rich("Sensitive", { a: 1, b: 2 }))).toEqual(value(rich("Sensitive", { b: 2, a: 1 })));
    expect(value(rich("Sensitive", "1"))).not.toEqual(value(rich("Sensitive", 1)));
  });
});

describe("parseCatalog: secrets", () => {
  const password = "correct horse";
  const db: Raw = { type: "Db", title: "d", parameters: { password }, sensitive_parameters: ["password"] };
  const of = (resources: Raw[], more = {}): ReturnType<typeof parseCatalog> => parse([db, ...resources], more);
  const text = (catalog: unknown): string =>
    JSON.stringify(catalog, (_, each: unknown) => (each instanceof Map ? Object.fromEntries(each) : each));

  it("seals what Puppet lists as sensitive", () => {
    expect(of([]).resources[0]?.parameters.get("password")).toEqual(new Secret(seal(JSON.stringify(password))));
  });

  it.each<[string, Record<string, unknown>]>([
    ["as it is", { content: `password=${password}\n` }],
    ["in base64", { content: `Basic ${Buffer.from(`user:${password}`).toString("base64")}` }],
    ["in an array in a hash", { content: { a: ["x", password] } }],
    ["as a hash's key", { content: { [password]: 1 } }],
    ["in a Binary", { content: rich("Binary", Buffer.from(`x${password}`).toString("base64")) }],
    ["in a Deferred", { content: { __ptype: "Deferred", name: "f", arguments: [`x${password}`] } }],
    ["in 100 KiB of text", { content: "y".repeat(100_000) + password }],
    ["in a reference", { require: `File[/${password}]` }],
  ])("leaves no trace of a secret that was unwrapped %s", (_, parameters) => {
    const clean = text(of([{ type: "File", title: "/a", parameters }]));
    for (const form of [password, "horse", Buffer.from(password).toString("base64").slice(0, 12), Buffer.from(password).toString("hex")])
      expect(clean).not.toContain(form);
  });

  it("takes the secrets of nested Sensitives for ones, numbers too, and keys for none", () => {
    const nested: Raw = { type: "Db", title: "n", parameters: { o: [rich("Sensitive", { password: "inner secret", pin: 12345678 })] } };
    const file = (content: string): Raw => ({ type: "File", title: `/${content.length}`, parameters: { content } });
    const [, ...files] = parse([nested, file("an inner secret"), file("pin=12345678"), file("password")]).resources;
    expect(files.map(({ parameters }) => parameters.get("content") instanceof Secret)).toEqual([true, true, false]);
  });

  it("gives unwrapped text the digest of the same text in a Sensitive", () => {
    const [, wrapped, plain] = of([
      { type: "File", title: "/a", parameters: { content: rich("Sensitive", `x${password}`) } },
      { type: "File", title: "/b", parameters: { content: `x${password}` } },
    ]).resources;
    expect(wrapped?.parameters.get("content")).toEqual(plain?.parameters.get("content"));
  });

  it("keeps two resources two whose titles differ in the secret alone, with what refers to them", () => {
    const other = "battery staple";
    const resources: Raw[] = [
      { type: "Db", title: "other", parameters: { password: rich("Sensitive", other) } },
      { type: "Class", title: "A" },
      { type: "Notify", title: `to ${password}` },
      { type: "Notify", title: `to ${other}` },
      { type: "File", title: "/a", parameters: { require: [`Notify[to ${other}]`], notify: `Notify[to ${password}]` } },
    ];
    const edges = [password, other].map((each) => ({ source: "Class[A]", target: `Notify[to ${each}]` }));
    const catalog = of(resources, { edges });
    const [first, second] = catalog.resources.filter(({ type }) => type === "Notify");
    expect([first?.title, second?.title]).toEqual(["to [secret]", "to [secret] (2)"]);
    expect(first?.key).not.toBe(second?.key);
    expect(catalog.contains.map(({ contained }) => contained)).toEqual(["Notify[to [secret]]", "Notify[to [secret] (2)]"]);
    expect(catalog.resources.at(-1)?.parameters.get("require")).toEqual(["Notify[to [secret] (2)]"]);
    expect(catalog.resources.at(-1)?.parameters.get("notify")).toBe("Notify[to [secret]]");
    expect(text(catalog)).not.toMatch(/horse|staple/u);
  });

  it("knows one title by its key on both sides, though it is another's number there", () => {
    const keyIn = (titles: string[]): string | undefined =>
      of([
        { type: "Db", title: "o", parameters: { p: rich("Sensitive", "battery staple") } },
        ...titles.map((title) => ({ type: "Notify", title })),
      ]).resources.at(-1)?.key;
    expect(keyIn(["battery staple", password])).toBe(keyIn([password]));
  });

  it("adds its secrets to those that are known, and looks for all of them", () => {
    const taints = new Taints();
    parseCatalog(answer([db]), seal, { taints });
    const { resources } = parseCatalog(answer([{ type: "File", title: "/a", parameters: { content: password } }]), seal, { taints });
    expect(resources[0]?.parameters.get("content")).toBeInstanceOf(Secret);
    expect(taints.redact(`Error: ${password} is wrong`)).toBe("Error: [secret] is wrong");
  });

  it("redacts paths, and leaves the names of code alone", () => {
    const file: Raw = { type: "Service", title: "x", file: `/tree/${password}.pp`, line: 3, parameters: { [password]: 1 } };
    const [, parsed] = of([file], { classes: [password] }).resources;
    expect(parsed?.source).toEqual({ path: "[secret].pp", line: 3 });
    expect(parsed?.parameters.has(password)).toBe(true);
  });
});

describe("parseCatalog: resources", () => {
  it.each<[string, Partial<Raw>, unknown]>([
    ["below the tree", { file: "/tree/manifests/a.pp", line: 3 }, { path: "manifests/a.pp", line: 3 }],
    ["relative already", { file: "manifests/a.pp" }, { path: "manifests/a.pp", line: null }],
    ["elsewhere", { file: "/usr/share/puppet/modules/ntp/a.pp", line: 3 }, null],
    ["beside the tree", { file: "/treehouse/a.pp", line: 3 }, null],
    ["climbing out", { file: "/tree/../etc/passwd", line: 3 }, null],
    ["unknown", {}, null],
    ["on line 0", { file: "/tree/a.pp", line: 0 }, { path: "a.pp", line: null }],
  ])("gives a source %s", (_, more, expected) => {
    expect(parse([{ type: "File", title: "/a", ...more }]).resources[0]?.source).toEqual(expected);
  });

  it.each<[string, string, string[] | null, string]>([
    ["one namevar", "File", ["/etc/y"], "/etc/y"],
    ["none", "File", null, "t"],
    ["several", "Package", ["apt", "apache2"], "apt\0apache2"],
    ["a type told by title", "Exec", ["/bin/true"], "t"],
    ["a define", "My::Thing", ["x"], "t"],
  ])("makes the key of %s", (_, type, key, expected) => {
    const raw = { ...answer([{ type, title: "t" }]), keys: [key] };
    expect(parseCatalog(raw, seal).resources[0]?.key).toBe(expected);
  });

  it("keeps what a title of more than 8192 characters says apart by its digest", () => {
    const titles = parse(["a", "b"].map((end) => ({ type: "Exec", title: "x".repeat(1_000_000) + end }))).resources.map(
      ({ title }) => title,
    );
    expect(new Set(titles).size).toBe(2);
    for (const title of titles) expect(title.length).toBeLessThan(400);
  });

  const ok = answer([{ type: "File", title: "/a" }]);
  const withResource = (more: Record<string, unknown>): Record<string, unknown> => answer([{ type: "File", title: "/a", ...more }]);
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

  it.each<[string, unknown, string]>([
    ["no object", 5, "the answer: Invalid input: expected object"],
    ["a failure", { certname: "web1", ok: false }, "ok: "],
    ["another node's", { ...ok, certname: "web2" }, "catalog.name is not the node"],
    ["a title that is a number", withResource({ title: 5 }), "catalog.resources[0].title: "],
    ["a type that is none", withResource({ type: "file{}" }), "catalog.resources[0].type: must be the name of a resource type"],
    ["parameters that are a list", withResource({ parameters: [1] }), "catalog.resources[0].parameters: "],
    ["keys that are missing", { ...ok, keys: [] }, "1 resources came with 0 keys and 1 kinds"],
    ["a value that no type took, of nothing", { ...ok, unmunged: [[1, "mode"]] }, "resource 1 is spoken of, and there are 1"],
    ["a munged value of nothing", { ...ok, munged: [[1, "mode", "644"]] }, "resource 1 is spoken of, and there are 1"],
    ["a relation to nothing", { ...ok, auto: [[0, 7, false]] }, "resource 7 is spoken of, and there are 1"],
    [
      "a munged value that is too deep",
      { ...withResource({ parameters: { x: 1 } }), munged: [[0, "x", nested(51)]] },
      "munged[0].x is nested",
    ],
    ["a kind that is none", { ...ok, kinds: ["odd"] }, "kinds[0]: "],
    ["a File that would be a define", { ...ok, kinds: ["define"] }, "resources[0] is a File and can't be a define"],
    [
      "a resource twice",
      answer([
        { type: "File", title: "/a" },
        { type: "File", title: "/a" },
      ]),
      "resources[1] is declared twice",
    ],
    ["an edge to nowhere", answer([], { edges: [{ source: "Class[A]", target: "Class[B]" }] }), "edges[0] names a resource"],
    ["deep nesting", withResource({ parameters: { x: nested(51) } }), "resources[0].x is nested deeper than 50 levels"],
    ["deep nesting in a Sensitive", withResource({ parameters: { x: rich("Sensitive", nested(50)) } }), "nested deeper"],
    ["a local reference", withResource({ parameters: { x: rich("LocalRef", "$.x") } }), "resources[0].x has a local reference"],
    ["half a hash", withResource({ parameters: { x: rich("Hash", [1]) } }), "resources[0].x has a hash that is not"],
    ["a Binary that is none", withResource({ parameters: { x: rich("Binary", 1) } }), "resources[0].x has a Binary that is not base64"],
    ["a Deferred without a name", withResource({ parameters: { x: { __ptype: "Deferred" } } }), "resources[0].x has a Deferred"],
    ["a Sensitive of nothing", withResource({ parameters: { x: rich("Sensitive") } }), "resources[0].x is not JSON"],
    ["what is no JSON", withResource({ parameters: { x: Number.NaN } }), "resources[0].x is not JSON"],
  ])("refuses %s, and names the place", (_, raw, words) => {
    expect(() => parseCatalog(raw, seal)).toThrow(MalformedCatalog);
    expect(() => parseCatalog(raw, seal)).toThrow(words);
  });

  it("takes fifty levels", () => {
    expect(() => parseCatalog(withResource({ parameters: { x: nested(50) } }), seal)).not.toThrow();
  });

  const endOf = (raw: unknown): string => {
    try {
      parseCatalog(raw, seal);
      return "parsed";
    } catch (error) {
      return error instanceof MalformedCatalog ? error.name : String(error);
    }
  };

  it("throws nothing but MalformedCatalog, whatever it is given", () => {
    const base = answer([{ type: "File", title: "/a", parameters: { x: rich("Hash", [1, rich("Sensitive", "abcdefghij")]) } }]);
    /** One place of a good answer replaced by anything. */
    const hostile = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(40), fc.constantFrom("__ptype", "__pvalue", "title", "0"))
      .map(([json, at, name]) => {
        const copy: unknown = structuredClone(base);
        const places: Array<[object, string]> = [];
        const walk = (node: unknown): void => {
          if (typeof node !== "object" || node === null) return;
          for (const key of [...Object.keys(node), name]) {
            places.push([node, key]);
            walk(Reflect.get(node, key));
          }
        };
        walk(copy);
        const [parent, key] = places[at % places.length] ?? [{}, ""];
        Reflect.set(parent, key, JSON.parse(json));
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.anything()), (raw) => {
        expect(["parsed", "MalformedCatalog"]).toContain(endOf(raw));
      }),
      { numRuns: 2000 },
    );
  });

  it("parses 20,000 resources with 1,000 secrets", () => {
    const resources = Array.from({ length: 20_000 }, (_, at): Raw => ({
      type: "File",
      title: `/srv/${at}`,
      parameters: {
        content: `line of file ${at}\n`.repeat(40),
        notify: ["File[/srv/0]"],
        ...(at < 1000 ? { password: `secret number ${at}` } : {}),
      },
      sensitive_parameters: ["password"],
    }));
    const raw = answer(resources);
    expect(parseCatalog(raw, seal).resources).toHaveLength(20_000);
  });
});
