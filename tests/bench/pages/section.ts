import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../../src/config.ts";
import { openPostgres } from "../../../src/store/database.ts";
import { ledgerRecords } from "../../../src/store/ledger-records.ts";
import { createStore } from "../../../src/store/records.ts";
import { logOf } from "../../../src/wiring/ledger.ts";
import { ledgerDefaults } from "../../../src/wiring/ledger-settings.ts";
import { siteOf } from "../../../src/wiring/site.ts";
import { startPostgres } from "../../services/postgres.ts";
import { median, seconds, type Section } from "../table.ts";
import { fill, type Filled } from "./fill.ts";

const promised = 200;

/** The same numbers in each run, far apart. */
const some = (most: number, at: number): number => ((at * 7_919 * 61) % most) + 1;

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);
const day = 86_400_000;

/** Every page by what it shows, each with the address of its n-th visit. */
const pages = ({ changes, open, entries, from, to }: Filled): Readonly<Record<string, (at: number) => string>> => {
  const home = "/acme/control";
  const ledger = `${home}/ledger`;
  const question = (name: string) => (at: number) => `${ledger}/questions/${name}${at % 2 === 0 ? "" : `?below=${some(entries, at)}`}`;
  const time = (at: number): string => `from=${dayText(from + some(600, at) * day)}&to=${dayText(from + (some(600, at) + 30) * day)}`;
  return {
    "the repositories": () => "/",
    "open changes": (at) => `${home}${at % 2 === 0 ? "" : "?standing=blocked"}`,
    "merged changes, a page further down": (at) => `${home}?state=merged&below=${some(changes, at)}`,
    "merged changes of a service or a team": (at) =>
      `${home}?state=merged&${at % 2 === 0 ? `service=service${some(59, at)}` : `team=acme/team${some(11, at)}`}`,
    "merged changes of a service that there is not": () => `${home}?state=merged&service=nothing`,
    "an open change with its report": (at) => `${home}/changes/${changes - open + some(open, at)}`,
    "a merged change": (at) => `${home}/changes/${some(changes - open, at)}`,
    "a whole report": (at) => `${home}/changes/${changes - open + some(open, at)}/report`,
    "the rollout": () => `${home}/rollout`,
    "metrics of 12 weeks": () => `${home}/metrics`,
    "metrics of a year": () => `${home}/metrics?from=${dayText(to - 364 * day)}`,
    "metrics of a service over a year": (at) => `${home}/metrics?from=${dayText(to - 364 * day)}&service=service${some(59, at)}`,
    "the ledger": (at) => (at % 2 === 0 ? ledger : `${ledger}?below=${some(entries, at)}`),
    "the ledger by kind": (at) => `${ledger}?kind=${["landed", "lane-halted", "break-glass", "verdict"][at % 4]}`,
    "the ledger of a change": (at) => `${ledger}?about=${some(changes, at)}`,
    "the ledger of a person": (at) => `${ledger}?person=${some(200, at)}`,
    "the ledger of a month": (at) => `${ledger}?${time(at)}`,
    "the ledger of a month by kind and person": (at) => `${ledger}?${time(at)}&kind=merge-intended&person=${some(200, at)}`,
    "the ledger by a text": (at) => `${ledger}?text=attempt ${some(entries, at)}&below=${some(entries, at)}`,
    "an entry": (at) => `${ledger}/${some(entries, at)}`,
    "an entry's proof": (at) => `${ledger}/${some(entries - 1, at)}/proof`,
    "the signed head": () => "/-/ledger",
    "the auditors' questions": () => `${ledger}/questions`,
    ...Object.fromEntries(
      [
        "population",
        "participants",
        "independence",
        "timeliness",
        "checks",
        "policies",
        "bypasses",
        "obligations",
        "reach",
        "stages",
        "self-merges",
        "restorations",
        "duties",
        "lead-times",
      ].map((name) => [`question: ${name}`, question(name)]),
    ),
  };
};

/** Every page of the site over a PostgreSQL with 100,000 changes and 1,000,000 entries, as a browser gets it over the loopback interface. */
export async function sectionOfPages(sizes = { changes: 100_000, open: 300, visits: 50 }): Promise<Section> {
  const server = await startPostgres();
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-pages-"));
  const onError = (error: Error): void => void process.stderr.write(`${error.message}\n`);
  const databaseUrl = await server.create();
  const database = await openPostgres(databaseUrl, onError);
  const store = await createStore(database, onError);
  const http = createServer();
  try {
    const { visits } = sizes;
    const to = Date.parse("2026-11-23T09:00:00Z");
    const began = performance.now();
    const filled = await fill(databaseUrl, { ...sizes, to });
    const filling = performance.now() - began;
    const quiet = {
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object, text: string) => process.stderr.write(`${text} ${JSON.stringify(fields)}\n`),
    };
    const now = (): Date => new Date(to);
    const log = logOf({ ...ledgerDefaults(folder), places: [] }, { records: ledgerRecords(database), now, log: quiet, dataFolder: folder });
    await log.look();
    const config = {
      app: { id: 1, privateKey: "a key" },
      pages: { kind: "local" },
      github: { api: "", html: "https://github.com" },
    } as unknown as Config;
    const forge = {
      permissionOf: async () => ({ known: true, value: "read" }) as const,
      personNamed: async () => ({ known: true, value: null }) as const,
    };
    const site = siteOf(config, { store, forge, nudge: () => undefined, now, log: quiet, fetch });
    if (site === null) throw new Error("there are no pages");
    http.on("request", (request, response) => void site(request, response));
    http.listen({ host: "127.0.0.1", port: 0 });
    await once(http, "listening");
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const rows = [];
    for (const [what, path] of Object.entries(pages(filled))) {
      const times: number[] = [];
      for (let at = 0; at < visits; at += 1) {
        const before = performance.now();
        const answer = await fetch(`${url}${path(at)}`);
        await answer.text();
        times.push(performance.now() - before);
        if (answer.status !== 200) throw new Error(`${path(at)} answered ${answer.status}`);
      }
      const p95 = times.sort((one, other) => one - other)[Math.ceil(visits * 0.95) - 1] ?? 0;
      rows.push({
        what: `page: ${what}`,
        measured: `${Math.round(p95)} ms at the 95th percentile, ${Math.round(median(times))} ms in the median${p95 > promised ? "  TOO SLOW" : ""}`,
        promised: `${promised} ms`,
        instead: "",
      });
    }
    return {
      rows,
      about: `Pages: ${visits} visits of each over the loopback interface, one after the other, on a PostgreSQL with ${filled.changes} changes and ${filled.entries} entries in one repository, filled in ${seconds(filling)}; the browser's own work is not in it.`,
    };
  } finally {
    http.close();
    http.closeAllConnections();
    await store.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
