import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Compiler } from "../../src/fleet/site-schema.ts";
import { at, compiler, create, deploy, deployFile, folder, going, one, put, sha, sh } from "./compiler-stage.ts";

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

  it("starts nothing of what was called off while it waited for another one", async () => {
    const compilers = create(compiler({ deploy: sh(`touch "${at()}/$1"; until [ -e ${at("go")} ]; do sleep 0.02; done`) }));
    const control = new AbortController();
    const [first, second] = [compilers.deploy("a", going()), compilers.deploy("b", control.signal)];
    await expect.poll(() => existsSync(at("a"))).toBe(true);
    control.abort();
    writeFileSync(at("go"), "");
    expect([await first, await second]).toEqual([[], ["p1: nothing was started, because it was called off"]]);
    expect(existsSync(at("b"))).toBe(false);
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

  it("keeps others out also after its own process was killed, for as long as its command goes on", async () => {
    const script = `touch ${at("begun")}; until [ -e ${at("go")} ]; do sleep 0.02; done; touch ${at("ended")}`;
    const program = join(import.meta.dirname, "programs", "deploy.ts");
    const child = spawn(process.execPath, [program, JSON.stringify(compiler({ deploy: sh(script) })), at("state")], { stdio: "ignore" });
    await expect.poll(() => existsSync(at("begun"))).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await deploy({})).toEqual([expect.stringContaining("another process deploys there")]);
    put("p1/prod/.r10k-deploy.json", deployFile());
    expect(await one()).toMatchObject({ commit: null });
    writeFileSync(at("go"), "");
    await expect.poll(() => existsSync(at("ended"))).toBe(true);
    await expect.poll(() => deploy({})).toEqual([]);
    expect(await one()).toMatchObject({ commit: sha });
  });

  it("takes no name that could be more than one", async () => {
    expect(await create(compiler()).deploy("../prod", going())).toEqual([expect.stringContaining('"../prod" is no environment\'s name')]);
    expect(await create(compiler()).served("a b")).toMatchObject({ known: false });
  });
});
