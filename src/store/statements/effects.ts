import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Effect } from "../../gate/decide.ts";
import type { Executor } from "../executor.ts";
import { toNumber, toText } from "../executor.ts";

/** Intends effects, in this order. What was intended for the change before and not done is superseded: it was decided on older facts. */
export async function intendEffects(
  executor: Executor,
  { repository, number }: ChangeKey,
  effects: readonly Effect[],
  at: Date,
): Promise<number[]> {
  await executor.query(
    "update effects set state = 'superseded', ended_at = $3 where repository = $1 and number = $2 and state = 'intended'",
    [repository, number, at],
  );
  const ids: number[] = [];
  for (const effect of effects) {
    const { rows } = await executor.query<{ id: number }>(
      "insert into effects (repository, number, effect, intended_at) values ($1, $2, $3, $4) returning id",
      [repository, number, JSON.stringify(effect), at],
    );
    for (const { id } of rows) ids.push(toNumber(id));
  }
  return ids;
}

/** Records what became of an intended effect. */
export async function endEffect(executor: Executor, id: number, error: string | null, at: Date): Promise<void> {
  await executor.query("update effects set state = $2, error = $3, ended_at = $4 where id = $1", [
    id,
    error === null ? "done" : "failed",
    error === null ? null : toText(error),
    at,
  ]);
}
