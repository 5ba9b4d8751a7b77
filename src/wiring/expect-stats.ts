import type { Command } from "commander";
import { renderStats, statsJson } from "../cli/expect/stats-words.ts";
import type { Output } from "../cli/policy/test-command.ts";
import { number, time } from "./audit-arguments.ts";
import { withRecords } from "./ledger-database.ts";

interface Around {
  env: Readonly<Record<string, string | undefined>>;
  standing: () => string;
  output: Output;
}

/** `puppet-gate expect stats`: of the database that `serve` keeps. */
export function addExpectStats(expect: Command, { env, standing, output }: Around): void {
  expect
    .command("stats")
    .description("what each expectation caught, what became of those changes, and what was drafted after something went wrong")
    .option("--since <time>", "of changes that were checked from this time on, as 2026-01-31", time)
    .option("--repository <id>", "of this repository alone, by GitHub's number", number)
    .option("--json", "print the counts as JSON, and nothing else")
    .addHelpText(
      "after",
      "\nRead from the database of `puppet-gate serve`: run it where that runs, with its PUPPET_GATE_DATA or PUPPET_GATE_DATABASE_URL.",
    )
    .action(
      async ({ since = null, repository = null, json = false }: { since?: Date | null; repository?: number | null; json?: boolean }) => {
        const asked = { repository, since };
        const stats = await withRecords({ env, cwd: standing }, (records) => records.expectationStats(asked));
        output.write(json ? `${JSON.stringify(statsJson(stats, asked), null, 2)}\n` : renderStats(stats, output.paint));
      },
    );
}
