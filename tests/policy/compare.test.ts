import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePolicies, type PolicyChange } from "../../src/policy/compare.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import type { Policy } from "../../src/policy/schema.ts";

const read = new Map<string, Policy>();
function policy(text: string): Policy {
  const before = read.get(text);
  if (before !== undefined) return before;
  const loaded = loadPolicy(`version: 1\n${text}\n`, "puppet-gate.yml");
  if (!loaded.ok) throw new Error(`${text}: ${JSON.stringify(loaded.problems)}`);
  read.set(text, loaded.policy);
  return loaded.policy;
}
const rules = (...texts: string[]): string => `rules: [${["{name: always, require: {approvals: {count: 1}}}", ...texts].join(", ")}]`;
const requires = (text: string): string => rules(`{name: x, require: ${text}}`);
const freeze = (more: string): string => `freezes: [{name: x, reason: y, from: 2026-01-01T00:00Z, to: 2026-01-02T00:00Z, ${more}}]`;
const one = "{approvals: {count: 1}}";
const two = "{approvals: {count: 2}}";
const admin = "{approvals: {count: 1, from: {permission: admin}}}";
const from = (text: string, count = 1): string => `{approvals: {count: ${count}, from: {${text}}}}`;
const check = (more: string): string => `{check: {name: ci, app_id: 1, ${more}}}`;

