import { toNumber, type Executor } from "../executor.ts";

/** Sign-ins to the pages that hold; `id` is a digest of what the browser has. */
export async function addPageSession(executor: Executor, session: { id: string; person: number; at: Date; until: Date }): Promise<void> {
  await executor.query("delete from page_sessions where ends_at <= $1", [session.at]);
  await executor.query("insert into page_sessions (id, person, begun_at, ends_at) values ($1, $2, $3, $4)", [
    session.id,
    session.person,
    session.at,
    session.until,
  ]);
}

/** Whether this one is there still, and this person's. */
export async function hasPageSession(executor: Executor, { id, person, at }: { id: string; person: number; at: Date }): Promise<boolean> {
  const { rows } = await executor.query<{ one: number }>(
    "select 1 as one from page_sessions where id = $1 and person = $2 and ends_at > $3",
    [id, person, at],
  );
  return rows.length > 0;
}

/** Ends one, all of a person, or those of everybody. Gives how many. */
export async function endPageSessions(executor: Executor, which: { id: string } | { person: number } | "all"): Promise<number> {
  const ended =
    which === "all"
      ? await executor.query<{ person: number }>("delete from page_sessions returning person")
      : "id" in which
        ? await executor.query<{ person: number }>("delete from page_sessions where id = $1 returning person", [which.id])
        : await executor.query<{ person: number }>("delete from page_sessions where person = $1 returning person", [which.person]);
  return ended.rows.map(({ person }) => toNumber(person)).length;
}
