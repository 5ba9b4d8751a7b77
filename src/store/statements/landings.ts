import type { ChangeKey } from "../../engine/ports/changes.ts";
import type { Merge } from "../../gate/decide.ts";
import type { Landing } from "../../gate/view.ts";
import type { Executor } from "../executor.ts";

/** A merge and the commit that it makes; null where GitHub makes it. */
export type IntendedMerge = Merge & { commit: string | null };

/** One that was kept before there was `seen` knows of no reviews. */
const intentionOf = (merge: string): IntendedMerge => {
  const { seen = [], ...kept } = JSON.parse(merge) as Omit<IntendedMerge, "seen"> & Partial<Pick<IntendedMerge, "seen">>;
  return { ...kept, seen };
};

/** A merge of a change, whatever became of it. */
export interface KeptLanding {
  state: "intended" | "refused" | "landed" | "outside";
  /** What was to be merged; null where it was nothing of ours. */
  merge: IntendedMerge | null;
  /** How it landed; null where it did not, as far as is known. */
  landing: Landing | null;
  /** It is ours, and nobody knows yet which tree landed. */
  unread: boolean;
}

/** Every merge of a change that was ever intended or found, the newest first: a refusal may be an answer that was lost, and a change can land twice. */
export async function landingsOf(executor: Executor, { repository, number }: ChangeKey): Promise<KeptLanding[]> {
  const { rows } = await executor.query<{ state: KeptLanding["state"]; merge: string | null; outcome: string | null; unread: boolean }>(
    "select state, merge, outcome, unread from landings where repository = $1 and number = $2 order by intended_at desc, id desc",
    [repository, number],
  );
  return rows.map(({ state, merge, outcome, unread }) => ({
    state,
    merge: merge === null ? null : intentionOf(merge),
    landing: outcome === null || (state !== "landed" && state !== "outside") ? null : (JSON.parse(outcome) as Landing),
    unread,
  }));
}

/**
 * Intends a merge before it is asked for. An older intention of this change is replaced where nothing was made of it; where a commit was
 * made, it may be on the branch, and stays known as one that was refused.
 */
export async function intendMerge(executor: Executor, { repository, number }: ChangeKey, merge: IntendedMerge, at: Date): Promise<void> {
  await executor.query(
    `update landings set state = 'refused', outcome = $4, ended_at = $5
     where repository = $1 and number = $2 and state = 'intended' and commit_id is not null and commit_id is distinct from $3`,
    [repository, number, merge.commit, JSON.stringify({ why: "it was intended anew" }), at],
  );
  await executor.query(
    `insert into landings (repository, number, state, merge, commit_id, intended_at) values ($1, $2, 'intended', $3, $4, $5)
     on conflict (repository, number) where state = 'intended' do update
     set merge = excluded.merge, commit_id = excluded.commit_id, intended_at = excluded.intended_at`,
    [repository, number, JSON.stringify(merge), merge.commit, at],
  );
}

/** Records that GitHub, or the facts read again, refused the intended merge. */
export async function refuseMerge(executor: Executor, { repository, number }: ChangeKey, why: string, at: Date): Promise<void> {
  await executor.query(
    "update landings set state = 'refused', outcome = $3, ended_at = $4 where repository = $1 and number = $2 and state = 'intended'",
    [repository, number, JSON.stringify({ why }), at],
  );
}

/**
 * Records how a change landed, with the intention that it came of: the one that made this commit, or else the newest whose commit GitHub
 * was to make. A second telling of the same changes nothing but what was unknown before; another landing of the change is another row.
 */
export async function saveLanding(executor: Executor, { repository, number }: ChangeKey, landing: Landing, at: Date): Promise<void> {
  const isOurs = landing.by === "gate";
  const state = isOurs ? "landed" : "outside";
  const unread = isOurs && landing.trees?.landed.known === false;
  const { affectedRows } = await executor.query(
    `update landings set state = $3, outcome = $4, ended_at = $5, commit_id = coalesce($6, commit_id), unread = $7
     where id = (
       select id from landings where repository = $1 and number = $2 and ${isOurs ? ofOurs : "state = 'outside'"}
       order by commit_id is not null and commit_id = $6 desc, intended_at desc, id desc limit 1)`,
    [repository, number, state, JSON.stringify(landing), at, landing.sha, unread],
  );
  if ((affectedRows ?? 0) > 0) return;
  await executor.query(
    "insert into landings (repository, number, state, outcome, intended_at, ended_at, commit_id, unread) values ($1, $2, $3, $4, $5, $5, $6, $7)",
    [repository, number, state, JSON.stringify(landing), at, landing.sha, unread],
  );
}

const ofOurs = "state <> 'outside' and (commit_id = $6 or (commit_id is null and merge is not null))";
