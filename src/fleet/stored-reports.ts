import { constants, type Dirent } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";

import { type Known, known, type Unknown, unknown } from "../policy/known.ts";
import type { Run } from "../rollout/runs.ts";
import { isCertname } from "./certname.ts";
import { reasonOf } from "./folder.ts";
import { type RememberedReports, remembered } from "./remembered-reports.ts";
import { compare } from "./snapshot.ts";
import { readStoredReport, type StoredReport } from "./stored-report.ts";
import type { RunSource, ToldRuns } from "./told-runs.ts";

const MOST_NODES = 100_000;
const MOST_REPORTS_OF_NODE = 20_000;
/** 4,000 resources with all that Puppet says of them are 3 MiB. */
const MOST_BYTES = 8 * 2 ** 20;
const NODES_AT_ONCE = 16;
const MINUTE = 60_000;
/** A server's clock may be that far ahead of this machine's. */
const MOST_AHEAD = 2 * MINUTE;

/**
 * Runs from a folder in which a Puppet server keeps its reports (`reports = store`, setting `reportdir`): FOLDER/CERTNAME/YYYYmmddHHMM.yaml. What a
 * report's name says is when it arrived, by the server's clock, in UTC and without seconds (`lib/puppet/reports/store.rb`); the file's own time
 * has the seconds, and is believed where it is of that very minute. Where it is not (a copy, a backup), the minute's beginning is taken: the earliest that it can have been,
 * so that no run passes for one of code that came after it. Of two runs of a node within a minute Puppet itself keeps only the later one.
 *
 * `mostBytes`: about what may be remembered of reports that were read before; see remembered-reports.ts.
 */
export function createStoredReports(folder: string, mostBytes = 256 * 2 ** 20, clock: () => number = Date.now): RunSource {
  const memory = remembered(mostBytes);
  return {
    since: async (environment, since) => {
      const now = clock();
      const nodes = await nodesOf(folder);
      if (!nodes.known) return nodes;
      const all: NodeReports[] = [];
      for (let at = 0; at < nodes.value.length; at += NODES_AT_ONCE) {
        const some = nodes.value.slice(at, at + NODES_AT_ONCE);
        const read = await Promise.all(some.map((node) => reportsOf(folder, node, { since, now, memory })));
        for (const one of read) {
          if (!one.known) return one;
          all.push(one.value);
        }
      }
      memory.forget(now);
      return put(folder, environment, now, all);
    },
  };
}

interface NodeReports {
  certname: string;
  /** Whether there is any, however old. */
  any: boolean;
  /** Those that may have arrived since, oldest first. */
  reports: readonly ArrivedReport[];
  /** Why none of them was looked at; null where they were. */
  why: string | null;
}

type ArrivedReport = StoredReport & { path: string; producedAt: number };

async function nodesOf(folder: string): Promise<Known<Dirent[]>> {
  try {
    const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => isCertname(entry.name) && !entry.isFile());
    if (entries.length > MOST_NODES)
      return unknown(`${folder} holds more than ${MOST_NODES} nodes`, "name the folder of reports and nothing else");
    return known(entries.sort((a, b) => compare(a.name, b.name)));
  } catch (error) {
    return unreadable(folder, error);
  }
}

interface Asked {
  since: number;
  now: number;
  memory: RememberedReports;
}

async function reportsOf(folder: string, node: Dirent, { since, now, memory }: Asked): Promise<Known<NodeReports>> {
  const certname = node.name;
  const path = join(folder, certname);
  const none = { certname, any: false, reports: [], why: null };
  // A server makes folders; what a link leads to is nobody's report.
  if (!node.isDirectory()) return known({ ...none, any: true, why: `${path} is no folder` });
  try {
    const names = (await readdir(path)).filter((name) => timeOf(name) !== null).sort();
    if (names.length > MOST_REPORTS_OF_NODE)
      return known({ ...none, any: true, why: `${path} holds more than ${MOST_REPORTS_OF_NODE} reports` });
    const newest = names.at(-1);
    if (newest !== undefined && (timeOf(newest) ?? 0) > now + MOST_AHEAD) return ahead(join(path, newest), (timeOf(newest) ?? 0) - now);
    const reports: ArrivedReport[] = [];
    for (const name of names.filter((name) => (timeOf(name) ?? 0) + MINUTE > since)) {
      const read = await readOne(join(path, name), certname, name, { since, now, memory });
      if (read !== null && read.producedAt > since) reports.push(read);
    }
    return known({ certname, any: names.length > 0, reports, why: null });
  } catch (error) {
    if (isGone(error)) return known(none);
    return unreadable(path, error);
  }
}

