import type { Executor } from "../executor.ts";
import type { ChangeKey } from "./keys.ts";

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

/** The services that changes reach, by the labels that the gate gave them; without those of which there is none. Names are as labels have them. */
export async function servicesOfChanges(
  executor: Executor,
  repository: number,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const { rows } = await executor.query<{ number: number; name: string }>(
    "select number, name from labels where repository = $1 and number = any($2) and name like 'service/%' order by number, name",
    [repository, [...numbers]],
  );
  return new Map(
    [...Map.groupBy(rows, ({ number }) => number)].map(([number, own]) => [number, own.map(({ name }) => name.slice("service/".length))]),
  );
}
