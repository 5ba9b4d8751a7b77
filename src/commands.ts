import { Command, CommanderError } from "commander";
import { standingIn } from "./cli/options.ts";
import { painter, renderProblem } from "./cli/paint.ts";
import { Problem } from "./problem.ts";
import { gateVersion } from "./version.ts";

const { env } = process;
/** Where the person stands. */
const standing = (): string => standingIn(env, process.cwd());
/** Where commands write that print no report. */
const output = { write: (text: string): unknown => process.stdout.write(text), paint: painter(process.stdout) };
const wired = { env, standing, output };
const served = { env, cwd: standing, output };

/**
 * Every command: what it is for, and what makes its options and actions. Only the one that was asked for is made, because loading all of them takes
 * half a second of a processor, and the list of them a tenth of that.
 */
const commands: Record<string, { says: string; make: (command: Command) => Promise<void> }> = {
  check: {
    says: "say what a change would do to the fleet, and whether the checks would let it be merged",
    make: async (command) => (await import("./wiring/check-command.ts")).addCheck(command, wired),
  },
  expect: {
    says: "what reviewers look for, as files of expectations/: run them on a change, try their examples, or write one",
    make: async (command) => (await import("./wiring/expect-command.ts")).addExpect(command, wired),
  },
  policy: {
    says: "try a policy file before it is merged",
    make: async (command) => (await import("./wiring/policy-commands.ts")).addPolicy(command, wired),
  },
  schema: {
    says: "print a JSON Schema: of the report that `check --json` prints, of the policy file, or of an expectation, for editors",
    make: async (command) => (await import("./wiring/schema-command.ts")).addSchema(command, wired),
  },
  serve: {
    says: "run the GitHub App: judge pull requests, land them on their author's word",
    make: async (command) => (await import("./wiring/serve-command.ts")).addServe(command, wired),
  },
  audit: {
    says: "answer auditors' questions from the ledger, and prove the answers",
    make: async (command) => (await import("./wiring/audit-commands.ts")).addAudit(command, served),
  },
  ledger: {
    says: "sign the ledger, change its key, and look after it",
    make: async (command) => (await import("./wiring/ledger-commands.ts")).addLedger(command, served),
  },
  pages: {
    says: "look after the pages of `serve`",
    make: async (command) => (await import("./wiring/pages-commands.ts")).addPages(command, served),
  },
  cache: {
    says: "look at the compiles of base that are kept from check to check, or remove them",
    make: async (command) => (await import("./wiring/cache-commands.ts")).addCache(command, wired),
  },
  rollout: {
    says: "say where each release is, or pause, stop, promote or take back one",
    make: async (command) => (await import("./wiring/rollout-command.ts")).addRollout(command, served),
  },
  init: {
    says: "set up an ordinary control repo",
    make: async (command) => (await import("./wiring/init-command.ts")).addInit(command, served),
  },
  announce: {
    says: "try the channels of the file that PUPPET_GATE_ANNOUNCE names (docs/announcements.md)",
    make: async (command) => (await import("./wiring/announce-command.ts")).addAnnounce(command, wired),
  },
  doctor: {
    says: "look at this machine: what is missing, and whether the sandbox holds here against what a hostile change would try",
    make: async (command) => (await import("./wiring/doctor-command.ts")).addDoctor(command, wired),
  },
};

const program = new Command("puppet-gate")
  .description("Merge your own Puppet change once a peer approved it and its checks pass.")
  .version(gateVersion(), "-V, --version", "print the version of this program")
  .exitOverride()
  .showHelpAfterError("(puppet-gate --help says more)");

/** Whoever mistypes an option is sent to the help of that very command. */
function pointToHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(${path} --help says more)`);
  for (const below of command.commands) pointToHelp(below, `${path} ${below.name()}`);
}

// There are no options before a command but --help and --version, so the first words that are none say which one is asked for.
const words = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const asked = words[0] === "help" ? words[1] : words[0];

// A reader that has seen enough (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
try {
  for (const [name, { says, make }] of Object.entries(commands)) {
    const command = program.command(name).description(says);
    if (name !== asked) continue;
    await make(command);
    pointToHelp(command, `puppet-gate ${name}`);
  }
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof Problem) {
    process.stderr.write(renderProblem(error, painter(process.stderr)));
    process.exitCode = 1;
  } else throw error;
}
