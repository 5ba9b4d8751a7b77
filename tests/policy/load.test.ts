import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../src/policy/load.ts";
import { defaultPolicy, policyFileSchema, policyJsonSchema } from "../../src/policy/schema.ts";

const path = ".github/puppet-gate.yml";

/** Problems as lines, `line:column: text`. */
function problems(text: string): string[] {
  const loaded = loadPolicy(text, path);
  return loaded.ok ? [] : loaded.problems.map((problem) => `${problem.line}:${problem.column}: ${problem.text}`);
}

const whole = `version: 1
mode: enforce
services:
  - {name: playlist, owners: ["@acme/playlist", "@ann"], match: 'trusted.extensions.pp_role == "playlist"'}
  - name: bastion
    match: >-
      certname.startsWith("bastion")
      || "role::bastion" in classes
radius: {datacentre: trusted.extensions.pp_zone, sizes: {small: 1, medium: 1, large: 99.5}}
facts: {folder: spec/facts}
lint: {disable: [140chars, documentation], ignores: allow}
compile: {environment: test, modulepath: [site, modules], manifest: manifests/site.pp, node_seconds: 5, start_seconds: 6, memory_mib: 512, processes: 16, output_mib: 8}
rules:
  - {name: peer, require: {approvals: {count: 1}}}
  - {name: wide, when: 'radius.share > 0.1 && groups.exists(g, g.type == "Service")', require: {approvals: {count: 2}}}
`;

describe("loadPolicy", () => {
  it("reads every part", () => {
    expect(loadPolicy(whole, path)).toEqual({
      ok: true,
      policy: {
        mode: "enforce",
        services: [
          { name: "playlist", owners: ["@acme/playlist", "@ann"], match: 'trusted.extensions.pp_role == "playlist"' },
          { name: "bastion", owners: [], match: 'certname.startsWith("bastion") || "role::bastion" in classes' },
        ],
        radius: { datacentre: "trusted.extensions.pp_zone", sizes: { small: 1, medium: 1, large: 99.5 } },
        facts: { folder: "spec/facts" },
        lint: { disable: ["140chars", "documentation"], ignores: "allow" },
        compile: {
          environment: "test",
          modulepath: ["site", "modules"],
          manifest: "manifests/site.pp",
          limits: { nodeSeconds: 5, startSeconds: 6, memoryMib: 512, processes: 16, outputMib: 8 },
        },
        rules: [
          { name: "peer", when: "true", require: { approvals: { count: 1 } } },
          { name: "wide", when: 'radius.share > 0.1 && groups.exists(g, g.type == "Service")', require: { approvals: { count: 2 } } },
        ],
      },
    });
  });

  it("is the default policy where only the version is said, and in the file that shows it", () => {
    expect(loadPolicy("version: 1\n", path)).toEqual({ ok: true, policy: defaultPolicy });
    const shown = readFileSync(join(import.meta.dirname, "../../policies/default/puppet-gate.yml"), "utf8");
    expect(loadPolicy(shown, path)).toEqual({ ok: true, policy: defaultPolicy });
    expect(defaultPolicy.rules).toEqual([{ name: "peer", when: "true", require: { approvals: { count: 1 } } }]);
  });

  it("keeps to the default of each part where only another part is said", () => {
    const loaded = loadPolicy("version: 1\nradius: {sizes: {small: 5}}\n", path);
    expect(loaded.ok && loaded.policy.radius.sizes).toEqual({ small: 5, medium: 10, large: 40 });
  });
});

