import { describe, expect, it } from "vitest";
import { type Known, known, unknown } from "../../src/policy/known.ts";
import type { Service } from "../../src/policy/schema.ts";
import { withAffected } from "../../src/rollout/affected.ts";
import type { Event } from "../../src/rollout/effects.ts";
import type { Member } from "../../src/rollout/members.ts";
import type { Halt } from "../../src/rollout/state.ts";

const services: Service[] = [
  { name: "playlist", owners: ["@acme/playlist"], runbook: "docs/playlist.md", match: "true" },
  { name: "search", owners: [], match: "true" },
];
const member = (certname: string, own: Known<readonly string[]>): Member => ({ certname, services: own }) as Member;
const members = [
  member("a", known(["playlist"])),
  member("b", known(["search", "playlist"])),
  member("c", known(["search"])),
  member("d", unknown("its facts are assumed")),
  member("e", known(["role"])),
];
const failed = (...certnames: string[][]): Halt["why"] => ({
  kind: "verdict",
  verdict: {
    kind: "failed",
    counts: {},
    troubles: certnames.map((of) => ({ kind: "newly-failed", certnames: of, resources: [], tolerated: 0 })),
  },
});
const halted = (why: Halt["why"]): Event => ({ kind: "halted", lane: "canary", release: "c1", halt: { why, at: 0 } });
const playlist = { name: "playlist", owners: ["@acme/playlist"], runbook: "docs/playlist.md" };
const search = { name: "search", owners: [], runbook: null };

describe("services in trouble", () => {
  it.each<[string, Event, object[] | undefined]>([
    ["are those of the nodes that failed", halted(failed(["a"])), [{ ...playlist, nodes: 1 }]],
    ["are named once for a node with two troubles", halted(failed(["a"], ["a"])), [{ ...playlist, nodes: 1 }]],
    [
      "are told with most nodes first",
      halted(failed(["a", "b", "c"], ["c"])),
      [
        { ...playlist, nodes: 2 },
        { ...search, nodes: 2 },
      ],
    ],
    [
      "are sorted by them",
      halted(failed(["b", "c"])),
      [
        { ...search, nodes: 2 },
        { ...playlist, nodes: 1 },
      ],
    ],
    ["have nobody where the policy does not name them", halted(failed(["e"])), [{ name: "role", owners: [], runbook: null, nodes: 1 }]],
    ["are none where a node's are not known", halted(failed(["d", "gone"])), []],
    ["are not looked for where a person stopped it", halted({ kind: "person", by: { id: 7, name: "sre" }, reason: "odd" }), undefined],
    ["nor where nothing failed", halted({ kind: "verdict", verdict: { kind: "undecided", missing: [], counts: {} } }), undefined],
    ["nor of what did not halt", { kind: "moved", lane: "canary", release: "c1" }, undefined],
  ])("%s", (_, event, affected) => {
    expect(withAffected(event, services, members)).toEqual(affected === undefined ? event : { ...event, affected });
  });
});
