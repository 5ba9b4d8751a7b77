import type { Draft, EntryKind } from "../../ledger/entry.ts";
import type { Event } from "../../rollout/effects.ts";

const kinds: Readonly<Record<Event["kind"], EntryKind>> = {
  entered: "lane-entered",
  moved: "lane-moved",
  ready: "lane-ready",
  passed: "lane-passed",
  halted: "lane-halted",
  superseded: "lane-superseded",
  promoted: "lane-promoted",
  returning: "lane-returning",
  returned: "lane-returned",
  done: "rollout-done",
};

/** What the ledger is told of a rollout. A release may come to a lane again after it went back, so that the moment is part of the key. */
export function draftOf(event: Event, at: Date): Draft {
  const lane = event.kind === "done" ? null : event.lane;
  const by = event.kind === "promoted" ? event.by : event.kind === "entered" ? event.let : null;
  return {
    kind: kinds[event.kind],
    subject: lane === null ? "rollout" : `lane/${lane}`,
    actor: by?.id ?? null,
    evidence: [JSON.stringify(event)],
    key: `${event.kind}:${lane ?? ""}:${event.release ?? ""}:${at.toISOString()}`,
  };
}
