import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { type RealPuppetDb, until } from "../../services/puppetdb.ts";

type Wire = Record<string, unknown> & { resources: ReadonlyArray<Record<string, unknown>> };

export interface Filled {
  puppetDb: Pick<RealPuppetDb, "url" | "submit">;
  /** Of PuppetDB's own database. */
  postgres: string;
  nodes: number;
  /** What each run changed. */
  events: number;
  environment: string;
}

export const versionOfAll = "1".repeat(40);
export const certnameOf = (number: number): string => `n${String(number).padStart(5, "0")}.example.com`;

/**
 * A latest report of every node: the first comes over PuppetDB's command API as a server sends it, and the others are its rows once more, with a name and a hash
 * of their own, because PuppetDB takes some minutes to take in 20,000 by itself. What is asked of it afterwards does not tell the difference.
 */
export async function fillPuppetDb({ puppetDb, postgres, nodes, events, environment }: Filled): Promise<void> {
  const database = new Client({ connectionString: postgres });
  await database.connect();
  try {
    const certname = certnameOf(0);
    await puppetDb.submit("store_report", 8, reportOf(certname, environment, events));
    await until(async () => (await database.query("select 1 from reports where certname = $1", [certname])).rows.length === 1);
    await database.query(
      "insert into certnames (certname) select 'n' || lpad(n::text, 5, '0') || '.example.com' from generate_series(1, $1::int) n",
      [nodes - 1],
    );
    await copyRows(database, "reports", `o.certname = '${certname}'`, {
      id: "nextval('reports_id_seq')",
      hash: "decode(md5(c.certname) || '00000000', 'hex')",
      transaction_uuid: "gen_random_uuid()",
      certname: "c.certname",
    });
    await database.query(
      "update certnames c set latest_report_id = r.id, latest_report_timestamp = r.end_time from reports r where r.certname = c.certname",
    );
    await copyRows(database, "resource_events", `o.certname_id = (select id from certnames where certname = '${certname}')`, {
      event_hash: "decode(md5(c.certname || encode(o.event_hash, 'hex')) || '00000000', 'hex')",
      report_id: "c.latest_report_id",
      certname_id: "c.id",
    });
    await database.query("analyze");
  } finally {
    await database.end();
  }
}

/**
 * The rows that the first node has in a table, once more for every other, but for some columns. PuppetDB has a part of the table for each day, by a row's own time,
 * and an insert into the whole is not led to its part; so they go where the first one's are.
 */
async function copyRows(database: Client, whole: string, first: string, other: Readonly<Record<string, string>>): Promise<void> {
  const parts = await database.query<{ part: string }>(`select distinct o.tableoid::regclass::text as part from ${whole} o where ${first}`);
  const [table] = parts.rows.map(({ part }) => part);
  if (table === undefined || parts.rows.length > 1)
    throw new Error(`the first node's rows of ${whole} are in ${parts.rows.length} parts, and not in one`);
  const { rows } = await database.query<{ column_name: string }>(
    "select column_name from information_schema.columns where table_name = $1",
    [table],
  );
  const columns = rows.map(({ column_name: name }) => name);
  const values = columns.map((name) => other[name] ?? `o."${name}"`);
  const others = `c.certname <> '${certnameOf(0)}' and c.certname ~ '^n[0-9]{5}[.]example[.]com$'`;
  await database.query(
    `insert into ${table} (${columns.map((name) => `"${name}"`).join(", ")}) select ${values.join(", ")} from ${table} o, certnames c where ${first} and ${others}`,
  );
}

function reportOf(certname: string, environment: string, events: number): Wire & { certname: string } {
  const lines = readFileSync(join(import.meta.dirname, "..", "..", "fleet", "reports", "wire.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  const wire = lines.map((line) => JSON.parse(line) as { name: string; report: Wire }).find(({ name }) => name === "a first run")?.report;
  const [resource] = wire?.resources ?? [];
  if (wire === undefined || resource === undefined) throw new Error("there is no report to begin with");
  const end = new Date();
  return {
    ...wire,
    certname,
    environment,
    configuration_version: versionOfAll,
    transaction_uuid: randomUUID(),
    producer_timestamp: end.toISOString(),
    start_time: new Date(end.getTime() - 20_000).toISOString(),
    end_time: end.toISOString(),
    resources: Array.from({ length: events }, (_, at) => ({ ...resource, resource_title: `/etc/service/conf.d/${at}-settings.conf` })),
  };
}
