import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/** Marks comments as answered for good. */
export async function addAnswered(
  executor: Executor,
  { repository, number }: ChangeKey,
  comments: readonly number[],
  at: Date,
): Promise<void> {
  for (const comment of comments) {
    await executor.query(
      "insert into answers (repository, number, comment, answered_at) values ($1, $2, $3, $4) on conflict (repository, comment) do nothing",
      [repository, number, comment, at],
    );
  }
}

export async function answeredComments(executor: Executor, { repository, number }: ChangeKey): Promise<Set<number>> {
  const { rows } = await executor.query<{ comment: number }>("select comment from answers where repository = $1 and number = $2", [
    repository,
    number,
  ]);
  return new Set(rows.map(({ comment }) => toNumber(comment)));
}
