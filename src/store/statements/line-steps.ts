import type { Executor } from "../executor.ts";

export interface LearntStep {
  sha: string;
  /** Null for a push around the gate. */
  number: number | null;
  solo: boolean;
}

/** What is known of these commits; `learntAt`: when it was asked for first. */
export async function stepsOf(
  executor: Executor,
  repository: number,
  shas: readonly string[],
): Promise<(LearntStep & { learntAt: Date })[]> {
  const { rows } = await executor.query<LearntStep & { at: Date | string }>(
    "select sha, number, solo, learnt_at as at from line_steps where repository = $1 and sha = any($2)",
    [repository, [...shas]],
  );
  return rows.map(({ at, ...step }) => ({ ...step, learntAt: new Date(at) }));
}

/** A commit's pull request never changes once there is one: what was learnt first stays. */
export async function saveSteps(executor: Executor, repository: number, steps: readonly LearntStep[], at: Date): Promise<void> {
  for (const { sha, number, solo } of steps)
    await executor.query(
      `insert into line_steps (repository, sha, number, solo, learnt_at) values ($1, $2, $3, $4, $5)
       on conflict (repository, sha) do update set number = excluded.number, solo = excluded.solo where line_steps.number is null`,
      [repository, sha, number, solo, at],
    );
}
