import { describe, expect, it } from "vitest";
import type { JudgeRequest } from "../../src/engine/ports/judge.ts";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import { mirrorJudge, type MirrorJudgePorts } from "../../src/engine/mirror-judge.ts";
import type { ModuleResolver } from "../../src/engine/ports/modules.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import type { Checked } from "../../src/gate/facts.ts";
import { reportSchema } from "../../src/gate/report.ts";
import { Problem } from "../../src/problem.ts";
import { memoryMirror, type MemoryMirror } from "./stand-ins/mirror.ts";
import { tablePuppet } from "./stand-ins/puppet.ts";
import { edited, type File, type History } from "./stand-ins/repository.ts";
import { small } from "./stand-ins/stage.ts";
import { origin } from "./stand-ins/world.ts";

/** How the gate judges a change: on a mirror, by two commits and nothing else. */
const policy = { path: "acme/.github/.github/puppet-gate.yml", text: "version: 1\nmode: enforce\n" };
const request = (more: Partial<JudgeRequest> = {}): JudgeRequest => ({
  origin,
  number: 7,
  base: { ref: "main", sha: "main" },
  head: "change",
  organisation: null,
  ...more,
});
const welcome = { "data/common.yaml": "motd::text: welcome\n" };
const resolver: ModuleResolver = {
  resolve: async () => ({ ok: false, text: "stdlib is not there.", hint: "" }),
  history: async () => null,
  read: async () => null,
};

/** One server, over several changes. */
function server(more: Partial<MirrorJudgePorts> = {}) {
  const puppet = tablePuppet();
  const asked: JudgeRequest[] = [];
  const modulesOf: JudgeRequest[] = [];
  const judge = async (
    edits: Record<string, File | null>,
    given: Partial<JudgeRequest> = {},
    { history = {}, signal = new AbortController().signal }: { history?: Partial<History>; signal?: AbortSignal } = {},
  ): Promise<{ checked: Checked | Error; mirror: MemoryMirror; log: string[] }> => {
    const mirror = memoryMirror({ commits: { main: small, change: edited(small, edits) }, ...history });
    const before = puppet.log.length;
    const ports: MirrorJudgePorts = {
      inventory,
      puppet: puppet.of(mirror.repository),
      now: () => 0,
      today: () => "2026-11-22",
      cores: 2,
      openMirror: async (one) => {
        asked.push(one);
        return mirror;
      },
      openModules: (one) => {
        modulesOf.push(one);
        return resolver;
      },
      ...more,
    };
    const checked = await mirrorJudge(ports)(request(given), signal).catch((error: unknown) => error as Error);
    return { checked, mirror, log: puppet.log.slice(before) };
  };
  return { judge, asked, modulesOf, puppet };
}
const compiled = (log: readonly string[]): string[] => log.filter((line) => line.startsWith("compile ")).toSorted();

