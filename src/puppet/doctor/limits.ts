import { readdirSync, readFileSync } from "node:fs";

import type { RunResult } from "../../process/run.ts";
import { temporaryFolder } from "../../process/temporary.ts";
import type { Mount, Sandbox } from "../sandbox.ts";
import type { SandboxLimits } from "../sandbox-launcher.ts";

/** Opens a sandbox as changes are compiled in; what a test puts in its place may hold nothing. */
export type OpenFor = (mounts: readonly Mount[], limits: Partial<SandboxLimits>) => Promise<Sandbox>;

export interface LimitProbe {
  name: string;
  holds: string;
  /** What is wrong; null where the limit strikes. */
  run: () => Promise<string | null>;
}

const limits: SandboxLimits = { memoryMib: 256, processes: 40, cpuSeconds: 20, scratchMib: 8 };
const mebibyte = 1024 * 1024;

/** Each takes more than it may, in a sandbox with small limits. */
export function limitProbes(open: OpenFor): LimitProbe[] {
  const probe = async (...command: string[]): Promise<RunResult> =>
    (await open([], limits)).run({ command, limits, seconds: 20, outputBytes: 64 * 1024 });
  const ruby = (script: string): Promise<RunResult> => probe("ruby", "--disable=gems", "-e", script);
  return [
    {
      name: "processes",
      holds: `a fork bomb stops below ${limits.processes}`,
      run: async () => {
        const count = Number((await probe("sh", "-c", bomb)).stdout.toString().trim().split("\n").at(-1));
        return count > 0 && count <= limits.processes ? null : `it started ${count} processes under a limit of ${limits.processes}`;
      },
    },
    {
      name: "memory of a process",
      holds: `it ends at ${limits.memoryMib} MiB`,
      run: async () => ((await ruby('x = "a" * (400 << 20); print x.size')).ok ? "one process took 400 MiB" : null),
    },
    {
      name: "memory of the whole sandbox",
      holds: `three processes of 120 MiB are ended at ${limits.memoryMib} MiB together`,
      run: async () => {
        const { memoryLimit } = await ruby('3.times { fork { x = "a" * (120 << 20); sleep 2 } }; Process.waitall');
        return memoryLimit ? null : "three processes took 360 MiB together";
      },
    },
    {
      name: "file size",
      holds: `/tmp takes ${limits.scratchMib} MiB and no more`,
      run: async () => {
        const written = Number((await ruby(filler)).stdout.toString());
        return written <= limits.scratchMib * mebibyte ? null : `it wrote ${Math.round(written / mebibyte)} MiB`;
      },
    },
    {
      name: "output",
      holds: "a program that talks without end is ended",
      run: async () => ((await ruby('loop { $stdout.write("x" * 4096) }')).outputLimit ? null : "it went on"),
    },
    {
      name: "time and leftovers",
      holds: "an endless loop, and what hides from it in a session of its own, is ended",
      run: () => leftovers(open),
    },
  ];
}

/** A shell's, which gives up at the first fork that fails; Ruby tries again for seconds. */
const bomb = "at=0; while [ $at -lt 300 ]; do sleep 60 & at=$((at + 1)); echo $at; done";

const filler = `trap(:XFSZ, "IGNORE")
files = %w[/tmp/a.probe /tmp/b.probe]
files.each do |path|
  File.open(path, "wb") { |file| 12.times { file.syswrite("a" * (1 << 20)) } }
rescue SystemCallError
end
print files.sum { |path| File.size?(path) || 0 }
files.each { |path| File.delete(path) if File.exist?(path) }`;

async function leftovers(open: OpenFor): Promise<string | null> {
  const folder = await temporaryFolder("leftovers");
  try {
    const sandbox = await open([{ folder: folder.path, at: "/srv/probe" }], limits);
    const script = "fork { Process.setsid; loop { } }; loop { }";
    const result = await sandbox.run({
      command: ["ruby", "--disable=gems", "-e", script, folder.path],
      limits,
      seconds: 1,
      outputBytes: 1024,
    });
    if (!result.timedOut) return "an endless loop was not ended by its time";
    for (let tries = 0; tries < 30; tries++) {
      if (processesOf(folder.path).length === 0) return null;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return `processes are left: ${processesOf(folder.path).join(", ")}`;
  } finally {
    await folder.remove();
  }
}

/** Processes whose command line names a folder. */
const processesOf = (folder: string): string[] =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
    } catch (error) {
      if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
      throw error;
    }
  });
