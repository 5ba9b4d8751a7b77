import { expect, it } from "vitest";
import { draftOf } from "../../../src/engine/rollout/drafts.ts";
import type { Event } from "../../../src/rollout/effects.ts";
import { start } from "./world.ts";

const who = { id: 7, name: "sre" };
const verdict = { kind: "passed" as const, counts: {} };
const stamp = "2026-11-22T12:00:00.000Z";

it.each<[Event, object]>([
  [
    { kind: "entered", lane: "lon", release: "c1", before: "c0", let: null },
    { kind: "lane-entered", actor: null },
  ],
  [
    { kind: "entered", lane: "lon", release: "c1", before: "c0", let: who },
    { kind: "lane-entered", actor: 7 },
  ],
  [{ kind: "moved", lane: "lon", release: "c1" }, { kind: "lane-moved" }],
  [{ kind: "ready", lane: "lon", release: "c1", at: 1 }, { kind: "lane-ready" }],
  [{ kind: "passed", lane: "lon", release: "c1", verdict }, { kind: "lane-passed" }],
  [{ kind: "returned", lane: "lon", release: "c1", verdict }, { kind: "lane-returned" }],
  [
    { kind: "superseded", lane: "lon", release: "c1", by: "c2" },
    { kind: "lane-superseded", actor: null },
  ],
  [
    { kind: "promoted", lane: "lon", release: "c1", by: who },
    { kind: "lane-promoted", actor: 7 },
  ],
  [
    { kind: "promoted", lane: "lon", release: "c1", by: { id: null, name: "sre" } },
    { kind: "lane-promoted", actor: null },
  ],
  [
    { kind: "returning", lane: "lon", release: "c0", before: "c1" },
    { kind: "lane-returning", key: `returning:lon:c0:${stamp}` },
  ],
  [
    { kind: "halted", lane: "lon", release: null, halt: { why: { kind: "moved-elsewhere", tip: "c9" }, at: 1 } },
    { kind: "lane-halted", key: `halted:lon::${stamp}` },
  ],
  [
    { kind: "done", release: "c1" },
    { kind: "rollout-done", subject: "rollout", key: `done::c1:${stamp}` },
  ],
])("the ledger is told of %j", (event, expected) => {
  const draft = draftOf(event, start);
  const plain = { subject: "lane/lon", actor: null, key: `${event.kind}:lon:c1:${stamp}` };
  expect(draft).toEqual({ evidence: [JSON.stringify(event)], ...plain, ...expected });
});
