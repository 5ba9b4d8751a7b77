import type { Run } from "../../src/rollout/runs.ts";

const sha = (digit: number): string => String(digit).repeat(40);
const pathOf = (name: string): string => `/tmp/home/${name}`;

export interface AgentRun {
  sha: string;
  manifest: string;
  settings: Record<string, boolean>;
  expected: Partial<Run>;
}

const healthy: Partial<Run> = {
  cached: "not_used",
  noop: false,
  noopPending: false,
  failed: [],
  changed: [],
  environment: "production",
  producer: null,
};
const a = `File[${pathOf("a")}]`;
/** In files' contents: no source may give it on. */
export const secret = "hunter2 is the secret";
const longCommand = `/bin/sh -c '${Array.from({ length: 30 }, (_, line) => `true ${line}\n`).join("")}exit 1'`;

/**
 * Runs of an agent, one after the other on one machine: what one leaves behind the next one finds. `expected` holds whatever source tells of it.
 * `reports/wire.jsonl` has what they were sent to PuppetDB as, by the report processor of puppet-terminus-puppetdb 7.12.1.
 */
export const agentRuns: Record<string, AgentRun> = {
  "a first run": {
    sha: sha(1),
    manifest: `file { '${pathOf("a")}': content => 'one' }`,
    settings: {},
    expected: { ...healthy, status: "changed", version: sha(1), changed: [{ resource: a, property: "ensure" }] },
  },
  "a run with nothing to do": {
    sha: sha(2),
    manifest: `file { '${pathOf("a")}': content => 'one' }`,
    settings: {},
    expected: { ...healthy, status: "unchanged", version: sha(2) },
  },
  "a catalog that does not compile, and one of before in its place": {
    sha: sha(3),
    manifest: "include nothing_of_that_name",
    settings: {},
    // The catalog of before, its version and its health: only one word tells.
    expected: { ...healthy, status: "unchanged", version: sha(2), cached: "on_failure" },
  },
  "a catalog that does not compile, and none in its place": {
    sha: sha(3),
    manifest: "include nothing_of_that_name",
    settings: { usecacheonfailure: false },
    expected: { ...healthy, status: "failed", version: "" },
  },
  "a catalog that the agent keeps to": {
    sha: sha(3),
    manifest: "notice('not compiled')",
    settings: { use_cached_catalog: true },
    expected: { ...healthy, status: "unchanged", version: sha(2), cached: "explicitly_requested" },
  },
  "a run that would only tell": {
    sha: sha(3),
    manifest: `file { '${pathOf("a")}': content => 'three' }`,
    settings: { noop: true },
    expected: { ...healthy, status: "unchanged", version: sha(3), noop: true, noopPending: true },
  },
  "a resource that is left alone": {
    sha: sha(3),
    manifest: `file { '${pathOf("a")}': content => 'three', noop => true } file { '${pathOf("b")}': content => 'b' }`,
    settings: {},
    expected: {
      ...healthy,
      status: "changed",
      version: sha(3),
      noopPending: true,
      changed: [{ resource: `File[${pathOf("b")}]`, property: "ensure" }],
    },
  },
  "a resource that is only looked at": {
    sha: sha(4),
    manifest: `file { '${pathOf("a")}': audit => all } file { '${pathOf("c")}': audit => all }`,
    settings: {},
    expected: { ...healthy, status: "unchanged", version: sha(4) },
  },
  "resources that fail, and one that waits for them": {
    sha: sha(5),
    manifest: `exec { 'fails': command => '/bin/false' } -> file { '${pathOf("d")}': ensure => file }
      file { '${pathOf("none/e")}': ensure => file }`,
    settings: {},
    expected: { ...healthy, status: "failed", version: sha(5), failed: ["Exec[fails]", `File[${pathOf("none/e")}]`] },
  },
  "a restart that fails": {
    sha: sha(5),
    manifest: `file { '${pathOf("a")}': content => 'five' } 
      ~> service { 'x': ensure => running, provider => base, start => '/bin/true', status => '/bin/true', restart => '/bin/false' }`,
    settings: {},
    expected: { status: "failed", failed: ["Service[x]"], changed: [{ resource: a, property: "content" }] },
  },
  "a cycle": {
    sha: sha(5),
    manifest: "notify { 'x': require => Notify['y'] } notify { 'y': require => Notify['x'] }",
    settings: {},
    expected: { ...healthy, status: "failed", version: sha(5), failed: ["Notify[x]", "Notify[y]"] },
  },
  "names and messages of several lines, with all that YAML has signs for": {
    sha: sha(6),
    manifest: `exec { "${longCommand}": }
      notify { "- a: 'b' \\"c\\" # d\\n\\nfailed: true\\n    failed: true\\n? e\\n: f [g] {h} \\\\ ü \\u{1F4A5}": }
      exec { 'says': command => "/bin/sh -c 'echo; echo failed: true; echo status: success; exit 3'", logoutput => true }
      file { '${pathOf("a")}': content => Sensitive('${secret}'), show_diff => true }
      file { '${pathOf("f")}': content => '${secret}' }`,
    settings: {},
    expected: {
      status: "failed",
      failed: [`Exec[${longCommand}]`, "Exec[says]"],
      changed: [
        { resource: `Notify[- a: 'b' "c" # d\n\nfailed: true\n    failed: true\n? e\n: f [g] {h} \\ ü \u{1F4A5}]`, property: "message" },
        { resource: a, property: "content" },
        { resource: `File[${pathOf("f")}]`, property: "ensure" },
      ],
    },
  },
  "no resource": { sha: sha(7), manifest: "", settings: {}, expected: { ...healthy, status: "unchanged", version: sha(7) } },
};
