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
    { kind: "promoted", lane: "lon", release: "c1", by: who, reason: "seen" },
    { kind: "lane-promoted", actor: 7 },
  ],
  [
    { kind: "promoted", lane: "lon", release: "c1", by: { id: null, name: "sre" }, reason: "seen" },
    { kind: "lane-promoted", actor: null },
  ],
  [
    { kind: "returning", lane: "lon", release: "c0", before: "c1", by: who, reason: "bad" },
    { kind: "lane-returning", actor: 7, key: `returning:lon:c0:${stamp}` },
  ],
  [
    { kind: "halted", lane: "lon", release: null, halt: { why: { kind: "moved-elsewhere", tip: "c9" }, at: 1 } },
    { kind: "lane-halted", key: `halted:lon::${stamp}` },
  ],
  [
    { kind: "halted", lane: "lon", release: "c1", halt: { why: { kind: "person", by: who, reason: "odd" }, at: 1 } },
    { kind: "lane-halted", actor: 7 },
  ],
  [
    { kind: "let-in", lane: "lon", release: "c1", by: who, reason: "seen" },
    { kind: "lane-let-in", actor: 7 },
  ],
  [
    { kind: "returning", lane: "lon", release: "c0", before: "c1", by: null, reason: "the policy says so" },
    { kind: "lane-returning", key: `returning:lon:c0:${stamp}` },
  ],
  [
    { kind: "quarantined", lane: "lon", commits: ["c1", "c2"], by: who, reason: "bad" },
    { kind: "lane-quarantined", actor: 7, key: `quarantined:lon::${stamp}` },
  ],
  [
    { kind: "unquarantined", commit: "c1", by: who, reason: "mended" },
    { kind: "commit-unquarantined", subject: "rollout", actor: 7, key: `unquarantined::c1:${stamp}` },
  ],
  [
    { kind: "paused", by: who, reason: "holidays", until: 2 },
    { kind: "rollout-paused", subject: "rollout", actor: 7, key: `paused:::${stamp}` },
  ],
  [
    { kind: "resumed", lane: null, by: who },
    { kind: "rollout-resumed", subject: "rollout", actor: 7, key: `resumed:::${stamp}` },
  ],
  [
    { kind: "resumed", lane: null, by: null },
    { kind: "rollout-resumed", subject: "rollout", key: `resumed:::${stamp}` },
  ],
  [
    { kind: "resumed", lane: "lon", by: who },
    { kind: "lane-resumed", actor: 7, key: `resumed:lon::${stamp}` },
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
