import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePolicies } from "../../src/policy/compare.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import { mergePolicies, type PolicyLayer } from "../../src/policy/merge.ts";
import { defaultPolicy, type Policy } from "../../src/policy/schema.ts";

/** A file's layer; its version goes without saying. */
function layer(text: string): PolicyLayer {
  const loaded = loadPolicy(`version: 1\n${text}\n`, "puppet-gate.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded;
}
function merged(organisation: string | null, repository: string | null): Policy {
  const result = mergePolicies(organisation === null ? null : layer(organisation), repository === null ? null : layer(repository));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
const problems = (organisation: string, repository: string): string[] => {
  const result = mergePolicies(layer(organisation), layer(repository));
  return result.ok ? [] : result.problems.map(({ text }) => text);
};
const rule = (name: string, more = ""): string => `{name: ${name}, ${more} require: {approvals: {count: 1}}}`;
const freeze = (name: string): string => `{name: ${name}, reason: x, from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z}`;

describe("mergePolicies", () => {
  it("takes the stricter word on what lanes ask for, each by itself", () => {
    const both = merged(
      "preconditions: {pinned_modules: tell, lane_name: refuse}",
      "preconditions: {pinned_modules: refuse, lane_name: off}",
    );
    expect(both.preconditions).toEqual({ pinnedModules: "refuse", laneName: "refuse", configVersion: null });
  });

  it("asks an owner of what no lane holds back, where there are lanes, unless the policy has rules of these names", () => {
    const names = (organisation: string | null, repository: string): string[] =>
      merged(organisation, repository).rules.map((each) => each.name);
    const usual = defaultPolicy.rules.map((each) => each.name);
    expect(names(null, "lanes: [{name: all}]")).toEqual([...usual, "crosses-lanes", "lane-moves"]);
    expect(names("forks: run", "lanes: [{name: all}]")).toEqual([...usual, "crosses-lanes", "lane-moves"]);
    expect(names(null, `lanes: [{name: all}]\nrules: [${rule("crosses-lanes")}]`)).toEqual(["crosses-lanes", "lane-moves"]);
    expect(names(null, "forks: run")).toEqual(usual);
  });

  it("is the default policy without a file, and the one file where there is one", () => {
    expect(merged(null, null)).toEqual(defaultPolicy);
    expect(merged("forks: run", null)).toEqual(layer("forks: run").policy);
    expect(merged(null, "forks: run")).toEqual(layer("forks: run").policy);
  });

  it("finds no rule twice where the repository has none, and nobody more for another case of their name", () => {
    const [peer] = defaultPolicy.rules;
    expect(problems(`rules: [${rule(peer?.name ?? "")}]`, "forks: run")).toEqual([]);
    expect(problems("forks: run", `rules: [${rule(peer?.name ?? "")}]`)).toEqual([]);
    expect(problems("break_glass: {users: [Ann], teams: [Acme/SRE]}", "break_glass: {users: [aNN], teams: [acme/sre]}")).toEqual([]);
  });

  const modes = ({ mode, rules }: Policy): string => [mode, ...rules.map((each) => `${each.name} ${each.mode}`)].join(", ");

  it.each<[string, string, string, string]>([
    ["both have rules", `rules: [${rule("wide")}]`, `rules: [${rule("own")}]`, "enforce, wide enforce, own enforce"],
    ["the organisation has none", "forks: run", `rules: [${rule("own")}]`, "enforce, own enforce"],
    ["the repository has none", `rules: [${rule("wide")}]`, "forks: run", "enforce, wide enforce"],
    ["the repository observes", `rules: [${rule("wide")}]`, `mode: observe\nrules: [${rule("own")}]`, "enforce, wide enforce, own observe"],
    [
      "the organisation observes",
      `mode: observe\nrules: [${rule("wide")}]`,
      `mode: enforce\nrules: [${rule("own")}]`,
      "enforce, wide observe, own enforce",
    ],
    [
      "the organisation observes and the repository does not say",
      `mode: observe\nrules: [${rule("wide")}]`,
      "forks: run",
      "observe, wide enforce",
    ],
    [
      "both observe",
      `mode: observe\nrules: [${rule("wide")}]`,
      `mode: observe\nrules: [${rule("own")}]`,
      "observe, wide enforce, own enforce",
    ],
    ["one rule of the organisation observes", `rules: [${rule("wide", "mode: observe,")}]`, "mode: enforce", "enforce, wide observe"],
    ["the organisation only describes", "facts: {folder: x}", `mode: observe\nrules: [${rule("own")}]`, "observe, own enforce"],
    [
      "the organisation insists on its freezes",
      `freezes: [${freeze("a")}]`,
      `mode: observe\nrules: [${rule("own")}]`,
      "enforce, own observe",
    ],
  ])("puts rules and modes together where %s", (_, organisation, repository, expected) => {
    expect(modes(merged(organisation, repository))).toBe(expected);
  });

  it("asks by the default rules where neither file has any", () => {
    expect(merged("forks: run", "landing: api").rules).toEqual(defaultPolicy.rules);
  });

  it.each<[string, string, string, Partial<Policy>]>([
    [
      "freezes of both",
      `freezes: [${freeze("a")}]`,
      `freezes: [${freeze("b")}]`,
      { freezes: layer(`freezes: [${freeze("a")}, ${freeze("b")}]`).policy.freezes },
    ],
    [
      "the organisation's break-glass where it has rules, too",
      `rules: [${rule("wide")}]\nbreak_glass: {users: [ann]}`,
      "forks: run",
      { breakGlass: { users: ["ann"], teams: [], hours: 4 } },
    ],
    [
      "no break-glass where the organisation has rules and names nobody, and the repository wants none",
      `rules: [${rule("wide")}]`,
      "break_glass: {}",
      { breakGlass: null },
    ],
    [
      "the organisation's differences where the repository says nothing of them",
      "differences: {ignore: [{type: File, attribute: content, reason: a stamp}]}",
      "forks: run",
      { ignore: [{ type: "File", title: "*", attribute: "content", anyLine: null, everyLine: null, reason: "a stamp" }] },
    ],
    [
      "paths that the repository observes beside an organisation that only describes",
      "forks: run\nobserve_paths: [a]",
      "observe_paths: [b]",
      { observePaths: ["a", "b"] },
    ],
    ["the repository's lanes", "lanes: [{name: a}]", "lanes: [{name: b}]", { lanes: layer("lanes: [{name: b}]").policy.lanes }],
    ["the organisation's rollout", "rollout: {run_minutes: 5}", "forks: run", { rollout: { ...defaultPolicy.rollout, runMinutes: 5 } }],
    ["the stricter word on forks", "forks: ok-to-test", "forks: run", { forks: "ok-to-test" }],
    ["the stricter word on forks, the other way", "forks: run", "forks: ok-to-test", { forks: "ok-to-test" }],
    ["the only word on forks", "landing: api", "forks: run", { forks: "run" }],
    [
      "the stricter word on lint's ignores",
      "lint: {ignores: refuse}",
      "lint: {ignores: allow}",
      { lint: { disable: [], ignores: "refuse" } },
    ],
    [
      "only what both switch off of lint",
      "lint: {disable: [a, b]}",
      "lint: {disable: [b, c]}",
      { lint: { disable: ["b"], ignores: "refuse" } },
    ],
    [
      "the only word on what is switched off",
      "lint: {ignores: allow}",
      "lint: {disable: [b]}",
      { lint: { disable: ["b"], ignores: "allow" } },
    ],
    [
      "the stricter word on suggestions",
      "review: {suggestions: contribute}",
      "review: {suggestions: stay-eligible}",
      { suggestions: "contribute" },
    ],
    ["the repository's landing", "landing: exact", "landing: api", { landing: "api" }],
    ["the organisation's landing where the repository says none", "landing: api", "forks: run", { landing: "api" }],
    ["the repository's facts", "facts: {folder: a}", "facts: {folder: b}", { facts: { ...defaultPolicy.facts, folder: "b" } }],
    ["the repository's services", 'services: [{name: a, match: "true"}]', "services: []", { services: [] }],
    [
      "the organisation's break-glass",
      "break_glass: {users: [ann]}",
      "forks: run",
      { breakGlass: { users: ["ann"], teams: [], hours: 4 } },
    ],
    [
      "a narrower break-glass",
      "break_glass: {users: [ann, bob], teams: [acme/sre]}",
      "break_glass: {users: [Bob], hours: 2}",
      { breakGlass: { users: ["Bob"], teams: [], hours: 2 } },
    ],
    [
      "fewer differences left out, for reasons of the repository's own",
      "differences: {ignore: [{type: File, title: /etc/x, attribute: content, reason: a stamp}, {type: File, title: /etc/y, attribute: content, any_line: '# *', reason: a stamp}]}",
      "differences: {ignore: [{type: File, title: /etc/x, attribute: content, reason: our own}]}",
      { ignore: [{ type: "File", title: "/etc/x", attribute: "content", anyLine: null, everyLine: null, reason: "our own" }] },
    ],
    [
      "differences and empty catalogs where the organisation says nothing of them",
      "forks: run",
      'differences: {ignore: [{type: File, title: /etc/x, attribute: content, reason: a stamp}]}\nempty: [{nodes: [db1], owner: "@ann", reason: x}]',
      {
        ignore: [{ type: "File", title: "/etc/x", attribute: "content", anyLine: null, everyLine: null, reason: "a stamp" }],
        empty: [{ nodes: ["db1"], owner: "@ann", reason: "x" }],
      },
    ],
    ["no break-glass at all", "break_glass: {users: [ann]}", "break_glass: {}", { breakGlass: null }],
    [
      "the repository's break-glass where the organisation says nothing",
      "forks: run",
      "break_glass: {users: [ann]}",
      { breakGlass: { users: ["ann"], teams: [], hours: 4 } },
    ],
  ])("takes %s", (_, organisation, repository, expected) => {
    expect(merged(organisation, repository)).toMatchObject(expected);
  });

  it.each<[string, string, string, string[]]>([
    [
      "a rule of the organisation's",
      `rules: [${rule("peer")}]`,
      `rules: [${rule("peer")}, ${rule("own")}]`,
      ["`rules`: \"peer\" is the name of one of the organisation's, which a repository can't replace."],
    ],
    [
      "a freeze of the organisation's",
      `freezes: [${freeze("a")}]`,
      `freezes: [${freeze("a")}]`,
      ["`freezes`: \"a\" is the name of one of the organisation's, which a repository can't replace."],
    ],
    [
      "paths out of the rules of one that only says its mode",
      "mode: enforce",
      'observe_paths: ["**"]',
      ["`observe_paths`: \"**\" would take changes out of the organisation's rules, which a repository can't."],
    ],
    [
      "paths out of its rules",
      `rules: [${rule("wide")}]`,
      'observe_paths: ["**"]',
      ["`observe_paths`: \"**\" would take changes out of the organisation's rules, which a repository can't."],
    ],
    [
      "differences left out where the organisation forbids it",
      "differences: {ignore: []}",
      "differences: {ignore: [{type: File, title: /etc/y, attribute: content, any_line: '# *', reason: a stamp}]}",
      [
        '`differences`: {"type":"File","title":"/etc/y","attribute":"content","any_line":"# *"} is not in the organisation\'s, which a repository can only narrow.',
      ],
    ],
    [
      "other differences left out than the organisation names",
      "differences: {ignore: [{type: File, title: /etc/x, attribute: content, reason: a stamp}]}",
      "differences: {ignore: [{type: File, title: /etc/x, attribute: content, reason: a stamp}, {type: File, title: /etc/y, attribute: content, any_line: '# *', reason: a stamp}]}",
      [
        '`differences`: {"type":"File","title":"/etc/y","attribute":"content","any_line":"# *"} is not in the organisation\'s, which a repository can only narrow.',
      ],
    ],
    [
      "empty catalogs where the organisation forbids them",
      "empty: []",
      'empty: [{nodes: [db1, "db*"], owner: "@ann", reason: x}]',
      [
        '`empty`: "db1" is not in the organisation\'s, which a repository can only narrow.',
        '`empty`: "db*" is not in the organisation\'s, which a repository can only narrow.',
      ],
    ],
    [
      "another person for the break-glass",
      "break_glass: {teams: [acme/sre]}",
      "break_glass: {users: [ann]}",
      ['`break_glass`: "ann" goes beyond the organisation\'s, which a repository can only narrow.'],
    ],
    [
      "another team for it",
      "break_glass: {users: [ann], teams: [acme/sre]}",
      "break_glass: {users: [ann], teams: [acme/sre, acme/web]}",
      ['`break_glass`: "acme/web" goes beyond the organisation\'s, which a repository can only narrow.'],
    ],
    [
      "more hours for it",
      "break_glass: {users: [ann], hours: 1}",
      "break_glass: {users: [ann], hours: 2}",
      ["`break_glass`: `hours: 2` goes beyond the organisation's, which a repository can only narrow."],
    ],
    [
      "a break-glass where the organisation has rules and names nobody",
      `rules: [${rule("wide")}]`,
      "break_glass: {users: [mallory], hours: 72}",
      ['`break_glass`: "mallory" goes beyond the organisation\'s, which a repository can only narrow.'],
    ],
    [
      "a break-glass where the organisation wants none",
      "break_glass: {}",
      "break_glass: {users: [ann]}",
      ['`break_glass`: "ann" goes beyond the organisation\'s, which a repository can only narrow.'],
    ],
  ])("does not let a repository take %s", (_, organisation, repository, expected) => {
    expect(problems(organisation, repository)).toEqual(expected);
  });

  const part = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom("", ...texts);
  const files = (name: string): fc.Arbitrary<string> =>
    fc
      .tuple(
        part("mode: enforce", "mode: observe"),
        fc.constantFrom(`rules: [${rule(name)}]`, `rules: [${rule(name)}, ${rule(`${name}2`, "when: change.fork, mode: observe,")}]`),
        part("forks: run", "forks: ok-to-test"),
        part("lint: {ignores: allow}", "lint: {disable: [a]}", "lint: {disable: [a, b], ignores: refuse}"),
        part(`freezes: [${freeze(name)}]`),
        part("review: {suggestions: contribute}", "review: {suggestions: stay-eligible}"),
        part("break_glass: {users: [ann]}", "break_glass: {users: [ann, bob]}", "break_glass: {}"),
      )
      .map((parts) => parts.filter((text) => text !== "").join("\n"));

  it("never weakens what the organisation says", () => {
    fc.assert(
      fc.property(files("wide"), files("own"), (organisation, repository) => {
        const [wide, own] = [layer(organisation), layer(repository)];
        const result = mergePolicies(wide, own);
        fc.pre(result.ok);
        if (!result.ok) return;
        // What the organisation leaves unsaid is the repository's to say; its rules under `observe` are observed one by one.
        const said = (name: string): boolean => wide.says.has(name);
        const { policy } = wide;
        const wanted = {
          ...result.policy,
          mode: policy.mode,
          ...(said("forks") ? { forks: policy.forks } : {}),
          lint: {
            disable: said("lint.disable") ? policy.lint.disable : result.policy.lint.disable,
            ignores: said("lint.ignores") ? policy.lint.ignores : result.policy.lint.ignores,
          },
          ...(said("break_glass") ? { breakGlass: policy.breakGlass } : {}),
          ...(said("review") ? { suggestions: policy.suggestions } : {}),
          freezes: policy.freezes,
          rules: policy.rules.map((each) =>
            policy.mode === "observe" && result.policy.mode === "enforce" ? { ...each, mode: "observe" as const } : each,
          ),
        };
        const onlyObserved = wanted.rules.every(({ mode }) => mode === "observe");
        fc.pre(!onlyObserved);
        expect(comparePolicies(wanted, result.policy)).not.toBe("loosens");
      }),
    );
  });
});
