import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { run } from "../../src/process/run.ts";

export interface Machine {
  cores: number;
  /** Processes that wanted a core during the last minute, on average. */
  load: number;
  memoryGib: number;
  processor: string;
  versions: Record<string, string>;
}

export async function readMachine(): Promise<Machine> {
  return {
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    versions: {
      Puppet: await version("puppet", ["--version"]),
      Ruby: await version("ruby", ["-e", "print RUBY_VERSION"]),
      Node: process.versions.node,
    },
  };
}

async function version(file: string, args: string[]): Promise<string> {
  const { ok, stdout } = await run({
    file,
    args,
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
    seconds: 60,
    outputBytes: 1 << 16,
  });
  if (!ok) throw new Error(`${file} does not say its version; is it installed?`);
  return stdout.toString().trim();
}

export function renderMachine({ cores, load, memoryGib, processor, versions }: Machine): string {
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return `${cores} ${cores === 1 ? "core" : "cores"} (${processor}), ${memoryGib} GiB of memory, load ${load.toFixed(1)} at the end; ${programs.join(", ")}`;
}
