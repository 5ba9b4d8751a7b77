import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

/**
 * This process's own part of the names of what it makes, by which others can tell whether it still lives: where its number counts (this
 * boot of the machine, its PID namespace), the number, and when it began, since numbers are given again. The end is chance, so that what begins
 * with it is nobody else's, in whatever container they run.
 */
export const ownMark = [ownPlace(), process.pid, startOf(process.pid), randomBytes(3).toString("hex")].join(".");

/** What is known of the process of a mark. `elsewhere`: its number says nothing here, and neither does this. */
export function fateOf(mark: string): "alive" | "dead" | "elsewhere" {
  const [place, pid, start] = mark.split(".");
  if (place !== ownPlace()) return "elsewhere";
  return startOf(Number(pid)) === start ? "alive" : "dead";
}

/** The mark in a name that begins with `puppet-gate-`; null where there is none. */
export const markIn = (name: string): string | null =>
  /^puppet-gate-(?:[a-z0-9]+-)?([0-9a-f]{12}\.\d+\.\d+\.[0-9a-f]{6})-/u.exec(name)?.[1] ?? null;

function ownPlace(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  return createHash("sha256")
    .update(`${boot}${readlinkSync("/proc/self/ns/pid")}`)
    .digest("hex")
    .slice(0, 12);
}

/** When a process began, in ticks since the boot; null where there is none of that number (proc(5): the 22nd field, behind the name). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
