import { constants, type Dirent } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";

import { type Known, known, type Unknown, unknown } from "../policy/known.ts";
import { isCertname } from "./certname.ts";
import { reasonOf } from "./folder.ts";
import { createKept, type Kept } from "./kept.ts";
import { compare } from "./snapshot.ts";
import { readStoredReport, type StoredReport } from "./stored-report.ts";
import { type Account, type RunSource, told } from "./told-runs.ts";

const MOST_NODES = 100_000;
const MOST_REPORTS_OF_NODE = 20_000;
/** 4,000 resources with all that Puppet says of them are 3 MiB. */
const MOST_BYTES = 8 * 2 ** 20;
const NODES_AT_ONCE = 16;
const MINUTE = 60_000;
/** A file as new as this is read again: a change within the same tick of the clock would leave its times as they were. */
const SETTLED = 2_000;
/** A server's clock may be that far ahead of this machine's. */
const MOST_AHEAD = 2 * MINUTE;

/**
 * Runs from a folder in which a Puppet server keeps its reports (`reports = store`, setting `reportdir`): FOLDER/CERTNAME/YYYYmmddHHMM.yaml. What a
 * report's name says is when it arrived, by the server's clock, in UTC and without seconds (`lib/puppet/reports/store.rb`); the file's own time
 * has the seconds, and is believed where it is of that very minute. Where it is not (a copy, a backup), the minute's beginning is taken: the earliest that it can have been,
 * so that no run passes for one of code that came after it. Of two runs of a node within a minute Puppet itself keeps only the later one.
 *
 * A file is read again only where it is another one by device, inode, size or times. `mostBytes`: about what may be remembered.
 */
export function createStoredReports(folder: string, mostBytes = 256 * 2 ** 20, clock: () => number = Date.now): RunSource {
  const memory = createKept<StoredReport>(mostBytes);
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
      if (!all.some(({ any }) => any)) return noReports(folder);
      return told(
        all.flatMap((node) => accountsOf(environment, node)),
        { environment, active: null, now },
      );
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
  memory: Kept<StoredReport>;
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
    const state = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(" ");
    const before = memory.of(path, state, now);
    if (before !== undefined) return { ...arrived, ...before };
    // By way of JSON: a part of a text keeps the whole of it in memory.
    const json = JSON.stringify(readStoredReport(join(certname, name), certname, await contentOf(path)));
    const read = JSON.parse(json) as StoredReport;
    if (now - Number(found.ctimeMs) > SETTLED) memory.keep(path, state, now, read, json.length);
    return { ...arrived, ...read };
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

/** What the reports of an environment say; a report that does not name its own may be of any. */
function accountsOf(environment: string, { certname, reports, why }: NodeReports): Account[] {
  if (why !== null) return [{ certname, arrivedAt: Infinity, ok: false, why }];
  return reports.flatMap((report): Account[] => {
    const { producedAt } = report;
    if ((report.ok ? report.run.environment : (report.environment ?? environment)) !== environment) return [];
    if (report.ok) return [{ certname, arrivedAt: producedAt, ok: true, run: { ...report.run, producedAt } }];
    return [{ certname, arrivedAt: producedAt, ok: false, why: `${report.path} can't be read: ${report.why}` }];
  });
}

const noReports = (folder: string): Unknown =>
  unknown(`${folder} holds no stored reports`, "name the server's `reportdir`, and have `store` among its `reports`");

const unreadable = (path: string, error: unknown): Unknown =>
  unknown(`${path} can't be read: ${reasonOf(error)}`, "let the user that this runs as read the server's folder of reports");

const ahead = (path: string, by: number): Unknown =>
  unknown(
    `${path} is from ${Math.ceil(by / MINUTE)} minutes in the future by this machine's clock`,
    "set the clocks of the server and of this machine; if somebody put the file there, take it away",
  );
