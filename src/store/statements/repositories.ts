import type { Origin } from "../../gate/event.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/** Keeps a repository's present name and installation under its id. What is known already is not written: deliveries would wait for each other. */
export async function saveRepository(executor: Executor, { installation, repository }: Origin): Promise<void> {
  await executor.query(
    `insert into repositories (id, installation, owner, name)
     select $1, $2, $3, $4
     where not exists (select from repositories where id = $1 and installation = $2 and owner = $3 and name = $4)
     on conflict (id) do update set installation = excluded.installation, owner = excluded.owner, name = excluded.name`,
    [repository.id, installation, repository.owner, repository.name],
  );
}

export async function originOf(executor: Executor, repository: number): Promise<Origin | null> {
  const { rows } = await executor.query<{ id: number; installation: number; owner: string; name: string }>(
    "select id, installation, owner, name from repositories where id = $1",
    [repository],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { installation: toNumber(row.installation), repository: { id: toNumber(row.id), owner: row.owner, name: row.name } };
}

/** Every repository that was ever heard of. */
export async function allOrigins(executor: Executor): Promise<Origin[]> {
  const { rows } = await executor.query<{ id: number; installation: number; owner: string; name: string }>(
    "select id, installation, owner, name from repositories order by id",
  );
  return rows.map(({ id, installation, owner, name }) => ({
    installation: toNumber(installation),
    repository: { id: toNumber(id), owner, name },
  }));
}
