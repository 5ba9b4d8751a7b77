import { join } from "node:path";
import type { Config } from "../config.ts";
import type { RolloutSite } from "../engine/rollout/rollout-ports.ts";
import { createCompilers } from "../fleet/compilers.ts";
import { encFile, writeEncFile } from "../fleet/enc-file.ts";
import { readSite } from "../fleet/site.ts";
import { createStoredReports } from "../fleet/stored-reports.ts";
import { Problem } from "../problem.ts";
import type { Seated } from "../rollout/members.ts";

/** What the site's file says, on this machine; null where there is none. Throws a Problem that names file and line. */
export async function rolloutSiteOf({ rollout, dataFolder }: Config): Promise<RolloutSite | null> {
  if (rollout === undefined) return null;
  const site = await readSite(rollout);
  if (site.reports.kind === "puppetdb")
    throw new Problem({
      code: "bad-site",
      text: `${rollout}: \`reports.puppetdb\` is not there yet.`,
      hint: "Name a folder of stored reports: `reports: {folder: /var/lib/puppet/reports}`.",
    });
  const { repository, lanesFile, reports } = site;
  return {
    repository,
    assign: lanesFile === null ? null : (seated) => writeLanes(lanesFile, seated),
    compilers: createCompilers(site, join(dataFolder, "deploys")),
    reports: createStoredReports(reports.folder),
  };
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
