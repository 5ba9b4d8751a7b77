import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Compilers, createCompilers } from "../../src/fleet/compilers.ts";
import type { Compiler } from "../../src/fleet/site-schema.ts";

/** Deploys by small programs; the real tools are in tests/services/. */

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-compilers-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(folder, ...parts);
const sh = (script: string): string[] => ["/bin/sh", "-c", script, "deploy", "{environment}"];
const base: Compiler = {
  name: "p1",
  deploy: sh("true"),
  served: { kind: "folder", folder: "" },
  flush: null,
  minutes: 1,
  variables: { PATH: "/usr/bin:/bin" },
};
const compiler = (changes: Partial<Compiler> = {}): Compiler => {
  const name = changes.name ?? "p1";
  return { ...base, served: { kind: "folder", folder: at(name, "{environment}") }, ...changes };
};
const create = (...compilers: Compiler[]): Compilers => createCompilers({ compilers }, at("state"));
const going = (): AbortSignal => new AbortController().signal;
const deploy = (changes: Partial<Compiler>): Promise<readonly string[]> => create(compiler(changes)).deploy("prod", going());

const sha = "0123456789abcdef0123456789abcdef01234567";
const other = "f".repeat(40);
const deployFile = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ name: "prod", signature: sha, deploy_success: true, module_deploys: [], ...changes });
const put = (path: string, content: string): void => {
  mkdirSync(join(at(path), ".."), { recursive: true });
  writeFileSync(at(path), content);
};
const served = async (...compilers: Compiler[]) => create(...(compilers.length > 0 ? compilers : [compiler()])).served("prod");
const one = async () => {
  const answer = await served();
  return answer.known ? answer.value[0] : answer;
};

