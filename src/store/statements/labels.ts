import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Executor } from "../executor.ts";

export async function ownLabels(executor: Executor, { repository, number }: ChangeKey): Promise<string[]> {
  const { rows } = await executor.query<{ name: string }>("select name from labels where repository = $1 and number = $2 order by name", [
    repository,
    number,
  ]);
  return rows.map(({ name }) => name);
}

/** Notes which labels are the gate's: before they are put on, so that one is never taken for a person's after a crash in between. */
export async function changeOwnLabels(
  executor: Executor,
  { repository, number }: ChangeKey,
  { add, remove }: { add: readonly string[]; remove: readonly string[] },
): Promise<void> {
  for (const name of add) {
    await executor.query("insert into labels (repository, number, name) values ($1, $2, $3) on conflict do nothing", [
      repository,
      number,
      name,
    ]);
  }
  await executor.query("delete from labels where repository = $1 and number = $2 and name = any($3)", [repository, number, [...remove]]);
}

/** Whom changes reach by their last check, as it was kept; else the services of the labels that the gate gave them. Without those of which neither is known. */
export async function reachOfChanges(
  executor: Executor,
  repository: number,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, { services: readonly string[]; teams: readonly string[] }>> {
  const { rows } = await executor.query<{ number: number; services: string[] | null; teams: string[] | null; labels: string[] | null }>(
    `select number, services, teams, (select array_agg(substr(l.name, 9) order by l.name) from labels l
       where l.repository = c.repository and l.number = c.number and l.name like 'service/%') as labels
     from changes c where repository = $1 and number = any($2)`,
    [repository, [...numbers]],
  );
  return new Map(
    rows.flatMap(({ number, services, teams, labels }) => {
      const known = services ?? labels;
      return known === null ? [] : [[number, { services: known, teams: teams ?? [] }] as const];
    }),
  );
}