/** Null where it is gone: a site clears old reports away. */
async function readOne(path: string, certname: string, name: string, { now, memory }: Asked): Promise<ArrivedReport | null> {
  const minute = timeOf(name) ?? 0;
  try {
    const found = await lstat(path, { bigint: true });
    const mtime = Number(found.mtimeMs);
    const arrived = { path, producedAt: mtime >= minute && mtime < minute + MINUTE ? mtime : minute };
    if (!found.isFile()) return { ...arrived, ok: false, why: "it is no regular file", environment: null };
    if (found.size > MOST_BYTES) return { ...arrived, ok: false, why: `it has more than ${MOST_BYTES / 2 ** 20} MiB`, environment: null };
    const before = memory.of(path, found, now);
    if (before !== null) return { ...arrived, ...before };
    const read = readStoredReport(join(certname, name), certname, await contentOf(path));
    return { ...arrived, ...memory.keep(path, found, now, read) };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** No link is followed, no pipe waited for, and no more read than there may be, whatever came in the file's place meanwhile. */
async function contentOf(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const content = Buffer.allocUnsafe(Math.min((await file.stat()).size, MOST_BYTES) + 1);
    let bytes = 0;
    while (bytes < content.length) {
      const { bytesRead } = await file.read(content, bytes, content.length - bytes, bytes);
      if (bytesRead === 0) break;
      bytes += bytesRead;
    }
    return content.subarray(0, bytes);
  } finally {
    await file.close();
  }
}

/** The time in a report's name, in UTC; null where it is no such name. */
function timeOf(name: string): number | null {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)\.yaml$/u.exec(name) ?? [];
  if (year === undefined) return null;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`).getTime();
  return Number.isNaN(time) ? null : time;
}

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

function put(folder: string, environment: string, now: number, nodes: readonly NodeReports[]): Known<ToldRuns> {
  if (!nodes.some(({ any }) => any))
    return unknown(`${folder} holds no stored reports`, "name the server's `reportdir`, and have `store` among its `reports`");
  const unread = new Map<string, string>();
  const runs: Run[] = [];
  for (const { certname, reports, why } of nodes) {
    const here = reports.filter((report) => (report.ok ? report.run.environment : (report.environment ?? environment)) === environment);
    const own = here.flatMap((report) => (report.ok ? [{ ...report.run, producedAt: report.producedAt }] : []));
    const newest = here.at(-1);
    const fault = why ?? (newest?.ok === false ? `${newest.path} can't be read: ${newest.why}` : null);
    if (fault !== null) unread.set(certname, fault);
    runs.push(...(fault === null || isTrouble(own.at(-1)) ? own : []));
  }
  const [first] = unread.values();
  if (first !== undefined && runs.length === 0) return unknown(`no report of ${environment} can be read: ${first}`);
  return known({ runs, active: null, now, unread });
}

/** What a node's newest report could only confirm or take back, and what so must not be forgotten because that can't be read. */
const isTrouble = (run: Run | undefined): boolean => run !== undefined && (run.status === "failed" || run.cached === "on_failure");

const unreadable = (path: string, error: unknown): Unknown =>
  unknown(`${path} can't be read: ${reasonOf(error)}`, "let the user that this runs as read the server's folder of reports");

const ahead = (path: string, by: number): Unknown =>
  unknown(
    `${path} is from ${Math.ceil(by / MINUTE)} minutes in the future by this machine's clock`,
    "set the clocks of the server and of this machine; if somebody put the file there, take it away",
  );
