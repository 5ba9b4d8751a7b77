import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../src/policy/load.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";

/** What the file takes at the edges of what it takes, and what it refuses one step further, by the name of the part that is wrong. */
type Row = readonly [name: string, file: (value: unknown) => Record<string, unknown>, good: readonly unknown[], bad: readonly unknown[]];

/** Names of the parts that a file is refused for; empty where it is taken. */
function refusedFor(file: Record<string, unknown>): string[] {
  // A mapping in JSON is one in YAML.
  const loaded = loadPolicy(JSON.stringify({ version: 1, ...file }), "puppet-gate.yml");
  return loaded.ok ? [] : loaded.problems.map(({ text }) => /^`([^`]+)`/u.exec(text)?.[1] ?? text);
}

const text = (length: number): string => "x".repeat(length);
const list = <T>(length: number, entry: (at: number) => T): T[] => Array.from({ length }, (_, at) => entry(at));

const service = (part: Record<string, unknown>) => ({ services: [{ name: "web", match: "true", ...part }] });
const compile = (key: string) => (value: unknown) => ({ compile: { [key]: value } });
const facts = (key: string) => (value: unknown) => ({ facts: { [key]: value } });
const server = (key: string) => (value: unknown) => ({ facts: { server: { [key]: value } } });
const requires = (require: unknown) => ({ rules: [{ name: "a", require }] });
const approvals = (part: Record<string, unknown>) => requires({ approvals: { count: 1, ...part } });
const check = (part: Record<string, unknown>) => requires({ check: { name: "ci", app_id: 1, ...part } });
const once = { from: "2026-01-01T00:00Z", to: "2026-01-02T00:00Z" };
const freeze = (part: Record<string, unknown>) => ({ freezes: [{ name: "a", reason: "b", ...once, ...part }] });
const weekly = (part: Record<string, unknown>) => ({
  freezes: [{ name: "a", reason: "b", weekly: { days: ["fri"], from: "10:00", to: "12:00", timezone: "UTC", ...part } }],
});
const glass = (part: Record<string, unknown>) => ({ break_glass: part });
const debt = (part: Record<string, unknown>) => ({ debt: [{ nodes: ["a"], owner: "@ann", until: "2027-01-31", reason: "b", ...part }] });
const empty = (part: Record<string, unknown>) => ({ empty: [{ nodes: ["a"], owner: "@ann", reason: "b", ...part }] });
const ignore = (part: Record<string, unknown>) => ({
  differences: { ignore: [{ type: "File", attribute: "content", reason: "b", ...part }] },
});
const lanes = (part: Record<string, unknown>) => ({ lanes: [{ name: "few", members: { certnames: ["a"] }, ...part }, { name: "rest" }] });
const members = (part: Record<string, unknown>) => lanes({ members: part });
const rollout = (key: string) => (value: unknown) => ({ rollout: { [key]: value } });
const tolerance = (key: string, of: string) => (value: unknown) => ({ rollout: { [key]: { [of]: value } } });

const globs = { good: ["a", "data/**", "*.example.org", text(500)], bad: ["", "/a", "!a", "#a", "a\\b", "a\u0000", text(501)] };
const names = { good: ["a", "A1", "a_b.c:d-e", text(100)], bad: ["", "-a", "a-", "a b", "ä", text(101)] };
const owners = { good: ["@ann", "@acme/web", "@a-b_c/d.e"], bad: ["ann", "x@ann", "@-ann", "@ann!", "@acme/web/x", "@acme/", ""] };
const users = { good: ["ann", "@ann", "a-b_c"], bad: ["", "acme/web", "an n", "@@ann", "-ann", "ann!"] };
const teams = { good: ["acme/sre", "@acme/s.r-e_1"], bad: ["acme", "!acme/sre", "acme/sre!", "acme/s/re", "@@acme/sre"] };
const paths = { good: ["a", "a/b", "a..b", "..."], bad: ["", "/a", "..", "../a", "a/..", "a/../b", "a\\b", "a\u0000"] };
const sentences = { good: ["a", " a ", text(500)], bad: ["", " ", text(501)] };
const conditions = { good: ["1 == 1", `true${" ".repeat(4092)}`], bad: ["", `true${" ".repeat(4093)}`] };
const environments = { good: ["a", "a_1"], bad: ["", "A", "a-b", "-a", "a-"] };

const rows: readonly Row[] = [
  ["observe_paths[0]", (value) => ({ observe_paths: [value] }), globs.good, globs.bad],
  ["observe_paths", (value) => ({ observe_paths: value }), [[], list(200, () => "a")], [list(201, () => "a")]],
  ["services[0].name", (value) => service({ name: value }), names.good, names.bad],
  ["services[0].owners[0]", (value) => service({ owners: [value] }), owners.good, owners.bad],
  ["services[0].lane_percent", (value) => service({ lane_percent: value }), [0.1, 100], [0, -1, 100.5, "9"]],
  ["services[0].match", (value) => service({ match: value }), conditions.good, conditions.bad],
  ["radius.datacentre", (value) => ({ radius: { datacentre: value } }), ["certname"], ["", `certname${" ".repeat(4096)}`]],
  ["radius.sizes.small", (value) => ({ radius: { sizes: { small: value } } }), [0, 10], [-0.5, 100.5]],
  ["radius.sizes.large", (value) => ({ radius: { sizes: { large: value } } }), [10, 100], [100.5, 101]],
  ["facts.folder", facts("folder"), paths.good, paths.bad],
  [
    "facts.only[0]",
    (value) => ({ facts: { only: [value] } }),
    ["os", "networking.*.ip", "ec2_*", text(300)],
    ["", ".a", "a.", "a..b", "a b", text(301)],
  ],
  ["facts.only", facts("only"), [["a"], list(500, () => "a")], [[], list(501, () => "a")]],
  ["facts.never[0]", (value) => ({ facts: { never: [value] } }), ["os", text(300)], ["", "a b", text(301)]],
  ["facts.never", facts("never"), [[], list(500, () => "a")], [list(501, () => "a")]],
  [
    "facts.puppetdb.query",
    (value) => ({ facts: { puppetdb: { query: value } } }),
    [
      ["=", "a"],
      ["=", "a", "b"],
    ],
    [[], ["="], "a"],
  ],
  ["facts.server.version", server("version"), ["7.23", "7.23.0", "7.23.0.1"], ["7", "v7.23", "7.23-x", "7.23.0.1.2", ""]],
  ["facts.server.name", server("name"), ["a", text(255)], ["", text(256)]],
  ["facts.server.ip", server("ip"), ["10.0.0.1", "::1"], ["10.0.0", "host", ""]],
  ["lint.disable[0]", (value) => ({ lint: { disable: [value] } }), ["documentation", "140chars"], ["", "A", "_a", "a-b", "-a"]],
  [
    "modules.sources[0]",
    (value) => ({ modules: { sources: [value] } }),
    ["https://github.com/acme/*", "http://a"],
    ["", "git@a:b", "xhttps://a", "https://", "https://a b"],
  ],
  ["modules.sources", (value) => ({ modules: { sources: value } }), [list(100, () => "https://a")], [list(101, () => "https://a")]],
  ["compile.environment", compile("environment"), environments.good, environments.bad],
  ["compile.modulepath[0]", (value) => ({ compile: { modulepath: [value] } }), paths.good, paths.bad],
  ["compile.modulepath", compile("modulepath"), [["a"]], [[]]],
  ["compile.manifest", compile("manifest"), paths.good, paths.bad],
  ["compile.enc", compile("enc"), paths.good, paths.bad],
  ["compile.stand_ins", compile("stand_ins"), paths.good, paths.bad],
  ["compile.lost_percent", compile("lost_percent"), [0, 0.5, 100], [-1, -0.5, 100.5, 101]],
  ["compile.node_seconds", compile("node_seconds"), [1, 1.5, 3600], [0, 0.5, 3600.5, 3601]],
  ["compile.start_seconds", compile("start_seconds"), [1, 1.5, 3600], [0, 0.5, 3600.5, 3601]],
  ["compile.memory_mib", compile("memory_mib"), [256, 65_536], [255, 300.5, 65_537]],
  ["compile.processes", compile("processes"), [8, 4096], [7, 8.5, 4097]],
  ["compile.output_mib", compile("output_mib"), [1, 1024], [0, 1.5, 1025]],
  ["compile.check_minutes", compile("check_minutes"), [1, 1.5, 1440], [0, 0.5, 1440.5, 1441]],
  ["rules", (value) => ({ rules: value }), [[{ name: "a", require: { condition: "true" } }]], [[]]],
  ["rules[0].name", (value) => ({ rules: [{ name: value, require: { condition: "true" } }] }), names.good, names.bad],
  ["rules[0].when", (value) => ({ rules: [{ name: "a", when: value, require: { condition: "true" } }] }), conditions.good, conditions.bad],
  ["rules[0].require.condition", (value) => requires({ condition: value }), conditions.good, conditions.bad],
  [
    "rules[0].require.all",
    (value) => requires({ all: value }),
    [list(1, () => ({ condition: "true" })), list(20, () => ({ condition: "true" }))],
    [[], list(21, () => ({ condition: "true" }))],
  ],
  [
    "rules[0].require.any",
    (value) => requires({ any: value }),
    [list(1, () => ({ condition: "true" })), list(20, () => ({ condition: "true" }))],
    [[], list(21, () => ({ condition: "true" }))],
  ],
  ["rules[0].require.approvals.count", (value) => approvals({ count: value }), [1, 10], [0, 1.5, 11]],
  ["rules[0].require.approvals.from.users[0]", (value) => approvals({ from: { users: [value] } }), users.good, users.bad],
  [
    "rules[0].require.approvals.from.users",
    (value) => approvals({ from: { users: value } }),
    [list(100, () => "a")],
    [list(101, () => "a")],
  ],
  ["rules[0].require.approvals.from.teams[0]", (value) => approvals({ from: { teams: [value] } }), teams.good, teams.bad],
  [
    "rules[0].require.approvals.from.teams",
    (value) => approvals({ from: { teams: value } }),
    [list(100, () => "a/b")],
    [list(101, () => "a/b")],
  ],
  ["rules[0].require.check.name", (value) => check({ name: value }), ["a", text(255)], ["", text(256)]],
  ["rules[0].require.check.app_id", (value) => check({ app_id: value }), [1, 15_368], [0, 1.5]],
  [
    "rules[0].require.check.accept",
    (value) => check({ accept: value }),
    [["skipped"], ["success", "neutral", "skipped"]],
    [[], ["success", "success"]],
  ],
  [
    "rules[0].require.check.workflow",
    (value) => check({ workflow: value }),
    [".github/workflows/ci.yml", ".github/workflows/ci.yaml"],
    ["x/.github/workflows/ci.yml", ".github/workflows/a/ci.yml", ".github/workflows/ci.ymlx", ".github/workflows/.yml/"],
  ],
  ["rules[0].require.check.timeout_minutes", (value) => check({ timeout_minutes: value }), [1, 10_080], [0, 1.5, 10_081]],
  [
    "freezes",
    (value) => ({ freezes: value }),
    [list(100, (at) => ({ name: `a${at}`, reason: "b", ...once }))],
    [list(101, (at) => ({ name: `a${at}`, reason: "b", ...once }))],
  ],
  ["freezes[0].name", (value) => freeze({ name: value }), names.good, names.bad],
  ["freezes[0].reason", (value) => freeze({ reason: value }), sentences.good, sentences.bad],
  [
    "freezes[0].from",
    (value) => freeze({ from: value }),
    ["2025-12-20T00:00:00+01:00", "2025-12-20T00:00Z", "2025-12-20T00:00:00-01:00"],
    ["x2025-12-20T00:00Z", "2025-12-20T00:00Zx", "2025-12-20T00:00", "2025-12-20 00:00Z", "2025-12-20"],
  ],
  [
    "freezes[0].weekly.days",
    (value) => weekly({ days: value }),
    [["mon"], ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
    [[], ["mon", "mon"], ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon"]],
  ],
  [
    "freezes[0].weekly.from",
    (value) => weekly({ from: value }),
    ["00:00", "09:59", "11:30"],
    ["9:00", "x09:00", "09:00x", "09:60", "24:00"],
  ],
  ["freezes[0].weekly.to", (value) => weekly({ to: value }), ["10:01", "23:59", "24:00"], ["x11:00", "11:00x", "24:01", "10:00", "11:60"]],
  [
    "freezes[0].weekly.timezone",
    (value) => weekly({ timezone: value }),
    ["UTC", "Europe/Stockholm"],
    ["", "+01:00", "Europe/Nowhere", text(101)],
  ],
  ["break_glass.users[0]", (value) => glass({ users: [value] }), users.good, users.bad],
  ["break_glass.users", (value) => glass({ users: value }), [[], list(100, () => "a")], [list(101, () => "a")]],
  ["break_glass.teams[0]", (value) => glass({ teams: [value] }), teams.good, teams.bad],
  ["break_glass.teams", (value) => glass({ teams: value }), [[], list(100, () => "a/b")], [list(101, () => "a/b")]],
  ["break_glass.hours", (value) => glass({ users: ["ann"], hours: value }), [1, 72], [0, 1.5, 73]],
  ["debt", (value) => ({ debt: value }), [list(200, () => debt({}).debt[0])], [list(201, () => debt({}).debt[0])]],
  ["debt[0].nodes[0]", (value) => debt({ nodes: [value] }), globs.good, globs.bad],
  ["debt[0].nodes", (value) => debt({ nodes: value }), [["a"], list(200, () => "a")], [[], list(201, () => "a")]],
  ["debt[0].owner", (value) => debt({ owner: value }), owners.good, owners.bad],
  ["debt[0].until", (value) => debt({ until: value }), ["2027-01-31"], ["x2027-01-31", "2027-01-31x", "2027-1-31", "2027-02-29", ""]],
  ["debt[0].reason", (value) => debt({ reason: value }), sentences.good, sentences.bad],
  ["empty", (value) => ({ empty: value }), [list(200, () => empty({}).empty[0])], [list(201, () => empty({}).empty[0])]],
  ["empty[0].nodes[0]", (value) => empty({ nodes: [value] }), globs.good, globs.bad],
  ["empty[0].nodes", (value) => empty({ nodes: value }), [["a"], list(200, () => "a")], [[], list(201, () => "a")]],
  ["empty[0].owner", (value) => empty({ owner: value }), owners.good, owners.bad],
  ["empty[0].reason", (value) => empty({ reason: value }), sentences.good, sentences.bad],
  [
    "differences.ignore",
    (value) => ({ differences: { ignore: value } }),
    [list(100, () => ignore({}).differences.ignore[0])],
    [list(101, () => ignore({}).differences.ignore[0])],
  ],
  ...(["type", "title", "attribute", "any_line", "every_line"] as const).map((key): Row => [
    `differences.ignore[0].${key}`,
    (value) => ignore({ [key]: value }),
    ["a", text(500)],
    ["", text(501)],
  ]),
  ["differences.ignore[0].reason", (value) => ignore({ reason: value }), sentences.good, sentences.bad],
  [
    "lanes",
    (value) => ({ lanes: value }),
    [[], list(50, (at) => ({ name: `l${at}`, ...(at < 49 && { members: { certnames: ["a"] } }) }))],
    [list(51, (at) => ({ name: `l${at}`, ...(at < 50 && { members: { certnames: ["a"] } }) }))],
  ],
  ["lanes[0].name", (value) => lanes({ name: value }), names.good, names.bad],
  ["lanes[0].environment", (value) => lanes({ environment: value }), environments.good, environments.bad],
  ["lanes[0].members.certnames[0]", (value) => members({ certnames: [value] }), globs.good, globs.bad],
  ["lanes[0].members.certnames", (value) => members({ certnames: value }), [["a"], list(1000, () => "a")], [[], list(1001, () => "a")]],
  ["lanes[0].members.datacentres[0]", (value) => members({ datacentres: [value] }), ["a", text(100)], ["", text(101)]],
  ["lanes[0].members.datacentres", (value) => members({ datacentres: value }), [["a"], list(100, () => "a")], [[], list(101, () => "a")]],
  ["lanes[0].members.percent", (value) => members({ percent: value }), [0.1, 99.9], [0, -1, 100, 100.5, 101]],
  ["lanes[0].members.match", (value) => members({ match: value }), conditions.good, conditions.bad],
  ["lanes[0].bake_minutes", (value) => lanes({ bake_minutes: value }), [0, 0.5, 20_160], [-0.5, 20_160.5, 20_161]],
  ["lanes[0].runs_per_node", (value) => lanes({ runs_per_node: value }), [1, 10], [0, 1.5, 11]],
  ["lanes[0].gate", (value) => lanes({ gate: value }), ["auto", "manual"], ["", "never"]],
  ...["newly_failed", "unexpected_change", "newly_silent"].flatMap((key): Row[] => [
    [`rollout.${key}.count`, tolerance(key, "count"), [0, 100_000], [-1, 0.5, 100_001]],
    [`rollout.${key}.percent`, tolerance(key, "percent"), [0, 0.5, 100], [-0.5, 100.5]],
  ]),
  ["rollout.compile_failed", rollout("compile_failed"), [0, 100_000], [-1, 0.5, 100_001]],
  ["rollout.coverage_percent", rollout("coverage_percent"), [0, 0.5, 100], [-0.5, 100.5]],
  ["rollout.run_minutes", rollout("run_minutes"), [1, 1.5, 10_080], [0, 0.5, 10_080.5, 10_081]],
  ["rollout.deadline_runs", rollout("deadline_runs"), [1, 100], [0, 1.5, 101]],
  ["rollout.max_wait_minutes", rollout("max_wait_minutes"), [0, 0.5, 20_160], [-0.5, 20_160.5, 20_161]],
];

describe("what a policy file takes", () => {
  it.each(rows)("of %s", (_, file, good) => {
    expect(good.flatMap((value) => refusedFor(file(value)))).toEqual([]);
  });
});

describe("what a policy file refuses", () => {
  it.each(rows)("of %s", (name, file, _, bad) => {
    expect(bad.filter((value) => refusedFor(file(value))[0] !== name)).toEqual([]);
  });
});

it("has a policy for whoever says nothing", () => {
  const { rules, ...rest } = defaultPolicy;
  expect(rules.every(({ mode }) => mode === "enforce")).toBe(true);
  expect(rest).toEqual({
    mode: "enforce",
    observePaths: [],
    services: [],
    radius: { datacentre: "trusted.extensions.pp_datacenter", sizes: { small: 2, medium: 10, large: 40 } },
    facts: {
      folder: null,
      puppetdb: null,
      only: null,
      never: [],
      server: { serverversion: null, servername: "puppet", serverip: "127.0.0.1" },
    },
    lint: { disable: [], ignores: "refuse" },
    modules: { sources: [] },
    compile: {
      environment: "production",
      modulepath: null,
      manifest: null,
      lostPercent: 50,
      enc: null,
      standIns: null,
      checkMinutes: 120,
      limits: { nodeSeconds: 60, startSeconds: 120, memoryMib: 2048, processes: 64, outputMib: 64 },
    },
    freezes: [],
    forks: "ok-to-test",
    landing: "exact",
    suggestions: "contribute",
    breakGlass: null,
    debt: [],
    empty: [],
    ignore: [],
    lanes: [],
    rollout: {
      newlyFailed: { count: 1, percent: 1 },
      unexpectedChange: { count: 3, percent: 1 },
      newlySilent: { count: 1, percent: 2 },
      compileFailed: 0,
      coveragePercent: 95,
      runMinutes: 30,
      deadlineRuns: 4,
      maxWaitMinutes: 120,
      onFail: "halt",
    },
    announce: [],
    preconditions: { pinnedModules: null, laneName: null, configVersion: null },
    pages: { nodes: "read" },
  });
});

it("fills in what a part leaves out, and keeps what it says", () => {
  const loaded = loadPolicy(
    JSON.stringify({
      version: 1,
      services: [
        { name: "web", match: "true", lane_percent: 20 },
        { name: "db", match: "true" },
      ],
      facts: { puppetdb: {}, only: ["os"], never: ["ssh"], server: { version: "8.1", name: "p", ip: "::1" } },
      modules: { sources: ["https://a"] },
      compile: { lost_percent: 1, enc: "nodes.yaml", stand_ins: "stand-ins", check_minutes: 2 },
      rules: [
        { name: "a", require: { check: { name: "ci", app_id: 1 } } },
        { name: "b", require: { approvals: { count: 1 } } },
      ],
      freezes: [{ name: "a", reason: "b", ...once }],
      break_glass: { users: ["ann"] },
      differences: { ignore: [{ type: "File", attribute: "content", reason: "b" }] },
      rollout: { newly_failed: { count: 9 }, newly_silent: { percent: 9 } },
    }),
    "puppet-gate.yml",
  );
  expect(loaded).toMatchObject({
    ok: true,
    policy: {
      services: [
        { name: "web", owners: [], match: "true", lanePercent: 20 },
        { name: "db", owners: [], match: "true" },
      ],
      facts: {
        folder: null,
        puppetdb: { query: null, exported: false },
        only: ["os"],
        never: ["ssh"],
        server: { serverversion: "8.1", servername: "p", serverip: "::1" },
      },
      modules: { sources: ["https://a"] },
      compile: { lostPercent: 1, enc: "nodes.yaml", standIns: "stand-ins", checkMinutes: 2 },
      rules: [
        { when: "true", require: { check: { accept: ["success"], workflow: null, timeoutMinutes: 60 } } },
        { require: { approvals: { count: 1, from: { users: [], teams: [], permission: "write", owners: null, codeowners: null } } } },
      ],
      freezes: [{ binding: false }],
      breakGlass: { users: ["ann"], teams: [], hours: 4 },
      ignore: [{ type: "File", title: "*", attribute: "content", anyLine: null, everyLine: null, reason: "b" }],
      rollout: { newlyFailed: { count: 9, percent: 1 }, newlySilent: { count: 1, percent: 9 } },
    },
  });
  expect(loaded.ok && loaded.policy.services[1]).not.toHaveProperty("lanePercent");
});

it.each([
  [
    { query: ["=", "environment", "production"], exported: true },
    { query: ["=", "environment", "production"], exported: true },
  ],
  [{ query: ["=", "environment", "production"] }, { query: ["=", "environment", "production"], exported: false }],
  [{ exported: true }, { query: null, exported: true }],
])("asks PuppetDB as %j says", (puppetdb, expected) => {
  expect(loadPolicy(JSON.stringify({ version: 1, facts: { puppetdb } }), "x.yml")).toMatchObject({
    ok: true,
    policy: { facts: { puppetdb: expected } },
  });
});
