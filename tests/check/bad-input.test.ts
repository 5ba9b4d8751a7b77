import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { check, clone, facts, folder, git, outcomes, puppetGate, reasonOf, refused, small, start, write, type Files } from "./stage.ts";

/** Bad input gets one clear error that names the thing and the way out; what could be learnt of other nodes is kept. */
const web01 = "web01.example.com";
const db01 = "db01.example.com";

describe("what can't begin is one error", { timeout: 60_000 }, () => {
  it("not a git repository", async () => {
    const error = await refused(["--repo", folder()]);
    expect(error).toMatchObject({
      code: "not-a-repository",
      text: expect.stringContaining("git repository"),
      hint: expect.stringContaining("--repo"),
    });
  });

  it("unknown ref, with one that is near", async () => {
    const error = await refused(["--repo", clone(small, {}), "--base", "mian"]);
    expect(error.code).toBe("unknown-ref");
    expect(error.text).toContain("mian");
    expect(error.hint).toContain("main");
  });

  it("no remote to take the default branch from", async () => {
    const repo = clone(small, {});
    git(repo, "branch", "-m", "main", "trunk");
    expect((await refused(["--repo", repo])).hint).toContain("--base");
  });

  it("a shallow clone without the commit", async () => {
    const source = clone(small, { "data/common.yaml": "---\nprofile::motd::text: x\n" });
    const shallow = join(folder(), "shallow");
    git("/", "clone", "-q", "--depth", "1", "--branch", "change", `file://${source}`, shallow);
    const error = await refused(["--repo", shallow, "--base", "HEAD~1"]);
    expect(`${error.text} ${error.hint}`).toContain("git fetch --unshallow");
  });

  it("no main manifest", async () => {
    const error = await refused(["--repo", clone({ ...small, "manifests/site.pp": null }, {}), "--base", "main"]);
    expect(error.text).toContain("manifests");
    expect(error.hint).toMatch(/manifest/u);
  });

  it("a policy on base that is a link: the default one does not stand in for it", async () => {
    const repo = clone(small, {});
    git(repo, "switch", "-q", "main");
    mkdirSync(join(repo, ".github"));
    symlinkSync("../real.yml", join(repo, ".github", "puppet-gate.yml"));
    git(repo, "add", "-A");
    git(repo, "commit", "-qm", "link");
    const error = await refused(["--repo", repo, "--base", "main", "--head", "change"]);
    expect(error).toMatchObject({
      code: "bad-policy",
      text: expect.stringContaining(".github/puppet-gate.yml is no regular file on base"),
    });
  });

  it("a --config that is no policy, with line and column", async () => {
    const config = join(folder(), "policy.yml");
    writeFileSync(config, "version: 1\nservices:\n  - {name: web, match: 'trusted.extension.pp_role == \"web\"'}\n");
    const error = await refused(["--repo", clone(small, {}), "--base", "main", "--config", config]);
    expect(error).toMatchObject({ code: "bad-policy", text: expect.stringMatching(/policy\.yml:3:\d+: /u) });
  });

  it.each([
    ["--facts", "does-not-exist"],
    ["--config", "does-not-exist"],
    ["--modulepath", "does-not-exist"],
  ])("%s that is not there", async (option, value) => {
    const error = await refused(["--repo", clone(small, {}), "--base", "main", option, value]);
    expect(error.text).toContain("does-not-exist");
    expect(error.hint).not.toBe("");
  });

  it("no node matches --nodes", async () => {
    const error = await refused(["--repo", clone(small, {}), "--base", "main", "--nodes", "mail*"]);
    expect(error).toMatchObject({ code: "no-such-node", text: "No node matches --nodes mail*." });
  });

  it("an unknown option is refused with the nearest one and the help", async () => {
    const ran = await puppetGate(["check", "--fact", "x"]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("unknown option '--fact'");
    expect(ran.stderr).toContain("--facts");
  });

  it("prints the error for people on stderr, and nothing on stdout", async () => {
    const ran = await puppetGate(["check", "--repo", folder()]);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toMatch(/^puppet-gate: /mu);
  });
});

describe("what concerns one file or node keeps the others' results", { timeout: 120_000 }, () => {
  const change: Files = { "data/common.yaml": "---\nprofile::motd::text: welcome\n" };

  it("facts that are not YAML", async () => {
    const ran = await check(clone({ ...small, "facts/broken.example.com.yaml": "a: [1\n" }, change));
    expect(outcomes(ran)).toEqual({ [web01]: "changed", [db01]: "changed", "broken.example.com": "not-analysable" });
    expect(reasonOf(ran, "facts")).toEqual({ outcome: "unknown", text: expect.stringContaining("facts/broken.example.com.yaml") });
    expect(ran.code).toBe(1);
  });

  it("facts for a node that nobody defines", async () => {
    const ran = await check(clone({ ...small, "facts/stray.example.com.json": facts("stray.example.com") }, change));
    expect(outcomes(ran)).toMatchObject({ [web01]: "changed", "stray.example.com": "not-analysable" });
    expect(ran.report.nodes.find(({ certname }) => certname === "stray.example.com")?.reason).toBe("no node statement matches");
  });

  it("no facts at all: literal names with shipped facts, and unknown for that reason", async () => {
    const bare: Files = { ...small, [`facts/${web01}.json`]: null, [`facts/${db01}.json`]: null };
    const ran = await check(clone(bare, change));
    expect(outcomes(ran)).toEqual({ [web01]: "changed", [db01]: "changed" });
    expect(reasonOf(ran, "facts")).toEqual({ outcome: "unknown", text: expect.stringContaining("assumed-facts: 2 nodes") });
    expect(reasonOf(ran, "facts").text).not.toContain("pattern");
    expect(ran.report.verdict.outcome).toBe("unknown");
    expect(ran.code).toBe(1);
  });

  it("a node without facts among nodes that have some is simply not there; --nodes says who is", async () => {
    const ran = await check(clone({ ...small, [`facts/${db01}.json`]: null }, change));
    expect(outcomes(ran)).toEqual({ [web01]: "changed" });
  });

  it("a file of 50 MB", async () => {
    const large = Buffer.alloc(50 * 1024 * 1024, "# long\n");
    const ran = await check(clone(small, { "data/large.yaml": large, "site/profile/files/large": large, ...change }));
    expect(outcomes(ran)).toEqual({ [web01]: "changed", [db01]: "changed" });
    expect(reasonOf(ran, "syntax")).toEqual({ outcome: "fail", text: expect.stringMatching(/^data\/large\.yaml: .*(?:MiB|MB|large)/u) });
  });

  it("paths that are not UTF-8 are quoted as git does", async () => {
    const repo = clone(small, {});
    const name = Buffer.concat([Buffer.from(join(repo, "data", "caf")), Buffer.from([0xe9]), Buffer.from(".yaml")]);
    writeFileSync(name, "a: [\n");
    git(repo, "add", "-A");
    git(repo, "commit", "-qm", "latin");
    const ran = await check(repo);
    expect(ran.report.findings.map(({ path }) => path)).toContain('"data/caf\\351.yaml"');
    expect(outcomes(ran)).toEqual({ [web01]: "unchanged", [db01]: "unchanged" });
  });

  it("a manifest that never ends is that node's, with the limit named", async () => {
    const endless = "# @summary Endless\nclass role::web {\n  Integer[1, 4000000000].each |$i| {\n    $x = $i\n  }\n}\n";
    const config = join(folder(), "policy.yml");
    writeFileSync(config, "version: 1\ncompile: {node_seconds: 3}\n");
    const ran = await check(clone(small, { "site/role/manifests/web.pp": endless }), "--config", config);
    expect(outcomes(ran)).toEqual({ [web01]: "not-analysable", [db01]: "unchanged" });
    expect(reasonOf(ran, "compile")).toEqual({
      outcome: "unknown",
      text: expect.stringMatching(/web01\.example\.com: .*3 (?:s|seconds)/u),
    });
  });

  it("a module that is not there", async () => {
    const ran = await check(clone(small, { "site/role/manifests/web.pp": "# @summary Web\nclass role::web {\n  include apache\n}\n" }));
    expect(outcomes(ran)).toEqual({ [web01]: "broken", [db01]: "unchanged" });
    expect(reasonOf(ran, "compile").text).toContain("Could not find class ::apache");
  });

  it("facts given by --facts, in octocatalog-diff's form", async () => {
    const given = folder();
    const yaml = `--- !ruby/object:Puppet::Node::Facts\nname: ${web01}\nvalues:\n  kernel: Linux\n  os: {family: Debian}\ntimestamp: 2026-01-01\n`;
    write(given, { [`${web01}.yaml`]: yaml });
    mkdirSync(join(given, "nested"));
    const ran = await check(clone(small, change), "--facts", given);
    expect(outcomes(ran)).toEqual({ [web01]: "changed" });
    expect(reasonOf(ran, "facts").outcome).toBe("pass");
  });
});

describe("Ctrl-C", { timeout: 60_000 }, () => {
  it("ends the check in order, with nothing left behind", async () => {
    const temporary = folder();
    chmodSync(temporary, 0o755);
    const endless = "# @summary Endless\nclass role::web {\n  Integer[1, 4000000000].each |$i| {\n    $x = $i\n  }\n}\n";
    const repo = clone(small, { "site/role/manifests/web.pp": endless });
    const child = start(["check", "--repo", repo, "--base", "main"], { TMPDIR: temporary });
    await expect.poll(() => child.text(), { timeout: 30_000 }).toContain("compiling catalogs: ");
    child.kill("SIGINT");
    expect(await child.ended).toBe(1);
    expect(child.text()).toContain("The check was interrupted.");
    expect(readdirSync(temporary)).toEqual([]);
  });
});
