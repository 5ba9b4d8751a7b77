import { lstat, readlink } from "node:fs/promises";

import { Problem } from "../problem.ts";
import type { Command, Descriptor, User } from "../process/command.ts";
import { run, type RunResult } from "../process/run.ts";
import { confinementOf } from "./sandbox-confinement.ts";
import { etcFiles, sandboxEnv } from "./sandbox-files.ts";
import { defaultLimits, launcher, type SandboxLimits } from "./sandbox-launcher.ts";
import { seccompFilter } from "./sandbox-seccomp.ts";
import { prepareFolder, sandboxUser } from "./sandbox-user.ts";

/** A folder of this machine and where it is seen, read-only, in the sandbox. */
export interface Mount {
  folder: string;
  at: string;
}

/** What is run in a sandbox. `files` are put into it read-only, by their absolute paths there: scripts, lists, configuration. */
export interface SandboxedCommand {
  command: readonly string[];
  files?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** A folder of the sandbox; `/tmp` where nothing is said. */
  cwd?: string;
  limits?: Partial<SandboxLimits>;
}

export interface SandboxedRun extends SandboxedCommand {
  /** Given later: see `run`. */
  input?: string | Uint8Array | Promise<string>;
  /** Wall clock. */
  seconds: number;
  outputBytes: number;
  signal?: AbortSignal;
}

/**
 * A set of mounts in which untrusted programs run: no network, no host files but /usr, no capabilities, an ordinary uid of its own,
 * everything read-only but a bounded /tmp that ends with the program. Every run is a fresh sandbox over the same mounts.
 */
export interface Sandbox {
  /** Runs a command to its end or to a limit. Throws a Problem where the sandbox itself can't be made; never runs anything outside. */
  run(command: SandboxedRun): Promise<RunResult>;
  /** What to start for a long-lived program in it: its answers arrive on the descriptor named in the variable ANSWERS. */
  worker(command: SandboxedCommand): Command;
}

/** Opens a sandbox over folders, which are made readable for its uid (`prepareFolder`). */
export async function openSandbox(mounts: readonly Mount[], limits: Partial<SandboxLimits> = {}): Promise<Sandbox> {
  const user = await sandboxUser(mounts.map(({ folder }) => folder));
  if (user) for (const { folder } of mounts) await prepareFolder(folder, user);
  const system = await systemMounts();
  const build = (command: SandboxedCommand, answers: boolean): Command =>
    bwrapCommand({ command, answers, mounts, system, user, limits: { ...defaultLimits, ...limits, ...command.limits } });

  return {
    run: async ({ seconds, outputBytes, signal, input, ...command }) => {
      // Nothing that runs for so long by the wall needs more of the processor, even where nobody is left to end it.
      const cpuSeconds = Math.ceil(seconds) + 1;
      const result = await run({
        ...build({ ...command, limits: { cpuSeconds, ...command.limits } }, false),
        seconds,
        outputBytes,
        ...(signal ? { signal } : {}),
        ...(input === undefined ? {} : { input }),
      });
      throwIfNoSandbox(result);
      return result;
    },
    worker: (command) => build(command, true),
  };
}

interface Plan {
  command: SandboxedCommand;
  answers: boolean;
  mounts: readonly Mount[];
  system: readonly string[];
  user: User | null;
  limits: SandboxLimits;
}

