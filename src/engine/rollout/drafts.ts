import type { Draft, EntryKind } from "../../ledger/entry.ts";
import type { Event } from "../../rollout/effects.ts";
import type { Who } from "../../rollout/state.ts";

const kinds: Readonly<Record<Event["kind"], EntryKind>> = {
  entered: "lane-entered",
  moved: "lane-moved",
  ready: "lane-ready",
  passed: "lane-passed",
  halted: "lane-halted",
  superseded: "lane-superseded",
  promoted: "lane-promoted",
  "let-in": "lane-let-in",
  returning: "lane-returning",
  returned: "lane-returned",
  quarantined: "lane-quarantined",
  unquarantined: "commit-unquarantined",
  paused: "rollout-paused",
  resumed: "rollout-resumed",
  done: "rollout-done",
};

/** What the ledger is told of a rollout. A release may come to a lane again after it went back, so that the moment is part of the key. */
export function draftOf(event: Event, at: Date): Draft {
  const lane = "lane" in event ? event.lane : null;
  const about = "release" in event ? event.release : "commit" in event ? event.commit : null;
  return {
    kind: event.kind === "resumed" && lane !== null ? "lane-resumed" : kinds[event.kind],
    subject: lane === null ? "rollout" : `lane/${lane}`,
    actor: actorOf(event)?.id ?? null,
    evidence: [JSON.stringify(event)],
    key: `${event.kind}:${lane ?? ""}:${about ?? ""}:${at.toISOString()}`,
  };
}

function actorOf(event: Event): Who | null {
  if (event.kind === "entered") return event.let;
  if (event.kind === "halted") return event.halt.why.kind === "person" ? event.halt.why.by : null;
  return "by" in event && typeof event.by !== "string" ? event.by : null;
}
