import type { Draft, EntryKind } from "../../ledger/entry.ts";
import type { StandingFreeze } from "../../policy/freezes.ts";
import type { Known } from "../../policy/known.ts";
import type { Event } from "../../rollout/effects.ts";
import type { Fleet } from "../../rollout/observation.ts";
import type { Stage, Who } from "../../rollout/state.ts";

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

/** The freezes that stand in the moment in which a release enters a lane: they are part of what is told of that. */
export const withFreezes = (drafts: readonly Draft[], freezes: readonly StandingFreeze[]): Draft[] =>
  drafts.map((draft) => {
    const [text] = draft.evidence;
    if (freezes.length === 0 || text === undefined || (draft.kind !== "lane-entered" && draft.kind !== "lane-moved")) return draft;
    const standing = freezes.map(({ freeze: { name, reason, binding }, endsAt }) => ({ name, reason, binding, until: endsAt }));
    return { ...draft, evidence: [JSON.stringify({ ...(JSON.parse(text) as object), freezes: standing })] };
  });

/**
 * How each node of a lane ended with a release, where what happened ends its stage: which run had it, and what that changed. Asked for months later, PuppetDB
 * has forgotten all of it.
 */
export function nodesDraft(event: Event, stage: Stage | null, fleet: Known<Fleet> | undefined, at: Date): Draft[] {
  const isEnd = event.kind === "passed" || event.kind === "returned" || event.kind === "halted" || event.kind === "promoted";
  if (!isEnd || stage === null || fleet?.known !== true || stage.release !== event.release) return [];
  const { nodes, record } = fleet.value;
  const about = {
    lane: event.lane,
    release: stage.release,
    before: stage.before,
    way: stage.way,
    ended: event.kind,
    classes: record?.classes ?? [],
    nodes: nodes.map(({ certname, kind, resources, unexpected }) => {
      const ran = record?.ran.get(certname);
      return {
        certname,
        kind,
        ...(ran !== undefined && { run: ran.run, ranAt: new Date(ran.at).toISOString(), changed: ran.changed }),
        ...(unexpected.length > 0 && { unexpected }),
        ...(resources.length > 0 && { failing: resources }),
      };
    }),
  };
  const key = `lane-nodes:${event.lane}:${stage.release}:${at.toISOString()}`;
  return [{ kind: "lane-nodes", subject: `lane/${event.lane}`, actor: null, evidence: [JSON.stringify(about)], key }];
}

function actorOf(event: Event): Who | null {
  if (event.kind === "entered") return event.let;
  if (event.kind === "halted") return event.halt.why.kind === "person" ? event.halt.why.by : null;
  return "by" in event && typeof event.by !== "string" ? event.by : null;
}
