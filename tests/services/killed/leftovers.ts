import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { startOf } from "./server.ts";

interface Places {
  /** Of the run, and within it what is the gate's TMPDIR. */
  folder: string;
  temporary: string;
  families: readonly ReadonlyMap<number, string>[];
  /** Of the gate's database. */
  client: Client;
}

/** Milliseconds in which reapers, and a database that learns of broken connections, have to be done. */
const patience = 20_000;

/** What the gate's processes left when all of them ended, in words; nothing where all is as it was. */
export async function checkLeft(places: Places): Promise<string[]> {
  const until = performance.now() + patience;
  for (;;) {
    const left = [...leftOnMachine(places), ...(await leftInDatabase(places.client))];
    if (left.length === 0 || performance.now() > until) return left.map((text) => `left behind: ${text}`);
    await pause(100);
  }
}

function leftOnMachine({ folder, temporary, families }: Places): string[] {
  const started = families.flatMap((family) => [...family].filter(([pid, start]) => startOf(pid) === start).map(([pid]) => pid));
  const own = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => readOr(`/proc/${pid}/cmdline`).includes(temporary));
  const processes = [...new Set([...started, ...own])].map((pid) => {
    const { state = "" } = /^State:\s*(?<state>.*)$/mu.exec(readOr(`/proc/${pid}/status`))?.groups ?? {};
    return `process ${pid}, ${state}: ${readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`;
  });
  const mounts = readOr("/proc/self/mountinfo")
    .split("\n")
    .filter((line) => line.includes(folder));
  // But for a loose object that git was writing when it was killed with its server: git's own collection takes it away, as it does with objects that nothing has.
  const locks = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\/mirrors\/.*(?:\.lock$|\/tmp_(?!obj_))/u.test(path),
  );
  return [...processes, ...mounts.map((line) => `mount ${line}`), ...[...readdirSync(temporary), ...locks].map((name) => `file ${name}`)];
}

async function leftInDatabase(client: Client): Promise<string[]> {
  const { rows: others } = await client.query<{ query: string }>(
    "select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  const { rows: leases } = await client.query<{ name: string }>("select name from leases");
  return [...others.map(({ query }) => `connection, last at ${query}`), ...leases.map(({ name }) => `lease ${name}`)];
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}
