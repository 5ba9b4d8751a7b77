import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Config } from "../../src/config.ts";
import { rolloutSiteOf } from "../../src/wiring/rollout-site.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-site-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const siteOf = (reports: string, puppetdb?: Config["puppetdb"]) => {
  const rollout = join(folder, "rollout.yaml");
  const compiler = "{name: puppet1, deploy: [/bin/true, '{environment}'], served: {folder: '/{environment}'}}";
  writeFileSync(rollout, `version: 1\nrepository: acme/control\nreports: ${reports}\ncompilers: [${compiler}]\n`, { mode: 0o600 });
  const app = { id: 1, privateKey: "of a key that nothing is signed with here" };
  const config: Pick<Config, "app" | "rollout" | "dataFolder" | "puppetdb"> = {
    app,
    rollout,
    dataFolder: folder,
    ...(puppetdb && { puppetdb }),
  };
  return rolloutSiteOf(config as Config, () => new Date());
};
const reasonOf = async (site: ReturnType<typeof siteOf>): Promise<string> => {
  const told = await (await site)?.reports.since("production", 0);
  return told?.known === false ? told.reason : "known";
};

it("asks where the site's file says that agents' reports are", async () => {
  // Nothing listens there.
  const nowhere = { url: "http://127.0.0.1:1", ca: null, cert: null, key: null };
  expect(await reasonOf(siteOf(`{folder: ${folder}}`, nowhere))).toContain(`${folder} holds no stored reports`);
  expect(await reasonOf(siteOf("{puppetdb: true}", nowhere))).toContain("PuppetDB at http://127.0.0.1:1 can't be asked");
  await expect(siteOf("{puppetdb: true}")).rejects.toThrow("serve was not told where PuppetDB is");
});
