import { resolve } from "node:path";
import type { Command } from "commander";
import type { Filters } from "../ledger/questions/questions.ts";
import type { Trail } from "../ledger/questions/trail.ts";
import { collect, number, place, time } from "./audit-arguments.ts";
import { addLedgerCommands } from "./ledger-commands.ts";
import { withRecords } from "./ledger-database.ts";

interface Output {
  write(text: string): unknown;
}

/** What these commands need of the process. */
export interface AuditContext {
  env: Readonly<Record<string, string | undefined>>;
  /** Where the person stands. */
  cwd: () => string;
  output: Output;
}

/** `puppet-gate audit …` and `puppet-gate ledger …`. What they use is loaded when they run: a check has no use for a database. */
export function addAuditCommands(program: Command, context: AuditContext): void {
  addAudit(program.command("audit").description("answer auditors' questions from the ledger, and prove the answers"), context);
  addLedgerCommands(program.command("ledger").description("sign the ledger, change its key, and look after it"), context);
}

function addAudit(audit: Command, { env, cwd, output }: AuditContext): void {
  audit
    .command("verify")
    .description("say whether a bundle is all that was signed, and only that: offline, without the database")
    .argument("<bundle>", "the folder that `audit export` made, or a proof of `audit prove`")
    .option("--key <key>", "the ledger's key as you know it from elsewhere; again for more", collect, [])
    .option("--checkpoint <file>", "a checkpoint as you know it from elsewhere; again for more", collect, [])
    .option("--json", "print the verdict as JSON, and nothing else")
    .addHelpText("after", "\nExit code: 0 verified, 1 something was changed, left out, reordered or cut off.")
    .action(async (bundle: string, { key, checkpoint, json = false }: { key: string[]; checkpoint: string[]; json?: boolean }) => {
      const { verifyCommand } = await import("../cli/audit/verify-command.ts");
      const checkpoints = checkpoint.map((path) => resolve(cwd(), path));
      process.exitCode = verifyCommand(resolve(cwd(), bundle), { keys: key, checkpoints, json }, output);
    });
  audit
    .command("export")
    .description("write what was recorded as a bundle that a stranger can verify")
    .argument("<folder>", "a new folder")
    .option("--from <time>", "from this time on, as 2026-01-31 or 2026-01-31T12:00:00Z", time)
    .option("--to <time>", "up to and without this time", time)
    .option("--repository <id>", "evidence of this repository alone, by GitHub's number", number)
    .option("--with-people", "with what says whom entries are about")
    .action(async (folder: string, written: { from?: Date; to?: Date; repository?: number; withPeople?: boolean }) => {
      const { writeBundle } = await import("../cli/audit/bundle.ts");
      const { from = null, to = null, repository = null, withPeople: people = false } = written;
      const target = resolve(cwd(), folder);
      const made = await withRecords({ env, cwd }, (records) => writeBundle(records, target, { from, to, repository, people }));
      output.write(`${target}: ${made.count} of ${made.size} entries of ${made.origin}, with ${made.blobs} texts. Key: ${made.key}\n`);
      if (made.unsigned > 0)
        output.write(`${made.unsigned} later entries are not signed yet, and not in it: \`puppet-gate ledger sign --once\` signs them.\n`);
    });
  audit
    .command("ask")
    .description("answer one of the auditors' questions; without one, list them")
    .argument("[question]", "its number or name")
    .option("--bundle <folder>", "of a bundle, and not of the database")
    .option("--from <time>", "rows from this time on, as 2026-01-31 or 2026-01-31T12:00:00Z", time)
    .option("--to <time>", "rows before this time", time)
    .option("--repository <id>", "of this repository, by GitHub's number", number)
    .option("--subject <name>", "of this change or lane, as pull/7 or lane/canary")
    .option("--person <id>", "what this person did, by GitHub's number", number)
    .option("--service <name>", "of changes and lanes that name this service")
    .option("--outcome <text>", "whose outcome has this in it")
    .option("--json", "print the rows as JSON, and nothing else")
    .option("--csv", "print them as CSV")
    .action(async (question: string | undefined, written: Asked) => {
      const { ask } = await import("../cli/audit/ask.ts");
      if (question === undefined) {
        const { questions } = await import("../ledger/questions/questions.ts");
        output.write(questions.map((one) => `${String(one.number).padStart(2)}  ${one.name.padEnd(14)}  ${one.asks}\n`).join(""));
        return;
      }
      const form = written.json === true ? "json" : written.csv === true ? "csv" : "text";
      ask(question, await trailFor(written, { env, cwd }), filtersOf(written), form, output);
    });
  audit
    .command("sample")
    .description("so many changes to production by a seed: the same for everybody who has the seed")
    .requiredOption("--seed <text>", "what chooses them: best from somebody who knew nothing of the changes")
    .requiredOption("-n <number>", "how many", number)
    .option("--bundle <folder>", "of a bundle, and not of the database")
    .option("--from <time>", "of changes from this time on", time)
    .option("--to <time>", "of changes before this time", time)
    .option("--repository <id>", "of this repository, by GitHub's number", number)
    .option("--json", "print them as JSON, and nothing else")
    .action(async (written: Asked & { seed: string; n: number }) => {
      const [{ rowsOf }, { sampleOf }] = await Promise.all([import("../cli/audit/ask.ts"), import("../ledger/sample.ts")]);
      const population = rowsOf("population", await trailFor(written, { env, cwd }), filtersOf(written));
      const chosen = sampleOf(population, ({ entry }) => entry, { seed: written.seed, count: written.n });
      const about = { schema: "puppet-gate/audit-sample@1", seed: written.seed, of: population.length };
      output.write(
        written.json === true
          ? `${JSON.stringify({ ...about, rows: chosen }, null, 2)}\n`
          : `${chosen.length} of ${population.length} by the seed ${written.seed}\n${chosen.map(({ entry, at, repo, subject, outcome }) => `entry ${entry}  ${at}  ${repo}/${subject}  ${outcome}\n`).join("")}`,
      );
    });
  audit
    .command("prove")
    .description("print the proof that an entry is in the log, with the entry: C2SP tlog-proof")
    .argument("<entry>", "its place in the log, as `audit ask` names it", place)
    .action(async (index: number) => {
      const { prove } = await import("../cli/audit/prove.ts");
      output.write(await withRecords({ env, cwd }, (records) => prove(records, index)));
    });
}

interface Asked {
  bundle?: string;
  from?: Date;
  to?: Date;
  repository?: number;
  subject?: string;
  person?: number;
  service?: string;
  outcome?: string;
  json?: boolean;
  csv?: boolean;
}

/** What comes before the period is asked too: an approval may be older than the landing that rests on it. */
async function trailFor({ bundle }: Asked, { env, cwd }: Pick<AuditContext, "env" | "cwd">): Promise<Trail> {
  const { trailOf, trailOfBundle } = await import("../cli/audit/ask.ts");
  // What followed on a change may be later than the period.
  return bundle === undefined ? withRecords({ env, cwd }, (records) => trailOf(records, null)) : trailOfBundle(resolve(cwd(), bundle));
}

const filtersOf = ({ from, to, repository, subject, person, service, outcome }: Asked): Filters => ({
  from: from?.toISOString() ?? null,
  to: to?.toISOString() ?? null,
  repository: repository ?? null,
  subject: subject ?? null,
  person: person ?? null,
  service: service ?? null,
  outcome: outcome ?? null,
});
