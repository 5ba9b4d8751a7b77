/**
 * What a statement needs to run: the database, or one transaction of it. Every function of `statements/` takes one, because PGlite has
 * a single connection: a query on the outer handle inside `transaction()` waits for that transaction, and so for itself, for ever.
 */
export interface Executor {
  /** One statement with parameters; PGlite refuses several here. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what its rows are, once, instead of casting them
  query<Row>(sql: string, parameters?: unknown[]): Promise<{ rows: Row[]; affectedRows?: number }>;
  /** Several statements without parameters. Gives each one's rows. */
  exec(sql: string): Promise<{ rows: unknown[] }[]>;
}

/** GitHub's ids fit into a JavaScript number; drivers may give them as text. */
export const toNumber = (value: number | string | bigint): number => Number(value);

/** Text that may hold anything, as PostgreSQL takes it: it has no NUL. */
export const toText = (text: string): string => text.replaceAll("\0", "␀");