/** Each pair in both directions: what it is from left to right, and from right to left. */
const pairs: Array<[string, string, string, PolicyChange, PolicyChange]> = [
  ["nothing", "", "", "same", "same"],
  ["the whole to enforce", "mode: observe", "mode: enforce", "tightens", "loosens"],
  ["fewer observed paths", "observe_paths: [a, b]", "observe_paths: [b]", "tightens", "loosens"],
  ["observed paths in another order", "observe_paths: [a, b]", "observe_paths: [b, a]", "same", "same"],
  ["a service", "", 'services: [{name: a, match: "true"}]', "loosens", "loosens"],
  ["lanes' own rules for modules", "", "preconditions: {pinned_modules: refuse}", "tightens", "loosens"],
  ["what was meant anyway", "", "preconditions: {pinned_modules: off}", "same", "same"],
  ["a softer word", "preconditions: {lane_name: refuse}", "preconditions: {lane_name: tell}", "loosens", "tightens"],
  ["the sizes", "", "radius: {sizes: {small: 1}}", "loosens", "loosens"],
  ["where facts are", "", "facts: {folder: x}", "loosens", "loosens"],
  ["a difference that is left out", "", "differences: {ignore: [{type: File, attribute: content, reason: x}]}", "loosens", "tightens"],
  [
    "differences in another order",
    "differences: {ignore: [{type: File, attribute: a, reason: x}, {type: File, attribute: b, reason: x}]}",
    "differences: {ignore: [{attribute: b, type: File, reason: x}, {type: File, attribute: a, reason: x}]}",
    "same",
    "same",
  ],
  [
    "a line more that is left out",
    "differences: {ignore: [{type: File, attribute: a, reason: x, any_line: a}]}",
    "differences: {ignore: [{type: File, attribute: a, reason: x}]}",
    "loosens",
    "loosens",
  ],
  ["a node that is meant to be empty", "", "empty: [{nodes: [a], owner: '@ann', reason: x}]", "loosens", "tightens"],
  ["a compile limit", "", "compile: {node_seconds: 61}", "loosens", "loosens"],
  ["who sees nodes on pages", "pages: {nodes: read}", "pages: {nodes: write}", "tightens", "loosens"],
  ["who hears of releases", "", "announce: [{to: ops}]", "loosens", "loosens"],
  ["fewer checks switched off", "lint: {disable: [a]}", "", "tightens", "loosens"],
  ["lint's ignores", "lint: {ignores: allow}", "", "tightens", "loosens"],
  ["a rule more", rules(), requires(one), "tightens", "loosens"],
  ["a rule by another name", rules(`{name: x, require: ${one}}`), rules(`{name: y, require: ${one}}`), "loosens", "loosens"],
  [
    "rules in another order",
    rules(`{name: x, require: ${one}}`),
    `rules: [{name: x, require: ${one}}, {name: always, require: ${one}}]`,
    "same",
    "same",
  ],
  ["a rule that enforces", rules(`{name: x, mode: observe, require: ${one}}`), requires(one), "tightens", "loosens"],
  ["a rule that always applies", rules(`{name: x, when: change.fork, require: ${one}}`), requires(one), "tightens", "loosens"],
  [
    "another condition",
    rules(`{name: x, when: change.fork, require: ${one}}`),
    rules(`{name: x, when: '!change.fork', require: ${one}}`),
    "loosens",
    "loosens",
  ],
  [
    "a rule more where none always asked, so that what could not land now may",
    `rules: [{name: x, when: change.fork, require: ${one}}]`,
    `rules: [{name: x, when: change.fork, require: ${one}}, {name: y, require: {condition: "true"}}]`,
    "loosens",
    "loosens",
  ],
  [
    "a rule more where the one that always asks may find nobody to ask",
    `rules: [{name: x, require: ${from("owners: affected-services")}}]`,
    `rules: [{name: x, require: ${from("owners: affected-services")}}, {name: y, require: {condition: "true"}}]`,
    "loosens",
    "loosens",
  ],
  [
    "a part more of the only rule, which may have found nobody to ask",
    `rules: [{name: x, require: ${from("codeowners: named-paths")}}]`,
    `rules: [{name: x, require: {all: [${from("codeowners: named-paths")}, ${one}]}}]`,
    "loosens",
    "loosens",
  ],
  ["a higher count", requires(one), requires(two), "tightens", "loosens"],
  ["administrators alone", requires(one), requires(admin), "tightens", "loosens"],
  ["more people of a lower standing", requires(admin), requires(two), "loosens", "loosens"],
  ["a team instead of anybody", requires(one), requires(from("teams: [acme/sre]")), "tightens", "loosens"],
  ["fewer teams", requires(from("teams: [acme/sre, acme/web], users: [ann]")), requires(from("teams: [Acme/SRE]")), "tightens", "loosens"],
  ["another team", requires(from("teams: [acme/sre]")), requires(from("teams: [acme/web]")), "loosens", "loosens"],
  ["an owner of every path instead of anybody", requires(one), requires(from("codeowners: every-path")), "tightens", "loosens"],
  ["an owner of some paths instead of anybody", requires(one), requires(from("codeowners: named-paths")), "loosens", "loosens"],
  ["owners of services instead of anybody", requires(one), requires(from("owners: affected-services")), "loosens", "loosens"],
  [
    "more of each owner",
    requires(from("owners: affected-services")),
    requires(from("owners: affected-services", 2)),
    "tightens",
    "loosens",
  ],
  ["all instead of one", requires(one), requires(`{all: [${one}, ${check("")}]}`), "tightens", "loosens"],
  ["all of more", requires(`{all: [${one}, ${admin}]}`), requires(`{all: [${admin}, ${two}]}`), "tightens", "loosens"],
  ["any of fewer", requires(`{any: [${two}, ${admin}]}`), requires(`{any: [${admin}]}`), "tightens", "loosens"],
  ["one of any", requires(`{any: [${two}, ${admin}]}`), requires(admin), "tightens", "loosens"],
  ["any of stricter ones", requires(`{any: [${one}, ${check("")}]}`), requires(`{any: [${two}, ${admin}]}`), "tightens", "loosens"],
  ["any instead of all", requires(`{all: [${two}, ${check("")}]}`), requires(`{any: [${two}, ${check("")}]}`), "loosens", "tightens"],
  [
    "a branch that may be skipped taken out of an any",
    requires(`{any: [${from("codeowners: named-paths")}, ${two}]}`),
    requires(from("codeowners: named-paths")),
    "loosens",
    "loosens",
  ],
  ["a condition", requires('{condition: "change.fork"}'), requires('{condition: "!change.fork"}'), "loosens", "loosens"],
  ["its opposite", requires('{condition: "change.fork"}'), requires('{not: {condition: "change.fork"}}'), "loosens", "loosens"],
  ["fewer conclusions", requires(check("accept: [success, neutral]")), requires(check("")), "tightens", "loosens"],
  ["a workflow", requires(check("")), requires(check("workflow: .github/workflows/ci.yml")), "tightens", "loosens"],
  ["another app", requires("{check: {name: ci, app_id: 1}}"), requires("{check: {name: ci, app_id: 2}}"), "loosens", "loosens"],
  ["a check's time", requires(check("timeout_minutes: 5")), requires(check("")), "tightens", "tightens"],
  ["a freeze", "", freeze(""), "tightens", "loosens"],
  ["a freeze that binds", freeze(""), freeze("binding: true"), "tightens", "loosens"],
  ["a freeze at another time", freeze(""), freeze("").replace("01-02", "01-03"), "loosens", "loosens"],
  ["forks", "forks: run", "", "tightens", "loosens"],
  ["landing", "landing: api", "", "tightens", "loosens"],
  ["suggestions", "review: {suggestions: stay-eligible}", "", "tightens", "loosens"],
  ["break-glass for nobody", "break_glass: {users: [ann]}", "", "tightens", "loosens"],
  [
    "break-glass for fewer",
    "break_glass: {users: [ann], teams: [acme/sre]}",
    "break_glass: {teams: [acme/sre], hours: 2}",
    "tightens",
    "loosens",
  ],
  ["break-glass for others", "break_glass: {users: [ann]}", "break_glass: {users: [bob]}", "loosens", "loosens"],
  ["debt that is paid", 'debt: [{nodes: [a, b], owner: "@ann", until: 2027-01-31, reason: x}]', "", "tightens", "loosens"],
  [
    "debt of fewer nodes for less long",
    'debt: [{nodes: [a, b], owner: "@ann", until: 2027-01-31, reason: x}]',
    'debt: [{nodes: [b], owner: "@ann", until: 2027-01-30, reason: x}]',
    "tightens",
    "loosens",
  ],
  [
    "debt of somebody else",
    'debt: [{nodes: [a], owner: "@ann", until: 2027-01-31, reason: x}]',
    'debt: [{nodes: [a], owner: "@bob", until: 2027-01-31, reason: x}]',
    "loosens",
    "loosens",
  ],
  [
    "debt of more nodes",
    'debt: [{nodes: [a], owner: "@ann", until: 2027-01-31, reason: x}]',
    'debt: [{nodes: [a, b], owner: "@ann", until: 2027-01-31, reason: x}]',
    "loosens",
    "tightens",
  ],
  [
    "a freeze of the same time that binds no more, for another reason",
    freeze("binding: true"),
    freeze("").replace("reason: y", "reason: z"),
    "loosens",
    "tightens",
  ],
  ["a freeze for another reason", freeze(""), freeze("").replace("reason: y", "reason: z"), "tightens", "tightens"],
  ["fewer of some people", requires(from("users: [ann, bob], teams: [acme/sre]")), requires(from("users: [Ann]")), "tightens", "loosens"],
  [
    "fewer teams of some people",
    requires(from("users: [ann], teams: [acme/sre]")),
    requires(from("teams: [acme/SRE]")),
    "tightens",
    "loosens",
  ],
  [
    "somebody of every path for somebody by name",
    requires(from("codeowners: every-path")),
    requires(from("users: [ann]")),
    "loosens",
    "loosens",
  ],
  [
    "more of what may ask nobody, where no other rule asks",
    `rules: [{name: x, require: {any: [${from("owners: affected-services")}, ${admin}]}}]`,
    `rules: [{name: x, require: {all: [{any: [${from("owners: affected-services")}, ${admin}]}, ${two}]}}]`,
    "loosens",
    "loosens",
  ],
  ["people's names in another case", requires(from("users: [Ann]")), requires(from("users: [aNN, ANN]")), "tightens", "tightens"],
  [
    "a branch that may be skipped instead of both, where no other rule asks",
    `rules: [{name: x, require: {any: [${from("owners: affected-services")}, ${two}]}}]`,
    `rules: [{name: x, require: {any: [${from("owners: affected-services")}]}}]`,
    "loosens",
    "loosens",
  ],
  [
    "all of what always asks, where nothing else does",
    `rules: [{name: x, require: {all: [${one}]}}]`,
    `rules: [{name: x, require: {all: [${one}]}}, {name: y, require: ${one}}]`,
    "tightens",
    "loosens",
  ],
  [
    "a workflow instead of another",
    requires(check("workflow: .github/workflows/a.yml")),
    requires(check("workflow: .github/workflows/b.yml")),
    "loosens",
    "loosens",
  ],
  [
    "a query of PuppetDB of as many words",
    "facts: {puppetdb: {query: [a, [b]]}}",
    'facts: {puppetdb: {query: [a, {"0": b}]}}',
    "loosens",
    "loosens",
  ],
  [
    "a query with another key",
    "facts: {puppetdb: {query: [a, {b: null}]}}",
    "facts: {puppetdb: {query: [a, {c: null}]}}",
    "loosens",
    "loosens",
  ],
  ["another check of the same app", requires(check("")), requires("{check: {name: lint, app_id: 1}}"), "loosens", "loosens"],
  [
    "fewer conclusions of one workflow",
    requires(check("accept: [success, neutral], workflow: .github/workflows/ci.yml")),
    requires(check("workflow: .github/workflows/ci.yml")),
    "tightens",
    "loosens",
  ],
  [
    "a rule more beside all of what may find nobody to ask, and somebody",
    `rules: [{name: x, require: {all: [${from("owners: affected-services")}, ${one}]}}]`,
    `rules: [{name: x, require: {all: [${from("owners: affected-services")}, ${one}]}}, {name: y, require: ${one}}]`,
    "loosens",
    "loosens",
  ],
  [
    "a rule more beside any of what may find nobody to ask, and somebody",
    `rules: [{name: x, require: {any: [${from("owners: affected-services")}, ${one}]}}]`,
    `rules: [{name: x, require: {any: [${from("owners: affected-services")}, ${one}]}}, {name: y, require: ${one}}]`,
    "loosens",
    "loosens",
  ],
  [
    "a rule more beside any of what always asks",
    `rules: [{name: x, require: {any: [${two}, ${admin}]}}]`,
    `rules: [{name: x, require: {any: [${two}, ${admin}]}}, {name: y, require: ${one}}]`,
    "tightens",
    "loosens",
  ],
  ["where modules come from", "modules: {sources: [https://a]}", "", "tightens", "loosens"],
  ["lanes", "", "lanes: [{name: a}]", "loosens", "loosens"],
  ["how a rollout is watched", "", "rollout: {run_minutes: 5}", "loosens", "loosens"],
  ["something tighter beside something looser", "mode: observe", "forks: run", "loosens", "loosens"],
];

