import { readdirSync } from "node:fs";

export interface SandboxLimits {
  /** MiB of address space of one process. */
  memoryMib: number;
  /** Processes and threads in one sandbox. */
  processes: number;
  /** Seconds of processor time of one process. */
  cpuSeconds: number;
  /** MiB of one file, and of /tmp as a whole. */
  scratchMib: number;
}

export const defaultLimits: SandboxLimits = { memoryMib: 2048, processes: 64, cpuSeconds: 3600, scratchMib: 64 };

/**
 * The first program in a sandbox: sets the limits, closes what must not be open, and becomes the command; 20 ms. A command that can't be
 * started is exit code 127, as with a shell.
 *
 * Limits are set here, inside, so that they count the command alone. The process limit counts by uid, and root is exempt from it (300
 * forks under a limit of 40), which is why a sandbox started by root runs as an ordinary uid that nothing else on the machine has.
 *
 * A descriptor that this process inherited open across exec, from a shell or a service manager, comes through bubblewrap too, and one of
 * a folder would be a door out of the sandbox (`openat(fd, "..")`): all but the standard three and `answers` are closed.
 */
export const launcher = (limits: SandboxLimits, answers: number | null): string[] => [
  "ruby",
  "--disable=gems",
  "-e",
  `(3..${highestDescriptor}).each do |fd|
     IO.for_fd(fd, autoclose: false).close_on_exec = true
   rescue SystemCallError, ArgumentError # not open, or Ruby's own, which are closed on exec
   end
   Process.setrlimit(:AS, ${limits.memoryMib * 1024 * 1024})
   Process.setrlimit(:NPROC, ${limits.processes})
   Process.setrlimit(:CPU, ${limits.cpuSeconds})
   Process.setrlimit(:FSIZE, ${limits.scratchMib * 1024 * 1024})
   Process.setrlimit(:NOFILE, 1024)
   Process.setrlimit(:CORE, 0)
   begin
     exec([ARGV[0], ARGV[0]], *ARGV.drop(1)${answers === null ? "" : `, ${answers} => ${answers}`})
   rescue SystemCallError => e
     warn e.message
     exit! 127
   end`,
];

/** Inherited descriptors are there from the start, and what Node opens later is closed on exec; below 64 are those made for a command. */
const highestDescriptor = Math.max(64, ...readdirSync("/proc/self/fd").map(Number));
