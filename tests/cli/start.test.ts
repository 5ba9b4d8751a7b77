import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeTooOld } from "../../src/cli/node-version.ts";
import { painter, renderProblem } from "../../src/cli/paint.ts";

const cli = join(import.meta.dirname, "..", "..", "src", "cli.ts");

/** Tells on standard error what a process loaded. */
const watcher = `import { registerHooks } from "node:module";
const urls = [];
registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
process.on("exit", () => process.stderr.write(urls.join("\\n")));`;

describe("the start of the command", () => {
  it("lists the commands without loading what they take", () => {
    const watch = `data:text/javascript,${encodeURIComponent(watcher)}`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--import", watch, cli, "--help"], { encoding: "utf8" });
    expect(stdout).toMatch(/^Usage: puppet-gate .*\n[^]*\n {2}check +\S[^]*\n {2}doctor +\S/u);
    const loaded = stderr.split("\n").filter((url) => url.startsWith("file:"));
    const rooms = new Set(loaded.map((url) => /\/src\/([a-z]+)\//u.exec(url)?.[1] ?? /\/node_modules\/([^/]+)/u.exec(url)?.[1]));
    expect(loaded.length).toBeGreaterThan(5);
    expect([...rooms].filter((room) => room !== undefined).sort()).toEqual(["cli", "commander"]);
  });

  it("says which version it is", () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8")) as { version: string };
    for (const option of ["--version", "-V"])
      expect(spawnSync(process.execPath, [cli, option], { encoding: "utf8" }).stdout).toBe(`${version}\n`);
  });

  it("sends whoever mistypes an option to the help of that command", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "policy", "test", "--nope"], { encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: "error: unknown option '--nope'\n(puppet-gate policy test --help says more)\n",
    });
  });

  it("says what Node it needs, before it loads what an older one can't", () => {
    expect([nodeTooOld("24.0.0"), nodeTooOld("100.1.0")]).toEqual([null, null]);
    expect(nodeTooOld("22.11.0")?.text).toBe("Node 22.11.0 is too old: 24 is the oldest that will do.");
    const pretend = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.1.0' })";
    expect(() => execFileSync(process.execPath, ["--import", pretend, cli, "check"], { stdio: "pipe" })).toThrow(
      /Node 20\.1\.0 is too old/u,
    );
  });
});

describe("colours", () => {
  const problem = { text: "It is so.", hint: "Do that." };
  const said = (isTTY: boolean, env: Record<string, string>) => renderProblem(problem, painter({ isTTY }, env));
  const bare = "puppet-gate: It is so.\n  Do that.\n";

  it("are for a terminal whose person wants them", () => {
    expect(said(true, {})).toContain("\u001B[31m");
    expect(said(true, { NO_COLOR: "" })).toContain("\u001B[31m");
    expect([said(false, {}), said(true, { NO_COLOR: "1" }), said(true, { TERM: "dumb" })]).toEqual([bare, bare, bare]);
  });
});
