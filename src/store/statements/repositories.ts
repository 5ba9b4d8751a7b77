import type { Origin } from "../../gate/event.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

interface Row {
  id: number;
  installation: number;
  owner: string;
  name: string;
}

/**
 * Keeps a repository's present name and installation under its id. What is known already is not written: deliveries would wait for each
 * other. Gives since when it was gone, for one that is back; null for any other.
 */
export async function saveRepository(executor: Executor, { installation, repository }: Origin): Promise<Date | null> {
  const { rows } = await executor.query<{ gone_at: Date | null }>(
    `with before as (select installation, owner, name, gone_at from repositories where id = $1)
     insert into repositories (id, installation, owner, name)
     select $1, $2, $3, $4
     where not exists (select from before where installation = $2 and owner = $3 and name = $4 and gone_at is null)
     on conflict (id) do update set installation = excluded.installation, owner = excluded.owner, name = excluded.name, gone_at = null
     returning (select gone_at from before) as gone_at`,
    [repository.id, installation, repository.owner, repository.name],
  );
  return rows[0]?.gone_at ?? null;
}

/** Notes that the gate has no access to these any more; gives those that it had until now. */
export async function dropRepositories(executor: Executor, ids: readonly number[], at: Date): Promise<Origin[]> {
  const { rows } = await executor.query<Row>(
    "update repositories set gone_at = $2 where id = any($1) and gone_at is null returning id, installation, owner, name",
    [[...ids], at],
  );
  return rows.map(originIn);
}

/** The same for all of an installation. */
export async function dropInstallation(executor: Executor, installation: number, at: Date): Promise<Origin[]> {
  const { rows } = await executor.query<Row>(
    "update repositories set gone_at = $2 where installation = $1 and gone_at is null returning id, installation, owner, name",
    [installation, at],
  );
  return rows.map(originIn);
}

/** Null for a repository that is gone. */
export async function originOf(executor: Executor, repository: number): Promise<Origin | null> {
  const { rows } = await executor.query<Row>("select id, installation, owner, name from repositories where id = $1 and gone_at is null", [
    repository,
  ]);
  return rows[0] === undefined ? null : originIn(rows[0]);
}

/** Every repository that was heard of and is not gone. */
export async function allOrigins(executor: Executor): Promise<Origin[]> {
  const { rows } = await executor.query<Row>("select id, installation, owner, name from repositories where gone_at is null order by id");
  return rows.map(originIn);
}

/** Repositories to be swept: all with open changes, and of the others so many at most, those first whose last sweep was longest ago. */
export async function takeOrigins(executor: Executor, mostQuiet: number, at: Date): Promise<Origin[]> {
  const { rows } = await executor.query<Row>(
    `with busy as (
       select id from repositories r where gone_at is null and exists (select from changes c where c.repository = r.id and c.state = 'open')
     ), quiet as (
       select id from repositories where gone_at is null and id not in (select id from busy) order by swept_at nulls first, id limit $1
     )
     update repositories set swept_at = $2 where id in (select id from busy union all select id from quiet)
     returning id, installation, owner, name`,
    [mostQuiet, at],
  );
  return rows.map(originIn).sort((one, other) => one.repository.id - other.repository.id);
}

const originIn = ({ id, installation, owner, name }: Row): Origin => ({
  installation: toNumber(installation),
  repository: { id: toNumber(id), owner, name },
});

/** Asks for a look at where the App is installed, by the next sweep. */
export async function askDiscovery(executor: Executor): Promise<void> {
  await executor.query("update discoveries set asked_at = null");
}

/** Whether that is to be asked now, which it is after so many seconds again, and notes that it was. */
export async function takeDiscovery(executor: Executor, now: Date, seconds: number): Promise<boolean> {
  const { affectedRows } = await executor.query(
    "update discoveries set asked_at = $1 where asked_at is null or asked_at + $2::float8 * interval '1 second' <= $1",
    [now, seconds],
  );
  return affectedRows === 1;
}