describe("a change", () => {
  it("is judged by its two commits, and told by the names that people know", async () => {
    const { judge, asked, modulesOf } = server();
    const { checked, mirror } = await judge(welcome);
    expect(checked).toMatchObject({
      report: {
        base: { ref: "main", sha: "main" },
        head: { ref: "refs/pull/7/head", sha: "change" },
        groups: [{ title: "/etc/motd" }],
      },
      paths: ["data/common.yaml"],
      links: [],
      policyChange: "same",
      patch: "patch of main..change",
    });
    reportSchema.parse((checked as Checked).report);
    expect(mirror.kept).toEqual([{ number: 7, commits: ["main", "change"] }]);
    expect(mirror.closed).toBe(1);
    expect(asked).toEqual([request()]);
    expect(modulesOf).toEqual([request()]);
  });

  it.each([
    ["base", { base: { ref: "main", sha: "gone" } }],
    ["head", { head: "gone" }],
  ])("whose %s is gone is not judged", async (_, more) => {
    const { judge } = server();
    const { checked, mirror, log } = await judge(welcome, more);
    const hint = "It was deleted there; push again, and what is there by then is checked.";
    expect(checked).toEqual(new Problem({ code: "unknown-ref", text: "The repository has no commit gone.", hint }));
    expect(checked).toMatchObject({ code: "unknown-ref", hint });
    expect(log).toEqual([]);
    expect(mirror.closed).toBe(1);
  });

  it("that is called off while its commits are fetched is not judged", async () => {
    const { judge } = server();
    const { checked, log, mirror } = await judge(welcome, {}, { signal: AbortSignal.abort(new Error("a newer head is to be checked")) });
    expect(checked).toEqual(new Error("a newer head is to be checked"));
    expect(log).toEqual([]);
    expect(mirror.closed).toBe(1);
  });

  it("that is called off while it is compiled is not judged any more", async () => {
    const controller = new AbortController();
    const { judge } = server({
      puppetDb: null,
      inventory: {
        ...inventory,
        readFiles: (files) => {
          controller.abort(new Error("a newer head is to be checked"));
          return inventory.readFiles(files);
        },
      },
    });
    const { checked, log, mirror } = await judge(welcome, {}, { signal: controller.signal });
    expect(checked).toEqual(new Error("a newer head is to be checked"));
    expect(compiled(log)).toEqual([]);
    expect(mirror.closed).toBe(1);
  });

  it("that does nothing has no causes", async () => {
    const { checked } = await server().judge({ "site/profile/manifests/motd.pp": `${small["site/profile/manifests/motd.pp"]}# A word.\n` });
    expect(Object.keys((checked as Checked).report)).not.toContain("causes");
  });

  it("that conflicts is judged without a compile, and what it would touch is not told", async () => {
    const { judge } = server();
    const { checked, log } = await judge(welcome, {}, { history: { conflicts: ["data/common.yaml", "a.pp"] } });
    const conflict = { check: "merge", severity: "error", line: null, column: null, code: "conflict", onChangedLine: true };
    const message = "base and head conflict here";
    expect(checked).toMatchObject({
      report: {
        tree: null,
        verdict: { outcome: "blocked" },
        nodes: [],
        groups: [],
        findings: [
          { ...conflict, path: "data/common.yaml", message },
          { ...conflict, path: "a.pp", message },
        ],
        debt: { lint: 0 },
        radius: { nodes: 0, share: 0, services: [], datacentres: [], restarts: [], size: "none" },
      },
      paths: [],
      links: [],
      policyChange: "same",
    });
    const { report } = checked as Checked;
    expect(Object.keys(report.timing)).toContain("read");
    // What nobody looked at is not told as empty.
    expect(Object.keys(report).filter((part) => part === "coverage" || part === "causes")).toEqual([]);
    expect(log).toEqual(["versions"]);
  });

  it("is judged by the organisation's policy and its base's together", async () => {
    const { judge } = server();
    const { checked } = await judge(welcome, { organisation: { ...policy, text: "version: 1\nmode: observe\n" } });
    expect(checked).toMatchObject({ policy: { mode: "observe" } });
    const wrong = await judge(welcome, { organisation: { ...policy, text: "version: 7\n" } });
    expect(wrong.checked).toMatchObject({ code: "bad-policy" });
    expect(wrong.mirror.closed).toBe(1);
  });

  it("is judged by no folder that the server does not name", async () => {
    const { judge } = server({ site: { facts: "/nowhere/facts", enc: null, standIns: null } });
    expect((await judge(welcome)).checked).toMatchObject({ message: expect.stringContaining("/nowhere/facts") as string });
  });

  it("asks for modules where its policy says from where", async () => {
    const { judge } = server();
    const files = {
      Puppetfile: "mod 'puppetlabs/stdlib', '9.0.0'\n",
      ".github/puppet-gate.yml": 'version: 1\nmodules: {sources: ["https://forge.example/*"]}\n',
    };
    const { checked } = await judge(
      {},
      {},
      { history: { commits: { main: edited(small, files), change: edited(small, { ...files, ...welcome }) } } },
    );
    expect(JSON.stringify(checked)).toContain("stdlib is not there.");
  });
});

describe("what a server keeps", () => {
  it("of base's compiles is for the next change of that repository, and for no other", async () => {
    const { judge } = server({ cache: memoryCache(2 ** 24) });
    const onBase = (log: readonly string[]): string[] => [...new Set(compiled(log))].filter((line) => line.startsWith("compile main"));
    const both = ["compile main db01", "compile main web01"];
    expect(onBase((await judge(welcome)).log)).toEqual(both);
    expect(onBase((await judge({ "data/common.yaml": "motd::text: hi\n" })).log)).toEqual([]);
    const other = { ...origin, repository: { ...origin.repository, id: 6 } };
    expect(onBase((await judge(welcome, { origin: other })).log)).toEqual(both);
  });

  it.each([
    ["is lent for a branch of a repository, where trees are kept", true, ["5 main"], 0],
    ["is closed with its check, where none are", false, [], 1],
  ])("open of base %s", async (_, isKept, branches, closed) => {
    const borrowed: string[] = [];
    const keptTrees: MirrorJudgePorts["keptTrees"] = {
      borrow: async ({ branch }, open) => {
        borrowed.push(branch);
        return { ...(await open()), close: async () => undefined };
      },
      close: async () => undefined,
    };
    const { judge } = server(isKept ? { keptTrees } : {});
    const { log } = await judge(welcome);
    expect(borrowed).toEqual(branches);
    expect(log.filter((line) => line === "close main")).toHaveLength(closed);
    expect(log.filter((line) => line === "close change")).toHaveLength(1);
  });

  it("open of base is known by the stand-ins that it was compiled with", async () => {
    const keys: string[] = [];
    const keptTrees: MirrorJudgePorts["keptTrees"] = {
      borrow: async ({ key }, open) => {
        keys.push(key);
        return open();
      },
      close: async () => undefined,
    };
    for (const id of ["one", "other"]) {
      const readStandIns = async () => ({ files: [], dns: {}, queries: [], exported: null, id });
      const { judge } = server({
        keptTrees,
        inventory: { ...inventory, readStandIns },
        site: { facts: null, enc: null, standIns: "/site" },
      });
      await judge(welcome);
    }
    expect(new Set(keys).size).toBe(2);
  });
});
