import { resolve } from "node:path";
import type { Command } from "commander";
import { commaList } from "../cli/options.ts";
import type { Output } from "../cli/policy/test-command.ts";

/** `puppet-gate policy …`. */
export function addPolicy(policy: Command, { standing: where, output }: { standing: () => string; output: Output }): void {
  policy
    .command("test")
    .description("run a policy's examples: changes as facts, and the verdict that each must get")
    .argument("<path...>", "a policy file with examples.yml beside it, that examples.yml, or a folder with both in it or below it")
    .option("--json", "print the results as JSON, and nothing else")
    .addHelpText("after", "\nExit code: 0 all examples are as expected, 1 one is not, or a file can't be read.")
    .action(async (paths: string[], { json = false }: { json?: boolean }) => {
      const standing = where();
      const { testCommand } = await import("../cli/policy/test-command.ts");
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
        const standing = where();
        const path = (value: string | undefined): string | null => (value === undefined ? null : resolve(standing, value));
        const { example = null, author = null, paths = null, json = false } = written;
        const options = { example, author, paths, json, file: path(file), report: path(written.report), policy: path(written.policy) };
        const { explainCommand } = await import("../cli/policy/explain-command.ts");
        process.exitCode = await explainCommand(options, output);
      },
    );
}
