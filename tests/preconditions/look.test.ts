import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { laneNames, shipped, versionFindings, versionScript } from "../../src/engine/preconditions/environment-conf.ts";
import { seatsOf } from "../../src/engine/policy-questions.ts";
import { laneMoves } from "../../src/engine/preconditions/moves.ts";
import { pinFindings } from "../../src/engine/preconditions/pins.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import type { Policy } from "../../src/policy/schema.ts";
import type { NodeToPlace } from "../../src/policy/services.ts";
import { readPuppetfile } from "../../src/puppet/puppetfile.ts";

const sha = "0123456789abcdef0123456789abcdef01234567";

describe("a Puppetfile", () => {
  const cases: [line: string, said: RegExp | null][] = [
    [`mod 'a', :git => 'https://x/a', :commit => '${sha}'`, null],
    [`mod 'a', git: 'https://x/a', ref: '${sha}'`, null],
    ["mod 'a', :git => 'https://x/a', :tag => 'v1.2.0'", null],
    ["mod 'puppetlabs/stdlib', '9.6.0'", null],
    ["mod 'site', :local => true", null],
    ["# mod 'a', :git => 'https://x/a', :branch => 'main'", null],
    ["mod 'a', :git => 'https://x/a'", /default branch/u],
    ["mod 'a', :git => 'https://x/a', :branch => 'main'", /follows the branch main/u],
    ["mod 'a', :git => 'https://x/a', :branch => :control_branch", /control_branch/u],
    ["mod 'a', :git => 'https://x/a', :branch => :control_branch, :default_branch => 'main'", /control_branch/u],
    ["mod 'a', :git => 'https://x/a', :ref => 'v1.2.0'", /may be a branch/u],
    ["mod 'a', :git => 'https://x/a', :commit => '0123456'", /full commit/u],
    ["mod 'puppetlabs/stdlib', :latest", /no version/u],
    ["mod 'puppetlabs/stdlib'", /no version/u],
    ["mod 'puppetlabs/stdlib', '>= 1.0.0'", /no version|can't be pinned/u],
    ["mod 'a', :svn => 'https://x/a'", /can't be pinned/u],
    ["mod 'a', :git => 'https://x/a', :tag => ENV['TAG']", /only running this line/u],
    ["mod 'a', :git => 'https://x/a', :tag => \"v#{`id`}\"", /only running this line/u],
    ["system('touch /tmp/owned')", /only running this line/u],
    ["eval(File.read('Puppetfile.local'))", /only running this line/u],
  ];
  test.each(cases)("%s", (line, said) => {
    const found = pinFindings(readPuppetfile(`\n${line}\n`));
    expect(found.map((each) => `${each.code} ${each.path}:${each.line}`)).toEqual(said === null ? [] : ["unpinned-module Puppetfile:2"]);
    expect(found[0]?.message ?? "").toMatch(said ?? /^$/u);
  });
});

describe("environment.conf", () => {
  const own = readFileSync(join(import.meta.dirname, "..", "..", "src", "fleet", "scripts", "config_version.sh"));
  test("the script that is shipped is the one that is known", () => {
    expect(shipped.has(createHash("sha256").update(own).digest("hex"))).toBe(true);
  });

  const versions: [conf: string | null, script: string | Buffer | null, said: RegExp | null][] = [
    ["config_version = scripts/config_version.sh", own, null],
    ["config_version = 'scripts/config_version.sh $environmentpath $environment'", own, null],
    ["config_version = $codedir/environments/$environment/scripts/config_version.sh", own, null],
    ["config_version = /usr/bin/git --git-dir $environmentpath/$environment/.git rev-parse HEAD", null, null],
    ["config_version = scripts/v.sh", "#!/bin/sh\ngit rev-parse HEAD\n", null],
    [
      "config_version = scripts/v.sh",
      "#!/bin/sh\ngit rev-parse --short HEAD\n",
      /scripts\/v\.sh prints the whole commit is not known.*copy config_version\.sh/u,
    ],
    ["config_version = scripts/v.rb", "puts sha[0...11]\n", /not known/u],
    ["config_version = scripts/gone.sh", null, /not there: every catalog would fail/u],
    ["config_version = /opt/site/version", null, /whether config_version prints/u],
    ["modulepath = site", null, /there is no config_version/u],
    [null, null, /there is no config_version/u],
    ["[other]\nconfig_version = scripts/config_version.sh", own, /there is no config_version/u],
  ];
  test.each(versions)("%s", (conf, script, said) => {
    const path = versionScript(conf);
    const content = script === null ? null : Buffer.from(script);
    const messages = versionFindings(conf, path === null ? null : { path, content }).map(({ message }) => message);
    expect(messages).toHaveLength(said === null ? 0 : 1);
    expect(messages[0] ?? "").toMatch(said ?? /^$/u);
  });

  test.each([
    ["environment_timeout = 0", 0],
    ["environment_timeout = unlimited", 0],
    ["environment_timeout = 5m", 1],
  ])("%s", (line, count) => {
    const found = versionFindings(`config_version = git rev-parse HEAD\n${line}\n`, null);
    expect(found.map(({ code, line: at }) => `${code} ${at}`)).toEqual(Array.from({ length: count }, () => "environment-timeout 2"));
  });

  test.each([
    ["modulepath = site:/lanes/$environment/modules", ["lane-name 1"]],
    ["manifest = manifests/${environment}", ["lane-name 1"]],
    ["# modulepath = $environment", []],
    ["modulepath = $environmentpath/x", []],
    ["config_version = scripts/v.sh $environment", []],
  ])("%s", (conf, said) => {
    expect(laneNames(conf).map(({ code, line }) => `${code} ${line}`)).toEqual(said);
  });
});

describe("nodes that change lanes", () => {
  const policy = (lanes: string): Policy => {
    const loaded = loadPolicy(`version: 1\n${lanes}`, "puppet-gate.yml");
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return loaded.policy;
  };
  const node = (certname: string, datacentre = "lon"): NodeToPlace => ({
    certname,
    enc: null,
    classes: null,
    assumed: false,
    trusted: {
      authenticated: "remote",
      certname,
      hostname: certname,
      domain: null,
      extensions: { pp_datacenter: datacentre },
      external: {},
    },
  });
  const nodes = ["web1", "web2", "web3", "db1"].map((name) => node(name)).concat(node("db2", "ash"));
  const lanes = (...rows: string[]): string => `lanes:\n${rows.map((row) => `  - {${row}}\n`).join("")}  - {name: rest}\n`;
  const canary = (names: string): string => `name: canary, members: {certnames: [${names}]}`;
  const lon = "name: lon, members: {datacentres: [lon]}";
  const told = (base: string, merged: string, tips: Map<string, string | null> | null = null): string[] =>
    laneMoves({ before: seatsOf(policy(base), nodes), after: seatsOf(policy(merged), nodes), text: `version: 1\n${merged}` }, tips).map(
      ({ severity, code, line, message }) => `${severity} ${code} ${line}: ${message}`,
    );

  const cases: [string, string, string, RegExp[]][] = [
    ["the same", lanes(canary("web1")), lanes(canary("web1")), []],
    [
      "another name for the lane alone",
      lanes(canary("web1")),
      lanes("name: first, environment: production_canary, members: {certnames: [web1]}"),
      [],
    ],
    [
      "one more",
      lanes(canary("web1")),
      lanes(canary("web1, web2")),
      [/^notice lane-moves 2: web2 moves from rest to canary: it gets the code of production_canary at the next run/u],
    ],
    [
      "many, and back",
      lanes(canary("web1"), "name: lon, members: {certnames: [db1]}"),
      lanes(canary('"web*"'), "name: lon, members: {certnames: [db2]}"),
      [/web2, web3 move from rest to canary/u, /db1 moves from lon to rest/u, /db2 moves from rest to lon/u],
    ],
    ["the first lanes there are", "", lanes(canary("web1")), [/web1 moves from production to canary/u]],
    [
      "two lanes with one node",
      lanes(canary("db2"), lon),
      lanes(canary("web1, db2"), lon),
      [/^warning lane-fault 2: the lanes canary and lon both have web1: nothing could be rolled out\. Let exactly one/u],
    ],
    [
      "a lane without a node",
      lanes(canary("web1")),
      lanes(canary("web9")),
      [/web1 moves from canary to rest/u, /lane-fault 2: the lane canary has no node/u],
    ],
    ["a lane without a node on base as well", lanes(canary("web9")), lanes(canary("web8")), []],
    ["no lanes any more", lanes(canary("web1")), "", []],
  ];
  test.each(cases)("%s", (_, base, merged, said) => {
    const found = told(base, merged);
    expect(found).toHaveLength(said.length);
    for (const [at, words] of said.entries()) expect(found[at]).toMatch(words);
  });

  test("by their shares as rollouts keep them, and not as they would be counted now", () => {
    const shares = (percent: number): string => lanes(`name: canary, members: {percent: ${percent}}`);
    const everybody = (bucket: number): Map<string, number> => new Map(nodes.map(({ certname }) => [certname, bucket]));
    const moves = (buckets: ReadonlyMap<string, number>): string[] =>
      laneMoves(
        { before: seatsOf(policy(shares(10)), nodes, buckets), after: seatsOf(policy(shares(20)), nodes, buckets), text: null },
        null,
      ).flatMap(({ code, message }) => (code === "lane-moves" ? [message.split(":")[0] ?? ""] : []));
    expect(moves(everybody(9_999))).toEqual([]);
    expect(moves(everybody(9_999).set("db1", 1_500))).toEqual(["db1 moves from rest to canary"]);
    expect(moves(everybody(9_999).set("db1", 500))).toEqual([]);
  });

  const tips: [string, Map<string, string | null> | null, RegExp][] = [
    ["unknown", null, /not known here/u],
    [
      "the same",
      new Map([
        ["production", "a"],
        ["production_canary", "a"],
      ]),
      /the same now/u,
    ],
    [
      "other code",
      new Map([
        ["production", "a"],
        ["production_canary", "b"],
      ]),
      /other code now .*a release is on its way/u,
    ],
    [
      "a branch that is gone",
      new Map([
        ["production", "a"],
        ["production_canary", null],
      ]),
      /not known here/u,
    ],
  ];
  test.each(tips)("told with the lanes' code: %s", (_, at, words) => {
    expect(told(lanes(canary("web1")), lanes(canary("web1, web2")), at)[0]).toMatch(words);
  });
});
