import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { examineRollout } from "../../src/engine/rollout/examine.ts";
import { environmentsOn } from "../../src/fleet/environments.ts";
import { type Compilers, createCompilers, type Served } from "../../src/fleet/compilers.ts";
import { loadSite } from "../../src/fleet/site.ts";

/** Real r10k and g10k deploy a real repository's branches into the folders of two compilers, by the commands of a site's file. */
const script = join(import.meta.dirname, "../../src/fleet/scripts/config_version.sh");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-deploy-"));
  commit("module", { "manifests/init.pp": "class motd { }\n" });
  commit("control", {
    Puppetfile: `mod 'motd',\n  :git => 'file://${at("module")}',\n  :branch => 'main'\n`,
    "environment.conf": "config_version = scripts/config_version.sh\n",
    "manifests/site.pp": "# one\n",
    "scripts/config_version.sh": readFileSync(script, "utf8"),
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(folder, ...parts);
const lane = "production_canary";
const environment = { PATH: "/usr/bin:/bin", HOME: "/nonexistent" };

const git = (repository: string, ...args: string[]): string => {
  const names = ["-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...names, ...args], { cwd: at(repository), env: environment, encoding: "utf8" }).trim();
};

/** A commit of a repository's branch, which is made where there is none; gives its SHA. */
function commit(repository: string, files: Record<string, string>, branch = repository === "control" ? lane : "main"): string {
  mkdirSync(at(repository), { recursive: true });
  if (!existsSync(at(repository, ".git"))) git(repository, "init", "-q");
  git(repository, "checkout", "-q", "-B", branch);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(at(repository, path)), { recursive: true });
    writeFileSync(at(repository, path), content);
    if (path.endsWith(".sh")) chmodSync(at(repository, path), 0o755);
  }
  git(repository, "add", "--all");
  git(repository, "commit", "-q", "--message", Object.keys(files).join(" "));
  return git(repository, "rev-parse", "HEAD");
}

type Tool = "r10k" | "g10k";

/** A compiler's own configuration of its tool, and its part of the site's file. */
function compiler(name: string, tool: Tool, more = ""): string {
  mkdirSync(at(name, "environments"), { recursive: true });
  const source = `sources:\n  main:\n    remote: file://${at("control")}\n    basedir: ${at(name, "environments")}\n`;
  writeFileSync(at(name, "config.yaml"), `cachedir: ${at(name, "cache")}\n${source}${more}`);
  const deploy = {
    r10k: ["r10k", "deploy", "environment", "{environment}", "--modules", "--config", at(name, "config.yaml")],
    g10k: ["g10k", "-config", at(name, "config.yaml"), "-branch", "{environment}"],
  };
  const flush = ["/bin/sh", "-c", 'touch "$0"', at(name, "flushed-{environment}")];
  const served = { folder: at(name, "environments", "{environment}") };
  return JSON.stringify({ name, deploy: deploy[tool], served, flush, minutes: 2 });
}

function create(...compilers: string[]): Compilers {
  const variables = JSON.stringify({ ...environment, GIT_SSH: at("ssh"), GIT_TERMINAL_PROMPT: "0" });
  const text = `version: 1\nrepository: acme/control\nreports: {puppetdb: true}\nvariables: ${variables}\ncompilers: [${compilers.join(", ")}]\n`;
  const loaded = loadSite(text, "rollout.yaml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return createCompilers(loaded.site, at("state"));
}

const deploy = (compilers: Compilers, name = lane): Promise<readonly string[]> => compilers.deploy(name, new AbortController().signal);
const served = async (compilers: Compilers, name = lane): Promise<readonly Served[]> => {
  const answer = await compilers.served(name);
  if (!answer.known) throw new Error(answer.reason);
  return answer.value;
};
const versionOn = (name: string, of = lane): string =>
  execFileSync(at(name, "environments", of, "scripts", "config_version.sh"), { encoding: "utf8" }).trim();

describe.each<Tool>(["r10k", "g10k"])("%s", (tool) => {
  it("deploys a lane's branch on two compilers, each of which proves it", async () => {
    const compilers = create(compiler("p1", tool), compiler("p2", tool));
    expect((await served(compilers)).map(({ why }) => why)).toEqual(["there is no deploy file", "there is no deploy file"]);
    for (const text of ["# two\n", "# three\n"]) {
      const release = commit("control", { "manifests/site.pp": text });
      expect(await deploy(compilers)).toEqual([]);
      const modules = [{ name: "motd", version: git("module", "rev-parse", "HEAD") }];
      expect(await served(compilers)).toEqual(["p1", "p2"].map((name) => ({ compiler: name, commit: release, why: null, modules })));
      expect([versionOn("p1"), versionOn("p2")]).toEqual([release, release]);
      expect([existsSync(at("p1", `flushed-${lane}`)), existsSync(at("p2", `flushed-${lane}`))]).toEqual([true, true]);
    }
  });

  it("tells of a module that was not to be had, and so deployed half", async () => {
    const compilers = create(compiler("p1", tool), compiler("p2", tool));
    expect(await deploy(compilers)).toEqual([]);
    const before = git("control", "rev-parse", "HEAD");
    const gone = `mod 'motd',\n  :git => 'file://${at("gone")}',\n  :branch => 'main'\n`;
    const release = commit("control", { Puppetfile: gone });
    const failed = await deploy(compilers);
    expect(failed.map((each) => each.replace(/exit code \d+: .*/su, ""))).toEqual([
      `p1: \`${tool}\` ended with `,
      `p2: \`${tool}\` ended with `,
    ]);
    expect(failed[0]).toContain(at("gone"));
    expect((await served(compilers)).map(({ commit: of }) => of)).toEqual([null, null]);
    // Its own file is of the release or of the commit before, but never of the release as a whole.
    expect([`${release}-incomplete`, before]).toContain(versionOn("p1"));
    renameSync(at("module"), at("gone"));
    expect(await deploy(compilers)).toEqual([]);
    expect((await served(compilers)).map(({ commit: of }) => of)).toEqual([release, release]);
    expect(versionOn("p1")).toBe(release);
  });

  it("shows that a module from a branch is another one in the next lane, although the commit is the same", async () => {
    const compilers = create(compiler("p1", tool));
    const release = git("control", "rev-parse", "HEAD");
    expect(await deploy(compilers)).toEqual([]);
    git("control", "branch", "production", lane);
    commit("module", { "manifests/init.pp": "class motd { notify { 'new': } }\n" });
    expect(await deploy(compilers, "production")).toEqual([]);
    const [first, second] = [(await served(compilers))[0], (await served(compilers, "production"))[0]];
    expect([first?.commit, second?.commit]).toEqual([release, release]);
    expect(first?.modules.map(({ name }) => name)).toEqual(second?.modules.map(({ name }) => name));
    expect(first?.modules).not.toEqual(second?.modules);
  });

  it("that fails on one of two compilers leaves the other one proven, and itself not", async () => {
    const compilers = create(compiler("p1", tool), compiler("p2", tool));
    expect(await deploy(compilers)).toEqual([]);
    const before = git("control", "rev-parse", "HEAD");
    const release = commit("control", { "manifests/site.pp": "# two\n" });
    renameSync(at("p2", "config.yaml"), at("p2", "config.away"));
    expect(await deploy(compilers)).toEqual([expect.stringMatching(new RegExp(`^p2: \`${tool}\` ended with exit code`, "u"))]);
    expect((await served(compilers)).map(({ commit: of }) => of)).toEqual([release, null]);
    expect(versionOn("p2")).toBe(before);
    renameSync(at("p2", "config.away"), at("p2", "config.yaml"));
    expect(await deploy(compilers)).toEqual([]);
    expect((await served(compilers)).map(({ commit: of }) => of)).toEqual([release, release]);
  });
});

describe("r10k", () => {
  it("that is frozen by its write lock says so, and what was deployed before is still believed", async () => {
    const compilers = create(compiler("p1", "r10k"));
    expect(await deploy(compilers)).toEqual([]);
    const before = git("control", "rev-parse", "HEAD");
    commit("control", { "manifests/site.pp": "# two\n" });
    compiler("p1", "r10k", "deploy:\n  write_lock: the year's last week\n");
    expect(await deploy(compilers)).toEqual([expect.stringMatching(/^p1: deploying is frozen there .*Reason: the year's last week$/u)]);
    expect((await served(compilers)).map(({ commit: of }) => of)).toEqual([before]);
  });

  it("that is ended midway leaves files of the release under a deploy file of the commit before, and so is not believed", async () => {
    const compilers = create(compiler("p1", "r10k"));
    expect(await deploy(compilers)).toEqual([]);
    const before = git("control", "rev-parse", "HEAD");
    // The module's host takes the connection and says nothing.
    writeFileSync(at("ssh"), `#!/bin/sh\ntouch ${at("waits")}\nexec sleep 600\n`, { mode: 0o755 });
    const silent = "mod 'motd',\n  :git => 'ssh://git@git.example.com/motd.git',\n  :branch => 'main'\n";
    const release = commit("control", { Puppetfile: silent, "manifests/site.pp": "# two\n" });
    const control = new AbortController();
    const deploying = compilers.deploy(lane, control.signal);
    await expect.poll(() => existsSync(at("waits"))).toBe(true);
    control.abort();
    expect(await deploying).toEqual([expect.stringContaining("p1: `r10k` was ended because it was called off")]);
    expect(readFileSync(at("p1", "environments", lane, "manifests", "site.pp"), "utf8")).toBe("# two\n");
    expect(versionOn("p1")).toBe(before);
    expect(await served(compilers)).toMatchObject([{ commit: null, why: expect.stringContaining("did not end well") }]);
    // Also another process, that knows of it by the mark alone, and also once the branch is back where it was.
    git("control", "reset", "-q", "--hard", before);
    const next = create(compiler("p1", "r10k"));
    expect(await served(next)).toMatchObject([{ commit: null }]);
    expect(await deploy(next)).toEqual([]);
    expect(await served(next)).toMatchObject([{ commit: before }]);
    expect(readFileSync(at("p1", "environments", lane, "manifests", "site.pp"), "utf8")).toBe("# one\n");
    expect(release).not.toBe(before);
  });
});

describe("branches that are no lanes", () => {
  const policy = 'version: 1\nlanes:\n  - {name: canary, members: {certnames: ["web*"]}}\n  - {name: rest}\n';

  /** The doctor's row of the environments on one compiler. */
  async function row(folderOf: string): Promise<{ status: string; text: string; hint: string | null } | undefined> {
    const environments = () =>
      environmentsOn({
        name: "p1",
        deploy: [],
        served: { kind: "folder", folder: "" },
        environments: { kind: "folder", folder: folderOf },
        flush: null,
        minutes: 1,
        variables: {},
      });
    const files: Record<string, string> = { ".github/puppet-gate.yml": policy };
    const found = await examineRollout({
      repository: "acme/control",
      compilers: [{ name: "p1", flushes: true, environments }],
      file: async (path) => (files[path] === undefined ? null : Buffer.from(files[path])),
      lanesFile: null,
    });
    return found.find(({ name }) => name === "environments of p1");
  }

  const all: Record<Tool, string[]> = {
    r10k: ["deploy", "environment", "--config", "config.yaml"],
    g10k: ["-config", "config.yaml"],
  };
  const setting: Record<Tool, RegExp> = { r10k: /filter_command: '[^']*'/u, g10k: /filter_regex: '[^']*'/u };

  it.each<Tool>(["r10k", "g10k"])(
    "are deployed by %s, and are not any more once its configuration has what the doctor says",
    async (tool) => {
      for (const branch of ["production", "feature_x"]) git("control", "branch", branch);
      const run = () => execFileSync(tool, all[tool], { cwd: at("p1"), env: environment, stdio: "pipe" });
      compiler("p1", tool);
      run();
      const before = await row(at("p1", "environments"));
      expect(before).toMatchObject({ status: "fail", text: expect.stringContaining("feature_x") });
      const said = setting[tool].exec(before?.hint ?? "")?.[0] ?? "";
      compiler("p1", tool, `    ${said}\n`);
      run();
      expect(await row(at("p1", "environments"))).toMatchObject({
        status: "pass",
        text: expect.stringContaining("production, production_canary"),
      });
    },
  );
});
