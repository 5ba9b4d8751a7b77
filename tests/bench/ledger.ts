import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BundleSource, writeBundle } from "../../src/cli/audit/bundle.ts";
import { prove } from "../../src/cli/audit/prove.ts";
import { verifyBundle } from "../../src/cli/audit/verify.ts";
import type { Draft } from "../../src/ledger/entry.ts";
import { openPostgres } from "../../src/store/database.ts";
import { ledgerRecords } from "../../src/store/ledger-records.ts";
import { appendEntries } from "../../src/store/statements/ledger.ts";
import { logOf } from "../../src/wiring/ledger.ts";
import { ledgerDefaults } from "../../src/wiring/ledger-settings.ts";
import { startPostgres } from "../services/postgres.ts";
import { median, seconds, type Section, wholeMs } from "./table.ts";

/** Entries that an answer is proven among, and those of one bundle. */
const sizes = { log: 1_000_000, bundle: 100_000, appended: 3_000 };

/** The ledger on a PostgreSQL that waits for its disk: appending by transactions of one entry, a proof among a million, a bundle of a hundred thousand. */
export async function sectionOfLedger(): Promise<Section> {
  const server = await startPostgres({ durable: true });
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-ledger-"));
  const database = await openPostgres(await server.create(), () => undefined);
  try {
    const records = ledgerRecords(database);
    const quiet = { info: () => undefined, warn: () => undefined, error: (_: object, text: string) => process.stderr.write(`${text}\n`) };
    const log = logOf({ ...ledgerDefaults(folder), places: [] }, { records, now: () => new Date(), log: quiet, dataFolder: folder });
    let count = 0;
    const draft = (): Draft => {
      count += 1;
      const evidence = [JSON.stringify({ head: "b".repeat(40), base: "a".repeat(40), verdict: { outcome: "pass", reasons: [] }, count })];
      return { kind: "verdict", subject: `pull/${count % 10_000}`, actor: count % 100, evidence, key: `verdict:${count}` };
    };
    const append = (drafts: readonly Draft[]): Promise<void> =>
      database.transaction((executor) => appendEntries(executor, 1, drafts, new Date()));
    // Eight at once, as repositories have their turns side by side: all of them wait for the one lock.
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (count < sizes.appended) await append([draft()]);
      }),
    );
    const perSecond = Math.round(count / ((performance.now() - began) / 1000));
    while (count < sizes.bundle) await append(Array.from({ length: 1_000 }, draft));
    await log.look();
    const bundle = join(folder, "bundle");
    const source: BundleSource = records;
    const wrote = performance.now();
    await writeBundle(source, bundle, { from: null, to: null, repository: null, people: false });
    const written = performance.now() - wrote;
    const verified = [0, 1, 2].map(() => {
      const at = performance.now();
      const { problems } = verifyBundle(bundle, { keys: [], checkpoints: [] });
      if (problems.length > 0) throw new Error(problems.join("\n"));
      return performance.now() - at;
    });
    while (count < sizes.log) await append(Array.from({ length: 1_000 }, draft));
    const signing = performance.now();
    await log.look();
    const signed = performance.now() - signing;
    const proofs: number[] = [];
    for (let at = 0; at < 200; at += 1) {
      const index = (at * 7_919 * 61) % sizes.log;
      const before = performance.now();
      await prove(records, index);
      proofs.push(performance.now() - before);
    }
    const p95 = proofs.sort((a, b) => a - b)[189] ?? 0;
    return {
      rows: [
        {
          what: "entries appended to the ledger, one a transaction, eight at once",
          measured: `${perSecond} a second`,
          promised: "500 a second",
          instead: "",
        },
        {
          what: "a proof that an entry is among 1,000,000",
          measured: `${p95.toFixed(1)} ms at the 95th percentile, ${median(proofs).toFixed(1)} ms in the median (200 proofs)`,
          promised: "10 ms",
          instead: "",
        },
        { what: "a bundle of 100,000 entries verified", measured: seconds(median(verified)), promised: "10 s", instead: "" },
      ],
      about: `Ledger: on a PostgreSQL that waits for its disk. The bundle was written in ${seconds(written)}; 900,000 entries came into the tree and were signed in ${wholeMs(signed)}.`,
    };
  } finally {
    await database.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
