import { readdirSync, readFileSync } from "node:fs";

import type { Confined, Confinement, Limits } from "./confinement.ts";

/** Milliseconds between two looks: a process that fills fresh memory without pause takes about half a GiB in that time. */
const interval = 100;

/** Keeps to a limit of memory by looking at it: what all processes together have of their own, and kills them all where it is more. */
export const residentConfinement = ({ memoryBytes }: Pick<Limits, "memoryBytes">): Confinement => ({
  begin: (): Confined => {
    let timer: NodeJS.Timeout | undefined;
    let struck = false;
    return {
      take: (pid, kill) => {
        timer = setInterval(() => {
          if (residentBytes(pid) <= memoryBytes) return;
          struck = true;
          clearInterval(timer);
          kill();
        }, interval);
        timer.unref();
      },
      struck: () => struck,
      end: async () => clearInterval(timer),
    };
  },
});

/** Whether this machine tells which processes a process started. */
export const canLook = (): boolean => readChildren(process.pid) !== null;

/** Bytes that a process and all below it have in memory, without what they share with files. */
export function residentBytes(pid: number): number {
  let sum = 0;
  for (const each of familyOf(pid)) {
    const [, resident = 0, shared = 0] = readOr(`/proc/${each}/statm`, "").split(" ").map(Number);
    sum += Math.max(0, resident - shared) * pageBytes;
  }
  return sum;
}

/** A process and all that it started, each before its own. */
export function familyOf(pid: number): number[] {
  const family = [pid];
  for (const each of family) family.push(...(readChildren(each) ?? []));
  return family;
}

/** Null where the kernel does not say (CONFIG_PROC_CHILDREN), or the process is gone. */
function readChildren(pid: number): number[] | null {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isGone(error)) return otherwise;
    throw error;
  }
}

const isGone = (error: unknown): boolean => ["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");

/** Of x64, and of arm64 as distributions configure it; where pages are larger, more than the limit is let through. */
const pageBytes = 4096;
