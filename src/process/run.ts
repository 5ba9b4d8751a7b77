import { execa } from "execa";

import { type Command, execaOptions, extraDescriptors, letGo } from "./command.ts";
import { type DiskLimit, watchDisk } from "./disk.ts";

export interface RunOptions extends Command {
  /** Given later: the program starts now and its time begins with its input. One that never gets any is ended by `signal`. */
  input?: string | Uint8Array | Promise<string>;
  /** Wall clock. */
  seconds: number;
  /** Most bytes of stdout, and of stderr. */
  outputBytes: number;
  /** What it may write below a folder. Looked at five times a second. */
  disk?: DiskLimit;
  signal?: AbortSignal;
}

/** How a program ended. Success and failure have one shape; where it failed, at least one of the causes says why. */
export interface RunResult {
  /** It exited with 0, within its limits. */
  ok: boolean;
  /** What it wrote, up to the limit. */
  stdout: Buffer;
  stderr: string;
  /** Null where it did not exit by itself. */
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  outputLimit: boolean;
  /** All its processes together took more memory than they may. */
  memoryLimit: boolean;
  /** There is more in the folder of `disk` than it may write. */
  diskLimit: boolean;
  aborted: boolean;
  /** It never started: `ENOENT`, `EACCES`, … */
  spawnError: { code: string; message: string } | null;
  milliseconds: number;
}

/**
 * Runs a program to its end, or to the first limit it hits: then its process group is killed. Never rejects for what the program did.
 * A process that left the group and holds the pipes cannot keep this from ending: they are closed half a second after the limit.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const milliseconds = Math.ceil(options.seconds * 1000);
  const confined = options.confinement?.begin();
  const isLater = options.input instanceof Promise;
  const subprocess = execa(options.file, options.args, {
    ...execaOptions(options),
    stdio: [stdinOf(options.input), "pipe", "pipe", ...extraDescriptors(options)],
    maxBuffer: options.outputBytes,
    ...(isLater ? {} : { timeout: milliseconds }),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  letGo(options, subprocess, confined);
  const watched = options.disk === undefined ? null : watchDisk(options.disk, () => subprocess.kill("SIGKILL"));
  const closeStreams = () => subprocess.stdio.forEach((stream) => stream?.destroy());
  const timers: NodeJS.Timeout[] = [];
  let [ranOut, ended] = [false, false];
  const begin = (): void => {
    if (ended) return;
    timers.push(setTimeout(closeStreams, milliseconds + 500));
    if (isLater) timers.push(setTimeout(() => (ranOut = subprocess.kill("SIGKILL")), milliseconds));
  };
  if (options.input instanceof Promise) {
    // One that has ended already breaks the pipe; that it ended is told below.
    subprocess.stdin?.on("error", () => {});
    void options.input.then((input) => (subprocess.stdin?.end(input), begin()));
  } else begin();
  const onAbort = () => setTimeout(closeStreams, 500).unref();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const result = await subprocess;
  ended = true;
  const memoryLimit = confined?.struck() ?? false;
  await confined?.end();
  const diskLimit = (await watched?.end()) ?? false;
  timers.forEach((timer) => clearTimeout(timer));
  options.signal?.removeEventListener("abort", onAbort);

  const spawned = subprocess.pid !== undefined;
  return {
    ok: !result.failed && !memoryLimit && !diskLimit,
    stdout: bytes(result.stdout),
    stderr: bytes(result.stderr).toString(),
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    timedOut: result.timedOut || ranOut,
    outputLimit: result.isMaxBuffer,
    memoryLimit,
    diskLimit,
    aborted: result.isCanceled,
    spawnError: spawned || !result.failed ? null : { code: result.code ?? "unknown", message: result.originalMessage ?? "" },
    milliseconds: result.durationMs,
  };
}

// Execa's type allows for text, which `encoding: "buffer"` rules out, and the result is undefined where nothing was started.
const bytes = (output: unknown): Buffer =>
  output instanceof Uint8Array ? Buffer.from(output.buffer, output.byteOffset, output.byteLength) : Buffer.alloc(0);

function stdinOf(input: RunOptions["input"]): "ignore" | "pipe" | Uint8Array {
  if (input === undefined) return "ignore";
  if (input instanceof Promise) return "pipe";
  return typeof input === "string" ? new TextEncoder().encode(input) : input;
}
