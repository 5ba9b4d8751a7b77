import { createHmac } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Eyes } from "../engine/eyes.ts";
import type { RolloutSite } from "../engine/ports/rollout.ts";
import { createCompilers } from "../fleet/compilers.ts";
import { encFile, writeEncFile } from "../fleet/enc-file.ts";
import { createPuppetDbCatalogs } from "../fleet/puppetdb-catalogs.ts";
import { createPuppetDbRuns } from "../fleet/puppetdb-runs.ts";
import { readSite } from "../fleet/site.ts";
import type { Site } from "../fleet/site-schema.ts";
import { createStoredReports } from "../fleet/stored-reports.ts";
import { Problem } from "../problem.ts";
import type { Seated } from "../rollout/members.ts";
import { keyFor } from "./keys.ts";

/** What the site's file says, on this machine; null where there is none. Throws a Problem that names file and line. */
export async function rolloutSiteOf(config: Config, now: () => Date): Promise<RolloutSite | null> {
  const { rollout, dataFolder, puppetdb } = config;
  if (rollout === undefined) return null;
  const site = await readSite(rollout);
  const { repository, lanesFile } = site;
  return {
    repository,
    assign: lanesFile === null ? null : (seated) => writeLanes(lanesFile, seated),
    compilers: createCompilers(site, join(dataFolder, "deploys")),
    reports: reportsOf(rollout, site.reports, puppetdb, () => now().getTime()),
    catalogs: site.reports.kind === "folder" || puppetdb === undefined ? null : createPuppetDbCatalogs(puppetdb, sealOf(config)),
  };
}

function sealOf(config: Config): (text: string) => string {
  const key = keyFor(config, "digests of secrets");
  return (text) => createHmac("sha256", key).update(text).digest("hex");
}

function reportsOf(path: string, reports: Site["reports"], puppetdb: Config["puppetdb"], clock: () => number): RolloutSite["reports"] {
  if (reports.kind === "folder") return createStoredReports(reports.folder, undefined, clock);
  if (puppetdb !== undefined) return createPuppetDbRuns(puppetdb, { clock });
  throw new Problem({
    code: "bad-site",
    text: `${path}: \`reports.puppetdb\` is set, and serve was not told where PuppetDB is.`,
    hint: "Set PUPPETDB_URL, PUPPETDB_CA, PUPPETDB_CERT and PUPPETDB_KEY, or name a folder of stored reports under `reports.folder`.",
  });
}

async function writeLanes(path: string, seated: readonly Seated[]): Promise<void> {
  const text = encFile(seated);
  if (!text.known)
    throw new Problem({
      code: "bad-lanes",
      text: `The lanes can't be written for the ENC: ${text.reason}.`,
      hint: "Mend the policy's lanes.",
    });
  await writeEncFile(path, text.value);
}

/** The same, with account kept of when agents' runs could not be asked for. */
export const eyedSite = (site: RolloutSite, eyes: Eyes): RolloutSite => ({
  // Asked anew each time: who gives a site may say something else of it later.
  get repository() {
    return site.repository;
  },
  assign: site.assign,
  compilers: site.compilers,
  catalogs: site.catalogs ?? null,
  reports: {
    since: async (environment, since) => {
      const found = await site.reports.since(environment, since);
      if (found.known) await eyes.sees(0, "puppetdb", "no lane passed meanwhile: minutes that nobody observed do not count");
      else await eyes.blind(0, "puppetdb", found.reason);
      return found;
    },
  },
});
