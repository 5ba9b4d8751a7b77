import { randomBytes } from "node:crypto";
import { availableParallelism, homedir } from "node:os";
import { join, resolve } from "node:path";
import { Argument, Command, CommanderError, Option } from "commander";
import { openFolderCache } from "./cache/folder-cache.ts";
import { folderShelf } from "./cache/folder.ts";
import { keyFile, type KeySource } from "./cache/key-file.ts";
import { readMarks } from "./cache/marks.ts";
import { cacheClear, cacheStatus, cacheTrouble, type KeptCompiles } from "./cli/cache-command.ts";
import { checkCommand, painter, type RunCheck } from "./cli/check-command.ts";
import { renderProblem } from "./cli/words.ts";
import { doctorCommand } from "./cli/doctor-command.ts";
import { explainCommand } from "./cli/policy/explain-command.ts";
import { testCommand, type Output } from "./cli/policy/test-command.ts";
import { commaList, readCheckOptions, standingIn, type WrittenCheckOptions } from "./cli/options.ts";
import { personalFolder } from "./cli/personal-folder.ts";
import { schemas } from "./cli/schemas.ts";
import { check } from "./engine/check.ts";
import { examineAll, type ServeSettings } from "./engine/doctor.ts";
import type { CompileCache } from "./engine/ports/cache.ts";
import { type Config, readConfig, variables } from "./config.ts";
import { requireGit } from "./git/version.ts";
import { inventory } from "./fleet/inventory.ts";
import { createPuppetDb } from "./fleet/puppetdb.ts";
import { createModuleResolver } from "./git/modules/resolver.ts";
import { openRepository } from "./git/repository.ts";
import { Problem } from "./problem.ts";
import { addInit } from "./wiring/init-command.ts";
import { addCheckOptions } from "./wiring/check-options.ts";
import { addExpect } from "./wiring/expect-command.ts";
import { readLedger } from "./wiring/ledger-settings.ts";
import { addRollout } from "./wiring/rollout-command.ts";
import { startEvaluator } from "./wiring/expectations.ts";
import { createPuppet } from "./puppet/puppet.ts";
import { addAuditCommands } from "./wiring/audit-commands.ts";
import { addPagesCommands } from "./wiring/pages-commands.ts";

/** Runs a check on a person's clone. The key that seals secrets lives as long as this process: nothing of it is kept. */
const runCheck: RunCheck = async (options, policy, onProgress) => {
  const repository = await openRepository(options.repo);
  const puppet = createPuppet({ secretKey: randomBytes(32) });
  const cache = openCache(options.cache);
  try {
    const request = { ...options, policy, puppetdb: options.puppetdb !== null };
    const ports = {
      repository,
      inventory,
      puppetDb: options.puppetdb === null ? null : createPuppetDb(options.puppetdb),
      modules: createModuleResolver({ cache: moduleCache(options.moduleCache), credentials: async () => null, allowed: null }),
      puppet,
      cache,
      startEvaluator,
      now: () => performance.now(),
      today: () => new Date().toISOString().slice(0, 10),
      cores: availableParallelism(),
      name: options.repo,
    };
    return await check(request, ports, { onProgress, signal: interrupted() });
  } finally {
    await puppet.close();
    await cache?.close();
    await repository.close();
  }
};

/** Where modules from elsewhere are kept from check to check: where a person's programs keep what they can fetch again. */
const moduleCache = (asked: string | null): string => asked ?? ownFolder("XDG_CACHE_HOME", "modules");

const ownFolder = (name: "XDG_CACHE_HOME" | "XDG_STATE_HOME", folder: string): string =>
  join(personalFolder(process.env, name, homedir), "puppet-gate", folder);

/** Where base's compiles are kept from check to check. Their key lies elsewhere, so that a copy of the one is worth nothing. */
const compilesFolder = (asked: string | null): string => asked ?? ownFolder("XDG_CACHE_HOME", "compiles");

const ownKey = (): KeySource => keyFile(ownFolder("XDG_STATE_HOME", "compiles.key"));

function openCache(asked: { folder: string | null; mib: number } | null): CompileCache | null {
  if (asked === null) return null;
  const folder = compilesFolder(asked.folder);
  return openFolderCache({
    folder,
    limit: asked.mib * 1024 * 1024,
    key: ownKey(),
    onTrouble: (error) => process.stderr.write(renderProblem(cacheTrouble(error, folder), painter(process.stderr))),
    onBroken: () => {},
  });
}

