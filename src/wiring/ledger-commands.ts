import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import type { InstallationLog, Looked } from "../engine/ledger/log.ts";
import { forget } from "../engine/ledger/forget.ts";
import { verifierKey } from "../ledger/keys.ts";
import { Problem } from "../problem.ts";
import { newKey, readKeys, writeKeys } from "../store/ledger/key-file.ts";
import { logOf, succeed } from "./ledger.ts";
import { dataOption, number } from "./audit-arguments.ts";
import type { AuditContext } from "./audit-commands.ts";
import { withData, withRecords } from "./ledger-database.ts";
import { readLedgerConfig } from "./ledger-settings.ts";

/** `puppet-gate ledger …`. */
export function addLedger(ledger: Command, { env, cwd, output }: AuditContext): void {
  ledger
    .command("check")
    .description("read every entry of the database with its texts, and compare them with the tree that was signed")
    .option(...dataOption)
    .addHelpText("after", "\nExit code: 0 each is as it was signed, 1 one is not.")
    .action(async ({ data }: Written) => {
      const { lookAtAll } = await import("../engine/ledger/sign.ts");
      await withRecords({ env: withData(env, data), cwd }, async (records) => {
        const { refused, changed, missing, unsigned } = await lookAtAll(records);
        const { entries, tree } = await records.logSize();
        if (refused !== null) output.write(`WRONG  ${refused.why} ${refused.hint}\n`);
        for (const digest of changed) output.write(`WRONG  the text ${digest}, which an entry rests on, was changed.\n`);
        for (const digest of missing)
          output.write(`WRONG  the text ${digest}, which an entry rests on, is gone, and no entry says that it was forgotten.\n`);
        for (const size of unsigned) output.write(`WRONG  the checkpoint of ${size} entries is not as a key of the ledger signed it.\n`);
        const isWell = refused === null && changed.length + missing.length + unsigned.length === 0;
        if (isWell)
          output.write(`All ${tree} entries are as they came into the tree, with their texts; ${entries - tree} came in since.\n`);
        process.exitCode = isWell ? 0 : 1;
      });
    });
  ledger
    .command("sign")
    .description("sign and publish what is new in the ledger: where `serve` is told not to (PUPPET_GATE_LEDGER_SIGN=apart)")
    .option(
      "--once",
      "and end then, with exit code 1 where it is refused or a place can't be reached; otherwise once a minute until it is stopped",
    )
    .option(...dataOption)
    .action(async ({ once = false, data }: Written & { once?: boolean }) => {
      const told = withData(env, data);
      const config = readLedgerConfig(told, cwd());
      await withRecords({ env: told, cwd }, async (records) => {
        const said = (fields: object, text: string): void =>
          void output.write(`${text}${"hint" in fields ? ` ${String(fields.hint)}` : ""}\n`);
        const log = { info: said, warn: said, error: said };
        const installation = logOf(config.ledger, { records, now: () => new Date(), log, dataFolder: config.dataFolder });
        if (once) {
          const looked = await lookInTurn(installation);
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
  ledger
    .command("rotate")
    .description("begin a new key, vouched for by the one before; `serve` takes it at its next look")
    .option(...dataOption)
    .action(async ({ data }: Written) => {
      const path = readLedgerConfig(withData(env, data), cwd()).ledger.key;
      const keys = await readKeys(path);
      if (keys === null) throw noKey(path);
      const current = newKey(keys.current.name);
      await writeKeys(path, { current, previous: keys.current });
      output.write(`New key: ${verifierKey(current)}\nThe next checkpoint is signed by it and by ${verifierKey(keys.current)}.\n`);
    });
  ledger
    .command("succeed")
    .description(
      "begin a new log after one that can't go on, as after a backup was restored; its first entry names the old one's last checkpoint",
    )
    .requiredOption("--reason <text>", "why, for the ledger")
    .option(...dataOption)
    .action(async ({ reason, data }: Written & { reason: string }) => {
      const told = withData(env, data);
      const { ledger: settings } = readLedgerConfig(told, cwd());
      const key = await withRecords({ env: told, cwd }, (records) => succeed(settings, records, reason));
      output.write(
        `New log: ${key}\nWhat the old one published stays as it is: give the new one places of its own (PUPPET_GATE_LEDGER_PLACES).\n`,
      );
    });
  ledger
    .command("forget")
    .description("forget a person: what says whom entries are about, and each text that names them; entries and proofs stay")
    .requiredOption("--person <id>", "GitHub's number of them", number)
    .option("--login <login>", "and their login, to find the texts that name them")
    .requiredOption("--reason <text>", "why, for the ledger: a reference to their request, and no name")
    .option("--dry-run", "say what would be forgotten, and forget nothing")
    .option(...dataOption)
    .action(async ({ person: id, login, reason, dryRun: isTrial = false, data }: WrittenForget) => {
      const { blobs } = await withRecords({ env: withData(env, data), cwd }, (records) =>
        forget(records, { id, login: login ?? null, reason, isTrial }, new Date()),
      );
      output.write(`${isTrial ? "Would forget" : "Forgot"} whom the commitments of ${id} stand for, and ${blobs.length} texts.\n`);
    });
}

interface Written {
  data?: string;
}

interface WrittenForget extends Written {
  person: number;
  login?: string;
  reason: string;
  dryRun?: boolean;
}

const noKey = (path: string): Problem =>
  new Problem({
    code: "ledger-key",
    text: `There is no key in ${path}.`,
    hint: "Run this where the ledger is signed, or say where its key is (PUPPET_GATE_LEDGER_KEY).",
  });

/** Seconds to wait for a turn: longer than one that was killed keeps it. */
const patience = 60;

async function lookInTurn(installation: InstallationLog): Promise<Looked> {
  for (let waited = 0; ; waited += 1) {
    const looked = await installation.look();
    if (looked.signed.kind !== "busy" || waited >= patience) return looked;
    await wait(1_000);
  }
}

const isWell = ({ signed, told }: Looked): boolean =>
  signed.kind !== "refused" && signed.kind !== "busy" && told.every(({ kind }) => kind === "told" || kind === "known");

function wordsOf({ signed, told }: Looked): string {
  if (signed.kind === "refused") return `REFUSED  ${signed.why} ${signed.hint}`;
  if (signed.kind === "busy") return `Another process signs it now, and did not end in ${patience} seconds: ${signed.by}.`;
  if (signed.kind === "empty") return "Nothing was recorded yet.";
  const places = told.map((one) => `${one.place}: ${"why" in one ? one.why : one.kind === "told" ? "published" : "has it"}`);
  return [`${signed.kind === "signed" ? "Signed" : "Signed before"}: ${signed.checkpoint.size} entries`, ...places].join("\n");
}