describe("a deploy", () => {
  it("runs on each compiler with its own arguments, its own environment, and nothing of ours", async () => {
    const script = `env >"$2/env-$1"; printf '%s ' "$0" "$1" >"$2/arguments"`;
    const argv = ["/bin/sh", "-c", script, "$(id)", "x{environment}", folder];
    expect(await deploy({ deploy: argv, variables: { PATH: "/usr/bin:/bin", HOME: "/nowhere" } })).toEqual([]);
    expect(readFileSync(at("arguments"), "utf8")).toBe("$(id) xprod ");
    const variables = readFileSync(at("env-xprod"), "utf8").trim().split("\n").sort();
    expect(variables.filter((line) => !/^(?:PWD|SHLVL|_|OLDPWD)=/u.test(line))).toEqual(["HOME=/nowhere", "PATH=/usr/bin:/bin"]);
    expect(readdirSync(at("state"))).toEqual(["p1.lock"]);
  });

  it("is told of with what it said last, without colours, and without what could be a password", async () => {
    const script = String.raw`printf '\033[31mERROR\033[0m cannot reach https://bot:secret@git.example.com/x\n' >&2; exit 3`;
    expect(await deploy({ deploy: sh(script) })).toEqual(["p1: `sh` ended with exit code 3: ERROR cannot reach https://git.example.com/x"]);
  });

  it.each<[string, Partial<Compiler>, string]>([
    ["a program that is not there", { deploy: ["/nowhere/r10k", "{environment}"] }, "p1: `r10k` ended with exit code 127: "],
    ["too long", { deploy: sh("sleep 600"), minutes: 0.01 }, "p1: `sh` was ended after 0.6 seconds"],
    ["a flood", { deploy: sh("yes") }, "p1: `sh` was ended because it wrote more than anybody could read: y | y"],
    [
      "r10k's write lock",
      { deploy: sh("echo Reason: holidays; exit 16") },
      "p1: deploying is frozen there (`write_lock` of r10k): Reason: holidays",
    ],
    ["a code that the lock has, too", { deploy: sh("exit 75") }, "p1: `sh` ended with exit code 75"],
    [
      "what can't be flushed",
      { flush: ["/bin/sh", "-c", "exit 7"] },
      "p1: prod was deployed, but not flushed: `sh` ended with exit code 7",
    ],
  ])("that fails by %s is told", async (_, changes, words) => {
    expect(await deploy(changes)).toEqual([expect.stringContaining(words)]);
  });

  it("flushes after it, with the same placeholder", async () => {
    const flush = ["/bin/sh", "-c", `test -e ${at("deployed")} && touch "${folder}/flushed-$1"`, "flush", "{environment}"];
    expect(await deploy({ deploy: sh(`touch ${at("deployed")}`), flush })).toEqual([]);
    expect(existsSync(at("flushed-prod"))).toBe(true);
  });

  it("leaves no process behind when its time is over, or when it is called off", async () => {
    const script = `sh -c 'echo $$ >${at("pid")}; exec sleep 600' & wait`;
    const control = new AbortController();
    const deploying = create(compiler({ deploy: sh(script) })).deploy("prod", control.signal);
    await expect.poll(() => existsSync(at("pid")) && readFileSync(at("pid"), "utf8").trim()).toMatch(/^\d+$/u);
    control.abort();
    expect(await deploying).toEqual(["p1: `sh` was ended because it was called off"]);
    await expect.poll(() => existsSync(`/proc/${readFileSync(at("pid"), "utf8").trim()}`)).toBe(false);
  });

  it("waits for another one of the same compiler, and for none of another compiler", async () => {
    // Each says that it began, and sees who else is at it.
    const place = `${at()}/$2`;
    const alone = `test ! -e "${place}" || exit 9; touch "${place}"; until [ -e ${at("met")} ]; do sleep 0.02; done; rm "${place}"`;
    const of = (name: string): Compiler => compiler({ name, deploy: [...sh(alone), name] });
    const compilers = create(of("p1"), of("p2"));
    const both = Promise.all([compilers.deploy("a", going()), compilers.deploy("b", going())]);
    await expect.poll(() => existsSync(at("p1")) && existsSync(at("p2"))).toBe(true);
    writeFileSync(at("met"), "");
    expect(await both).toEqual([[], []]);
  });

  it("starts nothing while the deploy of another process of this machine goes on", async () => {
    const holding = create(
      compiler({ deploy: sh(`touch ${at("begun")}; until [ -e ${at("go")} ]; do sleep 0.02; done; rm ${at("begun")}`) }),
    );
    const first = holding.deploy("prod", going());
    await expect.poll(() => existsSync(at("begun"))).toBe(true);
    const nothing = "p1: nothing was started, because another process deploys there; it is tried again";
    expect(await deploy({ deploy: sh(`touch ${at("second")}`) })).toEqual([nothing]);
    writeFileSync(at("go"), "");
    expect(await first).toEqual([]);
    expect(existsSync(at("second"))).toBe(false);
    expect(await deploy({})).toEqual([]);
  });

  it("takes no name that could be more than one", async () => {
    expect(await create(compiler()).deploy("../prod", going())).toEqual([expect.stringContaining('"../prod" is no environment\'s name')]);
    expect(await create(compiler()).served("a b")).toMatchObject({ known: false });
  });
});

