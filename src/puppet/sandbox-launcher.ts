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

interface Launch {
  limits: SandboxLimits;
  /** Numbers of descriptors. */
  lifeline: number;
  answers: number | null;
}

/**
 * The first program in a sandbox: sets the limits, closes what must not be open, and becomes the command; 20 ms. A command that can't be
 * started is exit code 127, as with a shell.
 *
 * Limits are set here, inside, so that they count the command alone. The process limit counts by uid, and root is exempt from it (300
 * forks under a limit of 40), which is why a sandbox started by root runs as an ordinary uid that nothing else on the machine has.
 *
 * The lifeline also says when the sandbox as a whole is confined (its control group, say): nothing untrusted runs before that.
 *
 * Bubblewrap binds a sandbox to its parent's life only once it has set it up. If this process was killed before that, the sandbox would go on
 * alone; the lifeline tells, and the command is not started. (A window remains where the machine is too busy to let the sandbox's first
 * process run for the 20 ms that this takes: one kill of 150 at the worst moment under load. The limit of processor time is for that.)
 *
 * A descriptor that this process inherited open across exec, from a shell or a service manager, comes through bubblewrap too, and one of
 * a folder would be a door out of the sandbox (`openat(fd, "..")`): all but the standard three and `answers` are closed.
 */
export const launcher = ({ limits, lifeline, answers }: Launch): string[] => [
  "ruby",
  "--disable=gems",
  "-e",
  `lifeline = IO.for_fd(${lifeline}, autoclose: false)
   exit!(1) if lifeline.sysread(1) != "g" || IO.select([lifeline], nil, nil, 0) rescue exit!(1)
   (3..${highestDescriptor}).each do |fd|
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
