import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { AskSource } from "../cli/audit/answer.ts";
import type { Filters } from "../ledger/questions/filters.ts";
import { questions } from "../ledger/questions/questions.ts";
import type { Given } from "../ledger/questions/table.ts";
import { collect, dataOption, number, place, requirePeriod, subject, time } from "./audit-arguments.ts";
import { withData, withRecords } from "./ledger-database.ts";

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

/** `puppet-gate audit …`. What it uses is loaded when it runs. */
export function addAudit(audit: Command, { env, cwd, output }: AuditContext): void {
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
    .option(...dataOption)
    .action(async (folder: string, written: { from?: Date; to?: Date; repository?: number; withPeople?: boolean; data?: string }) => {
      requirePeriod(written);
      const { writeBundle } = await import("../cli/audit/bundle.ts");
      const { from = null, to = null, repository = null, withPeople: people = false } = written;
      const target = resolve(cwd(), folder);
      const made = await withRecords({ env: withData(env, written.data), cwd }, (records) =>
        writeBundle(records, target, { from, to, repository, people }),
      );
      output.write(`${target}: ${made.count} of ${made.size} entries of ${made.origin}, with ${made.blobs} texts. Key: ${made.key}\n`);
      if (made.unsigned > 0)
        output.write(
          `${made.unsigned} later entries are not signed yet, and not in it: \`puppet-gate ledger sign --once${written.data === undefined ? "" : ` --data ${written.data}`}\` signs them.\n`,
        );
    });
  withPeriod(
    audit
      .command("ask")
      .description("answer one of the auditors' questions; without one, list them")
      .argument("[question]", "its number or name"),
    "rows",
  )
    .option("--subject <name>", "of this change or lane, as 7, pull/7 or lane/canary", subject)
    .option("--person <id>", "what this person did, by GitHub's number", number)
    .option("--service <name>", "of changes that reach this service, and of lanes that were halted over it")
    .option("--outcome <text>", "whose outcome has this in it")
    .option("--node <certname>", "of this node, where a question is about nodes (10 to 13)")
    .option("--at <time>", "what was so at this time, where that is asked (11, 17)", time)
    .option("--limit <hours>", `hours within which a review that is owed is due (default: ${defaultLimit})`, number)
    .addOption(new Option("--json", "print the rows as JSON, and nothing else").conflicts("csv"))
    .option("--csv", "print them as CSV")
    .addHelpText("after", () => `\n${questionList()}`)
    .action(async (question: string | undefined, written: Asked) => {
      if (question === undefined) {
        output.write(questionList());
        return;
      }
      const [{ answerOf }, { printAnswer }] = await Promise.all([import("../cli/audit/answer.ts"), import("../cli/audit/ask.ts")]);
      const filters = filtersOf(written);
      await withSource(written, { env, cwd }, async (source) =>
        printAnswer(await answerOf(source, question, filters, givenBy(written)), filters, formOf(written), output),
      );
    });
  withPeriod(
    audit
      .command("sample")
      .description("so many changes to production by a seed: the same for everybody who has the seed")
      .requiredOption("--seed <text>", "what chooses them: best from somebody who knew nothing of the changes")
      .requiredOption("-n <number>", "how many", number),
    "changes",
  )
    .addOption(new Option("--json", "print them as JSON, and nothing else").conflicts("csv"))
    .option("--csv", "print them as CSV")
    .action(async (written: Asked & { seed: string; n: number }) => {
      const [{ answerOf }, { printSample }] = await Promise.all([import("../cli/audit/answer.ts"), import("../cli/audit/ask.ts")]);
      await withSource(written, { env, cwd }, async (source) => {
        const answer = await answerOf(source, "population", filtersOf(written), givenBy(written));
        await printSample(answer, { seed: written.seed, count: written.n }, formOf(written), output);
      });
    });
  audit
    .command("prove")
    .description("print the proof that an entry is in the log, with the entry: C2SP tlog-proof")
    .argument("<entry>", "its place in the log, as `audit ask` names it", place)
    .option(...dataOption)
    .action(async (index: number, { data }: { data?: string }) => {
      const { prove } = await import("../cli/audit/prove.ts");
      output.write(await withRecords({ env: withData(env, data), cwd }, (records) => prove(records, index)));
    });
}

interface Asked {
  bundle?: string;
  data?: string;
  node?: string;
  at?: Date;
  limit?: number;
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

const formOf = ({ json, csv }: Asked): "text" | "json" | "csv" => (json === true ? "json" : csv === true ? "csv" : "text");

/** Which entries are asked, of which source. */
const withPeriod = (command: Command, what: string): Command =>
  command
    .addOption(new Option("--bundle <folder>", "of a bundle, and not of the database").conflicts("data"))
    .option(...dataOption)
    .option("--from <time>", `${what} from this time on, as 2026-01-31 or 2026-01-31T12:00:00Z`, time)
    .option("--to <time>", `${what} before this time`, time)
    .option("--repository <id>", "of this repository, by GitHub's number", number);

const questionList = (): string =>
  [
    ...questions.map(({ number: of, name, asks }) => [of, name, asks] as const),
    [22, "", "prove that a bundle was not altered: `audit verify`"] as const,
    [23, "", "a sample by a seed: `audit sample`"] as const,
  ]
    .sort(([one], [other]) => one - other)
    .map(([of, name, asks]) => `${String(of).padStart(2)}  ${name.padEnd(14)}  ${asks}\n`)
    .join("");

/** Hours: a working day and a weekend. */
export const defaultLimit = 72;

async function withSource<T>(
  { bundle, data, ...period }: Asked,
  { env, cwd }: Pick<AuditContext, "env" | "cwd">,
  work: (source: AskSource) => Promise<T>,
): Promise<T> {
  requirePeriod(period);
  if (bundle === undefined) return withRecords({ env: withData(env, data), cwd }, work);
  const [{ bundleSource }, { kindsAsked }] = await Promise.all([
    import("../cli/audit/bundle-source.ts"),
    import("../ledger/questions/questions.ts"),
  ]);
  const source = await bundleSource(resolve(cwd(), bundle), kindsAsked);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

const givenBy = ({ limit, node, at }: Asked): Given => ({
  now: new Date().toISOString(),
  limit: limit ?? defaultLimit,
  node: node ?? null,
  at: at?.toISOString() ?? null,
});

const filtersOf = ({ from, to, repository, subject, person, service, outcome }: Asked): Filters => ({
  from: from?.toISOString() ?? null,
  to: to?.toISOString() ?? null,
  repository: repository ?? null,
  subject: subject ?? null,
  person: person ?? null,
  service: service ?? null,
  outcome: outcome ?? null,
});
