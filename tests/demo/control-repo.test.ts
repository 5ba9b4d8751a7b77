import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { sampleNodes } from "../../src/demo/control-repo/fleet.ts";
import { hostileAttacks } from "../../src/demo/control-repo/hostile.ts";
import { type ControlRepo, makeControlRepo } from "../../src/demo/control-repo/make.ts";
import { policyFileSchema } from "../../src/policy/schema.ts";
import { run } from "../../src/process/run.ts";

const traps = { canary: "/nonexistent/canary", secretFile: "/nonexistent/secret.yaml" };
let folders: string[] = [];
let repo: ControlRepo;

beforeAll(async () => {
  repo = await made();
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
  folders = [];
});

async function made(aim = traps): Promise<ControlRepo> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-sample-"));
  folders.push(folder);
  return makeControlRepo(folder, aim);
}

async function git(folder: string, ...args: string[]): Promise<{ exitCode: number | null; out: string }> {
  const env = { PATH: "/usr/bin:/bin", HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const { exitCode, stdout } = await run({ file: "git", args, env, cwd: folder, seconds: 30, outputBytes: 8 << 20 });
  return { exitCode, out: stdout.toString().trimEnd() };
}

const refs = async (folder: string): Promise<string[]> =>
  (await git(folder, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")).out.split("\n");

describe("the sample control repo", () => {
  it("has a fleet of a size worth judging", () => {
    const nodes = sampleNodes();
    expect(repo.nodes).toBe(nodes.length);
    expect(nodes.length).toBeGreaterThanOrEqual(60);
    expect(new Set(nodes.map(({ certname }) => certname)).size).toBe(nodes.length);
    expect([...new Set(nodes.map(({ datacentre }) => datacentre))].sort()).toEqual(["ash", "lon", "sto"]);
    const services = new Set(nodes.map(({ role }) => role));
    expect([...services].filter((role) => role !== "bastion")).toHaveLength(8);
    for (const service of services) expect(nodes.filter(({ role }) => role === service).length).toBeGreaterThanOrEqual(2);
  });

  it("keeps a fact file for every node, with what its certificate vouches for", async () => {
    const paths = (await git(repo.folder, "ls-tree", "--name-only", "production", "facts/")).out.split("\n");
    expect(paths.sort()).toEqual(
      sampleNodes()
        .map(({ certname }) => `facts/${certname}.json`)
        .sort(),
    );
    const one: unknown = JSON.parse((await git(repo.folder, "show", "production:facts/storage2.ash.tonearm.example.json")).out);
    expect(one).toMatchObject({
      certname: "storage2.ash.tonearm.example",
      facts: { os: { family: "RedHat" }, networking: { ip: "10.3.5.2" } },
      trusted: { authenticated: "remote", extensions: { pp_role: "storage", pp_datacenter: "ash" } },
    });
  });

  it("vendors real modules without their specs", async () => {
    const paths = (await git(repo.folder, "ls-tree", "-r", "--name-only", "production", "modules/")).out.split("\n");
    const names = [...new Set(paths.map((path) => path.split("/")[1]))];
    expect(names).toEqual(["apache", "concat", "ntp", "ssh", "stdlib"]);
    for (const name of names) expect(paths).toContain(`modules/${name}/metadata.json`);
    expect(paths.filter((path) => path.split("/")[2] === "spec")).toEqual([]);
  });

  it("has a policy that the product accepts, with a service for every role", async () => {
    const written: unknown = parse((await git(repo.folder, "show", "production:.github/puppet-gate.yml")).out);
    const policy = policyFileSchema.parse(written);
    expect(policy.services.map(({ name }) => name).sort()).toEqual([...new Set(sampleNodes().map(({ role }) => role))].sort());
    expect(policy.services.every(({ owners }) => owners.length > 0)).toBe(true);
  });

  it("is the same to the last byte wherever and whenever it is made", async () => {
    const again = await made();
    expect(await refs(again.folder)).toEqual(await refs(repo.folder));
  });

  it("aims the hostile branch where it is told, and leaves every other branch alone", async () => {
    const other = await made({ canary: "/elsewhere/canary", secretFile: "/elsewhere/secret.yaml" });
    const [before, after] = [await refs(repo.folder), await refs(other.folder)];
    expect(before.filter((ref) => !after.includes(ref)).map((ref) => ref.split(" ")[0])).toEqual(["hostile"]);
    const aimed = (await git(other.folder, "grep", "--files-with-matches", "/elsewhere/canary", "hostile")).out.split("\n");
    expect(aimed.length).toBeGreaterThanOrEqual(7);
    expect((await git(other.folder, "grep", "--files-with-matches", "/nonexistent", "hostile")).out).toBe("");
  });

  it("is checked out clean on the branch that stories are merged into", async () => {
    expect((await git(repo.folder, "symbolic-ref", "--short", "HEAD")).out).toBe(repo.base);
    expect((await git(repo.folder, "status", "--porcelain")).out).toBe("");
    expect((await git(repo.folder, "fsck", "--strict")).exitCode).toBe(0);
  });
});

describe("the stories", () => {
  it("tell what the demo has to show", () => {
    expect(repo.stories.map(({ branch }) => branch)).toEqual([
      "refactor",
      "one-service",
      "template-restart",
      "hiera",
      "fleet-wide",
      "does-not-compile",
      "lint-errors",
      "repairs-node",
      "conflict",
      "hostile",
    ]);
    for (const { title, lookAt } of repo.stories) expect(Math.min(title.length, lookAt.length)).toBeGreaterThan(10);
  });

  it("expect a number of nodes that is the fleet's", () => {
    const sums = repo.stories
      .filter(({ expected }) => expected.nodes !== undefined)
      .map(({ branch, expected }) => `${branch} ${Object.values(expected.nodes ?? {}).reduce((total, count) => total + count, 0)}`);
    expect(sums.length).toBeGreaterThanOrEqual(8);
    expect(sums.filter((sum) => !sum.endsWith(` ${repo.nodes}`))).toEqual([]);
  });

  it("merge, all but the one that is there to conflict", async () => {
    const conflicting: string[] = [];
    for (const { branch } of repo.stories) {
      const merged = await git(repo.folder, "merge-tree", "--write-tree", "--name-only", repo.base, branch);
      if (merged.exitCode === 0) continue;
      conflicting.push(branch);
      expect(merged.out.split("\n")[1]).toBe("data/services/ads.yaml");
    }
    expect(conflicting).toEqual(["conflict"]);
  });

  it("change something each, in one commit", async () => {
    const wrong: string[] = [];
    for (const { branch } of repo.stories) {
      const commits = (await git(repo.folder, "rev-list", "--count", `${repo.base}..${branch}`)).out;
      const paths = (await git(repo.folder, "diff", "--name-only", `${repo.base}...${branch}`)).out;
      if (commits !== "1" || paths === "") wrong.push(branch);
    }
    expect(wrong).toEqual([]);
  });

  it("attack in every way on a node of its own, so that no attack shields another", () => {
    const attacks = hostileAttacks(traps);
    const nodes = attacks.flatMap(({ edits }) => edits.map(({ path }) => path).filter((path) => path.startsWith("data/nodes/")));
    expect(nodes.length).toBeGreaterThanOrEqual(8);
    expect(new Set(nodes).size).toBe(nodes.length);
    const known = new Set(sampleNodes().map(({ certname }) => `data/nodes/${certname}.yaml`));
    expect(nodes.filter((path) => !known.has(path))).toEqual([]);
  });
});