function bwrapCommand({ command, answers, mounts, system, user, limits }: Plan): Command {
  const descriptors: Descriptor[] = [];
  const files = Object.entries({ ...etcFiles, ...command.files }).flatMap(([path, content]) => {
    descriptors.push({ content });
    return ["--ro-bind-data", String(descriptors.length + 2), path];
  });
  const filter = seccompFilter();
  if (filter) descriptors.push({ content: filter });
  const seccomp = filter ? ["--seccomp", String(descriptors.length + 2)] : [];
  descriptors.push("lifeline");
  const lifeline = descriptors.length + 2;
  const env: Record<string, string> = { ...sandboxEnv, ...command.env };
  if (answers) {
    descriptors.push("answers");
    env["ANSWERS"] = String(descriptors.length + 2);
  }
  const mebibytes = (size: number) => String(size * 1024 * 1024);
  return {
    file: "bwrap",
    args: [
      ...words("--unshare-all --clearenv --cap-drop ALL --die-with-parent --new-session"),
      ...words("--uid 65534 --gid 65534 --hostname sandbox"),
      ...system,
      ...words(`--dev /dev --size ${mebibytes(1)} --tmpfs /dev/shm --remount-ro /dev`),
      ...words(`--size ${mebibytes(limits.scratchMib)} --tmpfs /tmp`),
      ...mounts.flatMap(({ folder, at }) => ["--ro-bind", folder, at]),
      ...files,
      "--remount-ro",
      "/",
      "--chdir",
      command.cwd ?? "/tmp",
      ...seccomp,
      ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
      "--",
      ...launcher({ limits, lifeline, answers: answers ? descriptors.length + 2 : null }),
      ...command.command,
    ],
    env: { PATH: sandboxEnv.PATH },
    cwd: "/",
    user,
    descriptors,
    confinement: confinementOf(limits),
  };
}

const words = (text: string): string[] => text.split(" ");

/**
 * /usr and what usually leads into it, without its configuration; Ruby and Puppet where a vendor's package or `gem install` puts them (but
 * not the agent's cache that lies beside: it holds this machine's own catalog).
 */
async function systemMounts(): Promise<string[]> {
  const args = ["--ro-bind", "/usr", "/usr"];
  for (const own of ownFolders) if ((await lstat(own).catch(() => null))?.isDirectory()) args.push("--tmpfs", own);
  const vendor = ["bin", "lib", "share", "modules", "vendor_modules"].map((name) => `/opt/puppetlabs/puppet/${name}`);
  for (const path of [...vendor, "/var/lib/gems"]) args.push("--ro-bind-try", path, path);
  for (const name of ["bin", "sbin", "lib", "lib32", "lib64", "libx32"]) {
    const stats = await lstat(`/${name}`).catch(() => null);
    if (stats?.isSymbolicLink()) args.push("--symlink", await readlink(`/${name}`), `/${name}`);
    else if (stats?.isDirectory()) args.push("--ro-bind", `/${name}`, `/${name}`);
  }
  return args;
}

/** Folders of /usr that no package fills but people do, with what they build, install and configure by hand: this product among it. */
const ownFolders = ["/usr/src", "/usr/local/src", "/usr/local/etc", "/usr/local/lib/node_modules"];

/** Failures of the sandbox itself: bubblewrap or Ruby is missing, or this machine lets it make no sandbox. */
export function throwIfNoSandbox({ spawnError, stderr, exitCode }: Pick<RunResult, "spawnError" | "stderr" | "exitCode">): void {
  if (spawnError?.code === "ENOENT") throw missingProgram("bubblewrap (bwrap)", "bubblewrap");
  // Its own words come before any of the command's, which may say the same.
  const refusal = /^bwrap: (.*)/.exec(stderr)?.[1];
  if (refusal?.startsWith("execvp ruby")) throw missingProgram("ruby", "ruby");
  if (spawnError || (refusal !== undefined && exitCode === 1)) {
    throw new Problem({
      code: "no-sandbox",
      text: `bubblewrap can't make a sandbox on this machine: ${(refusal ?? spawnError?.message ?? "unknown").replace(/[.\s]+$/, "")}.`,
      hint: "Run `puppet-gate doctor` here: it says which setting of the kernel, or which option of the container, stands in the way.",
    });
  }
}

/** `name` as people know it, `debian` the package that holds it. */
export const missingProgram = (name: string, debian: string): Problem =>
  new Problem({
    code: "missing-program",
    text: `${name} is not installed, or not where the sandbox looks for it (${sandboxEnv.PATH}).`,
    hint: `Install it; on Debian and Ubuntu: apt-get install ${debian}.`,
  });