describe("what a compiler serves", () => {
  it("is the commit of the deploy file, with the modules by name", async () => {
    const modules = [
      { name: "ntp", version: "9.0.1", sha: null },
      { name: "apache", version: "main", sha: other },
    ];
    put("p1/prod/.r10k-deploy.json", deployFile({ module_deploys: modules }));
    expect(await one()).toEqual({
      compiler: "p1",
      commit: sha,
      why: null,
      modules: [
        { name: "apache", version: other },
        { name: "ntp", version: "9.0.1" },
      ],
    });
  });

  it("has g10k's modules from what it leaves in them", async () => {
    put("p1/prod/.g10k-deploy.json", deployFile({ module_deploys: undefined }));
    put("p1/prod/modules/apache/.latest_commit", other);
    put("p1/prod/modules/ntp/metadata.json", '{"name": "puppetlabs-ntp", "version": "9.0.1"}');
    put("p1/prod/modules/README", "no module");
    symlinkSync("/etc/passwd", at("p1/prod/modules/apache/metadata.json"));
    expect(await one()).toMatchObject({
      commit: sha,
      modules: [
        { name: "apache", version: other },
        { name: "ntp", version: "9.0.1" },
      ],
    });
  });

  it.each([
    ["there is none", null, "there is no deploy file"],
    ["it is empty", "", "there is no deploy file"],
    ["it is torn", deployFile().slice(0, 40), "its deploy file is torn or no JSON"],
    ["the deploy failed", deployFile({ deploy_success: false }), `the deploy of ${sha} is incomplete: it still goes on, or failed`],
    ["it says nothing of success", deployFile({ deploy_success: undefined }), "its deploy file has no usable `deploy_success`"],
    ["success is a word", deployFile({ deploy_success: "true" }), "its deploy file has no usable `deploy_success`"],
    ["the commit is short", deployFile({ signature: "0123456" }), "its deploy file has no usable `signature`"],
    ["the commit hides words", deployFile({ signature: `${sha}\n` }), "its deploy file has no usable `signature`"],
    ["it is a list", "[]", "its deploy file has no usable ``"],
    ["modules are no list", deployFile({ module_deploys: {} }), "its deploy file has no usable `module_deploys`"],
    ["it is huge", `${deployFile()}${" ".repeat(5_000_000)}`, "its deploy file is torn or no JSON"],
  ])("is not known where %s", async (_, content, why) => {
    mkdirSync(at("p1/prod"), { recursive: true });
    if (content !== null) put("p1/prod/.r10k-deploy.json", content);
    expect(await one()).toMatchObject({ commit: null, why });
  });

  it("is not a link, which could lead to another environment", async () => {
    put("p1/other/.r10k-deploy.json", deployFile());
    mkdirSync(at("p1/prod"));
    symlinkSync("../other/.r10k-deploy.json", at("p1/prod/.r10k-deploy.json"));
    expect(await one()).toMatchObject({ commit: null });
  });

  it("is not known where two tools say two things", async () => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    put("p1/prod/.g10k-deploy.json", deployFile({ signature: other }));
    const why = `.r10k-deploy.json says ${sha}, and .g10k-deploy.json says ${other}; remove the one whose tool is not used`;
    expect(await one()).toMatchObject({ commit: null, why });
  });

  it.each<[string, Partial<Compiler>]>([
    ["failed", { deploy: sh("exit 1") }],
    ["was killed", { deploy: sh("kill -9 $$") }],
    ["could not be flushed", { flush: ["/bin/false"] }],
  ])("is not believed after a deploy that %s, until one ends well; a freeze changes nothing", async (_, changes) => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    expect(await deploy({ deploy: sh("exit 16") })).toHaveLength(1);
    expect(await one()).toMatchObject({ commit: sha });
    expect(await deploy(changes)).toHaveLength(1);
    expect(await one()).toMatchObject({ commit: null, why: expect.stringContaining("did not end well") });
    expect(await deploy({ deploy: sh("exit 16") })).toHaveLength(1);
    expect(await one()).toMatchObject({ commit: null });
    expect(await deploy({})).toEqual([]);
    expect(await one()).toMatchObject({ commit: sha });
  });

  it("can come from a command", async () => {
    const cat = (path: string): Compiler => compiler({ served: { kind: "command", command: ["cat", at(`${path}/{environment}`)] } });
    put("here/prod", deployFile());
    expect(await served(cat("here"))).toMatchObject({ known: true, value: [{ commit: sha }] });
    const why = expect.stringContaining("there is no deploy file: cat: ");
    expect(await served(cat("nowhere"))).toMatchObject({ known: true, value: [{ commit: null, why }] });
  });

  it("is not known as a whole where one of two does not answer", async () => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    const command = ["/bin/sh", "-c", "echo 'ssh: connect to host p2 port 22: Connection refused' >&2; exit 255", "{environment}"];
    const silent = compiler({ name: "p2", served: { kind: "command", command } });
    const reason = "p2 does not answer: `sh` ended with exit code 255: ssh: connect to host p2 port 22: Connection refused";
    expect(await served(compiler(), silent)).toEqual({ known: false, reason });
  });

  it("is not known where marks of deploys can't be looked at", async () => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    writeFileSync(at("state"), "a file");
    chmodSync(at("state"), 0o600);
    expect(await served()).toEqual({ known: false, reason: "what p1 serves can't be looked at: it is no folder" });
  });
});
