import type { Executor } from "../executor.ts";

/** A commit that says that it takes another one back, of which it is not known whose they are. */
interface UnnamedRevert {
  branch: string;
  commit: string;
  reverted: string;
}

/** Known already, it stays as it is. */
export async function addUnnamedReverts(
  executor: Executor,
  repository: number,
  reverts: readonly UnnamedRevert[],
  at: Date,
): Promise<void> {
  for (const { branch, commit, reverted } of reverts)
    await executor.query(
      "insert into unnamed_reverts (repository, branch, commit_id, reverted, due_at) values ($1, $2, $3, $4, $5) on conflict do nothing",
      [repository, branch, commit, reverted, at],
    );
}

/** Those that are due, the longest first. */
export async function unnamedReverts(
  executor: Executor,
  repository: number,
  now: Date,
  most: number,
): Promise<(UnnamedRevert & { tries: number })[]> {
  const { rows } = await executor.query<{ branch: string; commit_id: string; reverted: string; tries: number }>(
    `select branch, commit_id, reverted, tries from unnamed_reverts where repository = $1 and due_at <= $2
     order by due_at, commit_id, reverted limit $3`,
    [repository, now, most],
  );
  return rows.map(({ branch, commit_id: commit, reverted, tries }) => ({ branch, commit, reverted, tries }));
}

/** `dueAt`: when it is asked about again; null: never. */
export async function retryUnnamedRevert(
  executor: Executor,
  repository: number,
  { commit, reverted }: UnnamedRevert,
  dueAt: Date | null,
): Promise<void> {
  if (dueAt === null)
    await executor.query("delete from unnamed_reverts where repository = $1 and commit_id = $2 and reverted = $3", [
      repository,
      commit,
      reverted,
    ]);
  else
    await executor.query(
      "update unnamed_reverts set tries = tries + 1, due_at = $4 where repository = $1 and commit_id = $2 and reverted = $3",
      [repository, commit, reverted, dueAt],
    );
}
