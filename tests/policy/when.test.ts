import { describe, expect, it } from "vitest";
import type { EffectGroup, Finding, Radius } from "../../src/catalog/effects.ts";
import { checkCondition } from "../../src/policy/cel.ts";
import { whenKind } from "../../src/policy/conditions.ts";
import { known, unknown } from "../../src/policy/known.ts";
import { type ChangeInput, evaluateWhen, valuesOf } from "../../src/policy/when.ts";

const radius: Radius = {
  nodes: 12,
  share: 0.2,
  services: ["web"],
  datacentres: ["ash", "lon"],
  restarts: [{ type: "Service", title: "nginx", nodes: 12, cause: "File[/etc/nginx.conf] changes" }],
  size: "large",
};
const group: EffectGroup = {
  type: "File",
  title: "/etc/nginx.conf",
  attribute: "content",
  change: "changed",
  kind: "system",
  before: "a",
  after: "b",
  nodes: ["web1", "web2"],
  source: { path: "site/profile/manifests/nginx.pp", line: 3 },
  concerns: ["root-cron", "sudo"],
};
const finding: Finding = {
  check: "lint",
  severity: "warning",
  path: "a.pp",
  line: 1,
  column: 1,
  code: "arrow_alignment",
  message: "align",
  onChangedLine: true,
};
const input: ChangeInput = {
  change: {
    author: known("ann"),
    labels: known(["urgent"]),
    paths: known(["hiera.yaml", "data/common.yaml"]),
    base: known("production"),
    fork: known(false),
    policy: known("loosens"),
    links: known(["hiera.yaml"]),
  },
  radius: known(radius),
  groups: known([group, { ...group, attribute: null, source: null, concerns: [] }]),
  findings: known([finding, { ...finding, path: null }]),
};

describe("valuesOf", () => {
  const nothing = unknown("GitHub did not answer");
  it.each<[string, Partial<ChangeInput>, Array<{ name: string; value: unknown }>]>([
    ["true", {}, []],
    [
      'radius.share > 0.1 && change.author == "ann"',
      {},
      [
        { name: "radius.share", value: known(0.2) },
        { name: "change.author", value: known("ann") },
      ],
    ],
    ["radius.share > 0.1 && radius.share < 0.5", {}, [{ name: "radius.share", value: known(0.2) }]],
    ['change["author"] != ""', {}, [{ name: "change.author", value: known("ann") }]],
    ['change["au" + "thor"] != ""', {}, [{ name: "change", value: unknown("it is read as a whole") }]],
    ["[change].size() == 1", {}, [{ name: "change", value: unknown("it is read as a whole") }]],
    ["radius.share > 0.1", { radius: nothing }, [{ name: "radius.share", value: nothing }]],
    ["size(findings) == 0", { findings: known([]) }, [{ name: "findings", value: known([]) }]],
    ["size(findings) == 0", { findings: nothing }, [{ name: "findings", value: nothing }]],
    ["groups.exists(it, it.type == 'x')", { groups: known([]) }, [{ name: "groups", value: known([]) }]],
    ['change.labels[0] == "urgent"', {}, [{ name: "change.labels", value: known(["urgent"]) }]],
    [
      "groups[0].title == 'x' && groups[size(findings)].title == 'x'",
      { groups: known([]), findings: known([]) },
      [
        { name: "groups", value: known([]) },
        { name: "findings", value: known([]) },
      ],
    ],
  ])("of %s", (condition, more, expected) => {
    expect(valuesOf(condition, { ...input, ...more })).toEqual(expected);
  });
});

