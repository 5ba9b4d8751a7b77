import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPuppetDb } from "../../src/fleet/puppetdb.ts";
import { type RealPuppetDb, startRealPuppetDb, until } from "./puppetdb.ts";

const at = "2026-11-20T10:00:00.000Z";
const trusted = (certname: string) => ({
  authenticated: "remote",
  certname,
  extensions: { pp_role: "web" },
  hostname: certname,
  domain: null,
});
const facts = (certname: string, environment: string) => ({
  certname,
  environment,
  producer_timestamp: at,
  producer: "puppet.example.com",
  values: { os: { family: "Debian", release: { major: "12" } }, trusted: trusted(certname) },
});
const exportedHost = {
  type: "Nagios_host",
  title: "web01",
  exported: true,
  tags: ["monitored", "nagios_host"],
  file: "/x.pp",
  line: 1,
  aliases: [],
  parameters: { address: "10.0.0.1" },
};
const main = { type: "Class", title: "main", exported: false, tags: ["class"], parameters: {}, aliases: [] };
const catalog = {
  certname: "web01",
  version: "1",
  environment: "production",
  transaction_uuid: null,
  catalog_uuid: null,
  code_id: null,
  job_id: null,
  producer_timestamp: at,
  producer: "puppet.example.com",
  edges: [{ source: { type: "Class", title: "main" }, target: { type: "Nagios_host", title: "web01" }, relationship: "contains" }],
  resources: [main, exportedHost],
};

// Installed by `node src/setup.mjs --services`; on systems without the package the stand-in's tests are all there is.
describe.skipIf(!existsSync("/usr/share/puppetdb/puppetdb.jar"))("a real PuppetDB", { timeout: 300_000 }, () => {
  let real: RealPuppetDb | undefined;
  const read = (query: readonly unknown[] | null = null) =>
    createPuppetDb({ url: real?.url ?? "", ca: null, cert: null, key: null }).read({ query, exported: true });

  beforeAll(async () => {
    const started = await startRealPuppetDb(process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "");
    real = started;
    await started.submit("replace_facts", 5, facts("web01", "production"));
    await started.submit("replace_facts", 5, facts("web02", "canary"));
    await started.submit("replace_facts", 5, facts("gone01", "production"));
    await started.submit("replace_catalog", 9, catalog);
    await started.submit("replace_catalog", 9, { ...catalog, certname: "new01", resources: [main], edges: [] });
    await until(async () => (await read()).snapshot.nodes.length === 3 && (await read()).exported?.length === 1);
    await started.submit("deactivate_node", 3, { certname: "gone01", producer_timestamp: new Date().toISOString() });
    await until(async () => (await read()).snapshot.nodes.length === 2);
  }, 300_000);
  afterAll(() => real?.close());

  it("gives facts, trusted facts and exports of its active nodes, and names those without facts", async () => {
    const { snapshot, exported } = await read();
    expect(snapshot.nodes.map(({ certname, values, trusted: vouched }) => [certname, values, vouched.extensions])).toEqual([
      ["web01", { clientcert: "web01", os: { family: "Debian", release: { major: "12" } } }, { pp_role: "web" }],
      ["web02", { clientcert: "web02", os: { family: "Debian", release: { major: "12" } } }, { pp_role: "web" }],
    ]);
    expect(snapshot.unreadable.map(({ certname, problem }) => [certname, problem.code])).toEqual([["new01", "no-facts-of-node"]]);
    expect(exported).toMatchObject([{ certname: "web01", type: "Nagios_host", title: "web01", parameters: { address: "10.0.0.1" } }]);
    expect(exported?.[0]?.tags).toContain("monitored");
  });

  it("takes the policy's query, and says where it does not understand it", async () => {
    expect((await read(["=", "environment", "canary"])).snapshot.nodes.map(({ certname }) => certname)).toEqual(["web02"]);
    expect((await read(["=", "trusted.extensions.pp_role", "db"])).snapshot.nodes).toEqual([]);
    await expect(read(["=", "nonsense", "x"])).rejects.toThrow("answered 400 to a query of its inventory");
  });
});
