import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
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
import { median, type Row, seconds, type Section, wholeMs } from "./table.ts";

/** Asked of a log of 1,000,000 entries about 100,000 changes by the command itself: its time from start to end, and its memory at most. */
const questions: readonly (readonly [what: string, ...question: string[]])[] = [
  ["`audit ask 1` of one of 100,000 changes", "1", "--subject", "pull/4711"],
  ["`audit ask 1` of a month with 10,000 changes", "1", "--from", "2026-01-10", "--to", "2026-01-20"],
  ["`audit ask 1` of all 100,000 changes", "1"],
  ["`audit ask 2` of all, 500,000 rows", "2"],
  ["`audit ask 3` of all", "3"],
  ["`audit ask 6` of all", "6"],
  ["`audit ask 1 --service` of all", "1", "--service", "search"],
  ["`audit ask 24` of all", "24"],
  ["`audit ask 25` of all", "25"],
];

const firstDay = Date.parse("2026-01-01T00:00:00Z");
/** A thousand changes a day, one after the other, each with ten entries: what a landing leaves behind. */
const timeOf = (at: number): Date => new Date(firstDay + Math.floor(at / 10) * 86_400);

function entryOfChange(at: number): Draft {
  const number = Math.floor(at / 10);
  const [head, base, commit] = ["b", "a", "c"].map((letter) => `${letter}${String(number).padStart(39, "0")}`);
  const [author, reviewer] = [number % 100, 100 + (number % 50)];
  const reasons = ["change", "contributors", "peers", "lint", "compile", "radius"].map((rule) => ({
    rule,
    outcome: "pass",
    text: `what the rule ${rule} says of this change in one sentence of some length`,
  }));
  const verdict = (outcome: string): [Draft["kind"], number | null, object] => [
    "verdict",
    null,
    { head, base, policy: `policy ${number % 7}`, verdict: { outcome, reasons } },
  ];
  const steps: readonly [Draft["kind"], number | null, object][] = [
    verdict("pending"),
    ["approval-received", reviewer, { commit: head, review: number }],
    ["approval-bound", reviewer, { commit: head, review: number, source: "delivery", binding: { base, tree: commit } }],
    ["approval-kept", reviewer, { review: number, head, why: "given for this very head" }],
    verdict("pass"),
    ["wish", author, { comment: number, head }],
    ["contributed", author, { head, did: "opened this pull request", bot: false }],
    ["contributed", author + 200, { head, did: "is co-author of 0123456789", bot: false }],
    [
      "merge-intended",
      author,
      {
        head,
        glass: null,
        approvals: [{ review: number, permission: "write" }],
        openedAt: timeOf(at).toISOString(),
        reach: { nodes: 12, services: [number % 10 === 0 ? "search" : "playlist"], datacentres: ["lon"] },
        policyChange: "same",
      },
    ],
    ["landed", null, { commit, head, base: "main", checked: commit }],
  ];
  const [kind, actor, about] = steps[at % 10] ?? verdict("pending");
  return { kind, actor, subject: `pull/${number}`, evidence: [JSON.stringify(about)], key: String(at) };
}

/** Runs the command as a process of its own, as its first line has it run. */
async function askApart(url: string, folder: string, question: readonly string[]): Promise<{ milliseconds: number; mib: number }> {
  const env = { PATH: process.env["PATH"] ?? "", DATABASE_URL: url, PUPPET_GATE_DATA: folder, MALLOC_ARENA_MAX: "2" };
  const began = performance.now();
  const asked = spawn(process.execPath, ["--max-semi-space-size=8", "src/cli.ts", "audit", "ask", ...question, "--csv"], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let mib = 0;
  const look = setInterval(() => {
    try {
      const [, kib = "0"] = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${asked.pid}/status`, "utf8")) ?? [];
      mib = Math.max(mib, Math.round(Number(kib) / 1024));
    } catch {
      // It ended between two looks.
    }
  }, 20);
  const [code] = (await once(asked, "exit")) as [number | null];
  clearInterval(look);
  if (code !== 0) throw new Error(`audit ask ${question.join(" ")} ended with ${code}`);
  return { milliseconds: performance.now() - began, mib };
}

/** Entries that an answer is proven among, and those of one bundle. */
const sizes = { log: 1_000_000, bundle: 100_000, appended: 3_000 };

/** The ledger on a PostgreSQL that waits for its disk: appending by transactions of one entry, a proof among a million, a bundle of a hundred thousand. */
export async function sectionOfLedger(): Promise<Section> {
  const server = await startPostgres({ durable: true });
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-ledger-"));
  const url = await server.create();
  const database = await openPostgres(url, () => undefined);
  try {
    const records = ledgerRecords(database);
    const quiet = { info: () => undefined, warn: () => undefined, error: (_: object, text: string) => process.stderr.write(`${text}\n`) };
    const log = logOf({ ...ledgerDefaults(folder), places: [] }, { records, now: () => new Date(), log: quiet, dataFolder: folder });
    let count = 0;
    const draft = (): Draft => {
      count += 1;
      return entryOfChange(count - 1);
    };
    const append = (drafts: readonly Draft[]): Promise<void> =>
      database.transaction((executor) => appendEntries(executor, 1, drafts, timeOf(count)));
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
    const asked: Row[] = [];
    for (const [what, ...question] of questions) {
      const took = await askApart(url, folder, question);
      asked.push({ what, measured: `${seconds(took.milliseconds)}, ${took.mib} MiB`, promised: "", instead: "" });
    }
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
        ...asked,
      ],
      about: `Ledger: on a PostgreSQL that waits for its disk. The bundle was written in ${seconds(written)}; 900,000 entries came into the tree and were signed in ${wholeMs(signed)}.`,
    };
  } finally {
    await database.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
