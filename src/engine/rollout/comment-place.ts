import { createHash } from "node:crypto";
import type { Origin } from "../../gate/event.ts";
import { type ChangeStanding, changeStandings, isSettled } from "../../rollout/change-standing.ts";
import type { Failure } from "../ports/forge.ts";
import type { Log } from "../ports/log.ts";
import type { Place } from "../ports/news.ts";
import type { RolloutRecords } from "../ports/rollout.ts";
import { seenLine, waitsSince, type WaitedRecords } from "./waited.ts";

/** Every pull request tells where it is now: kept true once a minute, for those of which there is something else to say. */

interface CommentRecords extends Pick<RolloutRecords, "rolloutOf" | "sightOf">, Pick<WaitedRecords, "lineBehind" | "newsSince"> {
  /** Who waited longest for news first; `place` null where the commit is not on the base branch any more. */
  unsettledChanges(repository: number, since: Date): Promise<readonly { number: number; place: number | null; shown: Shown | null }[]>;
  saveShown(repository: number, shown: { number: number; digest: string; settled: boolean }, at: Date): Promise<void>;
}

export interface CommentPorts {
  records: CommentRecords;
  /** Null: it is not on the base branch any more. */
  show: (origin: Origin, number: number, standing: ChangeStanding | null) => Promise<void>;
  /** The forge's own failure; null for any other error. */
  explain: (error: unknown) => Failure | null;
  now: () => Date;
  log: Log;
}

const day = 86_400_000;
/** A change that is on its way for longer is told no more. */
const longest = 60 * day;
/** Edits of one run: GitHub takes eighty a minute that make content, from everything the App does. */
const mostEdits = 20;
/** Milliseconds between two edits for one pull request, at least. */
const betweenEdits = 60_000;
/** Of one run: GitHub is down. */
const mostFailures = 3;

export function createCommentPlace(ports: CommentPorts): Place {
  return {
    name: "comment",
    // It shows how things are, whatever happened.
    tell: async () => undefined,
    keep: (origin, signal) => keepComments(ports, origin, signal),
  };
}

async function keepComments({ records, show, explain, now, log }: CommentPorts, origin: Origin, signal: AbortSignal): Promise<void> {
  const { id } = origin.repository;
  const at = now();
  let edits = 0;
  let failures = 0;
  for (const { number, standing, shown } of await standingsOf(records, id, at)) {
    if (signal.aborted || edits >= mostEdits || failures >= mostFailures) return;
    const digest = createHash("sha256").update(JSON.stringify(standing)).digest("hex");
    const settled = standing === null || isSettled(standing);
    if (shown?.digest === digest) {
      // What was taken back since was something else.
      if (shown.settled) await records.saveShown(id, { number, digest, settled }, at);
      continue;
    }
    if (shown !== null && at.getTime() - shown.at.getTime() < betweenEdits) continue;
    try {
      await show(origin, number, standing);
    } catch (error) {
      const why = explain(error);
      if (why === null) throw error;
      // One that can't be edited holds up no other.
      failures += 1;
      log.warn({ repository: origin.repository, number }, `a pull request does not show where it is: ${why.text}`);
      continue;
    }
    edits += 1;
    await records.saveShown(id, { number, digest, settled }, at);
  }
}

interface Due {
  number: number;
  standing: ChangeStanding | null;
  shown: Shown | null;
}

/** `settled`: it was told the last word, and something was taken back since. */
interface Shown {
  digest: string;
  at: Date;
  settled: boolean;
}

async function standingsOf(records: CommentRecords, repository: number, at: Date): Promise<Due[]> {
  const kept = await records.rolloutOf(repository);
  if (kept === null) return [];
  const since = new Date(at.getTime() - longest);
  const changes = await records.unsettledChanges(repository, since);
  if (changes.length === 0) return [];
  const places = changes.flatMap(({ place }) => place ?? []);
  const rows = places.length === 0 ? [] : await records.lineBehind(repository, Math.min(...places));
  const line = seenLine(rows);
  const lanes = kept.rollout.lanes.map(({ lane }) => lane);
  const waits = await waitsSince(records, repository, { lanes, line, since });
  const sight = (await records.sightOf(repository))?.sight ?? null;
  const standingAt = changeStandings({ rollout: kept.rollout, sight, line, waits, now: at.getTime() });
  const index = new Map(rows.map(({ place }, where) => [place, where]));
  return changes.map(({ number, place, shown }) => {
    const where = place === null ? undefined : index.get(place);
    return { number, shown, standing: where === undefined ? null : standingAt(where) };
  });
}
