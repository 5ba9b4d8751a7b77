import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { familyOf } from "../../src/process/resident.ts";
import { run } from "../../src/process/run.ts";

/** How the demo ends: with commands that work as they are printed, and on a terminal with pages until Ctrl-C. */
const root = join(import.meta.dirname, "..", "..");
const program = [process.execPath, join(import.meta.dirname, "programs", "ending.ts")];
/** Milliseconds: the embedded database is made, six trees are deployed, and each command starts Node. */
const timeout = 480_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-ending-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The commands that are printed, in their order. */
const commandsIn = (said: string): string[] => [...said.matchAll(/^ {2}(npm run .*?)\r?$/gmu)].map(([, command = ""]) => command);

/** As somebody would paste it into a shell in this repository. */
async function paste(command: string): Promise<{ code: number | null; said: string }> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder };
  const { exitCode, stdout, stderr } = await run({ file: "sh", args: ["-c", command], cwd: root, env, seconds: 240, outputBytes: 1 << 20 });
  return { code: exitCode, said: `${stdout.toString()}${stderr}` };
}

it("serves its pages on a terminal until Ctrl-C, and answers the commands meanwhile and afterwards", { timeout }, async () => {
  const place = await mkdtemp(join(folder, "terminal-"));
  // Of util-linux: its own end of the terminal is the pipe that Ctrl-C is written to.
  const args = ["--quiet", "--return", "--flush", "--command", ["exec", ...program, place].join(" "), "/dev/null"];
  const terminal = spawn("script", args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, TERM: "xterm" } });
  onTestFinished(() => void terminal.kill());
  let said = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => terminal.once("exit", resolve));
  await expect.poll(() => said, { timeout: 240_000 }).toContain("Ctrl-C ends this");
  const family = familyOf(terminal.pid ?? 0);
  expect(family.length).toBeGreaterThan(0);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+\/\S+/u.exec(said) ?? [];
  const page = await fetch(url);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("tonearm/control")]);
  const commands = commandsIn(said);
  expect(commands.map((command) => /audit \w+/u.exec(command)?.[0])).toEqual(["audit ask", "audit export", "audit verify"]);
  // A bundle that lacks the last minute would show less than the pages do.
  for (const command of commands)
    expect(await paste(command)).toMatchObject({ code: 0, said: expect.not.stringMatching(/^\s*$|not signed yet/u) });
  terminal.stdin.write("\u0003");
  expect(await ended).toBe(0);
  await expect.poll(() => family.filter((pid) => isThere(pid))).toEqual([]);
  for (const command of commands.filter((each) => !each.includes("export"))) expect(await paste(command)).toMatchObject({ code: 0 });
});

it("ends by itself elsewhere", { timeout }, async () => {
  const place = await mkdtemp(join(folder, "pipe-"));
  const [file = "", ...args] = program;
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder };
  const result = await run({ file, args: [...args, place], cwd: root, env, seconds: 240, outputBytes: 1 << 20 });
  const said = result.stdout.toString();
  expect([result.exitCode, result.stderr]).toEqual([0, ""]);
  expect(said).not.toContain("Ctrl-C");
  for (const command of commandsIn(said)) expect(await paste(command)).toMatchObject({ code: 0 });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process.
    return false;
  }
}