/** Ctrl-C ends the check in order: sandboxes are killed and folders removed before the process goes. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(
      new Problem({ code: "interrupted", text: "The check was interrupted.", hint: "Nothing of it was left behind; run it again." }),
    );
  };
  // Not `once`: a listener that is gone when the signal arrives leaves execa's own, which ends this process on the spot.
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return controller.signal;
}

const program = new Command("puppet-gate")
  .description("Merge your own Puppet change once a peer approved it and its checks pass.")
  .exitOverride()
  .showHelpAfterError("(puppet-gate --help says more)");

addCheckOptions(
  program.command("check").description("say what a change would do to the fleet, and whether the checks would let it be merged"),
)
  .option("--explain <certname>", "say why this node was compiled with the change, or need not be, and what its catalog rests on")
  .option("--json", "print the report as JSON, and nothing else")
  .option("--output <dir>", "write report.json there too")
  .option("--html <file>", "write the report there too, as a page that a browser shows without any network")
  .addHelpText("after", "\nExit code: 0 nothing changes, 2 something changes, 1 blocked, newly broken or unknown.")
  .action(async (written: WrittenCheckOptions) => {
    const options = readCheckOptions(written, standingIn(process.env, process.cwd()));
    process.exitCode = await checkCommand(
      options,
      runCheck,
      {
        stdout: process.stdout,
        stderr: process.stderr,
        now: () => performance.now(),
      },
      async (report) => (await import("./web/report/page.ts")).renderPage(report),
    );
  });

/** Where commands write that print no report. */
const output: Output = { write: (text) => process.stdout.write(text), paint: painter(process.stdout) };

addExpect(program, { env: process.env, run: runCheck, standing: () => standingIn(process.env, process.cwd()), output });

const policy = program.command("policy").description("try a policy file before it is merged");

policy
  .command("test")
  .description("run a policy's examples: changes as facts, and the verdict that each must get")
  .argument("<path...>", "a policy file with examples.yml beside it, that examples.yml, or a folder with both in it or below it")
  .option("--json", "print the results as JSON, and nothing else")
  .addHelpText("after", "\nExit code: 0 all examples are as expected, 1 one is not, or a file can't be read.")
  .action(async (paths: string[], { json = false }: { json?: boolean }) => {
    const standing = standingIn(process.env, process.cwd());
    process.exitCode = await testCommand(
      paths.map((path) => resolve(standing, path)),
      json,
      output,
    );
  });

policy
  .command("explain")
  .description("print the rule tree for one change: which rules apply and why, what is missing, and who can give it")
  .argument("[file]", "where the example is: examples.yml, its policy file, or their folder")
  .option("--example <name>", "explain this example")
  .option("--report <file>", "explain a change by its report, as `puppet-gate check --output` writes it, before anybody reviewed it")
  .option("--paths <paths>", "with --report: the files that change, separated by commas", commaList("--paths"))
  .option("--author <login>", "with --report: who opens the pull request")
  .option("--policy <file>", "the policy to explain by (default: the one beside the examples; with --report, the default policy)")
  .option("--json", "print the tree as JSON, and nothing else")
  .action(
    async (
      file: string | undefined,
      written: Partial<Record<"example" | "report" | "policy" | "author", string>> & { paths?: string[]; json?: boolean },
    ) => {
      const standing = standingIn(process.env, process.cwd());
      const path = (value: string | undefined): string | null => (value === undefined ? null : resolve(standing, value));
      const { example = null, author = null, paths = null, json = false } = written;
      const options = { example, author, paths, json, file: path(file), report: path(written.report), policy: path(written.policy) };
      process.exitCode = await explainCommand(options, output);
    },
  );

program
  .command("schema")
  .description("print a JSON Schema: of the report that `check --json` prints, of the policy file, or of an expectation, for editors")
  .addArgument(new Argument("<name>", "which one").choices(Object.keys(schemas)))
  .action((name: string) => {
    process.stdout.write(`${JSON.stringify(schemas[name]?.(), null, 2)}\n`);
  });

program
  .command("serve")
  .description("run the GitHub App: judge pull requests, land them on their author's word")
  .addHelpText("after", serveHelp())
  .action(async () => {
    // Probot takes 0.3 s to load, which `check` has no use for.
    const { serve } = await import("./main.ts");
    await serve(process.env, standingIn(process.env, process.cwd()));
  });

const served = { env: process.env, cwd: () => standingIn(process.env, process.cwd()), output };
addAuditCommands(program, served);
addPagesCommands(program.command("pages").description("look after the pages of `serve`"), served);

const cache = program.command("cache").description("look at the compiles of base that are kept from check to check, or remove them");

/** Both commands work on what `check` keeps, or `serve`. */
for (const [name, description, run] of [
  ["status", "say how much is kept, what was proven of it, and what is not to be trusted", cacheStatus],
  ["clear", "remove all of it, and the marks that something of it is not to be trusted", cacheClear],
] as const) {
  cache
    .command(name)
    .description(description)
    .option("--cache <dir>", "where it is kept (default: puppet-gate/compiles in your cache folder)")
    .addOption(new Option("--serve", "instead: what `serve` keeps, by the variables of the environment that it reads").conflicts("cache"))
    .option("--json", "print JSON, and nothing else")
    .action(async (written: { cache?: string; serve?: boolean; json?: boolean }) => {
      const kept = await keptCompiles(written, standingIn(process.env, process.cwd()));
      try {
        await run(kept, written.json ?? false, output);
      } finally {
        await kept.close();
      }
    });
}

