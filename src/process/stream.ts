import type { Readable, Writable } from "node:stream";

import { execa } from "execa";

import { type Command, execaOptions, extraDescriptors } from "./command.ts";

/** A program that is talked to in bytes, for answers that are too large to keep or that come while it goes on. */
export interface ByteStream {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** How it ended; `stderr` is the end of what it wrote there. Never rejects. */
  readonly ended: Promise<StreamEnd>;
  /** Kills the process group and waits until it is gone. */
  end(): Promise<void>;
}

export interface StreamEnd {
  ok: boolean;
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  stderr: string;
  spawnError: { code: string; message: string } | null;
}

/** Starts a program with pipes to both ends. `seconds` of wall clock is its limit; null for one that lives until `end`. */
export function startStream(command: Command, { seconds }: { seconds: number | null }): ByteStream {
  const subprocess = execa(command.file, command.args, {
    ...execaOptions(command),
    stdio: ["pipe", "pipe", "pipe", ...extraDescriptors(command)],
    buffer: false,
    ...(seconds === null ? {} : { timeout: Math.ceil(seconds * 1000) }),
  });
  let stderr = Buffer.alloc(0);
  subprocess.stderr.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-8192);
  });
  // A program that dies breaks the pipe; that it ended, and how, is told below.
  subprocess.stdin.on("error", () => {});
  const ended = (async (): Promise<StreamEnd> => {
    const result = await subprocess;
    const spawned = subprocess.pid !== undefined;
    return {
      ok: !result.failed,
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
      timedOut: result.timedOut,
      stderr: stderr.toString(),
      spawnError: spawned || !result.failed ? null : { code: result.code ?? "unknown", message: result.originalMessage ?? "" },
    };
  })();
  return {
    stdin: subprocess.stdin,
    stdout: subprocess.stdout,
    ended,
    end: async () => {
      subprocess.kill("SIGKILL");
      subprocess.stdout.destroy();
      await ended;
    },
  };
}
