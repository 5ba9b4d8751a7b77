import { describe, expect, test } from "vitest";

import { readOutcome, readStatements } from "../../src/puppet/answer.ts";
import { limits } from "./fixtures.ts";

const read = (line: string | object) =>
  readOutcome(Buffer.from(typeof line === "string" ? line : JSON.stringify(line)), {
    certname: "a",
    root: "/root",
    limits,
    seal: (text) => `sealed ${text.length}`,
  });

const file = { type: "File", title: "/x", exported: false, file: "/root/m.pp", line: 3, parameters: { content: "c" } };
const catalog = { name: "a", resources: [file], edges: [], classes: [] };
const answer = { certname: "a", ok: true, catalog, keys: [["/x"]], kinds: ["native"], munged: [], auto: [] };
const error = { code: "compile", message: "no", path: "m.pp", line: 1 };

test("an answer as Ruby writes it is a catalog", () => {
  expect(read(answer)).toMatchObject({
    certname: "a",
    ok: true,
    catalog: { resources: [{ title: "/x", source: { path: "m.pp", line: 3 } }] },
  });
});

describe("an answer that is none is hostile", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  const cases: Array<[string, string | object, RegExp]> = [
    ["no JSON", "ready", /it is no answer/],
    ["nothing", "", /it is no answer/],
    ["a list", [], /it is no answer/],
    ["not UTF-8 in a name", JSON.stringify(answer).replace('"a"', '"\udcff"'), /about another node/],
    ["another node", { ...answer, certname: "b" }, /about another node/],
    ["another node within", { ...answer, catalog: { ...catalog, name: "b" } }, /not the node/],
    ["no catalog", { certname: "a", ok: true }, /catalog/],
    ["too few keys", { ...answer, keys: [] }, /1 resources came with 0 keys/],
    ["a kind of its own", { ...answer, kinds: ["harmless"] }, /kinds/],
    [
      "a command that is a define",
      { ...answer, catalog: { ...catalog, resources: [{ ...file, type: "Exec" }] }, kinds: ["define"] },
      /Exec/,
    ],
    ["an error with a code of ours", { certname: "a", ok: false, error: { ...error, code: "timeout" } }, /its error is none/],
    ["an error without words", { certname: "a", ok: false, error: { ...error, message: null } }, /its error is none/],
    ["an error at line 0", { certname: "a", ok: false, error: { ...error, line: 0 } }, /its error is none/],
    ["a million levels", nested(1_000_000), /nested deeper than 110 levels/],
    ["a million levels within", JSON.stringify(answer).replace('"c"', nested(1_000_000)), /nested deeper than 110 levels/],
    ["levels after a string that ends in a backslash", `{"a":"\\\\","b":${nested(200)}}`, /nested deeper/],
  ];
  test.each(cases)("%s", (_, line, message) => {
    expect(read(line)).toMatchObject({ certname: "a", ok: false, error: { code: "hostile", message: expect.stringMatching(message) } });
  });

  test("brackets within strings are no levels", () => {
    const text = '[{"\\'.repeat(200);
    expect(read({ certname: "a", ok: false, error: { ...error, message: text } })).toMatchObject({ error: { code: "compile" } });
  });
});

describe("what a worker says of a failure", () => {
  const cases: Array<[string, object, object]> = [
    ["Puppet's words", error, error],
    [
      "a limit, with its number",
      { ...error, code: "memory", path: null, line: null },
      { code: "memory", message: expect.stringMatching(/1024 MiB/) },
    ],
    ["a limit, with its number", { ...error, code: "output" }, { code: "output", message: expect.stringMatching(/8 MiB/) }],
    ["no escape sequences", { ...error, message: "a\u001b[31mb\u202ec\nd" }, { message: "a<U+001B>[31mb<U+202E>c d" }],
  ];
  cases.push(
    [
      "no place outside the tree",
      { ...error, path: "/etc/puppetlabs/code/modules-0/far/m.pp" },
      { message: "no (far/m.pp:1)", path: null },
    ],
    ["no place that climbs", { ...error, path: "a/../../b.pp" }, { message: "no (a/../../b.pp:1)", path: null, line: null }],
  );
  test.each(cases)("%s", (_, said, expected) => {
    expect(read({ certname: "a", ok: false, error: said })).toMatchObject({ ok: false, error: expected });
  });

  test("no more than a line", () => {
    const outcome = read({ certname: "a", ok: false, error: { ...error, message: "x".repeat(1_000_000) } });
    expect(JSON.stringify(outcome).length).toBeLessThan(3000);
  });
});

const failed = '{"certname":null,"ok":false,"error":{"code":"compile","message":"no","path":null,"line":null}}';
test.each([
  ['{"names":["a"],"open":false}', { names: ["a"], open: false }],
  [failed, { code: "compile", message: "no", path: null, line: null }],
  ['{"names":["a",1],"open":false}', null],
  ['{"names":["a"]}', null],
  ["", null],
])("node statements: %s", (line, expected) => {
  expect(readStatements(Buffer.from(line))).toEqual(expected);
});

describe("what a worker says that a compile read", () => {
  const empty = { manifests: [], functions: [], types: [], files: [], folders: [], data: [], absent: [], keys: [], node: null };
  const trace = { ...empty, outside: false, impure: [] };
  const reads = { facts: [], used: [], missing: [], collectors: [] };
  const kept = (told: object, secrets: string[] = []) => {
    const outcome = read({ ...answer, secrets, reads: { ...reads, trace: told } });
    if (outcome.ok && outcome.reads) return outcome.reads.trace ?? null;
    throw new Error(`no reads: ${JSON.stringify(outcome)}`);
  };
  const long = "x".repeat(1_900);

  test("is kept as it is", () => {
    const told = { ...trace, manifests: ["a"], data: [{ path: "/d", keys: null }], keys: ["k"], node: "/^a/" };
    expect(kept(told, ["another secret"])).toEqual(told);
  });

  test.each<[string, object, string[]]>([
    ["a part is missing", empty, []],
    ["there is more to it", { ...trace, served: [] }, []],
    ["a name is too long", { ...trace, keys: ["x".repeat(2_001)] }, []],
    ["it has too many texts", { ...trace, keys: Array.from({ length: 200_001 }, () => "") }, []],
    [
      "its lists have too many together",
      { ...trace, keys: Array(120_000).fill(""), data: [{ path: "/d", keys: Array(120_000).fill("") }] },
      [],
    ],
    ["its texts have too many characters", { ...trace, keys: Array(9_000).fill(long) }, []],
    ["a key has a secret in it", { ...trace, keys: ["passwords::hunter22-hunter22"] }, ["hunter22-hunter22"]],
    ["a path has a secret in it", { ...trace, data: [{ path: "/d/hunter22-hunter22.yaml", keys: [] }] }, ["hunter22-hunter22"]],
    ["a reason has a secret in it", { ...trace, impure: ["hunter22-hunter22"] }, ["hunter22-hunter22"]],
  ])("is left out whole where %s", (_, told, secrets) => expect(kept(told, secrets)).toBeNull());
});
