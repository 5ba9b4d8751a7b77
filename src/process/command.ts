import type { Writable } from "node:stream";

import type { Options } from "execa";

import type { Confined, Confinement } from "./confinement.ts";

/**
 * A program to start. Nothing of this process is handed on: not its environment, not its folder, not the files it opened. (A descriptor
 * that this process itself inherited open across exec goes on to its children; the sandbox closes those.)
 */
export interface Command {
  /** A path, or a name looked up in `env.PATH`. */
  file: string;
  args: readonly string[];
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  /** An absolute path. */
  cwd: string;
  /** To start it as somebody else, without supplementary groups; only root can. */
  user?: User | null;
  /** What descriptors 3, 4, … are, in this order. */
  descriptors?: readonly Descriptor[];
  /** What the program and all that it starts are held to as a whole. */
  confinement?: Confinement;
}

export interface User {
  uid: number;
  gid: number;
}

/**
 * `content` is a pipe that holds these bytes; `answers` is where a line worker answers; `lifeline` holds one byte, `g`, as soon as the program
 * may go on (it is confined then), and that it is closed tells the program that this process is gone.
 */
export type Descriptor = { content: string | Uint8Array } | "answers" | "lifeline";

/**
 * Execa's options for a command: a process group of its own, killed whole and at once, and also when this process ends.
 * Killing is SIGKILL without grace: what runs here is either read-only or in a sandbox, and a grace period is a gift to what misbehaves.
 */
export const execaOptions = (command: Command) =>
  ({
    env: command.env,
    extendEnv: false,
    cwd: command.cwd,
    ...(command.user ? { uid: command.user.uid, gid: command.user.gid } : {}),
    killDescendants: true,
    killSignal: "SIGKILL",
    forceKillAfterDelay: false,
    cleanup: true,
    reject: false,
    encoding: "buffer",
    stripFinalNewline: false,
  }) satisfies Options;

export const extraDescriptors = (command: Command) =>
  (command.descriptors ?? []).map((descriptor) => {
    if (typeof descriptor === "string") return "pipe" as const;
    return typeof descriptor.content === "string" ? new TextEncoder().encode(descriptor.content) : descriptor.content;
  });

interface Started {
  readonly pid?: number | undefined;
  readonly stdio: readonly unknown[];
  kill(signal: "SIGKILL"): boolean;
}

/** Confines a program that was just started, and lets it go on. */
export function letGo(command: Command, subprocess: Started, confined: Confined | undefined): void {
  if (subprocess.pid !== undefined) confined?.take(subprocess.pid, () => subprocess.kill("SIGKILL"));
  for (const [index, descriptor] of (command.descriptors ?? []).entries()) {
    if (descriptor !== "lifeline") continue;
    const lifeline = subprocess.stdio[index + 3] as Writable;
    // A program that is gone already breaks it; that it ended is told elsewhere.
    lifeline.on("error", () => {});
    lifeline.write("g");
  }
}
