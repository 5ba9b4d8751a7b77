import type { Push } from "../../gate/event.ts";
import type { Person } from "../../gate/facts.ts";
import type { Executor } from "../executor.ts";
import { toNumber } from "../executor.ts";

/** Keeps who pushed a commit and when. Of several tellings the latest time counts: it can only make old commands older. */
export async function addPush(executor: Executor, repository: number, { sha, by, at }: Push): Promise<void> {
  await executor.query(
    `insert into pushes (repository, sha, user_id, login, bot, at) values ($1, $2, $3, $4, $5, $6)
     on conflict (repository, sha, user_id) do update set login = excluded.login, at = greatest(pushes.at, excluded.at)`,
    [repository, sha, by?.id ?? 0, by?.login ?? null, by?.bot ?? false, at],
  );
}

/** Everybody who is known to have pushed one of these commits as a branch's tip. */
export async function pushersOf(executor: Executor, repository: number, shas: readonly string[]): Promise<Person[]> {
  const { rows } = await executor.query<{ user_id: number; login: string; bot: boolean }>(
    `select user_id, max(login) as login, bool_or(bot) as bot from pushes
     where repository = $1 and sha = any($2) and user_id <> 0 group by user_id order by user_id`,
    [repository, [...shas]],
  );
  return rows.map(({ user_id, login, bot }) => ({ id: toNumber(user_id), login, bot }));
}

/** When a commit was pushed last, as far as deliveries told; null when none did. */
export async function pushedAt(executor: Executor, repository: number, sha: string): Promise<string | null> {
  const { rows } = await executor.query<{ at: Date | null }>("select max(at) as at from pushes where repository = $1 and sha = $2", [
    repository,
    sha,
  ]);
  return rows[0]?.at?.toISOString() ?? null;
}
