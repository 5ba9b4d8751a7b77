import type { Origin } from "../gate/event.ts";
import type { Draft } from "../ledger/entry.ts";
import type { Rollout } from "../rollout/state.ts";
import type { Forge } from "./ports/forge.ts";
import type { Log } from "./ports/log.ts";

interface LaneRecords {
  /** Null where nothing is rolled out. */
  rolloutOf(repository: number): Promise<{ rollout: Pick<Rollout, "lanes"> } | null>;
  /** How far GitHub's record of a branch was walked; null before the first time. */
  laneWalk(repository: number, branch: string): Promise<{ upto: Date; sha: string; walkedAt: Date } | null>;
  saveLaneWalk(repository: number, walk: { branch: string; upto: Date; sha: string }, at: Date): Promise<void>;
  /** Commits that the ledger says the gate moved the lane to, or from, since a time. */
  laneMoves(repository: number, lane: string, since: Date): Promise<ReadonlySet<string>>;
  appendEntries(repository: number, drafts: readonly Draft[], at: Date): Promise<void>;
}

export interface ExplainLanesPorts {
  store: { records: LaneRecords; transaction<T>(work: (records: LaneRecords) => Promise<T>): Promise<T> };
  forge: Pick<Forge, "pushesTo">;
  now: () => Date;
  log: Log;
}

/** Milliseconds between two walks: each is a request for each lane. What the rollout itself finds moved, it says within a minute. */
const every = 3_600_000;
/** The entry of a move is older than the move; and between the two a look may wait long, for a deploy or for PuppetDB. */
const slack = 24 * 3_600_000;

/**
 * Accounts for every move of the lanes' branches since they were walked last, by GitHub's own record of pushes: a move of ours, which the ledger has, or one
 * around the gate. So is found, too, what was moved and moved back between two looks. The first walk only begins. What can't be learnt now is asked the
 * next time, from the same moment on.
 */
export async function explainLanes(ports: ExplainLanesPorts, origin: Origin): Promise<void> {
  const { store, now } = ports;
  const { id } = origin.repository;
  const kept = await store.records.rolloutOf(id);
  for (const { lane, environment, verified, stage } of kept?.rollout.lanes ?? []) {
    const walk = await store.records.laneWalk(id, environment);
    if (walk !== null && now().getTime() - walk.walkedAt.getTime() < every) continue;
    // What the rollout is about just now may have its entry with its next look.
    const own = [verified, ...(stage === null ? [] : [stage.before, stage.release, ...(stage.mayBeAt ?? [])])];
    await explainLane(ports, origin, { lane, branch: environment, walk, own });
  }
}

async function explainLane(
  { store, forge, now, log }: ExplainLanesPorts,
  origin: Origin,
  { lane, branch, walk, own }: { lane: string; branch: string; walk: { upto: Date; sha: string } | null; own: readonly string[] },
): Promise<void> {
  const { id } = origin.repository;
  const pushes = await forge.pushesTo(origin, branch);
  if (!pushes.known) {
    log.warn({ repository: origin.repository, branch }, `who moved the lane can't be told now: ${pushes.reason}`);
    return;
  }
  const moves = pushes.value
    .flatMap(({ sha, by, at }) => (at === null ? [] : [{ sha, by, at: new Date(at) }]))
    .filter(({ at }) => walk === null || at > walk.upto)
    .reverse();
  const last = moves.at(-1);
  const drafts: Draft[] = [];
  if (walk !== null && moves.length > 0) {
    const told = await store.records.laneMoves(id, lane, new Date(walk.upto.getTime() - slack));
    let from = walk.sha;
    for (const { sha, by, at } of moves) {
      if (!told.has(sha) && !own.includes(sha)) {
        const evidence = [JSON.stringify({ lane, branch, from, to: sha, at: at.toISOString() })];
        const key = `lane-moved-outside:${lane}:${sha}:${at.toISOString()}`;
        drafts.push({ kind: "lane-moved-outside", subject: `lane/${lane}`, actor: by?.id ?? null, evidence, key });
        log.warn({ repository: origin.repository, lane, from, to: sha }, "a lane was moved around the gate");
      }
      from = sha;
    }
  }
  await store.transaction(async (records) => {
    await records.saveLaneWalk(id, { branch, upto: last?.at ?? walk?.upto ?? now(), sha: last?.sha ?? walk?.sha ?? "" }, now());
    if (drafts.length > 0) await records.appendEntries(id, drafts, now());
  });
}
