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
observe_paths: ["docs/**"]
rules:
  - {name: peer, require: {approvals: {count: 1}}}
  - name: wide
    mode: observe
    when: 'radius.share > 0.1 && groups.exists(g, g.type == "Service")'
    require:
      all:
        - any: [{approvals: {count: 2, from: {users: ["@ann", bob], teams: ["@acme/sre", acme/web], permission: admin}}}, {approvals: {count: 1, from: {owners: affected-services}}}]
        - check: {name: ci, app_id: 15368, accept: [success, neutral], workflow: .github/workflows/ci.yml, timeout_minutes: 5}
        - check: {name: lint, app_id: 1}
        - not: {any: [{condition: 'change.links.exists(link, link.glob("**/lib/**"))'}]}
        - approvals: {count: 1, from: {codeowners: named-paths}}
freezes:
  - {name: christmas, reason: Nobody is there., binding: true, from: 2026-12-20T00:00:00+01:00, to: 2027-01-07T00:00Z}
  - {name: weekend, reason: Nobody looks., weekly: {days: [sat, sun], from: 00:00, to: 24:00, timezone: Europe/Stockholm}}
forks: run
landing: api
review: {suggestions: stay-eligible}
break_glass: {users: ["@ann"], teams: [acme/oncall], hours: 2}
debt: [{nodes: ["old-*.example.org"], owner: "@acme/web", until: 2027-01-31, reason: They go.}]
`;
const anybody = { users: [], teams: [], permission: "write", owners: null, codeowners: null };

describe("loadPolicy", () => {
  it("reads every part", () => {
    const loaded = loadPolicy(whole, path);
    expect(loaded).toMatchObject({
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
        observePaths: ["docs/**"],
        rules: [
          { name: "peer", mode: "enforce", when: "true", require: { approvals: { count: 1, from: anybody } } },
          {
            name: "wide",
            mode: "observe",
            when: 'radius.share > 0.1 && groups.exists(g, g.type == "Service")',
            require: {
              all: [
                {
                  any: [
                    {
                      approvals: {
                        count: 2,
                        from: { ...anybody, users: ["ann", "bob"], teams: ["acme/sre", "acme/web"], permission: "admin" },
                      },
                    },
                    { approvals: { count: 1, from: { ...anybody, owners: "affected-services" } } },
                  ],
                },
                {
                  check: {
                    name: "ci",
                    appId: 15368,
                    accept: ["success", "neutral"],
                    workflow: ".github/workflows/ci.yml",
                    timeoutMinutes: 5,
                  },
                },
                { check: { name: "lint", appId: 1, accept: ["success"], workflow: null, timeoutMinutes: 60 } },
                { not: { any: [{ condition: 'change.links.exists(link, link.glob("**/lib/**"))' }] } },
                { approvals: { count: 1, from: { ...anybody, codeowners: "named-paths" } } },
              ],
            },
          },
        ],
        freezes: [
          {
            name: "christmas",
            reason: "Nobody is there.",
            binding: true,
            when: { from: "2026-12-20T00:00:00+01:00", to: "2027-01-07T00:00Z" },
          },
          {
            name: "weekend",
            reason: "Nobody looks.",
            binding: false,
            when: { days: ["sat", "sun"], from: "00:00", to: "24:00", timezone: "Europe/Stockholm" },
          },
        ],
        forks: "run",
        landing: "api",
        suggestions: "stay-eligible",
        breakGlass: { users: ["ann"], teams: ["acme/oncall"], hours: 2 },
        debt: [{ nodes: ["old-*.example.org"], owner: "@acme/web", until: "2027-01-31", reason: "They go." }],
      },
    });
    expect(loaded.ok && [...loaded.says].filter((name) => name.startsWith("lint") || name.startsWith("rules"))).toEqual([
      "lint",
      "lint.disable",
      "lint.ignores",
      "rules",
    ]);
  });

  it("is the default policy where only the version is said, and in the file that shows it", () => {
    expect(loadPolicy("version: 1\n", path)).toEqual({ ok: true, policy: defaultPolicy, says: new Set(["version"]) });
    const shown = readFileSync(join(import.meta.dirname, "../../policies/default/puppet-gate.yml"), "utf8");
    expect(loadPolicy(shown, path)).toMatchObject({ ok: true, policy: defaultPolicy });
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
    ["an unknown key that is like none", "version: 1\ncolour: []", ["2:1: `colour` is not known."]],
    [
      "a key of every object",
      "version: 1\n__proto__: {}\nconstructor: 1",
      ["2:1: `__proto__` is not known.", "3:1: `constructor` is not known."],
    ],
    ["a mode that is none", "version: 1\nmode: warn", ['2:7: `mode` is "warn"; expected `enforce` or `observe`.']],
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
      "a small size above the next",
      "version: 1\nradius: {sizes: {small: 20}}",
      ["2:17: `radius.sizes.medium` is 10, and `small` is 20; expected at least as much."],
    ],
    [
      "sizes that fall",
      "version: 1\nradius: {sizes: {medium: 50}}",
      ["2:17: `radius.sizes.large` is 40, and `medium` is 50; expected at least as much."],
    ],
    [
      "facts from two places",
      "version: 1\nfacts: {folder: x, puppetdb: {}}",
      ["2:20: `facts.folder` and `facts.puppetdb` both say where node facts come from."],
    ],
    [
      "too many conclusions",
      "version: 1\nrules: [{name: x, require: {check: {name: ci, app_id: 1, accept: [success, neutral, skipped, success]}}}]",
      ["2:66: `rules[0].require.check.accept` is a list; expected at most 3 entries."],
    ],
    [
      "a day with more before it",
      "version: 1\ndebt: [{nodes: [a], owner: '@ann', until: x2027-01-31, reason: x}]",
      ['2:43: `debt[0].until` is "x2027-01-31"; expected a day, like `2027-01-31`.'],
    ],
    ["a long key", `version: 1\n${"k".repeat(60)}: 1`, [`2:1: \`${"k".repeat(60)}\` is not known.`]],
    ["a longer key", `version: 1\n${"k".repeat(61)}: 1`, [`2:1: \`${"k".repeat(60)}…\` is not known.`]],
    [
      "a text that is too short",
      "version: 1\nrules: [{name: x, when: '', require: {approvals: {count: 1}}}]",
      ['2:25: `rules[0].when` is ""; expected at least 1 character.'],
    ],
    [
      "a text that is too long",
      `version: 1\nfacts: {server: {name: ${"x".repeat(256)}}}`,
      [`2:24: \`facts.server.name\` is "${"x".repeat(60)}…"; expected at most 255 characters.`],
    ],
    [
      "a list that is too long",
      `version: 1\nobserve_paths: [${"a, ".repeat(201)}]`,
      ["2:16: `observe_paths` is a list; expected at most 200 entries."],
    ],
    [
      "two problems in one line, whatever kind they are of",
      "version: 1\nlint: {a: 1, ignores: alow}\ncompile: {b: 1}",
      [
        "2:8: `a` is not known in `lint`.",
        '2:23: `lint.ignores` is "alow"; expected `refuse` or `allow`.',
        "3:11: `b` is not known in `compile`.",
      ],
    ],
    ["a key twice", "version: 1\nversion: 1", ["2:1: Map keys must be unique."]],
    ["a key twice further in", "version: 1\nservices: [{name: a, name: b}]", ["2:22: Map keys must be unique."]],
    ["an alias", "version: &v 1\nmode: *v", ["1:13: `&v` is an anchor, which this file may not have."]],
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
    expect(loadPolicy("version: 1\ncolour: []", path)).toMatchObject({
      problems: [
        {
          hint:
            "Remove it. What is known there: `version`, `mode`, `observe_paths`, `services`, `radius`, `facts`, `lint`, `modules`, `compile`, `rules`, " +
            "`freezes`, `forks`, `landing`, `review`, `break_glass`, `debt`, `empty`, `differences`, `lanes`, `rollout`, `preconditions`, `announce`, `pages`.",
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

describe("a requirement that is wrong", () => {
  const rule = (require: string): string => `version: 1\nrules:\n  - name: x\n    require: ${require}\n`;
  const one = "{approvals: {count: 1}}";
  const kinds = "expected exactly one of `all`, `any`, `not`, `approvals`, `check`, `condition`";

  it.each<[string, string, string[]]>([
    ["nothing", rule("{}"), [`4:5: \`rules[0].require\` says nothing; ${kinds}.`]],
    [
      "two things",
      rule('{approvals: {count: 1}, condition: "true"}'),
      [`4:5: \`rules[0].require\` says \`approvals\` and \`condition\` side by side; ${kinds}.`],
    ],
    ["nothing, further in", rule(`{any: [${one}, {}]}`), [`4:46: \`rules[0].require.any[1]\` says nothing; ${kinds}.`]],
    ["an empty list", rule("{all: []}"), ["4:20: `rules[0].require.all` is an empty list; expected at least 1 entry."]],
    ["an unknown key", rule("{approval: {count: 1}}"), ["4:15: `approval` is not known in `rules[0].require`; did you mean `approvals`?"]],
    [
      "an unknown key, further in",
      rule("{all: [{any: [{approvals: {cont: 1}}]}]}"),
      [
        "4:40: `rules[0].require.all[0].any[0].approvals.count` is missing.",
        "4:41: `cont` is not known in `rules[0].require.all[0].any[0].approvals`; did you mean `count`?",
      ],
    ],
    ["approvals under not", rule(`{not: {all: [${one}]}}`), ["4:28: `rules[0].require.not.all[0].approvals` stands under `not`."]],
    ["a check under not", rule("{not: {check: {name: ci, app_id: 1}}}"), ["4:21: `rules[0].require.not.check` stands under `not`."]],
    [
      "a condition that does not type-check",
      rule(`{all: [${one}, {condition: radius.shar > 0.1}]}`),
      ["4:65: `rules[0].require.all[1].condition`: `shar` is not known; did you mean `share`?"],
    ],
    [
      "seven levels",
      rule(`${"{all: [".repeat(6)}${one}${"]}".repeat(6)}`),
      ["4:56: `rules[0].require.all[0].all[0].all[0].all[0].all[0].all[0]` is nested deeper than 6 levels."],
    ],
    [
      "owners beside users",
      rule("{approvals: {count: 1, from: {users: [ann], owners: affected-services}}}"),
      ["4:58: `rules[0].require.approvals.from.owners` stands beside `users`."],
    ],
    [
      "code owners beside teams",
      rule("{approvals: {count: 1, from: {teams: [acme/web], codeowners: every-path}}}"),
      ["4:63: `rules[0].require.approvals.from.codeowners` stands beside `teams`."],
    ],
    [
      "both kinds of owners",
      rule("{approvals: {count: 1, from: {owners: affected-services, codeowners: every-path}}}"),
      ["4:71: `rules[0].require.approvals.from.codeowners` stands beside `owners`."],
    ],
    [
      "a team without its organisation",
      rule("{approvals: {count: 1, from: {teams: [sre]}}}"),
      ['4:52: `rules[0].require.approvals.from.teams[0]` is "sre"; expected a team with its organisation, like `acme/sre`.'],
    ],
    ["a check without its app", rule("{check: {name: ci}}"), ["4:22: `rules[0].require.check.app_id` is missing."]],
    [
      "a conclusion that is no good",
      rule("{check: {name: ci, app_id: 1, accept: [failure]}}"),
      ['4:53: `rules[0].require.check.accept[0]` is "failure"; expected `success` or `neutral` or `skipped`.'],
    ],
    [
      "a conclusion twice",
      rule("{check: {name: ci, app_id: 1, accept: [success, success]}}"),
      ["4:44: `rules[0].require.check.accept` says the same conclusion twice."],
    ],
    [
      "a workflow that is none",
      rule("{check: {name: ci, app_id: 1, workflow: ci.yml}}"),
      ['4:54: `rules[0].require.check.workflow` is "ci.yml"; expected the path of a workflow file, like `.github/workflows/ci.yml`.'],
    ],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });
});

describe("a freeze, break-glass or debt that is wrong", () => {
  const freeze = (parts: string): string => `version: 1\nfreezes:\n  - {name: x, reason: y, ${parts}}\n`;
  const weekly = (parts: string): string => freeze(`weekly: {${parts}}`);

  it.each<[string, string, string[]]>([
    ["no time", "version: 1\nfreezes:\n  - {name: x, reason: y}", ["3:5: `freezes[0]` does not say when it holds."]],
    ["half a span", freeze("from: 2026-01-01T00:00Z"), ["3:5: `freezes[0]` does not say when it holds."]],
    [
      "two kinds of time",
      freeze("from: 2026-01-01T00:00Z, weekly: {days: [fri], from: 00:00, to: 01:00, timezone: UTC}"),
      ["3:5: `freezes[0]` says both `weekly` and when it comes once."],
    ],
    [
      "a week and an end",
      freeze("to: 2026-01-01T00:00Z, weekly: {days: [fri], from: 00:00, to: 01:00, timezone: UTC}"),
      ["3:5: `freezes[0]` says both `weekly` and when it comes once."],
    ],
    [
      "no offset",
      freeze("from: 2026-01-01T00:00:00, to: 2026-01-02T00:00Z"),
      ['3:32: `freezes[0].from` is "2026-01-01T00:00:00"; expected a moment with its offset, like `2026-12-20T00:00:00+01:00` (RFC 3339).'],
    ],
    [
      "a day that is not in the calendar",
      freeze("from: 2026-02-30T00:00Z, to: 2026-03-02T00:00Z"),
      ['3:32: `freezes[0].from` is "2026-02-30T00:00Z", which is not in the calendar.'],
    ],
    [
      "an hour that no clock has",
      freeze("from: 2026-02-01T00:00Z, to: 2026-03-02T25:00Z"),
      ['3:55: `freezes[0].to` is "2026-03-02T25:00Z", which is not in the calendar.'],
    ],
    [
      "an end before its beginning, by the offsets",
      freeze("from: 2026-01-02T00:00+01:00, to: 2026-01-02T00:30+02:00"),
      ['3:60: `freezes[0].to` is "2026-01-02T00:30+02:00", which is no later than `from`.'],
    ],
    [
      "a week that runs backwards",
      weekly("days: [fri], from: 15:00, to: 08:00, timezone: UTC"),
      ['3:65: `freezes[0].weekly.to` is "08:00", which is no later than `from` on the same day.'],
    ],
    [
      "a time that no clock shows",
      weekly("days: [fri], from: 24:00, to: 24:30, timezone: UTC"),
      [
        '3:54: `freezes[0].weekly.from` is "24:00"; expected a time of day, like `15:00`.',
        '3:65: `freezes[0].weekly.to` is "24:30"; expected a time of day, like `15:00`, or `24:00`.',
      ],
    ],
    [
      "an unknown timezone",
      weekly("days: [fri], from: 00:00, to: 24:00, timezone: Europe/Gothenburg"),
      ['3:82: `freezes[0].weekly.timezone` is "Europe/Gothenburg"; expected a timezone by its IANA name.'],
    ],
    [
      "an offset for a timezone",
      weekly('days: [fri], from: 00:00, to: 24:00, timezone: "+01:00"'),
      ['3:82: `freezes[0].weekly.timezone` is "+01:00"; expected a timezone by its IANA name.'],
    ],
    [
      "a day twice",
      weekly("days: [fri, fri], from: 00:00, to: 24:00, timezone: UTC"),
      ["3:41: `freezes[0].weekly.days` names a day twice."],
    ],
    [
      "always",
      weekly("days: [mon, tue, wed, thu, fri, sat, sun], from: 00:00, to: 24:00, timezone: UTC"),
      ["3:34: `freezes[0].weekly` never ends."],
    ],
    [
      "a day by another name",
      weekly("days: [friday], from: 00:00, to: 24:00, timezone: UTC"),
      ['3:42: `freezes[0].weekly.days[0]` is "friday"; expected `mon` or `tue` or `wed` or `thu` or `fri` or `sat` or `sun`.'],
    ],
    [
      "a name twice",
      `${freeze("from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z")}  - {name: x, reason: z, from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z}`,
      ['4:12: `freezes[1].name` is "x", which line 3 has already.'],
    ],
    [
      "a debt without a day",
      'version: 1\ndebt: [{nodes: [a], owner: "@ann", until: 2026-13-01, reason: x}]',
      ['2:43: `debt[0].until` is "2026-13-01", which is not in the calendar.'],
    ],
    [
      "hours without end",
      "version: 1\nbreak_glass: {users: [ann], hours: 100}",
      ["2:36: `break_glass.hours` is 100; expected a number of at most 72."],
    ],
    [
      "a pattern from the root",
      "version: 1\nobserve_paths: [/docs/**]",
      [
        '2:17: `observe_paths[0]` is "/docs/**"; expected a pattern like `data/**` or `*.example.org`, that begins with none of `/`, `!` and `#`.',
      ],
    ],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it("gives break-glass to nobody where it names nobody", () => {
    const loaded = loadPolicy("version: 1\nbreak_glass: {}\n", path);
    expect(loaded.ok && loaded.policy.breakGlass).toBeNull();
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

it("tells the first hundred problems of a file that is all wrong, however long it is", () => {
  const loaded = loadPolicy(`version: 1\n${Array.from({ length: 25_000 }, (_, at) => `k${at}: 1`).join("\n")}`, "policy.yml");
  const problems = loaded.ok ? [] : loaded.problems;
  expect([problems.length, problems[0]?.line, problems[99]?.line]).toEqual([100, 2, 101]);
});

describe("policyJsonSchema", () => {
  it("describes every key for editors, and asks for no more than the version", () => {
    const schema = policyJsonSchema();
    expect(schema["required"]).toEqual(["version"]);
    expect(schema["additionalProperties"]).toBe(false);
    const undescribed: string[] = [];
    const definitions = Reflect.get(schema, "$defs") as Record<string, object>;
    const meant = (node: unknown): object => {
      const reference: unknown = Reflect.get(node as object, "$ref");
      const described = typeof reference !== "string" || Reflect.has(node as object, "description");
      return described ? (node as object) : (definitions[reference.replace("#/$defs/", "")] ?? {});
    };
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== "object" || node === null) return;
      const properties: unknown = Reflect.get(node, "properties");
      for (const [name, each] of Object.entries(properties ?? {})) {
        if (typeof Reflect.get(meant(each), "description") !== "string") undescribed.push(`${at}.${name}`);
        walk(each, `${at}.${name}`);
      }
      walk(Reflect.get(node, "items"), `${at}[]`);
      for (const [name, each] of Object.entries((Reflect.get(node, "$defs") ?? {}) as object)) walk(each, name);
    };
    walk(schema, "");
    expect(undescribed).toEqual([]);
    expect(Object.keys(Reflect.get(schema, "properties") as object)).toEqual(Object.keys(policyFileSchema.shape));
  });
});