describe("comparePolicies", () => {
  it.each(pairs)("%s", (_, one_, other, there, back) => {
    expect([comparePolicies(policy(one_), policy(other)), comparePolicies(policy(other), policy(one_))]).toEqual([there, back]);
  });

  const texts = [...new Set(pairs.flatMap(([, one_, other]) => [one_, other]))];
  const any = fc.constantFrom(...texts).map(policy);

  it("does not mind in which order the parts of an exception were kept", () => {
    const base = policy("empty: [{nodes: [a], owner: '@ann', reason: x}]");
    const kept = base.empty.map(({ nodes, owner, reason }) => ({ reason, owner, nodes }));
    expect(comparePolicies(base, { ...base, empty: kept })).toBe("same");
  });

  it("finds a policy the same as itself", () => {
    expect(texts.map(policy).filter((each) => comparePolicies(each, structuredClone(each)) !== "same")).toEqual([]);
  });

  it("never calls a policy tighter from one that is looser: two steps that loosen nothing loosen nothing", () => {
    const steps = texts.flatMap((from_) =>
      texts.filter((to) => comparePolicies(policy(from_), policy(to)) !== "loosens").map((to) => [from_, to] as const),
    );
    expect(steps.length).toBeGreaterThan(texts.length);
    fc.assert(
      fc.property(fc.constantFrom(...steps), any, ([from_, to], last) => {
        fc.pre(comparePolicies(policy(to), last) !== "loosens");
        expect(comparePolicies(policy(from_), last)).not.toBe("loosens");
      }),
    );
  });

  it("never finds it looser for a rule more, where one asks always", () => {
    const added = fc.constantFrom(...texts.flatMap((text) => policy(text).rules));
    fc.assert(
      fc.property(any, added, (base, rule) => {
        fc.pre(base.rules.some(({ mode, when, name }) => mode === "enforce" && when === "true" && ["always", "peer"].includes(name)));
        expect(comparePolicies(base, { ...base, rules: [...base.rules, { ...rule, name: "new" }] })).toBe("tightens");
      }),
    );
  });
});