describe("evaluateWhen", () => {
  it.each<[string, boolean]>([
    ["true", true],
    ['change.author == "ann" && !change.fork', true],
    ['change.labels.exists(label, label == "urgent")', true],
    ['"hiera.yaml" in change.paths', true],
    ['change.base != "production"', false],
    ['change.policy == "loosens" && change.links.size() == 1', true],
    ['change.paths.exists(it, it.glob("data/**"))', true],
    ['change.paths.all(it, it.glob("*.yaml"))', false],
    ['change.paths.exists(it, it.glob("DATA/**"))', false],
    ['".github/workflows/ci.yml".glob("**/*.yml")', true],
    ['"a/.b/c.rb".glob("**/*.{rb,erb}") && !"!a".glob("!a")', false],
    ["radius.share > 0.1 && radius.nodes >= 12", true],
    ['radius.size in ["large", "fleet"]', true],
    ["radius.services.size() > 1 || size(radius.datacentres) == 2", true],
    ['radius.restarts.exists(it, it.type == "Service" && it.title == "nginx" && it.nodes > 10)', true],
    ["radius.restarts[0].nodes == 12", true],
    ['groups.exists(it, it.type == "File" && it.path.startsWith("site/"))', true],
    ['groups.exists(it, it.kind == "system" && it.nodes.size() == 2 && it.attribute == null)', true],
    ['groups.filter(it, it.path == null).size() == 1 && groups[0].title == "/etc/nginx.conf"', true],
    ['groups.exists(it, "sudo" in it.concerns) && groups[1].concerns.size() == 0', true],
    ['groups.exists(it, it.concerns.exists(each, each in ["firewall", "mounts"]))', false],
    ['findings.all(it, it.severity == "warning" && it.onChangedLine)', true],
    ['findings.exists(it, it.check == "compile")', false],
  ])("%s: %s", (condition, expected) => {
    expect(checkCondition(condition, whenKind)).toBeNull();
    expect(evaluateWhen(condition, input)).toEqual(known(expected));
  });

  const nothing = unknown("GitHub did not answer");

  it.each<[string, Partial<ChangeInput>, boolean]>([
    ["radius.share > 0.1", { radius: nothing }, false],
    ['radius.size != "fleet"', { radius: nothing }, false],
    ["true || radius.share > 0.1", { radius: nothing }, false],
    ["has(radius.share)", { radius: nothing }, false],
    ["size(groups) == 0", { groups: nothing }, false],
    ['groups[radius.nodes - 12].type == "File"', { radius: nothing }, false],
    ['groups[radius.nodes - 12].nodes[0] == "web1"', { radius: nothing }, false],
    ["change.paths[size(findings)] != ''", { findings: nothing }, false],
    ["[1].exists(it, size(findings) > it - 1)", { findings: nothing }, false],
    ['{"a": change.author}["a"] != ""', { change: { ...input.change, author: nothing } }, false],
    ['change["author"] != ""', { change: { ...input.change, author: nothing } }, false],
    ['dyn(change)["author"] != ""', { change: { ...input.change, author: nothing } }, false],
    ['change.policy == "loosens"', { change: { ...input.change, policy: nothing } }, false],
    ['dyn(change["au" + "thor"]).size() == 3', { change: { ...input.change, author: nothing } }, false],
    ['dyn(radius)["restarts" + ""].anything == 3', { unplaced: { restarts: nothing.reason } }, false],
    ['change.links.exists(it, it.glob("**"))', { change: { ...input.change, links: nothing } }, false],
    ["[change].size() == 1", { change: { ...input.change, author: nothing } }, false],
    ['change.labels.exists(it, it == "urgent")', { change: { ...input.change, author: nothing } }, true],
    ['"web" in radius.services', { unplaced: { services: nothing.reason } }, false],
    ['"lon" in radius.datacentres', { unplaced: { datacentres: nothing.reason } }, false],
    ["[radius].size() == 1", { unplaced: { services: nothing.reason } }, false],
    ["radius.share > 0.1", { unplaced: { services: nothing.reason, datacentres: nothing.reason } }, true],
    ["true", { radius: nothing, groups: nothing, findings: nothing }, true],
  ])("%s with something unknown is known: %s", (condition, more, expected) => {
    expect(checkCondition(condition, whenKind)).toBeNull();
    expect(evaluateWhen(condition, { ...input, ...more })).toEqual(expected ? known(true) : nothing);
  });

  it.each([
    ["timestamp('x') - {}.author", "it is no CEL expression that can be understood"],
    ["groups.exists(constructor, constructor.type == 'x')", null],
    ["change.paths.exists(it, it.glob(1))", "found no matching overload for 'string.glob(int)'"],
    [
      "change.paths.exists(it, [it].exists(each, each.matches('(?=a)')))",
      "the pattern of `matches` looks ahead or behind, which RE2 has not",
    ],
    ["change.zzzzzz == ''", "`zzzzzz` is not known in `change`, which has `author`, `labels`, `paths`, `base`, `fork`, `policy`, `links`"],
    ["change.shar > 0.1", "`shar` is not known in `change`; did you mean `radius.share`?"],
    ["has(change.shar)", "`shar` is not known in `change`; did you mean `radius.share`?"],
    ["change.labls == []", "`labls` is not known; did you mean `labels`?"],
    ["groups.exists(it, it.titel == 'x')", "`titel` is not known; did you mean `title`?"],
    ["groups[0].titel == 'x'", "`titel` is not known; did you mean `title`?"],
    ["dyn(change)['base' + ''].anything == 'x'", null],
    ["timestamp(", "it ends too early"],
    ["change.paths.exists(it, it.matches('^(a+)+$'))", null],
    ["change.paths.exists(it, it.matches('^data/[0-9a-f]{40}[.]yaml$'))", null],
    ["change.paths.exists(it, it.matches('(?=a)'))", "the pattern of `matches` looks ahead or behind, which RE2 has not"],
    ["change.paths.exists(it, it.matches('(a)\\\\1'))", "the pattern of `matches` refers back to a group, which RE2 has not"],
    ["change.paths.exists(it, it.matches(change.base))", "the pattern of `matches` is not written out as a text"],
    ["change.paths.exists(it, it.matches(it))", "the pattern of `matches` is not written out as a text"],
    ["change.paths.exists(it, it.glob('data/' + change.base))", "the pattern of `glob` is not written out as a text"],
    ["change.paths.exists(it, it.glob('*a*a*a*a*b'))", "the pattern of `glob` has more than 3 stars in one name"],
  ])("%s: %s", (condition, fault) => {
    expect(checkCondition(condition, whenKind)?.text ?? null).toBe(fault);
  });

  it("is unknown where it fails, and where it reads what is not there", () => {
    expect(evaluateWhen("groups[7].type == 'File'", input)).toMatchObject({ known: false });
    expect(evaluateWhen("{'a': 1}['b'] == 1", input)).toEqual({
      known: false,
      reason: "the condition `{'a': 1}['b'] == 1` reads something that is not there",
    });
    expect(evaluateWhen("groups.all(it, it.path.startsWith('site/'))", input)).toMatchObject({ known: false });
  });
});
