import type { Command } from "commander";
import { renderStats, statsJson } from "../cli/expect/stats-words.ts";
import type { Output } from "../cli/policy/test-command.ts";
import { dataOption, number, time } from "./audit-arguments.ts";
import { withData, withRecords } from "./ledger-database.ts";

interface Around {
  env: Readonly<Record<string, string | undefined>>;
  standing: () => string;
  output: Output;
}

interface Written {
  from?: Date;
  repository?: number;
  data?: string;
  json?: boolean;
}

/** `puppet-gate expect stats`: of the database that `serve` keeps. */
export function addExpectStats(expect: Command, { env, standing, output }: Around): void {
  expect
    .command("stats")
    .description("what each expectation caught, what became of those changes, and what was drafted after something went wrong")
    .option("--from <time>", "of changes that were checked from this time on, as 2026-01-31 or 2026-01-31T12:00:00Z", time)
    .option("--repository <id>", "of this repository alone, by GitHub's number", number)
    .option(...dataOption)
    .option("--json", "print the counts as JSON, and nothing else")
    .addHelpText(
      "after",
      "\nRead from the database of `puppet-gate serve`: run it where that runs, with its PUPPET_GATE_DATA or DATABASE_URL.",
    )
    .action(async ({ from, repository, data, json = false }: Written) => {
      const asked = { repository: repository ?? null, since: from ?? null };
      const stats = await withRecords({ env: withData(env, data), cwd: standing }, (records) => records.expectationStats(asked));
      output.write(json ? `${JSON.stringify(statsJson(stats, asked), null, 2)}\n` : renderStats(stats, output.paint));
    });
}
