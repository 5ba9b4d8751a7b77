import type { Command } from "commander";
import { dataOption } from "./audit-arguments.ts";
import type { AuditContext } from "./audit-commands.ts";
import { withData, withRecords } from "./ledger-database.ts";

/** `puppet-gate pages …`: what whoever runs the gate says to its pages. */
export function addPages(pages: Command, { env, cwd, output }: AuditContext): void {
  pages
    .command("sign-everybody-out")
    .description("end every sign-in to the pages, in every browser: each has to sign in with GitHub anew")
    .option(...dataOption)
    .action(async ({ data }: { data?: string }) => {
      const count = await withRecords({ env: withData(env, data), cwd }, (records) => records.endPageSessions());
      output.write(`${count} ${count === 1 ? "sign-in has" : "sign-ins have"} ended.\n`);
    });
}
