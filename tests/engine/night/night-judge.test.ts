import { beforeEach, describe, expect, it } from "vitest";
import { memoryCache } from "../../../src/engine/memory-cache.ts";
import type { NightProven, NightRequest } from "../../../src/engine/ports/night.ts";
import { nightJudge, type NightJudgePorts } from "../../../src/engine/night/night-judge.ts";
import type { ModuleResolver } from "../../../src/engine/ports/modules.ts";
import { inventory } from "../../../src/fleet/inventory.ts";
import { memoryMirror, type MemoryMirror } from "../stand-ins/mirror.ts";
import { tablePuppet } from "../stand-ins/puppet.ts";
import { edited, type Files } from "../stand-ins/repository.ts";
import { small } from "../stand-ins/stage.ts";
import { origin } from "../stand-ins/world.ts";

/** A branch's tip, compiled in a sandbox of its own and held against what is kept of it. */
const resolver: ModuleResolver = {
  resolve: async () => ({ ok: false, text: "stdlib is not there.", hint: "Look at the forge." }),
  history: async () => null,
  read: async () => null,
};
let puppet: ReturnType<typeof tablePuppet>;
let cache: ReturnType<typeof memoryCache>;
let marked: [string, object][];
let mirror: MemoryMirror;
beforeEach(() => {
  [puppet, cache, marked] = [tablePuppet(), memoryCache(2 ** 24), []];
});

interface Night extends Partial<NightRequest> {
  main?: Files;
  ports?: Partial<NightJudgePorts>;
  /** So many times it may go on. */
  room?: number;
  ruby?: string;
  signal?: AbortSignal;
}

/** A night, and what Puppet was asked for. */
async function night({
  main = small,
  ports = {},
  room = 99,
  ruby = "3.1.2",
  signal = new AbortController().signal,
  ...request
}: Night = {}): Promise<NightProven & { log: string[] }> {
  mirror = memoryMirror({ commits: { main } });
  const before = puppet.log.length;
  let left = room;
  const distrust: typeof cache.distrust = async (scope, mark) => {
    marked.push([scope, mark]);
    return cache.distrust(scope, mark);
  };
  const edge = puppet.of(mirror.repository);
  const judge = nightJudge({
    inventory,
    puppet: { ...edge, versions: async () => ({ ...(await edge.versions()), ruby }) },
    now: () => 0,
    cores: 2,
    cache: { ...cache, distrust },
    openMirror: async () => mirror,
    openModules: () => resolver,
    ...ports,
  });
  const proven = await judge(
    { origin, branch: "main", organisation: null, after: null, ...request },
    { mayGoOn: async () => left-- > 0, signal },
  );
  return { ...proven, log: puppet.log.slice(before) };
}
const compiled = (log: readonly string[]): string[] => log.filter((line) => line.startsWith("compile "));
/** Base's web01 takes in a file that no trace tells of, so that what is kept of it is wrong once that changes. */
const untold = (text: string, more: Files = {}): Files =>
  edited(small, {
    "site/profile/manifests/web.pp": 'File[/etc/web.conf] {"content": {"untold": "profile/web.conf.erb"}}\n',
    "site/profile/templates/web.conf.erb": text,
    ...more,
  });

