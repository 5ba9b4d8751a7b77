import { existsSync } from "node:fs";
import { embeddedFolder } from "./embedded.ts";
import { lockFolder } from "./lock.ts";
import type { Executor } from "./executor.ts";
import { readMigrations, requireMigrated } from "./migrate.ts";
import { connectionsOfServer, postgresConnection, programName } from "./postgres.ts";
import { Problem } from "../problem.ts";

/** What was found of a database, without changing it. */
interface Found {
  status: "pass" | "advice" | "fail";
  text: string;
  hint: string | null;
}

const pass = (text: string): Found => ({ status: "pass", text, hint: null });

/** The PostgreSQL of a URL. Throws a Problem where it can't be used at all. */
export async function examinePostgres(url: string): Promise<Found[]> {
  const connection = await postgresConnection(url, () => undefined);
  try {
    const { rows } = await connection.query<Facts>(
      `select current_setting('server_version') as version, pg_is_in_recovery() as standby,
         current_setting('default_transaction_read_only') = 'on' as readonly,
         has_database_privilege(current_database(), 'create') as creates,
         has_schema_privilege('public', 'create') as tables,
         to_regclass('public.migrations') is not null as migrated,
         least(
           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
           (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user),
           (select nullif(datconnlimit, -1) from pg_database where datname = current_database())) as most,
         (select count(*)::int from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
           and application_name not like $1 || '%') as others`,
      [programName],
    );
    const [facts] = rows;
    if (facts === undefined) throw new Error("PostgreSQL gave no row of itself");
    return [versionFound(facts), await migrationsFound(connection), ...(await olderFound(connection, facts)), connectionsFound(facts)];
  } finally {
    await connection.close();
  }
}

interface Facts {
  version: string;
  standby: boolean;
  readonly: boolean;
  creates: boolean;
  tables: boolean;
  migrated: boolean;
  most: number;
  others: number;
}

function versionFound({ version, standby, readonly, creates, tables }: Facts): Found {
  const text = `PostgreSQL ${version} answers`;
  if (standby) return { status: "fail", text: `${text}, and is a standby that takes no writes`, hint: "Name the primary in DATABASE_URL." };
  if (readonly)
    return { status: "fail", text: `${text}, and lets this user read only`, hint: "alter role … set default_transaction_read_only = off" };
  if (!creates || !tables)
    return {
      status: "fail",
      text: `${text}, and this user may not create ${creates ? "tables in its schema public" : "schemas in it"}`,
      hint: "Let it own the database (alter database … owner to …), or grant it create on the database and on its schema public.",
    };
  return pass(text);
}

async function migrationsFound(executor: Executor): Promise<Found> {
  const ours = readMigrations();
  try {
    await requireMigrated(executor, ours);
    return pass(`all ${ours.length} migrations are applied`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === "no-database") return pass("it is empty: `serve` makes its tables when it starts");
    return { status: error.code === "database-older" ? "advice" : "fail", text: error.text, hint: error.hint };
  }
}

/** Those that were forgotten at an upgrade: they know fewer migrations than the database has. */
async function olderFound(executor: Executor, { migrated }: Facts): Promise<Found[]> {
  if (!migrated) return [];
  const { rows } = await executor.query<{ at: string }>(
    `select distinct coalesce(host(client_addr), 'a socket') as at from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like $1 || '%'
       and coalesce(substring(application_name from '/([0-9]{1,9})$')::int, 0) < (select count(*) from migrations) order by 1`,
    [programName],
  );
  if (rows.length === 0) return [];
  return [
    {
      status: "fail",
      text: `a server of an older version is connected still, from ${rows.map(({ at }) => at).join(", ")}: it takes up nothing, and fails webhooks`,
      hint: "Stop it there, or start it anew with the version that the database is of.",
    },
  ];
}

function connectionsFound({ most, others }: Facts): Found {
  const text = `${most} connections may be made, and ${others} are others'; a server takes up to ${connectionsOfServer}`;
  if (most < connectionsOfServer) return { status: "fail", text, hint: "Raise max_connections, or the limit of the role or the database." };
  if (most - others < connectionsOfServer)
    return {
      status: "advice",
      text,
      hint: "Raise max_connections, or have others use fewer: while none is free, deliveries fail and are sent again.",
    };
  return pass(text);
}

/** The embedded database of a data folder. */
export function examineEmbedded(folder: string): Found[] {
  if (!existsSync(embeddedFolder(folder))) return [pass("the embedded one; `serve` makes it in the data folder when it starts")];
  try {
    lockFolder(folder).release();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "data-directory-locked") throw error;
    return [pass("the embedded one, in the data folder; `serve` runs, and has it")];
  }
  return [pass("the embedded one, in the data folder")];
}
