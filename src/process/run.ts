import { execa } from "execa";

import { type Command, execaOptions, extraDescriptors, letGo } from "./command.ts";
import { type DiskLimit, watchDisk } from "./disk.ts";

export interface RunOptions extends Command {
  input?: string | Uint8Array;
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
  const subprocess = execa(options.file, options.args, {
    ...execaOptions(options),
    stdio: [options.input === undefined ? "ignore" : toBytes(options.input), "pipe", "pipe", ...extraDescriptors(options)],
    maxBuffer: options.outputBytes,
    timeout: milliseconds,
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  letGo(options, subprocess, confined);
  const watched = options.disk === undefined ? null : watchDisk(options.disk, () => subprocess.kill("SIGKILL"));
  const closeStreams = () => subprocess.stdio.forEach((stream) => stream?.destroy());
  const lastResort = setTimeout(closeStreams, milliseconds + 500);
  const onAbort = () => setTimeout(closeStreams, 500).unref();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const result = await subprocess;
  const memoryLimit = confined?.struck() ?? false;
  await confined?.end();
  const diskLimit = (await watched?.end()) ?? false;
  clearTimeout(lastResort);
  options.signal?.removeEventListener("abort", onAbort);

  const spawned = subprocess.pid !== undefined;
  return {
    ok: !result.failed && !memoryLimit && !diskLimit,
    stdout: bytes(result.stdout),
    stderr: bytes(result.stderr).toString(),
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    timedOut: result.timedOut,
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

const toBytes = (input: string | Uint8Array): Uint8Array => (typeof input === "string" ? new TextEncoder().encode(input) : input);