async function keptCompiles(
  { cache: asked, serve = false }: { cache?: string; serve?: boolean },
  cwd: string,
): Promise<KeptCompiles & { close: () => Promise<void> }> {
  if (serve) return (await import("./wiring/kept-compiles.ts")).openKeptCompiles(readConfig(process.env, cwd));
  const place = compilesFolder(asked === undefined ? null : resolve(cwd, asked));
  const shelf = folderShelf(place, 0);
  return { place, shelf, marks: () => readMarks(shelf, ownKey()), close: async () => {} };
}

addRollout(program, { environment: process.env, cwd: () => standingIn(process.env, process.cwd()), output });
addInit(program, { state: (folder) => ownFolder("XDG_STATE_HOME", folder), cwd: () => standingIn(process.env, process.cwd()), output });

program
  .command("announce")
  .description("try the channels of the file that PUPPET_GATE_ANNOUNCE names (docs/announcements.md)")
  .command("test")
  .description("say a test line in one of them, and tell step by step how that went")
  .requiredOption("--channel <name>", "which one, as the file names it")
  .option("--file <file>", "another file of channels")
  .addHelpText("after", "\nExit code: 0 it arrived, 1 it did not.")
  .action(async ({ channel, file }: { channel: string; file?: string }) => {
    const asked = file ?? process.env["PUPPET_GATE_ANNOUNCE"] ?? "";
    if (asked === "")
      throw new Problem({
        code: "no-channels",
        text: "No file of channels is named.",
        hint: "Set PUPPET_GATE_ANNOUNCE as for `serve`, or give --file.",
      });
    const { channelsOf } = await import("./wiring/channels.ts");
    const { announceTest } = await import("./cli/announce-command.ts");
    const channels = await channelsOf({ announce: resolve(standingIn(process.env, process.cwd()), asked) });
    try {
      process.exitCode = await announceTest(channels.all, channel, output, interrupted());
    } finally {
      await channels.close();
    }
  });

program
  .command("doctor")
  .description("look at this machine: what is missing, and whether the sandbox holds here against what a hostile change would try")
  .option("--json", "print what was found as JSON, and nothing else")
  .addHelpText("after", "\nExit code: 0 changes of people you do not trust can be checked here, 1 something fails or is missing.")
  .action(async ({ json = false }: { json?: boolean }) => {
    const { examine } = await import("./puppet/doctor/doctor.ts");
    const programs = [
      { name: "node", version: async () => requireNode() },
      { name: "git", version: requireGit },
    ];
    const found = await examineAll({ programs, puppet: examine, settings: () => serveSettings(process.env, process.cwd()) });
    process.exitCode = doctorCommand(found, json, output);
  });

const oldestNode = 24;

function requireNode(): string {
  const version = process.versions.node;
  if (Number.parseInt(version, 10) >= oldestNode) return version;
  throw new Problem({
    code: "old-program",
    text: `Node ${version} is too old: ${oldestNode} is the oldest that will do.`,
    hint: "Start puppet-gate by `npm run puppet-gate`, which brings its own.",
  });
}

/** What `serve` would be told here; null for somebody who only checks clones, and set none of it. */
function serveSettings(env: Readonly<Record<string, string | undefined>>, cwd: string): ServeSettings | null {
  const asked = ["APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET"] satisfies Array<keyof typeof variables>;
  if (asked.every((name) => (env[name] ?? "") === "")) return null;
  const standing = standingIn(env, cwd);
  const settings = readConfig(env, standing);
  const config = { ...settings, ledger: readLedger(env, standing, settings.dataFolder) };
  return {
    words: `App ${config.app.id} on ${config.github.html}, listening on ${config.host}:${config.port}`,
    parts: ["data folder", "folders", "disk", "database", "ledger", "node data", "PuppetDB", "announcements"].map((name) => ({
      name,
      look: async () => (await import("./wiring/examine.ts")).examinePart(name, config),
    })),
    app: async () => (await import("./wiring/examine.ts")).examineApp(config),
    wanted: { path: "/api/github/webhooks", url: config.url ?? null },
    rollout: rolloutOf(config),
  };
}

const rolloutOf = (config: Config): NonNullable<ServeSettings["rollout"]> | null => {
  const { rollout } = config;
  return rollout === undefined ? null : async () => (await import("./wiring/examine-rollout.ts")).rolloutToExamine(config, rollout);
};

/** What `serve` reads from the environment, as `config.ts` has it. */
function serveHelp(): string {
  const widest = Math.max(...Object.keys(variables).map((name) => name.length));
  return `\nIt reads these variables of the environment:\n${Object.entries(variables)
    .map(([name, meaning]) => `  ${name.padEnd(widest)}  ${meaning}`)
    .join("\n")}`;
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof Problem) {
    process.stderr.write(renderProblem(error, (_, text) => text));
    process.exitCode = 1;
  } else throw error;
}
