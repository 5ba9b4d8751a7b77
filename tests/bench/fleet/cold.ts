import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Report, reportSchema } from "../../../src/gate/report.ts";
import { familyOf } from "../../../src/process/resident.ts";
import type { Head, World } from "./world.ts";

/** One `puppet-gate check` as a person runs it, in a process that knows nothing yet. */
export interface ColdCheck {
  milliseconds: number;
  report: Report;
  /** Largest resident size of the process itself, and of the largest Ruby below it, while it ran. */
  supervisorMib: number;
  workerMib: number;
}

const root = join(import.meta.dirname, "..", "..", "..");

/** As the system starts the command, by its first line. */
function started(): string[] {
  const path = join(root, "src", "cli.ts");
  const [, how] = /^#!\/usr\/bin\/env -S (.+)\n/.exec(readFileSync(path, "utf8")) ?? [];
  if (how === undefined) throw new Error(`${path} does not say how it is started`);
  return [how, path];
}

/** `cache` is a folder below the world's. A check that did not see exactly what the head changes is no measurement. */
export async function checkCold(world: World, head: Head, cache: string): Promise<ColdCheck> {
  const options = ["--repo", world.repo, "--base", "production", "--head", head, "--facts", world.facts, "--json"];
  const start = performance.now();
  const child = spawn("/usr/bin/env", ["-S", ...started(), "check", ...options, "--cache", join(world.folder, cache)], {
    cwd: root,
    env: { ...world.env, PATH: `${dirname(process.execPath)}:${world.env["PATH"]}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const peaks = { supervisorMib: 0, workerMib: 0 };
  const look = (): void => {
    const { pid } = child;
    if (pid === undefined) return;
    for (const each of familyOf(pid)) {
      const { name, peakMib } = statusOf(each);
      if (each === pid) peaks.supervisorMib = Math.max(peaks.supervisorMib, peakMib);
      else if (name === "ruby") peaks.workerMib = Math.max(peaks.workerMib, peakMib);
    }
  };
  const timer = setInterval(look, 300);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(timer);
  const milliseconds = performance.now() - start;
  const text = Buffer.concat(output).toString();
  if (code === null || text === "") throw new Error(`check ended with ${code}: ${Buffer.concat(errors).toString().slice(-2_000)}`);
  const report = readReport(JSON.parse(text), world, head);
  return { milliseconds, report, ...peaks };
}

export function readReport(value: unknown, world: World, head: Head): Report {
  const parsed = reportSchema.safeParse(value);
  if (!parsed.success) throw new Error(`no report: ${JSON.stringify(value).slice(0, 2_000)}`);
  const report = parsed.data;
  const changed = report.nodes.filter(({ outcome }) => outcome === "changed").map(({ certname }) => certname);
  const failed = report.nodes.filter(({ outcome }) => outcome !== "changed" && outcome !== "unchanged");
  const expected = world.changedBy(head).map(({ certname }) => certname);
  const [first] = failed;
  if (first !== undefined || report.nodes.length !== world.nodes.length || changed.toSorted().join() !== expected.toSorted().join())
    throw new Error(
      `${head}: ${changed.length} nodes changed of ${report.nodes.length}, not ${expected.length} of ${world.nodes.length}; ${failed.length} failed: ` +
        JSON.stringify([first, report.findings.slice(0, 3), report.verdict]).slice(0, 3_000),
    );
  return report;
}

/** Both are null-like for a process that is gone. */
function statusOf(pid: number): { name: string; peakMib: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return { name: /^Name:\s+(\S+)/u.exec(status)?.[1] ?? "", peakMib: Number(/VmHWM:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024 };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return { name: "", peakMib: 0 };
    throw error;
  }
}
