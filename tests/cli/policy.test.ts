import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explainCommand, type ExplainOptions } from "../../src/cli/policy/explain-command.ts";
import { testCommand } from "../../src/cli/policy/test-command.ts";
import { Problem } from "../../src/problem.ts";
import { report } from "../gate/world.ts";

let folder = "";
let printed = "";
const output = { write: (text: string) => (printed += text), paint: (_: unknown, text: string) => text };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-policy-"));
  printed = "";
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const policy = `version: 1
rules:
  - {name: peer, require: {approvals: {count: 1}}}
  - {name: wide, when: radius.share > 0.1 && "big" in change.labels, require: {any: [{approvals: {count: 2}}, {approvals: {count: 1, from: {teams: [acme/sre]}}}]}}
`;
async function files(examples: string, rules = policy): Promise<string> {
  await writeFile(join(folder, "puppet-gate.yml"), rules);
  await writeFile(join(folder, "examples.yml"), examples);
  return folder;
}
const options = (more: Partial<ExplainOptions>): ExplainOptions => ({
  policy: null,
  example: null,
  file: null,
  report: null,
  paths: null,
  author: null,
  json: false,
  ...more,
});
const problem = async (run: Promise<unknown>): Promise<string> => {
  const error: unknown = await run.catch((caught: unknown) => caught);
  return error instanceof Problem ? error.text.replaceAll(`${folder}/`, "") : `no Problem: ${String(error)}`;
};

const good = `examples:
  - {name: approved, approvals: [{by: bob}], expect: {outcome: pass, rules: {peer: pass, wide: skipped}, words: [bob approved]}}
  - {name: alone, expect: {outcome: waiting}}
`;
const bad = `examples:
  - {name: fine, expect: {outcome: waiting}}
  - {name: wrong, radius: {share: 0.2}, change: {labels: [big]}, approvals: [{by: bob}], expect: {outcome: pass, rules: {wide: fail, wdie: pass}, words: [never said]}}
`;

describe("policy test", () => {
  it("runs the examples of a folder, of a policy, and of the file itself", async () => {
    await files(good);
    for (const path of [folder, join(folder, "puppet-gate.yml"), join(folder, "examples.yml")]) {
      printed = "";
      expect(await testCommand([path], false, output)).toBe(0);
      expect(printed).toContain("  ok    approved\n  ok    alone\n");
      expect(printed).toContain("2 examples, all as expected");
    }
  });

  it("says of an example that fails what was expected, and shows the rule tree", async () => {
    expect(await testCommand([await files(bad)], false, output)).toBe(1);
    expect(printed).toContain("  ok    fine\n  FAIL  wrong\n");
    expect(printed).toContain("expected pass, and it is waiting");
    expect(printed).toContain("expected wide to be fail, and it is pending");
    expect(printed).toContain("expected wdie to be pass, and there is no such rule");
    expect(printed).toContain('expected somebody to read "never said", and nothing says so');
    expect(printed).toMatch(/pending {2}wide: one of these is needed/u);
    expect(printed).toContain("2 examples, 1 otherwise than expected");
  });

  it("does not let a rule for owners pass that nobody was asked by: an example says which services it reaches", async () => {
    const rules = `version: 1
services: [{name: playlist, owners: ["@carol"], match: 'certname == "a"'}]
rules:
  - {name: owners, require: {approvals: {count: 1, from: {owners: affected-services}}}}
`;
    const approved = "approvals: [{by: bob}]";
    await files(
      `examples:
  - {name: silent, radius: {nodes: 3}, ${approved}, expect: {outcome: pass}}
  - {name: by default, ${approved}, expect: {outcome: pass}}
  - {name: none reached, radius: {nodes: 0}, ${approved}, expect: {rules: {owners: skipped}}}
  - {name: said, radius: {nodes: 3, services: [playlist]}, ${approved}, expect: {outcome: waiting, rules: {owners: pending}}}
  - {name: by its owner, radius: {nodes: 3, services: [playlist]}, approvals: [{by: carol}], expect: {rules: {owners: pass}}}
`,
      rules,
    );
    expect(await testCommand([folder], false, output)).toBe(1);
    expect(printed.match(/^ {2}(?:ok {3}|FAIL) .*$/gmu)).toEqual([
      "  FAIL  silent",
      "  FAIL  by default",
      "  ok    none reached",
      "  ok    said",
      "  ok    by its owner",
    ]);
    expect(printed).toContain("expected pass, and it is unknown");
    expect(printed.match(/the example does not say which services its nodes carry/gu)).toHaveLength(2);
    expect(printed).toContain("unknown  owners: nothing is known of the services of the nodes that it reaches");
  });

  it("gives the same as JSON", async () => {
    expect(await testCommand([await files(bad)], true, output)).toBe(1);
    const result: unknown = JSON.parse(printed);
    expect(result).toMatchObject({
      schema: "puppet-gate/policy-test@1",
      ok: false,
      files: [
        {
          results: [
            { name: "fine", failures: [] },
            { name: "wrong", judged: { outcome: "waiting" } },
          ],
        },
      ],
    });
  });

  it.each<[string, string, string]>([
    [
      "an unknown key",
      "examples:\n  - {name: a, aprovals: [], expect: {outcome: pass}}",
      "examples.yml:2:15: `aprovals` is not known in `examples[0]`; did you mean `approvals`?",
    ],
    [
      "no expectation",
      "examples:\n  - {name: a, expect: {}}",
      "examples.yml:2:23: `examples[0].expect` is a mapping; expected an `outcome`, `rules` or `words`: an example that expects nothing can't fail.",
    ],
    [
      "an outcome that is none",
      "examples:\n  - {name: a, expect: {outcome: ok}}",
      'examples.yml:2:33: `examples[0].expect.outcome` is "ok"; expected `pass` or `observed` or `waiting` or `blocked` or `unknown`.',
    ],
    [
      "a name twice",
      "examples:\n  - {name: a, expect: {outcome: pass}}\n  - {name: a, expect: {outcome: pass}}",
      'examples.yml:3:12: Another example is called "a".',
    ],
    [
      "owners that can't be followed",
      'examples:\n  - {name: a, codeowners: "!x @ann", expect: {outcome: pass}}',
      "examples.yml:2:27: In its line 1: `!x` begins with `!`, which CODEOWNERS has not.",
    ],
    ["no YAML", "examples: [", "examples.yml:1:12: Flow sequence in block collection must be sufficiently indented and end with a ]."],
    [
      "a moment that is none",
      "examples:\n  - {name: a, now: noon, expect: {outcome: pass}}",
      'examples.yml:2:20: `examples[0].now` is "noon"; expected a moment, like `2026-03-04T12:00:00Z`.',
    ],
  ])("refuses %s, with its line", async (_, examples, expected) => {
    expect(await problem(testCommand([await files(examples)], false, output))).toBe(expected);
  });

  it("refuses a policy that does not load, with its line", async () => {
    const path = await files(good, "version: 1\nrules: []\n");
    expect(await problem(testCommand([path], false, output))).toBe(
      "puppet-gate.yml:2:8: `rules` is an empty list; expected at least 1 entry.",
    );
  });

  it("refuses a folder without examples, and a path that is not there", async () => {
    expect(await problem(testCommand([folder], false, output))).toContain("has no examples.yml in it.");
    expect(await problem(testCommand([join(folder, "nowhere")], false, output))).toContain("nowhere can't be read: ENOENT");
  });
});

