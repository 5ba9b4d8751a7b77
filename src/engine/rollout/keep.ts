import type { Draft } from "../../ledger/entry.ts";
import type { Event } from "../../rollout/effects.ts";
import type { Sight } from "../../rollout/sight.ts";
import type { Line } from "../../rollout/line.ts";
import type { Rollout } from "../../rollout/state.ts";
import type { Origin } from "../../gate/event.ts";
import type { Lease } from "../ports/lease.ts";
import type { StandingFreeze } from "../../policy/freezes.ts";
import { draftOf, withFreezes } from "./drafts.ts";
import type { HeldRollouts, RolloutStore } from "../ports/rollout.ts";

/** Keeps what was decided with all that happened by it, for the ledger and for every place that tells of it, and has it told then. */
export async function keep(
  store: RolloutStore,
  { origin, lease, at }: { origin: Origin; lease: Lease; at: Date },
  {
    rollout,
    events,
    sight,
    line,
    also,
    drafts = [],
    freezes = [],
  }: {
    rollout: Rollout;
    events: readonly Event[];
    /** What the look saw. */
    sight?: Sight;
    /** The base branch's, as far as it was read. */
    line?: Line;
    /** What is to be kept with it, or not at all. */
    also?: (records: HeldRollouts) => Promise<void>;
    /** What the ledger is told besides the events. */
    drafts?: readonly Draft[];
    /** Those that stand. */
    freezes?: readonly StandingFreeze[];
  },
): Promise<void> {
  const { id } = origin.repository;
  await store.held(lease, async (records) => {
    await also?.(records);
    await records.saveRollout(id, { rollout }, at);
    if (sight !== undefined) await records.saveSight(id, sight, at);
    if (line !== undefined) await records.saveLine(id, line, at);
    if (events.length === 0) return;
    await records.addNews(id, events, at);
    const told = withFreezes(
      events.map((event) => draftOf(event, at)),
      freezes,
    );
    await records.appendEntries(id, [...drafts, ...told], at);
  });
  // Not within: a job that is under way could end without having seen what is not committed, and this one would not be queued.
  if (events.length > 0) await store.transaction((records) => records.askTells([id]));
}
