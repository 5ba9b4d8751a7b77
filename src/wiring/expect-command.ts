import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { compose, choiceKinds, written } from "../catalog/expect/compose.ts";
import { draftOf } from "../catalog/expect/draft.ts";
import { loadExpectation } from "../catalog/expect/load.ts";
import { askChoices, type WrittenChoices } from "../cli/expect/choices.ts";
import { expectCommand } from "../cli/expect/run-command.ts";
import { renderTested, testedJson, type Tested } from "../cli/expect/test-words.ts";
import { wholeNumber, type WrittenCheckOptions } from "../cli/options.ts";
import type { Output } from "../cli/policy/test-command.ts";
import { Bench, headLimits } from "../engine/expect/bench.ts";
import { type Report, reportSchema } from "../gate/report.ts";
import { Problem } from "../problem.ts";
import { addCheckOptions } from "./check-options.ts";
import { addExpectStats } from "./expect-stats.ts";
import { startEvaluator } from "./expectations.ts";
import { runCheck } from "./run-check.ts";

interface Wired {
  env: Readonly<Record<string, string | undefined>>;
  /** Where the person stands. */
  standing: () => string;
  output: Output;
}

/** `puppet-gate expect`: what reviewers look for, run on a change, tried on its examples, written down. */
export function addExpect(expect: Command, { env, standing, output }: Wired): void {
  addCheckOptions(expect.command("run", { isDefault: true }).description("judge a change by the expectations alone (the default)"))
    .option("--explain <name>", "say of one expectation all that is known: which resource, which value, which file and line")
    .option("--json", "print the results as JSON, and nothing else")
    .addHelpText(
      "after",
      "\nWith --head worktree, files that are not committed count. Exit code: 0 none is broken by the change, 1 one is, or can't be told.",
    )
    .action(async (written: WrittenCheckOptions) => {
      const terminal = { stdout: process.stdout, stderr: process.stderr, now: () => performance.now() };
      const { explain = null, ...options } = { ...written };
      process.exitCode = await expectCommand(options, { explain, cwd: standing() }, runCheck, terminal);
    });
  expect
    .command("test")
    .description("try every example of every expectation: one that no example can fail is refused")
    .argument("[path...]", "files, or folders of them (default: expectations)")
    .option("--json", "print the results as JSON, and nothing else")
    .addHelpText("after", "\nExit code: 0 all examples come out as they say, 1 one does not, or a file can't be read.")
    .action(async (paths: string[], { json = false }: { json?: boolean }) => {
      const files = await filesOf((paths.length === 0 ? ["expectations"] : paths).map((path) => resolve(standing(), path)));
      const tested = await tryAll(files, standing());
      output.write(json ? `${JSON.stringify(testedJson(tested), null, 2)}\n` : renderTested(tested, output.paint));
      process.exitCode = tested.every(({ ok }) => ok) ? 0 : 1;
    });
  expect
    .command("new")
    .description("write an expectation from a few choices, with examples that pass and fail; asks for what is not given, at a terminal")
    .option("--that <kind>", `what it says: ${Object.keys(choiceKinds).join(", ")}`)
    .option("--resource <ref>", "a resource or a type: `Service[nginx]`, `File`")
    .option("--attribute <name>", "an attribute of it")
    .option("--value <text>", "and its value")
    .option("--concern <kind>", "what a change touches: sudo, firewall, accounts, ssh-keys, login, mounts, …")
    .option("--service <name>", "only nodes of this service of the policy")
    .option("--percent <number>", "of the nodes", wholeNumber("--percent", 0, 100))
    .option("--report <file>", "instead of --that: the report of a change that went wrong (`check --output`); --resource names what failed")
    .option("--name <name>", "its name (default: made of the other choices)")
    .option("--why <words>", "what goes wrong where it does not hold")
    .option("--ask <owners>", "who can say more: `@ann`, `@acme/web`, separated by commas")
    .option("--severity <kind>", "block, warn, or approval (default: block; approval for changes of a concern)")
    .option("--folder <dir>", "where the file goes", "expectations")
    .option("--print", "print it instead of writing a file")
    .addHelpText(
      "after",
      `\nKinds:\n${Object.entries(choiceKinds)
        .map(([kind, { says }]) => `  ${kind.padEnd(9)} ${says}`)
        .join("\n")}`,
    )
    .action(async (written: WrittenChoices & { folder: string; print?: boolean; report?: string }) => {
      const terminal = process.stdin.isTTY ? { input: process.stdin, output: process.stderr } : null;
      const { report } = written;
      const { text, name } =
        report === undefined ? compose(await askChoices(written, terminal)) : await drafted(resolve(standing(), report), written, terminal);
      if (written.print === true) {
        output.write(text);
        return;
      }
      const path = join(resolve(standing(), written.folder), `${name}.yml`);
      await writeNew(path, text);
      output.write(
        `Wrote ${relative(standing(), path)}. Read its words, then try it: puppet-gate expect test, and puppet-gate expect --head worktree.\n`,
      );
    });
  addExpectStats(expect, { env, standing, output });
}

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      try {
        if (!(await stat(path)).isDirectory()) return [path];
        const names = await readdir(path, { recursive: true });
        return names
          .filter((name) => /\.ya?ml$/u.test(name))
          .toSorted()
          .map((name) => join(path, name));
      } catch (cause) {
        throw new Problem(
          {
            code: "unreadable-file",
            text: `${path} can't be read: ${wordsOf(cause)}.`,
            hint: "Give files of expectations, or a folder of them.",
          },
          { cause },
        );
      }
    }),
  );
  const files = found.flat();
  if (files.length > 0) return files;
  throw new Problem({
    code: "no-expectations",
    text: `There is no expectation in ${paths.join(", ")}.`,
    hint: "Write one with `puppet-gate expect new`.",
  });
}

