import type { Person } from "../../gate/facts.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/** Keeps that a comment was edited, and by whom first. */
export async function addEdit(executor: Executor, repository: number, comment: number, by: Person | null, at: Date): Promise<void> {
  await executor.query(
    "insert into edited_comments (repository, comment, editor, edited_at) values ($1, $2, $3, $4) on conflict do nothing",
    [repository, comment, by === null ? null : JSON.stringify(by), at],
  );
}

/** Which of these comments were edited as far as deliveries told, and by whom. */
export async function editsOf(executor: Executor, repository: number, comments: readonly number[]): Promise<Map<number, Person | null>> {
  const { rows } = await executor.query<{ comment: number; editor: string | null }>(
    "select comment, editor from edited_comments where repository = $1 and comment = any($2)",
    [repository, [...comments]],
  );
  return new Map(rows.map(({ comment, editor }) => [toNumber(comment), editor === null ? null : (JSON.parse(editor) as Person)]));
}
