import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examineRollout, type RolloutToExamine } from "../../../src/engine/rollout/examine.ts";
import { known, unknown } from "../../../src/policy/known.ts";
import { Problem } from "../../../src/problem.ts";

/** What the doctor says of a site's compilers, by name: status and words. */

const script = readFileSync(join(import.meta.dirname, "../../../src/fleet/scripts/config_version.sh"));
const policy = 'version: 1\nlanes:\n  - {name: canary, members: {certnames: ["web*"]}}\n  - {name: rest}\n';
const files: Record<string, string | Buffer> = {
  ".github/puppet-gate.yml": policy,
  "environment.conf": "config_version = scripts/config_version.sh\n",
  "scripts/config_version.sh": script,
};

type Asked = Awaited<ReturnType<RolloutToExamine["compilers"][number]["environments"]>>;
const lanes: Asked = known(["production", "production_canary"]);

function site(more: {
  environments?: Asked;
  flushes?: boolean;
  files?: Record<string, string | Buffer | null>;
  lanesFile?: string | null;
}): RolloutToExamine {
  const all = { ...files, ...more.files };
  const { lanesFile } = more;
  return {
    repository: "acme/control",
    compilers: [
      {
        name: "puppet1",
        flushes: more.flushes ?? false,
        environments: async () => ("environments" in more ? (more.environments ?? null) : lanes),
      },
    ],
    file: async (path) => {
      const found = all[path];
      return found === undefined || found === null ? null : Buffer.from(found);
    },
    lanesFile: lanesFile === undefined ? null : { path: "/lanes.json", read: async () => known(lanesFile) },
  };
}

const fine = ["lanes: pass", "environments of puppet1: pass", "version of catalogs: pass"];

const cases: [name: string, of: Parameters<typeof site>[0], rows: string[], words: RegExp][] = [
  ["all is well", {}, fine, /production, production_canary, which are the lanes and nothing else/u],
  [
    "a branch beside the lanes",
    { environments: known(["feature_x", "main", "production", "production_canary"]) },
    ["lanes: pass", "environments of puppet1: fail", "version of catalogs: pass"],
    /feature_x, main: no lanes\. Whoever may push.*filter_command: 'case "\$R10K_BRANCH" in production_canary\|production\).*filter_regex: '\^\(production_canary\|production\)\$'/su,
  ],
  [
    "a lane that is not deployed yet",
    { environments: known(["production"]) },
    ["lanes: pass", "environments of puppet1: advice", "version of catalogs: pass"],
    /production_canary is not deployed there yet/u,
  ],
  [
    "a compiler that nobody can ask",
    { environments: null },
    ["lanes: pass", "environments of puppet1: missing", "version of catalogs: pass"],
    /does not say how to list them.*environments: \{command/su,
  ],
  [
    "a compiler that does not answer",
    { environments: unknown("ssh ended with exit code 255") },
    ["lanes: pass", "environments of puppet1: fail", "version of catalogs: pass"],
    /exit code 255/u,
  ],
  [
    "no lanes, and a branch beside production",
    { files: { ".github/puppet-gate.yml": null }, environments: known(["main", "production"]) },
    ["lanes: advice", "environments of puppet1: fail", "version of catalogs: pass"],
    /init lanes --dry-run.*main: no lane\./su,
  ],
  [
    "a single lane",
    { files: { ".github/puppet-gate.yml": "version: 1\nlanes: [{name: all}]\n" }, environments: known(["production"]) },
    fine,
    /all of acme\/control/u,
  ],
  ["a policy that is wrong", { files: { ".github/puppet-gate.yml": "version: 2\n" } }, ["lanes: fail"], /puppet-gate\.yml:1/u],
  [
    "a version of another's",
    { files: { "scripts/config_version.sh": "#!/bin/sh\necho today\n" } },
    ["lanes: pass", "environments of puppet1: pass", "version of catalogs: fail"],
    /environment\.conf:1: .*copy config_version\.sh/u,
  ],
  [
    "a timeout that serves two releases",
    { files: { "environment.conf": `${String(files["environment.conf"])}environment_timeout = 5m\n` } },
    ["lanes: pass", "environments of puppet1: pass", "version of catalogs: fail"],
    /environment\.conf:2: environment_timeout is "5m"/u,
  ],
  [
    "a cache that nobody flushes",
    { files: { "environment.conf": `${String(files["environment.conf"])}environment_timeout = unlimited\n` } },
    [...fine, "cache of puppet1: fail"],
    /nothing tells it to forget/u,
  ],
  [
    "a cache that is flushed",
    { flushes: true, files: { "environment.conf": `${String(files["environment.conf"])}environment_timeout = unlimited\n` } },
    fine,
    /names the whole commit/u,
  ],
  ["a lanes file", { lanesFile: '{"web1": "production_canary"}' }, [...fine, "lanes file: pass"], /1 nodes in lanes/u],
  [
    "a lanes file of other lanes",
    { lanesFile: '{"web1": "production_gone"}' },
    [...fine, "lanes file: fail"],
    /stale: it has nodes in production_gone/u,
  ],
  ["no lanes file yet", { lanesFile: null }, [...fine, "lanes file: missing"], /there is no \/lanes\.json/u],
  ["a lanes file that is torn", { lanesFile: '{"web1": ' }, [...fine, "lanes file: fail"], /not what this program writes/u],
];

test.each(cases)("%s", async (_, more, rows, words) => {
  const found = await examineRollout(site(more));
  expect(found.map(({ name, status }) => `${name}: ${status}`)).toEqual(rows);
  expect(found.map(({ text, hint }) => `${text} ${hint ?? ""}`).join("\n")).toMatch(words);
  expect(found.filter(({ status, hint }) => (status === "fail" || status === "missing") && hint === null)).toEqual([]);
});

test("a control repo that can't be read is told, and the rest of the doctor goes on", async () => {
  const problem = new Problem({ code: "x", text: "The App can't read it.", hint: "Install it." });
  const found = await examineRollout({ ...site({}), file: () => Promise.reject(problem) });
  expect(found).toEqual([{ part: "rollout", name: "lanes", status: "fail", text: "The App can't read it.", hint: "Install it." }]);
});
