import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { ledgerDefaults, readLedgerConfig } from "../config.ts";
import type { Looked } from "../engine/ledger/log.ts";
import type { Database } from "../store/database.ts";
import type { ledgerRecords } from "../store/ledger-records.ts";

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

type Records = ReturnType<typeof ledgerRecords>;

/** `puppet-gate audit …` and `puppet-gate ledger …`. What they use is loaded when they run: a check has no use for a database. */
export function addAuditCommands(program: Command, context: AuditContext): void {
  addAudit(program.command("audit").description("answer auditors' questions from the ledger, and prove the answers"), context);
  addLedger(program.command("ledger").description("sign the ledger, change its key, and look after it"), context);
}

function addAudit(audit: Command, { env, cwd, output }: AuditContext): void {
  audit
    .command("verify")
    .description("say whether a bundle is all that was signed, and only that: offline, without the database")
    .argument("<bundle>", "the folder that `audit export` made")
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
}

function addLedger(ledger: Command, { env, cwd, output }: AuditContext): void {
  ledger
    .command("check")
    .description("read every entry of the database, and compare it with the tree that was signed")
    .addHelpText("after", "\nExit code: 0 each is as it was signed, 1 one is not.")
    .action(async () => {
      const { lookAtAll } = await import("../engine/ledger/sign.ts");
      await withRecords({ env, cwd }, async (records) => {
        const refused = await lookAtAll(records);
        const { entries, tree } = await records.logSize();
        output.write(
          refused === null
            ? `All ${tree} entries are as they came into the tree; ${entries - tree} came in since.\n`
            : `WRONG  ${refused.why} ${refused.hint}\n`,
        );
        process.exitCode = refused === null ? 0 : 1;
      });
    });
  ledger
    .command("sign")
    .description("sign and publish what is new in the ledger: where `serve` is told not to (PUPPET_GATE_LEDGER_SIGN=apart)")
    .option(
      "--once",
      "and end then, with exit code 1 where it is refused or a place can't be reached; otherwise once a minute until it is stopped",
    )
    .action(async ({ once = false }: { once?: boolean }) => {
      const config = readLedgerConfig(env, cwd());
      await withRecords({ env, cwd }, async (records) => {
        const { logOf } = await import("./ledger.ts");
        const settings = config.ledger ?? ledgerDefaults(config.dataFolder);
        const said = (fields: object, text: string): void =>
          void output.write(`${text}${"hint" in fields ? ` ${String(fields.hint)}` : ""}\n`);
        const log = { info: said, warn: said, error: said };
        const installation = logOf(settings, { records, now: () => new Date(), log });
        if (once) {
          const looked = await installation.look();
          output.write(`${wordsOf(looked)}\n`);
          process.exitCode = isWell(looked) ? 0 : 1;
          return;
        }
        const { watchLog } = await import("../engine/ledger/watch.ts");
        const watched = watchLog(installation, log);
        await new Promise<void>((resolved) => {
          process.once("SIGINT", resolved).once("SIGTERM", resolved);
        });
        await watched.close();
      });
    });
}

const isWell = ({ signed, told }: Looked): boolean =>
  signed.kind !== "refused" && told.every(({ kind }) => kind === "told" || kind === "known");

function wordsOf({ signed, told }: Looked): string {
  if (signed.kind === "refused") return `REFUSED  ${signed.why} ${signed.hint}`;
  if (signed.kind === "empty") return "Nothing was recorded yet.";
  const places = told.map((one) => `${one.place}: ${"why" in one ? one.why : one.kind === "told" ? "published" : "has it"}`);
  return [`${signed.kind === "signed" ? "Signed" : "Signed before"}: ${signed.checkpoint.size} entries`, ...places].join("\n");
}

/** The records of the installation. The embedded database is one process's: while `serve` runs, nobody else can ask it. */
async function withRecords<T>({ env, cwd }: Pick<AuditContext, "env" | "cwd">, work: (records: Records) => Promise<T>): Promise<T> {
  const { dataFolder, databaseUrl } = readLedgerConfig(env, cwd());
  const { openDatabase, openPostgres } = await import("../store/database.ts");
  const { ledgerRecords: recordsOf } = await import("../store/ledger-records.ts");
  const database: Database = databaseUrl === undefined ? await openDatabase(dataFolder) : await openPostgres(databaseUrl, () => undefined);
  try {
    return await work(recordsOf(database));
  } finally {
    await database.close();
  }
}

const collect = (value: string, before: string[]): string[] => [...before, value];

function time(text: string): Date {
  const at = new Date(text);
  if (!/^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?$/u.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError("give a day of UTC, as 2026-01-31, or a time with its zone, as 2026-01-31T12:00:00Z");
  return at;
}

function number(text: string): number {
  if (!/^[1-9]\d{0,15}$/u.test(text)) throw new InvalidArgumentError("give a number");
  return Number(text);
}
