import type { Executor } from "../executor.ts";

/** How far a lane's branch was walked; null before the first time. */
export async function laneWalk(
  executor: Executor,
  repository: number,
  branch: string,
): Promise<{ upto: Date; sha: string; walkedAt: Date } | null> {
  const { rows } = await executor.query<{ upto: Date | string; sha: string; walked_at: Date | string }>(
    "select upto, sha, walked_at from lane_walks where repository = $1 and branch = $2",
    [repository, branch],
  );
  const [row] = rows;
  return row === undefined ? null : { upto: new Date(row.upto), sha: row.sha, walkedAt: new Date(row.walked_at) };
}

export async function saveLaneWalk(
  executor: Executor,
  repository: number,
  { branch, upto, sha }: { branch: string; upto: Date; sha: string },
  at: Date,
): Promise<void> {
  await executor.query(
    `insert into lane_walks (repository, branch, upto, sha, walked_at) values ($1, $2, $3, $4, $5)
     on conflict (repository, branch) do update set upto = excluded.upto, sha = excluded.sha, walked_at = excluded.walked_at`,
    [repository, branch, upto, sha, at],
  );
}

/** Commits that the ledger has of a lane's moves by the gate since a time: of what entered it, was moved, or went back. */
export async function laneMoves(executor: Executor, repository: number, lane: string, since: Date): Promise<Set<string>> {
  const { rows } = await executor.query<{ content: Uint8Array }>(
    `select v.content from entries e, lateral (select jsonb_array_elements_text(e.entry::jsonb -> 'evidence') as sha256) as named
     join evidence v on v.sha256 = named.sha256
     where e.repository = $1 and e.subject = $2 and e.at >= $3 and e.kind in ('lane-entered', 'lane-moved', 'lane-returning')`,
    [repository, `lane/${lane}`, since],
  );
  const commits = new Set<string>();
  for (const { content } of rows) {
    const { release, before } = JSON.parse(Buffer.from(content).toString("utf8")) as { release?: unknown; before?: unknown };
    for (const one of [release, before]) if (typeof one === "string") commits.add(one);
  }
  return commits;
}
