import { describe, expect, it } from "vitest";
import { digestOf } from "../../../src/engine/besides.ts";
import { rolloutJudge } from "../../../src/engine/rollout/rollout-judge.ts";
import { inventory } from "../../../src/fleet/inventory.ts";
import { known } from "../../../src/policy/known.ts";
import { Problem } from "../../../src/problem.ts";
import { memoryMirror } from "../stand-ins/mirror.ts";
import { tablePuppet } from "../stand-ins/puppet.ts";
import { edited, type History } from "../stand-ins/repository.ts";
import { small } from "../stand-ins/stage.ts";
import { origin } from "../stand-ins/world.ts";

const lanes = [
  "version: 1",
  "lanes:",
  "  - name: canary",
  "    members: { certnames: [web*] }",
  "  - name: rest",
  "services:",
  "  - name: web",
  "    match: 'certname.startsWith(\"web\")'",
  "    owners: ['@alice']",
  "",
].join("\n");
const withLanes = edited(small, { ".github/puppet-gate.yml": lanes });
const signal = new AbortController().signal;

function server(history: History) {
  const puppet = tablePuppet();
  const mirror = memoryMirror(history);
  const modulesOf: unknown[] = [];
  const judge = rolloutJudge({
    inventory,
    puppet: puppet.of(mirror.repository),
    now: () => 0,
    today: () => "2026-11-22",
    cores: 2,
    openMirror: async () => mirror,
    openModules: (of) => {
      modulesOf.push(of);
      return {
        resolve: async () => ({ ok: false, text: "stdlib is not there.", hint: "" }),
        history: async () => null,
        read: async () => null,
      };
    },
  });
  return { judge, mirror, log: puppet.log, modulesOf };
}

describe("a commit's survey", () => {
  it("of a policy without lanes asks for nothing else", async () => {
    const { judge, mirror, log } = server({ commits: { main: small } });
    const surveyed = await judge.survey({ origin, commit: "main", organisation: null }, signal);
    expect(surveyed).toMatchObject({ policy: { lanes: [] }, policyDigest: digestOf([null, null]), members: [] });
    expect([log, mirror.closed]).toEqual([[], 1]);
  });

  it("has its policy, and its nodes with what decides their lanes", async () => {
    const { judge, mirror, log, modulesOf } = server({ commits: { main: withLanes } });
    const organisation = { path: "acme/.github/puppet-gate.yml", text: "version: 1\n" };
    const { policy, policyDigest, members } = await judge.survey({ origin, commit: "main", organisation }, signal);
    expect(policy.lanes.map(({ name }) => name)).toEqual(["canary", "rest"]);
    expect(policyDigest).toBe(digestOf([lanes, organisation.text]));
    expect(members).toMatchObject([
      { certname: "db01", enc: null, classes: null, assumed: false, trusted: { certname: "db01" } },
      { certname: "web01", enc: null, classes: null, assumed: false, services: known(["web"]) },
    ]);
    expect(log.filter((line) => line.startsWith("compile "))).toEqual([]);
    expect([mirror.closed, modulesOf]).toEqual([1, [origin]]);
  });

  it("with a node whose facts can't be read has no lanes at all: it could be in any", async () => {
    const { judge, mirror } = server({ commits: { main: edited(withLanes, { "facts/lost.json": "{" }) } });
    const lost = judge.survey({ origin, commit: "main", organisation: null }, signal);
    await expect(lost).rejects.toBeInstanceOf(Problem);
    await expect(lost).rejects.toThrow("lost");
    expect(mirror.closed).toBe(1);
  });
});

describe("what differs between two commits", () => {
  const change = edited(small, { "data/common.yaml": "motd::text: welcome\n" });

  it("is what to expect of the nodes", async () => {
    const { judge, mirror, modulesOf } = server({ commits: { main: small, change } });
    const { classes } = await judge.predict({ origin, before: "main", release: "change", organisation: null }, signal);
    expect(classes).toMatchObject([{ certnames: ["db01", "web01"], touched: ["File[/etc/motd]"] }]);
    expect([mirror.closed, modulesOf]).toEqual([1, [origin]]);
  });

  it("is not nothing where agents run other code, whatever the catalogs say", async () => {
    const { judge } = server({
      commits: { main: small, docs: edited(small, { "README.md": "x" }), fact: edited(small, { "modules/base/lib/facter/x.rb": "" }) },
    });
    const classesOf = async (release: string) =>
      (await judge.predict({ origin, before: "main", release, organisation: null }, signal)).classes;
    expect(await classesOf("docs")).toEqual([]);
    expect(await classesOf("fact")).toMatchObject([{ name: "code that runs on nodes", certnames: ["db01", "web01"], touched: [] }]);
  });

  it("is not known of two that do not merge", async () => {
    const { judge, mirror } = server({ commits: { main: small, change }, conflicts: ["data/common.yaml"] });
    await expect(judge.predict({ origin, before: "main", release: "change", organisation: null }, signal)).rejects.toEqual(
      new Problem({
        code: "no-prediction",
        text: "What change changes of main can't be told: the two do not merge.",
        hint: "A release is a commit of the base branch that has the lane's own commit behind it.",
      }),
    );
    expect(mirror.closed).toBe(1);
  });

  it("ends with whoever asked", async () => {
    const { judge } = server({ commits: { main: small, change } });
    const ended = AbortSignal.abort(new Error("the server stops"));
    await expect(judge.predict({ origin, before: "main", release: "change", organisation: null }, ended)).rejects.toThrow(
      "the server stops",
    );
  });
});
