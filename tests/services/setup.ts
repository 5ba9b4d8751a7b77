import { startPostgres } from "./postgres.ts";

/** One PostgreSQL for the whole run; each file makes a database of its own in it (`tests/store/open.ts`). */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  process.env["PUPPET_GATE_TEST_POSTGRES"] = server.url;
  return () => server.close();
}