/** Examples are tried apart, as in a check: what is written by hand can run for ever. */
async function tryAll(files: readonly string[], cwd: string): Promise<Tested[]> {
  const tested: Tested[] = [];
  const names = new Map<string, string>();
  for (const file of files) {
    const path = relative(cwd, file);
    const loaded = loadExpectation(await readFile(file, "utf8"), path);
    if (!loaded.ok) {
      tested.push({ path, name: null, ok: false, problems: loaded.problems, faults: [], examples: [], reason: null });
      continue;
    }
    const { expectation } = loaded;
    const bench = new Bench([expectation], { start: startEvaluator, limits: headLimits, now: () => performance.now(), signal: undefined });
    const faults = await bench.examples(0);
    await bench.end();
    const twin = names.get(expectation.name);
    names.set(expectation.name, path);
    const reason = "reason" in faults ? faults.reason : twin === undefined ? null : `${twin} has the same name`;
    const found = "reason" in faults ? [] : faults;
    const ok = found.length === 0 && reason === null;
    tested.push({ path, name: expectation.name, ok, problems: [], faults: found, examples: expectation.examples, reason });
  }
  return tested;
}

/** What would have caught the change of this report. */
async function drafted(
  path: string,
  options: WrittenChoices,
  terminal: Parameters<typeof askChoices>[1],
): Promise<{ text: string; name: string }> {
  const choices = await askChoices({ that: "lacks", ...options }, terminal);
  const draft = draftOf(choices.resource ?? "", await reportAt(path));
  if (draft === null)
    throw new Problem({
      code: "nothing-to-draft",
      text: `The change of ${path} does nothing to ${choices.resource ?? ""}, as far as its report tells.`,
      hint: "Name a resource that it changes or restarts, as the report's groups have it; or say what to look for with --that.",
    });
  return written(draft, { ...choices, severity: choices.severity ?? draft.severity });
}

async function reportAt(path: string): Promise<Report> {
  try {
    return reportSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    const hint = "Give the report.json that `puppet-gate check --output DIR` wrote of the change.";
    throw new Problem(
      { code: "unreadable-file", text: `${path} is no report that can be read: ${wordsOf(cause).slice(0, 200)}.`, hint },
      { cause },
    );
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    throw new Problem(
      {
        code: "unwritable-output",
        text: isThere ? `${path} is there already.` : `${path} can't be written: ${wordsOf(cause)}.`,
        hint: isThere ? `Give it another name with --name, or look at ${basename(path)}.` : "Give --folder a folder that you may write to.",
      },
      { cause },
    );
  }
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
