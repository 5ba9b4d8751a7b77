import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { familyOf } from "../../../src/process/resident.ts";
import type { Reads } from "../../simulation/watch.ts";

/** One life of `puppet-gate serve`, from its start until it is killed. */
export interface Life extends Reads {
  name: string;
  pid: number;
  /** Where it listens; null until it does. */
  url: () => string | null;
  isAlive: () => boolean;
  reads: Map<string, number[]>;
  staleReads: { at: number; from: number }[];
  /** Kills it at once; `everybody`: with all that it started, as a machine does that loses its power. */
  kill(everybody: boolean): void;
  /** Ends it in order; gives its exit code. */
  end(): Promise<number | null>;
  ended: Promise<void>;
}

export interface LifePorts {
  name: string;
  environment: Readonly<Record<string, string>>;
  nodeOptions: readonly string[];
  /** Each line of its log that tells of an error, and whatever it says that is no line of a log. */
  onFault: (text: string) => void;
  /** Each that warns: what a violation comes from is often there. */
  onWarning: (text: string) => void;
  /** Processes that it had started by then. */
  onFamily: (family: ReadonlyMap<number, string>) => void;
  onListening: () => void;
}

const cli = join(import.meta.dirname, "..", "..", "..", "src", "cli.ts");
/** pino's numbers. */
const errorLevel = 50;
const warnLevel = 40;

export function startLife({ name, environment, nodeOptions, onFault, onWarning, onFamily, onListening }: LifePorts): Life {
  // As `npm run puppet-gate -- serve` starts it, in a process group of its own.
  const child = spawn(process.execPath, [...nodeOptions, "--max-semi-space-size=8", cli, "serve"], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const pid = child.pid ?? 0;
  let url: string | null = null;
  let isExpected = false;
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on("line", (line) => {
      const told = lineOf(line);
      // Of what a killed process said last, only a part came.
      if (told === null && isExpected) return;
      if (told !== null && told.level === warnLevel) onWarning(`${name}: ${line.slice(0, 2000)}`);
      if (told === null || isFault(told)) onFault(`${name}: ${line.slice(0, 2000)}`);
      if (told?.url === undefined || told.msg !== "puppet-gate is listening") return;
      ({ url } = told);
      onListening();
    });
  const end = async (): Promise<void> => {
    const [code, signal] = (await once(child, "exit")) as unknown[];
    if (!isExpected) onFault(`${name} ended by itself: ${String(code ?? signal)}`);
  };
  const ended = end();
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null && !isExpected;
  return {
    name,
    pid,
    url: () => (isAlive() ? url : null),
    isAlive,
    reads: new Map(),
    staleReads: [],
    ended,
    kill: (everybody) => {
      if (!isAlive()) return;
      isExpected = true;
      const family = namedFamily(pid);
      onFamily(family);
      child.kill("SIGKILL");
      if (everybody) for (const [each, start] of family) if (each !== pid && startOf(each) === start) signal(each);
    },
    end: async () => {
      isExpected = true;
      onFamily(namedFamily(pid));
      return stop(child);
    },
  };
}

async function stop(child: ChildProcess): Promise<number | null> {
  const ended = once(child, "exit");
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await ended;
  }
  return child.exitCode;
}

/** A check that could not be done for a reason that nobody foresaw is a fault of the gate, though it is tried again. */
const isFault = ({ level, msg, err }: Line): boolean =>
  level >= errorLevel || (msg === "a check could not be done" && err?.type !== "Problem");

interface Line {
  level: number;
  msg: string;
  err?: { type?: string };
  url?: string;
}

function lineOf(line: string): Line | null {
  if (line.trim() === "") return { level: 0, msg: "" };
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null; // Not of its log: Node itself says something.
  }
}

/** A process and all that it started, with when each began: numbers are given again. */
const namedFamily = (pid: number): Map<number, string> => new Map(familyOf(pid).map((each) => [each, startOf(each) ?? ""]));

/** proc(5): the 22nd field, behind the name; null for none, or one that only waits for its parent to look. */
export function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[19] ?? null;
  } catch {
    return null; // it is gone
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
