import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startPostgres } from "../../services/postgres.ts";
import { startRealPuppetDb } from "../../services/puppetdb.ts";
import { median, ofRuns, seconds, type Section } from "../table.ts";
import { certnameOf, fillPuppetDb } from "./fill.ts";

const nodes = 20_000;
const events = 10;
const sample = 200;
const runs = 3;
const environment = "production";

interface Measured {
  looks: number[];
  passed: number;
  mib: number;
}

/** A lane's verdict over a large fleet, from a real PuppetDB to the verdict, in a process of its own. */
export async function sectionOfVerdict(): Promise<Section> {
  const postgres = await startPostgres();
  try {
    const puppetDb = await startRealPuppetDb(postgres.url);
    try {
      await fillPuppetDb({ puppetDb, postgres: puppetDb.database, nodes, events, environment });
      const counted = await countingDoor(puppetDb.url);
      const measured: Measured[] = [];
      await measure(counted.url);
      const requests = counted.count();
      counted.close();
      for (let run = 0; run < runs; run += 1) measured.push(await measure(puppetDb.url));
      if (measured.some(({ passed }) => passed !== nodes)) throw new Error("not every node was judged");
      const each = await oneByOne(puppetDb.url);
      const first = measured.map(({ looks }) => looks[0] ?? 0);
      const later = measured.map(({ looks }) => median(looks.slice(1)));
      const instead = (each * nodes) / sample;
      return {
        rows: [
          {
            what: `a verdict over ${nodes.toLocaleString("en")} members that all ran the release, the first look`,
            measured: `${ofRuns(first)}, ${Math.max(...measured.map(({ mib }) => mib))} MiB; ${(instead / median(first)).toFixed(0)} times as fast`,
            promised: "5 s, 500 MB",
            instead: `a request for each node's report and one for its events, as dashboards ask: ${seconds(instead)} (${sample} nodes' time, times ${nodes / sample})`,
          },
          {
            what: "the same from then on, every minute",
            measured: `${ofRuns(later)}; ${requests} requests for three looks`,
            promised: "5 s, requests that do not grow with members",
            instead: `${2 * nodes} requests`,
          },
        ],
        about: `Reports are in PuppetDB 7.12.1 on PostgreSQL, both on the same machine, each with ${events} events: what a release changes that touches ${events} resources of every node at once. Judging is asking PuppetDB, judging each node and the lane; the memory is all of the process's, at its largest.`,
      };
    } finally {
      await puppetDb.close();
    }
  } finally {
    await postgres.close();
  }
}

async function measure(url: string): Promise<Measured> {
  const program = fileURLToPath(import.meta.resolve("./once.ts"));
  const { stdout } = await promisify(execFile)(process.execPath, [program, url, String(nodes), environment]);
  return JSON.parse(stdout) as Measured;
}

/** Milliseconds for some nodes, one after the other. */
async function oneByOne(url: string): Promise<number> {
  const ask = async (endpoint: string, query: unknown): Promise<Array<{ hash: string }>> => {
    const answer = await fetch(`${url}/pdb/query/v4/${endpoint}?query=${encodeURIComponent(JSON.stringify(query))}`);
    return (await answer.json()) as Array<{ hash: string }>;
  };
  const start = performance.now();
  for (let number = 0; number < sample; number += 1) {
    const [report] = await ask("reports", ["and", ["=", "certname", certnameOf(number)], ["=", "latest_report?", true]]);
    if (report === undefined || (await ask("events", ["=", "report", report.hash])).length !== events)
      throw new Error("a node has not what it should have");
  }
  return performance.now() - start;
}

/** Counts what is asked, and hands it on as it comes. */
async function countingDoor(to: string): Promise<{ url: string; count(): number; close(): void }> {
  const { request: send } = await import("node:http");
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const onward = send(`${to}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500);
      answer.pipe(response);
    });
    request.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
