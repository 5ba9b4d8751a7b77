import { Problem } from "../problem.ts";

/** The oldest PostgreSQL that pg-boss 12 runs on (its documentation, "Requirements"). */
export const oldestVersion = 13;

/** Where a database is, without the password. */
function placeOf(url: string): { at: string; user: string; database: string } {
  const { hostname, port, username, pathname, searchParams } = new URL(url);
  const host = searchParams.get("host") ?? (hostname === "" ? "localhost" : hostname);
  const database = decodeURIComponent(pathname.slice(1));
  return { at: `${host}:${port === "" ? "5432" : port}`, user: decodeURIComponent(username), database };
}

export function tooOld(url: string, version: number): Problem {
  const { at } = placeOf(url);
  return new Problem({
    code: "database-too-old",
    text: `The database at ${at} is PostgreSQL ${Math.floor(version / 10_000)}, and the gate needs ${oldestVersion} or newer.`,
    hint: "Upgrade it, or give another one in DATABASE_URL.",
  });
}

/**
 * What a person can do about a database that can't be used; any other error is given back as it is. Times are in seconds: how long it took
 * until there was an error, and how long an answer is waited for.
 */
export function connectionProblem(url: string, error: unknown, { waited, patience }: { waited: number; patience: number }): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error;
  const { at, user, database } = placeOf(url);
  const code = (error as { code?: unknown }).code;
  if (code === "28P01" || code === "28000")
    return new Problem(
      {
        code: "database-refused",
        text: `The database at ${at} refuses the user ${JSON.stringify(user)}.`,
        hint: "Correct user and password in DATABASE_URL, and see that its pg_hba.conf lets this machine in.",
      },
      { cause: error },
    );
  if (code === "3D000")
    return new Problem(
      {
        code: "database-missing",
        text: `The PostgreSQL at ${at} has no database ${JSON.stringify(database)}.`,
        hint: "Create it (createdb), or name another one in DATABASE_URL.",
      },
      { cause: error },
    );
  const silent = code === "ETIMEDOUT" || waited >= patience * 0.95;
  const { text, hint } = silent ? nothingAnswered(at, waited) : turnedAway(at, typeof code === "string" ? code : error.message);
  return new Problem({ code: "database-does-not-answer", text, hint: `${hint} ${withoutOne}` }, { cause: error });
}

const withoutOne = "Without DATABASE_URL the gate keeps a database of its own in PUPPET_GATE_DATA.";

/** The driver calls a time that ran out a connection that was terminated, which it never was: there was none. */
const nothingAnswered = (at: string, waited: number): Said => ({
  text: `No database answered at ${at} within ${Math.max(1, Math.round(waited))} s.`,
  hint: "Look for a firewall between this machine and it, see that it runs, or correct DATABASE_URL.",
});

function turnedAway(at: string, error: string): Said {
  if (error === "Connection terminated unexpectedly")
    return {
      text: `What listens at ${at} closed the connection without an answer.`,
      hint: "See that it is a PostgreSQL, and no proxy before one that is down; or correct DATABASE_URL.",
    };
  return { text: `The database at ${at} does not answer: ${error}.`, hint: "Start it, or correct DATABASE_URL." };
}

interface Said {
  text: string;
  hint: string;
}

/** A user that may not create what the gate keeps. */
export function mayNotCreate(error: unknown): unknown {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== "42501") return error;
  return new Problem(
    {
      code: "database-rights",
      text: `The database user may not create what the gate keeps: ${error.message}.`,
      hint: "Let it own the database (alter database … owner to …), or grant it create on the database and on its schema public.",
    },
    { cause: error },
  );
}
