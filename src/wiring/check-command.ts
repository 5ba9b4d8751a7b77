import type { Command } from "commander";
import { readCheckOptions, type WrittenCheckOptions } from "../cli/options.ts";
import { addCheckOptions } from "./check-options.ts";

/** `puppet-gate check`. What a check takes is loaded when one is run: help and a mistyped option wait for none of it. */
export function addCheck(command: Command, { standing }: { standing: () => string }): void {
  addCheckOptions(command)
    .option("--explain <certname>", "say why this node was compiled with the change, or need not be, and what its catalog rests on")
    .option("--json", "print the report as JSON, and nothing else")
    .option("--output <dir>", "write report.json there too")
    .option("--html <file>", "write the report there too, as a page that a browser shows without any network")
    .addHelpText("after", "\nExit code: 0 nothing changes, 2 something changes, 1 blocked, newly broken or unknown.")
    .action(async (written: WrittenCheckOptions) => {
      const options = readCheckOptions(written, standing());
      const [{ checkCommand }, { runCheck }] = await Promise.all([import("../cli/check-command.ts"), import("./run-check.ts")]);
      process.exitCode = await checkCommand(
        options,
        runCheck,
        {
          stdout: process.stdout,
          stderr: process.stderr,
          now: () => performance.now(),
        },
        async (report) => (await import("../web/report/page.ts")).renderPage(report),
      );
    });
}