describe("policy explain", () => {
  it("says of each rule whether it applies, by which values, and who can give what is missing", async () => {
    await files(bad);
    expect(await explainCommand(options({ example: "wrong", file: folder }), output)).toBe(0);
    expect(printed).toMatch(/^wrong\nWAITING\nRules\n/u);
    expect(printed).toContain(
      'applies: `radius.share > 0.1 && "big" in change.labels` is true\n        radius.share is 0.2\n        change.labels is ["big"]\n',
    );
    expect(printed).toMatch(/Missing\n {2}one more person .*, or one person of @acme\/sre with write access/u);
  });

  it("gives the same as JSON", async () => {
    await files(bad);
    await explainCommand(options({ example: "wrong", file: folder, json: true }), output);
    expect(JSON.parse(printed)).toMatchObject({
      schema: "puppet-gate/policy-explain@1",
      outcome: "waiting",
      rules: [
        { name: "peer", applies: { known: true, value: true } },
        { name: "wide", values: [{ name: "radius.share", value: { known: true, value: 0.2 } }, { name: "change.labels" }] },
      ],
    });
  });

  it("explains a report by the default policy, or by one that is given", async () => {
    const path = join(folder, "report.json");
    await writeFile(path, JSON.stringify(report()));
    await explainCommand(options({ report: path, paths: ["hiera.yaml"], author: "ann" }), output);
    expect(printed).toMatch(/pending {2}peer: one person .*not ann/u);
    expect(printed).toMatch(/pending {2}sensitive/u);
    expect(printed).toMatch(/skipped {2}policy/u);
    await files(good);
    printed = "";
    await explainCommand(options({ report: path, paths: ["a.pp"], author: "ann", policy: join(folder, "puppet-gate.yml") }), output);
    expect(printed).toContain("radius.share is 0.03");
  });

  it.each<[string, Partial<ExplainOptions>, string]>([
    ["nothing", {}, "What to explain is not clear."],
    ["both kinds", { example: "a", report: "b" }, "What to explain is not clear."],
    ["a report without paths", { report: "x", author: "ann" }, "--report needs --paths and --author"],
  ])("refuses %s", async (_, more, expected) => {
    expect(await problem(explainCommand(options(more), output))).toContain(expected);
  });

  it("refuses an example that is not there, and a report that is none", async () => {
    await files(good);
    const missing = (example: string): Promise<unknown> =>
      explainCommand(options({ example, file: folder }), output).catch((error: unknown) => error);
    expect(await missing("nothing like it")).toMatchObject({
      text: `${folder} has no example called "nothing like it".`,
      hint: 'It has "approved", "alone".',
    });
    expect(await missing("aproved")).toMatchObject({ hint: 'Did you mean "approved"?' });
    await expect(explainCommand(options({ report: join(folder, "nope.json"), paths: ["a"], author: "ann" }), output)).rejects.toMatchObject(
      {
        text: expect.stringContaining("nope.json can't be read: ENOENT"),
        hint: "Give the report.json that `puppet-gate check --output DIR` writes.",
      },
    );
    const path = join(folder, "puppet-gate.yml");
    expect(await problem(explainCommand(options({ report: path, paths: ["a"], author: "ann" }), output))).toContain("is no JSON.");
    await writeFile(path, "{}");
    expect(await problem(explainCommand(options({ report: path, paths: ["a"], author: "ann" }), output))).toContain("is no report: schema");
  });
});
