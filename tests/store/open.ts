import { type Connection, openMemoryDatabase, openPostgres, type Database } from "../../src/store/database.ts";
import { memoryConnection } from "../../src/store/embedded.ts";
import { postgresConnection } from "../../src/store/postgres.ts";
import { createDatabase } from "../services/postgres.ts";

/** With `npm run test:services` the same tests run on PostgreSQL: this gives the URL of a new database in it, and else nothing. */
export async function newDatabaseUrl(): Promise<string | undefined> {
  const server = process.env["PUPPET_GATE_TEST_POSTGRES"];
  return server === undefined ? undefined : createDatabase(server);
}

/** An empty database that is migrated: embedded in memory, or in PostgreSQL. */
export async function openTestDatabase(): Promise<Database> {
  const url = await newDatabaseUrl();
  return url === undefined
    ? openMemoryDatabase()
    : openPostgres(url, (error) => {
        throw error;
      });
}

/** A database with nothing in it, not even migrations. */
export async function openEmptyDatabase(): Promise<Connection> {
  const url = await newDatabaseUrl();
  return url === undefined
    ? memoryConnection()
    : postgresConnection(url, (error) => {
        throw error;
      });
}
