import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCgroups } from "../../src/process/cgroup.ts";
import { markIn } from "../../src/process/marks.ts";
import { familyOf } from "../../src/process/resident.ts";
import { clone, folder, small } from "./stage.ts";

/**
 * Checks by the command, one of whose processes is killed (-9) at a moment that chance chose. Nothing of it is left, by itself or after the next
 * check, and that one says what an undisturbed one says.
 */
const cli = join(import.meta.dirname, "..", "..", "src", "cli.ts");

interface Run {
  child: ChildProcess;
  /** Exit code, and the report without its times; null where there is none. */
  ended: Promise<{ code: number | null; report: Record<string, unknown> | null; text: string }>;
}

/** Numbers of the processes that were started. */
const started = new Set<string>();

function start(repo: string, temporary: string): Run {
  const child = spawn(process.execPath, [cli, "check", "--repo", repo, "--base", "main", "--no-cache", "--json"], {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.add(String(child.pid));
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve)).then((code) => {
    const parsed = out === "" ? null : (JSON.parse(out) as Record<string, unknown>);
    if (parsed !== null) delete parsed["timing"];
    return { code, report: parsed, text: err + out };
  });
  return { child, ended };
}

const commandOf = (pid: number | string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it ended meanwhile
  }
};
const processes = (): string[] => readdirSync("/proc").filter((entry) => /^\d+$/u.test(entry) && Number(entry) !== process.pid);
/** Processes that have to do with a temporary folder, or a sandbox whose files lie there. */
const processesOf = (temporary: string): string[] => processes().filter((pid) => commandOf(pid).includes(temporary));
const zombiesOf = (parent: number): string[] =>
  processes().filter((pid) => {
    try {
      const [state, owner] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return state === "Z" && Number(owner) === parent;
    } catch {
      return false;
    }
  });
/** Control groups of processes that were started here. */
function groups(): string[] {
  const found = openCgroups();
  const folders = "place" in found ? Object.values(found.place.folders) : [];
  return folders
    .flatMap((each) => (each === null ? [] : readdirSync(each)))
    .filter((name) => started.has(markIn(name)?.split(".")[1] ?? ""));
}

/** Numbers that look like chance and are the same at every run. */
function* chances(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}
const chance = chances(Number(process.env["KILL_SEED"] ?? 7));
const next = (): number => chance.next().value as number;

type Victim = "supervisor" | "supervisor and reapers" | "ruby" | "bwrap";

/** Kills and gives what was killed; a victim that is not there at the moment is waited for. */
async function kill(victim: Victim, { child }: Run, temporary: string): Promise<void> {
  const family = (): number[] => familyOf(child.pid ?? 0).slice(1);
  const isOver = (): boolean => child.exitCode !== null;
  for (;;) {
    if (isOver()) return;
    const [victims, everybody] = [[child.pid ?? 0], family()];
    if (victim === "supervisor and reapers")
      victims.unshift(
        ...processesOf(temporary)
          .map(Number)
          .filter((pid) => commandOf(pid).includes("puppet-gate-reaper")),
      );
    else if (victim !== "supervisor") victims.splice(0, 1, ...everybody.filter((pid) => commandOf(pid).startsWith(`${victim} `)));
    const one =
      victim === "ruby" || victim === "bwrap" ? [victims[Math.floor(next() * victims.length)] ?? 0].filter((pid) => pid > 0) : victims;
    for (const pid of one) signalIfThere(pid);
    if (one.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function signalIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const rounds: Victim[] = ["ruby", "bwrap", "supervisor", "supervisor and reapers", "ruby", "supervisor", "bwrap", "supervisor and reapers"];

describe("whatever is killed, and whenever", () => {
  const head = { "site/profile/templates/web.conf.erb": "listen 81\n", "site/profile/manifests/more.pp": "class profile::more { }\n" };
  let expected: Awaited<Run["ended"]>;
  let usual = 0;
  let repo = "";

  it("leaves nothing, and the next check is right", { timeout: 600_000 }, async () => {
    repo = clone(small, head);
    const temporary = folder();
    chmodSync(temporary, 0o755);
    const began = performance.now();
    expected = await start(repo, temporary).ended;
    usual = performance.now() - began;
    expect(JSON.stringify(expected.report?.["nodes"] ?? expected.text)).toContain('"certname":"web01.example.com","outcome":"changed"');
    for (const victim of rounds) {
      const run = start(repo, temporary);
      await new Promise((resolve) => setTimeout(resolve, next() * usual));
      await kill(victim, run, temporary);
      const disturbed = await run.ended;
      const words = `${victim}: ${disturbed.code} ${disturbed.text.slice(0, 1500)}`;
      // That a worker was killed is told; where it is not, nothing came of it: a spare, or a node that was compiled again.
      const isTold = disturbed.report?.["error"] !== undefined || /without an answer|SIGKILL|exit code 137/u.test(disturbed.text);
      const isKilled = victim.startsWith("supervisor");
      const report = isTold || (isKilled && disturbed.report === null) ? expected.report : disturbed.report;
      expect({ words, report }).toEqual({ words, report: expected.report });
      await expect
        .poll(() => processesOf(temporary).filter((pid) => !commandOf(pid).includes("puppet-gate-reaper")), { message: words })
        .toEqual([]);

      const again = await start(repo, temporary).ended;
      expect({ words, code: again.code, report: again.report }).toEqual({ words, code: expected.code, report: expected.report });
      await expect.poll(() => [...readdirSync(temporary), ...processesOf(temporary)], { message: words }).toEqual([]);
      await expect.poll(() => groups(), { message: words }).toEqual([]);
      expect({ words, zombies: zombiesOf(process.pid) }).toEqual({ words, zombies: [] });
    }
  });
});
