import { join, resolve } from "node:path";
import type { Command } from "commander";
import { laneNotes } from "../cli/init/notes.ts";
import { initCommand } from "../cli/init/init-command.ts";
import { wholeNumber } from "../cli/options.ts";
import type { Output } from "../cli/policy/test-command.ts";
import { readGitHub } from "../config.ts";
import { inventory } from "../fleet/inventory.ts";
import { isRefName } from "../git/ref-name.ts";
import { Problem } from "../problem.ts";
import { runInitLanes } from "./init-lanes.ts";
import { ownFolder } from "./own-folders.ts";

interface Written {
  repo?: string;
  repository?: string;
  mergeBranch: string;
  appId?: number;
  applyRulesets?: boolean;
  facts?: string;
  notes?: string;
  dryRun?: boolean;
  undo?: boolean;
  json?: boolean;
}

const help = `
It needs GITHUB_TOKEN, a token of an administrator of the repository: a fine-grained one with Administration, Contents and Pull requests to
write, or what \`gh auth token\` prints. The App itself may not change a repository's settings, and is not asked to. GHE_HOST names a GitHub
other than github.com. Without a token, --dry-run says by the clone alone what to do by hand.
No node changes: the branch that nodes get is never touched, and every new branch is at its commit.`;

/** `puppet-gate init lanes`. Its notes lie in a folder of the person's own. */
export function addInit(
  init: Command,
  { env, cwd, output }: { env: Readonly<Record<string, string | undefined>>; cwd: () => string; output: Output },
): void {
  init
    .command("lanes")
    .description("make lanes of a control repo whose default branch is `production`, without any node changing")
    .option("--repo <dir>", "a clone of the control repo (default: the current folder)")
    .option("--repository <name>", "which repository, as OWNER/NAME (default: that of the clone's `origin`)")
    .option("--merge-branch <name>", "the branch that people will merge into", "main")
    .option("--app-id <number>", "the GitHub App's id, for rulesets (default: APP_ID)", wholeNumber("--app-id", 1))
    .option("--apply-rulesets", "make the rulesets, and not only propose them: from then on nobody but the App moves these branches")
    .option("--facts <dir>", "node facts: a proposed first lane then names nodes")
    .option("--notes <file>", "where it is noted what was done (default: in your state folder)")
    .option("--dry-run", "say what would be done, in which order, and with which commands; change nothing")
    .option("--undo", "take back what was noted, as long as nothing moved on since")
    .option("--json", "print JSON, and nothing else")
    .addHelpText("after", `${help}\n\nExit code: 0 it is so, 1 something stands in the way or was left out.`)
    .action(async (written: Written) => {
      const told = await toldBy(written, env, cwd());
      const { facts, ...asked } = told;
      const certnames = facts === null ? null : (await inventory.readFolder(facts)).nodes.map(({ certname }) => certname);
      const { host } = new URL(asked.github.html);
      const notes = (repository: string) =>
        laneNotes(
          written.notes === undefined
            ? join(ownFolder("XDG_STATE_HOME", "lanes"), host.replaceAll(":", "_"), `${repository}.json`)
            : resolve(cwd(), written.notes),
        );
      process.exitCode = await initCommand(
        (onStep) => runInitLanes({ ...asked, certnames, notes }, onStep),
        { ...asked, json: written.json ?? false },
        output,
      );
    });
}

async function toldBy(written: Written, env: Readonly<Record<string, string | undefined>>, cwd: string) {
  const { mergeBranch, applyRulesets = false, dryRun: isDry = false, undo: isUndo = false } = written;
  // It stands in commands that people copy into a shell.
  if (!/^[A-Za-z0-9._/-]+$/u.test(mergeBranch) || !isRefName(`refs/heads/${mergeBranch}`) || mergeBranch.startsWith("-"))
    throw badOption("--merge-branch", mergeBranch, "no branch's name of letters, digits and `._/-`");
  const fromEnvironment = env["APP_ID"]?.trim() ?? "";
  const appId = written.appId ?? (/^[1-9]\d*$/u.test(fromEnvironment) ? Number(fromEnvironment) : null);
  if (applyRulesets && appId === null)
    throw new Problem({
      code: "bad-option",
      text: "--apply-rulesets needs to know the App: rulesets without it would keep the gate itself from moving lanes.",
      hint: "Say --app-id NUMBER, or set APP_ID; the App's settings page has it.",
    });
  const facts = written.facts ?? env["PUPPET_GATE_FACTS"];
  return {
    mergeBranch,
    appId,
    applyRulesets,
    isDry,
    isUndo,
    clone: resolve(cwd, written.repo ?? "."),
    repository: written.repository ?? null,
    token: env["GITHUB_TOKEN"]?.trim() || null,
    github: readGitHub(env),
    facts: facts === undefined || facts === "" ? null : resolve(cwd, facts),
  };
}

const badOption = (option: string, value: string, why: string): Problem =>
  new Problem({
    code: "bad-option",
    text: `${option} is ${JSON.stringify(value)}, which is ${why}.`,
    hint: "Write another one, like `main`.",
  });
