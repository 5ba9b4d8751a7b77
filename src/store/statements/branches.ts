import type { Executor } from "../executor.ts";

/** The tip of a branch up to which every commit is accounted for; null for a branch that was not looked at yet. */
export async function explainedTip(executor: Executor, repository: number, branch: string): Promise<string | null> {
  const { rows } = await executor.query<{ tip: string }>("select tip from branches where repository = $1 and branch = $2", [
    repository,
    branch,
  ]);
  return rows[0]?.tip ?? null;
}

export async function saveExplainedTip(
  executor: Executor,
  repository: number,
  { branch, tip }: { branch: string; tip: string },
  at: Date,
): Promise<void> {
  await executor.query(
    `insert into branches (repository, branch, tip, explained_at) values ($1, $2, $3, $4)
     on conflict (repository, branch) do update set tip = excluded.tip, explained_at = excluded.explained_at`,
    [repository, branch, tip, at],
  );
}

/** Begins to account for a branch at this commit, unless that has begun; tells whether it had. */
export async function beginExplaining(
  executor: Executor,
  repository: number,
  { branch, tip }: { branch: string; tip: string },
  at: Date,
): Promise<boolean> {
  const { affectedRows } = await executor.query(
    "insert into branches (repository, branch, tip, explained_at) values ($1, $2, $3, $4) on conflict do nothing",
    [repository, branch, tip, at],
  );
  return affectedRows === 0;
}

/**
 * Which of these commits landings of ours made, or were about to push, and which are known to have landed: a merge whose answer was lost is
 * ours all the same.
 */
export async function landingsAt(
  executor: Executor,
  repository: number,
  shas: readonly string[],
): Promise<{ number: number; sha: string; landed: boolean }[]> {
  const { rows } = await executor.query<{ number: number; sha: string; landed: boolean }>(
    `select number, commit_id as sha, bool_or(state = 'landed') as landed from landings
     where repository = $1 and commit_id = any($2) and state <> 'outside' group by number, commit_id order by number`,
    [repository, [...shas]],
  );
  return rows;
}

/** Branches that open changes go into, and those that are looked at already. */
export async function watchedBranches(executor: Executor, repository: number): Promise<string[]> {
  const { rows } = await executor.query<{ branch: string }>(
    `select base_ref as branch from changes where repository = $1 and state = 'open' and base_ref is not null
     union select branch from branches where repository = $1 order by branch`,
    [repository],
  );
  return rows.map(({ branch }) => branch);
}