describe("a night", () => {
  it("keeps what is not kept, and proves what is", async () => {
    expect(await night()).toMatchObject({ sha: "main", after: null, verdicts: 0, missed: [] });
    expect(compiled(puppet.log)).toEqual(["compile main db01", "compile main web01"]);
    const second = await night();
    expect(second).toMatchObject({ sha: "main", after: null, verdicts: 2, missed: [] });
    expect(compiled(second.log)).toEqual(["compile main db01", "compile main web01"]);
    expect(second.log.filter((line) => /^(?:open|close)/u.test(line))).toEqual(["open main", "close main"]);
    expect(mirror.closed).toBe(1);
    expect(marked).toEqual([]);
  });

  it("goes on behind a node", async () => {
    await night();
    const { verdicts, log } = await night({ after: "db01" });
    expect(compiled(log)).toEqual(["compile main web01"]);
    expect(verdicts).toBe(1);
  });

  it("opens nothing where something else has to be done", async () => {
    const { log, after } = await night({ room: 0, after: "db01" });
    expect(after).toBe("db01");
    expect(log).toEqual(["versions"]);
  });

  it("keeps for one repository, and proves nothing of another's", async () => {
    await night();
    const other = { ...origin, repository: { ...origin.repository, id: 6 } };
    expect((await night({ origin: other })).verdicts).toBe(0);
  });

  it("proves nothing of what other programs compiled", async () => {
    await night({ ruby: "3.0.0" });
    expect((await night()).verdicts).toBe(0);
    expect((await night()).verdicts).toBe(2);
  });

  it("proves nothing of what was compiled with other stand-ins", async () => {
    const main = edited(small, {
      "site/profile/manifests/motd.pp": 'used dns ntp.example\nFile[/etc/motd] {"content": "${motd::text}"}\n',
    });
    const withStandIns = (id: string): Promise<NightProven> => {
      const readStandIns = async () => ({ files: [], dns: {}, queries: [], exported: null, id });
      return night({ main, ports: { inventory: { ...inventory, readStandIns }, site: { facts: null, enc: null, standIns: "/site" } } });
    };
    await withStandIns("one");
    expect((await withStandIns("one")).verdicts).toBe(2);
    expect((await withStandIns("other")).verdicts).toBe(0);
  });

  it.each([
    ["one node", untold("listen 8080\n"), "web01", ["web01"]],
    [
      "several nodes",
      untold("listen 8080\n", { "manifests/site.pp": "node web01 role::web\nnode db01 role::web\n" }),
      "db01 and 1 more",
      ["db01", "web01"],
    ],
  ])("that finds what is kept of %s wrong marks it, and uses nothing of it any more", async (_, main, words, nodes) => {
    const before = edited(main, { "site/profile/templates/web.conf.erb": "listen 80\n" });
    await night({ main: before });
    const { missed, verdicts } = await night({ main });
    expect(missed).toEqual(nodes.map((certname) => ({ certname, differs: ["content of File[/etc/web.conf]"] })));
    expect(verdicts).toBe(2);
    expect(marked.map(([, mark]) => mark)).toEqual([
      { repository: "5", why: `the nightly compile of base found another catalog than the kept one of ${words}` },
    ]);
    const next = await night({ main });
    expect(next).toMatchObject({ sha: "main", after: null, verdicts: 0, missed: [] });
    expect(compiled(next.log)).toEqual([]);
    expect(mirror.closed).toBe(1);
  });

  it("waits for modules that can't be had", async () => {
    const files = {
      Puppetfile: "mod 'puppetlabs/stdlib', '9.0.0'\n",
      ".github/puppet-gate.yml": 'version: 1\nmodules: {sources: ["https://forge.example/*"]}\n',
    };
    await expect(night({ main: edited(small, files) })).rejects.toMatchObject({
      code: "modules",
      text: "stdlib is not there.",
      hint: "Look at the forge.",
    });
    expect(mirror.closed).toBe(1);
    expect(compiled(puppet.log)).toEqual([]);
  });

  it("asks for each module once: there is one tree", async () => {
    const files = {
      Puppetfile: "mod 'puppetlabs/stdlib', '9.0.0'\n",
      ".github/puppet-gate.yml": 'version: 1\nmodules: {sources: ["https://forge.example/*"]}\n',
    };
    const asked: string[] = [];
    const openModules = (): ModuleResolver => ({
      ...resolver,
      resolve: async ({ name }, ...more) => {
        asked.push(name);
        return resolver.resolve({ name } as never, ...more);
      },
    });
    await expect(night({ main: edited(small, files), ports: { openModules } })).rejects.toThrow("stdlib is not there.");
    expect(asked).toEqual(["stdlib"]);
  });

  it("does without modules where the policy names no places for them", async () => {
    await night({ main: edited(small, { Puppetfile: "mod 'puppetlabs/stdlib', '9.0.0'\n" }) });
    expect(compiled(puppet.log)).toHaveLength(2);
  });

  it("is by the organisation's policy too", async () => {
    await expect(night({ organisation: { path: "acme/.github", text: "version: 7\n" } })).rejects.toMatchObject({ code: "bad-policy" });
  });

  it("is by the facts that the server names", async () => {
    const site = { facts: "/nowhere/facts", enc: null, standIns: null };
    await expect(night({ ports: { site } })).rejects.toMatchObject({ message: expect.stringContaining("/nowhere/facts") as string });
  });

  it("that fails closes what it opened", async () => {
    puppet.fail("compile main db01", new Error("the sandbox is gone"));
    await expect(night()).rejects.toThrow("the sandbox is gone");
    expect(puppet.log.at(-1)).toBe("close main");
    expect(mirror.closed).toBe(1);
  });

  it("that is called off says so", async () => {
    await expect(night({ signal: AbortSignal.abort(new Error("the gate is stopping")) })).rejects.toThrow("the gate is stopping");
    expect(mirror.closed).toBe(1);
  });
});
