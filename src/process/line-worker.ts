import { execa } from "execa";

import { type Command, execaOptions, extraDescriptors, letGo } from "./command.ts";
import { LineSplitter } from "./line-splitter.ts";

/** A long-lived program that is asked in lines on its stdin and answers each with one line on the descriptor given as `answers`. */
export interface LineWorker {
  /**
   * Sends a request (null: sends nothing, and waits for what the worker says first) and waits for its one line. Whatever else
   * happens ends the worker, process group and all, and is said; so does a line nobody asked for. One question at a time.
   */
  ask(request: string | null, limits: { seconds: number; signal?: AbortSignal }): Promise<Answer>;
  /** Whether it can still be asked. */
  readonly alive: boolean;
  /** Kills the process group and waits until it is gone. */
  end(): Promise<void>;
}

export type Answer =
  | { kind: "line"; line: Buffer }
  | { kind: "timeout" }
  | { kind: "aborted" }
  /** A line longer than the limit. */
  | { kind: "too-long" }
  /** More than the one line that was asked for. */
  | { kind: "unasked" }
  /** It ended by itself. `stderr` is the end of what it wrote there, for diagnosis only: it may hold anything. */
  | {
      kind: "ended";
      exitCode: number | null;
      signal: string | null;
      spawnError: { code: string; message: string } | null;
      /** All its processes together took more memory than they may. */
      memoryLimit: boolean;
      stderr: string;
    };

/** Starts a line worker. Its stdout goes nowhere; of its stderr the last 8 KiB are kept. Lines are at most `lineBytes` long. */
export function startLineWorker(command: Command, { lineBytes }: { lineBytes: number }): LineWorker {
  const index = command.descriptors?.indexOf("answers") ?? -1;
  if (index < 0) throw new TypeError("a line worker needs a descriptor for its answers");
  const confined = command.confinement?.begin();
  const subprocess = execa(command.file, command.args, {
    ...execaOptions(command),
    stdio: ["pipe", "ignore", "pipe", ...extraDescriptors(command)],
    buffer: false,
  });
  letGo(command, subprocess, confined);

  // Set while a question is open; what arrives without one is unasked.
  let settle: ((answer: Answer) => void) | null = null;
  let dead: Answer | null = null;
  const die = (answer: Answer): void => {
    if (dead) return;
    dead = answer;
    subprocess.kill("SIGKILL");
    settle?.(answer);
  };

  const splitter = new LineSplitter(lineBytes);
  subprocess.stdio[index + 3]?.on("data", (chunk: Buffer) => {
    if (dead) return;
    const { lines, tooLong, rest } = splitter.push(chunk);
    const [line] = lines;
    if (tooLong) die({ kind: "too-long" });
    else if (settle === null || lines.length > 1 || (line && rest > 0)) die({ kind: "unasked" });
    else if (line) settle({ kind: "line", line });
  });
  let stderr = Buffer.alloc(0);
  subprocess.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-8192);
  });
  // A worker that dies while a request is being written breaks the pipe; that it ended is told below.
  subprocess.stdin?.on("error", () => {});

  const ended = (async () => {
    const { exitCode = null, signal = null, code = "unknown", originalMessage = "no reason given" } = await subprocess;
    const spawnError = subprocess.pid === undefined ? { code, message: originalMessage } : null;
    die({ kind: "ended", exitCode, signal, spawnError, memoryLimit: confined?.struck() ?? false, stderr: stderr.toString() });
    await confined?.end();
  })();

  return {
    get alive() {
      return dead === null;
    },
    ask: async (request, { seconds, signal }) => {
      if (settle) throw new Error("a line worker takes one question at a time");
      if (signal?.aborted) die({ kind: "aborted" });
      if (dead) return dead;
      const { promise, resolve } = Promise.withResolvers<Answer>();
      settle = (answer) => {
        settle = null;
        resolve(answer);
      };
      const timer = setTimeout(() => die({ kind: "timeout" }), seconds * 1000);
      const onAbort = () => die({ kind: "aborted" });
      signal?.addEventListener("abort", onAbort, { once: true });
      if (request !== null) subprocess.stdin?.write(`${request}\n`);
      const answer = await promise;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      return answer;
    },
    end: async () => {
      die({ kind: "ended", exitCode: null, signal: "SIGKILL", spawnError: null, memoryLimit: false, stderr: stderr.toString() });
      // What left the group and holds a pipe open must not hold this up.
      const lastResort = setTimeout(() => subprocess.stdio.forEach((stream) => stream?.destroy()), 1000);
      await ended;
      clearTimeout(lastResort);
    },
  };
}
