import { existsSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { Config } from "../config.ts";
import type { AppSeen } from "../engine/examine-app.ts";
import type { FoundRow } from "../engine/doctor.ts";
import { examinePuppetDb } from "../fleet/puppetdb-examine.ts";
import { createApp, identify } from "../github/app.ts";
import { readApp } from "../github/examine.ts";
import { makeDataFolder } from "../store/data-folder.ts";
import { examineEmbedded, examinePostgres } from "../store/examine.ts";
import { channelsOf } from "./channels.ts";
import { examineSite, examineWritten } from "./examine-files.ts";
import { examineLedgerOf } from "./examine-ledger.ts";

/** For `puppet-gate doctor`: what `serve` would use, tried without using it. */

/** Parts of the settings that can be tried by themselves. */
const parts: Readonly<Record<string, (config: Config) => Promise<string | readonly FoundRow[]>>> = {
  "data folder": async ({ dataFolder }) => {
    makeDataFolder(dataFolder);
    return dataFolder;
  },
  folders: async (config) => examineWritten(config),
  "node data": async (config) => examineSite(config),
  disk: async ({ dataFolder }) => Promise.all(disksOf([dataFolder, tmpdir()]).map((folder) => spaceIn(folder))),
  database: async ({ databaseUrl, dataFolder }) => (databaseUrl === undefined ? examineEmbedded(dataFolder) : examinePostgres(databaseUrl)),
  ledger: (config) => examineLedgerOf(config),
  PuppetDB: async ({ puppetdb }) => (puppetdb === undefined ? [] : examinePuppetDb(puppetdb)),
  announcements: async (config) => {
    if (config.announce === undefined) return [];
    const { all } = await channelsOf(config);
    return `${all.map(({ name }) => name).join(", ")}; \`puppet-gate announce test --channel NAME\` says a line in one`;
  },
};

export const examinePart = async (name: string, config: Config): Promise<string | readonly FoundRow[]> =>
  (await parts[name]?.(config)) ?? [];

/** One folder of each disk that these are on. */
function disksOf(folders: readonly string[]): string[] {
  const found = folders.filter((folder) => existsSync(folder));
  const byDisk = new Map<number, string>();
  for (const folder of found) {
    const { dev } = statSync(folder);
    if (!byDisk.has(dev)) byDisk.set(dev, folder);
  }
  return [...byDisk.values()];
}

const gibibyte = 2 ** 30;
/** Bytes. A mirror of a large control repo with its trees and kept compiles takes some of it at once. */
const least = { fail: gibibyte / 4, advice: 2 * gibibyte };

export async function spaceIn(folder: string, look: typeof statfs = statfs): Promise<FoundRow> {
  const { bavail, bsize, ffree, files } = await look(folder);
  const [free, inodes] = [bavail * bsize, files === 0 ? 1 : ffree / files];
  const text = `${(free / gibibyte).toFixed(1)} GiB are free in ${folder}`;
  const hint = "Make room there: mirrors, trees of checks and the embedded database need it, and a full disk stops all of them.";
  if (inodes < 0.01) return { status: "fail", text: `${text}, and hardly any file can be made`, hint };
  if (free < least.fail) return { status: "fail", text, hint };
  return free < least.advice ? { status: "advice", text, hint } : { status: "pass", text, hint: null };
}

/** Null where GitHub does not answer now. Throws a Problem where it refuses these credentials. */
export async function examineApp(config: Config): Promise<AppSeen | null> {
  const { app, webhookSecret, github } = config;
  const settings = { id: app.id, privateKey: app.privateKey, webhookSecret, api: github.api };
  const probot = await createApp({ ...settings, logLevel: "fatal", fetch, throttled: false });
  return (await identify(probot)) === null ? null : readApp(probot, Date.now);
}