describe("a policy that is wrong", () => {
  it.each<[string, string, string[]]>([
    ["an empty file", "", ["1:1: The file is empty."]],
    ["only comments", "# nothing\n", ["1:1: The file is empty."]],
    ["a list", "- 1", ["1:1: The file is a list; expected a mapping."]],
    ["no version", "mode: enforce", ["1:1: `version` is missing."]],
    ["another version", "version: 2", ["1:10: `version` is 2; expected `1`."]],
    ["an unknown key", "version: 1\nservces: []", ["2:1: `servces` is not known; did you mean `services`?"]],
    [
      "an unknown key deep inside",
      "version: 1\nradius:\n  sizes: {smal: 1}",
      ["3:11: `smal` is not known in `radius.sizes`; did you mean `small`?"],
    ],
    [
      "an unknown key in a list",
      'version: 1\nservices:\n  - {name: a, match: "true", owner: []}',
      ["3:30: `owner` is not known in `services[0]`; did you mean `owners`?"],
    ],
    ["an unknown key that is like none", "version: 1\nlanes: []", ["2:1: `lanes` is not known."]],
    [
      "a key of every object",
      "version: 1\n__proto__: {}\nconstructor: 1",
      ["2:1: `__proto__` is not known.", "3:1: `constructor` is not known."],
    ],
    ["a mode that is not there yet", "version: 1\nmode: observe", ['2:7: `mode` is "observe"; expected `enforce`.']],
    [
      "several things",
      "version: 1\nlint: {ignores: alow, disable: [x-y]}",
      [
        '2:17: `lint.ignores` is "alow"; expected `refuse` or `allow`.',
        '2:33: `lint.disable[0]` is "x-y"; expected the name of a puppet-lint check, like `documentation` or `140chars`.',
      ],
    ],
    [
      "a number out of bounds",
      "version: 1\ncompile: {memory_mib: 100}",
      ["2:23: `compile.memory_mib` is 100; expected a number of at least 256."],
    ],
    [
      "a number that is no whole one",
      "version: 1\ncompile: {processes: 9.5}",
      ["2:22: `compile.processes` is 9.5; expected a whole number."],
    ],
    ["a text for a number", 'version: 1\ncompile: {processes: "9"}', ['2:22: `compile.processes` is "9"; expected a number.']],
    [
      "a number for a text",
      "version: 1\nrules: [{name: x, when: 1, require: {approvals: {count: 1}}}]",
      ["2:25: `rules[0].when` is 1; expected a text."],
    ],
    ["a missing part", "version: 1\nservices:\n  - name: web", ["3:5: `services[0].match` is missing."]],
    ["an empty value", "version: 1\nlint:\n", ["2:6: `lint` is empty; expected a mapping."]],
    ["no rule", "version: 1\nrules: []", ["2:8: `rules` is an empty list; expected at least 1 entry."]],
    [
      "no approval",
      "version: 1\nrules: [{name: x, require: {approvals: {count: 0}}}]",
      ["2:48: `rules[0].require.approvals.count` is 0; expected a number of at least 1."],
    ],
    [
      "an owner that is none",
      'version: 1\nservices: [{name: x, owners: [acme], match: "true"}]',
      ['2:31: `services[0].owners[0]` is "acme"; expected a user or team as GitHub writes it: `@ann`, `@acme/web`.'],
    ],
    [
      "a folder outside",
      "version: 1\nfacts: {folder: ../facts}",
      ['2:17: `facts.folder` is "../facts"; expected a path inside the repository, relative to its root, without `..`.'],
    ],
    [
      "an absolute path",
      "version: 1\ncompile: {manifest: /etc/passwd}",
      ['2:21: `compile.manifest` is "/etc/passwd"; expected a path inside the repository, relative to its root, without `..`.'],
    ],
    [
      "a name twice",
      'version: 1\nservices:\n  - {name: a, match: "true"}\n  - {name: a, match: "false"}',
      ['4:12: `services[1].name` is "a", which line 3 has already.'],
    ],
    [
      "a rule twice",
      "version: 1\nrules:\n  - {name: a, require: {approvals: {count: 1}}}\n  - {name: a, require: {approvals: {count: 2}}}",
      ['4:12: `rules[1].name` is "a", which line 3 has already.'],
    ],
    [
      "sizes that fall",
      "version: 1\nradius: {sizes: {medium: 50}}",
      ["2:17: `radius.sizes.large` is 40, and `medium` is 50; expected at least as much."],
    ],
    ["a key twice", "version: 1\nversion: 1", ["2:1: Map keys must be unique."]],
    ["an alias", "version: &v 1\nmode: *v", ["1:13: `&v` is an anchor, which a policy may not have."]],
    ["a tag", "version: !!js/function 1", ["1:10: Unresolved tag: tag:yaml.org,2002:js/function."]],
    ["two documents", "version: 1\n---\nversion: 1", ["2:1: A second document begins here; expected one."]],
    ["broken YAML", "version: 1\nrules: [", ["2:9: Flow sequence in block collection must be sufficiently indented and end with a ]."]],
    ["33 levels", `version: 1\nrules: ${"[".repeat(33)}${"]".repeat(33)}`, ["2:40: Nested deeper than 32 levels."]],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it("is told with the file, and what to do", () => {
    expect(loadPolicy("version: 1\nservces: []", path)).toEqual({
      ok: false,
      problems: [
        { path, line: 2, column: 1, text: "`servces` is not known; did you mean `services`?", hint: "Write `services`, or remove it." },
      ],
    });
    expect(loadPolicy("version: 1\nlint: {ignores: alow}", path)).toMatchObject({ problems: [{ hint: "Did you mean `allow`?" }] });
    expect(loadPolicy("version: 1\nlanes: []", path)).toMatchObject({
      problems: [
        {
          hint: "Remove it. What is known there: `version`, `mode`, `services`, `radius`, `facts`, `lint`, `compile`, `rules`.",
        },
      ],
    });
  });

  it("may not be larger than 256 KiB", () => {
    expect(problems(`version: 1\n#${"x".repeat(256 * 1024)}`)).toEqual(["1:1: The file has 262156 bytes; expected at most 262144."]);
  });
});

describe("a condition that is wrong", () => {
  const rule = (when: string): string => `version: 1\nrules:\n  - name: x\n    when: ${when}\n    require: {approvals: {count: 1}}\n`;

  it.each<[string, string, string[]]>([
    ["plain", rule("radius.shar > 0.1"), ["4:18: `rules[0].when`: `shar` is not known; did you mean `share`?"]],
    ["in single quotes", rule("'radius.shar > 0.1'"), ["4:19: `rules[0].when`: `shar` is not known; did you mean `share`?"]],
    ["in double quotes", rule('"radius.shar > 0.1"'), ["4:19: `rules[0].when`: `shar` is not known; did you mean `share`?"]],
    [
      "in quotes with escapes, told where it begins",
      rule(String.raw`"\"a\" == radiu"`),
      ["4:11: `rules[0].when`: `radiu` is not known; did you mean `radius`?"],
    ],
    [
      "in a literal block",
      rule("|\n      true &&\n      radius.shar > 0.1"),
      ["6:14: `rules[0].when`: `shar` is not known; did you mean `share`?"],
    ],
    [
      "in a folded block, told where it begins",
      rule(">\n      true &&\n      radius.shar > 0.1"),
      ["4:11: `rules[0].when`: `shar` is not known; did you mean `share`?"],
    ],
    ["within has()", rule("has(radius.shar)"), ["4:22: `rules[0].when`: `shar` is not known; did you mean `share`?"]],
    ["in a macro", rule('groups.exists(g, g.titel == "x")'), ["4:30: `rules[0].when`: `titel` is not known; did you mean `title`?"]],
    ["of two types", rule('radius.nodes == "all"'), ["4:11: `rules[0].when`: no such overload: int == string."]],
    ["that ends too early", rule("'true &&'"), ["4:19: `rules[0].when`: it ends too early."]],
    ["that gives no bool", rule("radius.nodes"), ["4:11: `rules[0].when`: it gives int and must give bool."]],
    ["that reads what its kind has not", rule('certname == "a"'), ["4:11: `rules[0].when`: `certname` is not known."]],
    [
      "of a service",
      "version: 1\nservices: [{name: x, match: certname}]",
      ["2:29: `services[0].match`: it gives string and must give bool."],
    ],
    [
      "of a datacentre",
      'version: 1\nradius: {datacentre: certname == "x"}',
      ["2:22: `radius.datacentre`: it gives bool and must give string."],
    ],
    [
      "of facts that an agent can invent",
      "version: 1\nservices: [{name: x, match: facts.role == 'x'}]",
      ["2:29: `services[0].match`: `facts` is not known."],
    ],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });
});

describe("whatever a file holds", () => {
  const lines = whole.split("\n");

  it("is a policy or has problems with a place in it, and nothing is thrown", () => {
    const mutated = fc
      .tuple(
        fc.nat(lines.length - 1),
        fc.nat(80),
        fc.oneof(fc.string(), fc.constantFrom(":", "- ", "[", "{", "}", "&a", "*a", "!!x", '"', "|", "\t", "%", "? ")),
      )
      .map(([line, column, text]) => lines.with(line, `${lines[line]?.slice(0, column)}${text}${lines[line]?.slice(column)}`).join("\n"));
    const value = fc.json({ maxDepth: 4 }).map((json) => `version: 1\nrules: ${json}\nservices: ${json}\n`);
    fc.assert(
      fc.property(fc.oneof(mutated, value, fc.string({ unit: "binary" })), (text) => {
        const loaded = loadPolicy(text, path);
        const places = loaded.ok ? [] : loaded.problems;
        expect(loaded.ok || places.length > 0).toBe(true);
        const count = text.split(/\r\n|[\r\n]/u).length;
        expect(places.filter(({ line, column }) => line < 1 || line > count || column < 1)).toEqual([]);
        expect(places.filter((problem) => problem.text === "" || problem.hint === "")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["[", "- ", "{a: ", "!!x ", "? ", "a: &a\n  "])("does not overflow on %j ten thousand times", (piece) => {
    expect(loadPolicy(piece.repeat(10_000), path).ok).toBe(false);
  });
});

describe("policyJsonSchema", () => {
  it("describes every key for editors, and asks for no more than the version", () => {
    const schema = policyJsonSchema();
    expect(schema["required"]).toEqual(["version"]);
    expect(schema["additionalProperties"]).toBe(false);
    const undescribed: string[] = [];
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== "object" || node === null) return;
      const properties: unknown = Reflect.get(node, "properties");
      for (const [name, each] of Object.entries(properties ?? {})) {
        if (typeof Reflect.get(each as object, "description") !== "string") undescribed.push(`${at}.${name}`);
        walk(each, `${at}.${name}`);
      }
      walk(Reflect.get(node, "items"), `${at}[]`);
    };
    walk(schema, "");
    expect(undescribed).toEqual([]);
    expect(Object.keys(Reflect.get(schema, "properties") as object)).toEqual(Object.keys(policyFileSchema.shape));
  });
});
