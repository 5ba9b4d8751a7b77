import { questions } from "../../../src/ledger/questions/questions.ts";
import type { MeasuredChange, MeasuredRelease } from "../../../src/measures/rows.ts";
import type { Reason } from "../../../src/gate/verdict.ts";
import type { RolloutStatus } from "../../../src/rollout/status.ts";
import type { ChangeRow, ChangeShown, EntryListed, SitePorts } from "../../../src/web/site/ports.ts";
import { report } from "../../gate/world.ts";

/** A site with something on every page. `say` gives every text that a person, a repository or a node may have written. */

const day = 86_400_000;
const now = Date.parse("2026-11-23T09:00:00Z");
const [old, fresh] = ["a".repeat(40), "b".repeat(40)];

/** Every page that there is for reading, by what it shows. */
export const samplePages: Readonly<Record<string, string>> = {
  home: "/",
  changes: "/acme/control",
  change: "/acme/control/changes/12",
  rollout: "/acme/control/rollout",
  metrics: "/acme/control/metrics",
  ledger: "/acme/control/ledger?text=fire",
  entry: "/acme/control/ledger/9",
  questions: "/acme/control/ledger/questions",
  answer: "/acme/control/ledger/questions/emergencies",
  head: "/-/ledger",
  refusal: "/acme/control/changes/999",
};

type Say = (usual: string) => string;

export function sampleSite(say: Say = (usual) => usual): Partial<SitePorts> {
  return {
    changes: async (_repository, { state }) => (state === "open" ? [12, 11, 10, 9].map((number, at) => rowOf(number, at, say)) : []),
    change: async (_repository, number) => (number === 12 ? shownOf(say) : null),
    reportOf: async () => reportOf(say),
    rollout: async () => statusOf(say),
    saidTo: async () => [
      {
        who: say("carla"),
        verb: "pause",
        text: say("while the office moves"),
        at: "2026-11-23T08:30:00Z",
        via: say("#12"),
        answer: say("nothing enters a lane"),
      },
    ],
    measures: async () => measuredOf(say),
    expectations: async () => ({
      expectations: [
        {
          name: "no-restart-at-night",
          path: say("expectations/night.yaml"),
          severity: "block",
          changes: 40,
          caught: { blocked: 3, asked: 0, warned: 1 },
          became: { mended: 2, approved: 0, warned: 1, despite: 0, open: 1, closed: 0 },
          unknown: 2,
          already: 0,
          lastCaught: null,
        },
      ],
      drafts: [{ cause: "halt", happened: 4, drafted: 2, takenUp: 1 }],
    }),
    measuredTo: async () => ({ seq: 120, of: 124 }),
    waited: async () => [
      {
        lane: "canary",
        release: fresh,
        over: [{ number: 7, services: [say("playlist")] }],
        from: now - 3 * day,
        to: null,
        changes: [{ number: 12, services: [say("playlist")], teams: [say("acme/playlist")], minutes: 65, waits: true }],
        minutes: 65,
      },
    ],
    entries: async () => ({ rows: entriesOf(say), below: 3, looked: 2_000 }),
    entry: async (_repository, seq) => ({
      ...(entriesOf(say)[0] as EntryListed),
      seq,
      texts: [
        { sha256: "1".repeat(64), text: JSON.stringify({ reason: say("the bridge is on fire"), head: fresh }) },
        { sha256: "2".repeat(64), text: null },
        { sha256: "3".repeat(64), text: say("plain words") },
      ],
      hidden: false,
    }),
    askAll: async (_repository, name) => ({
      question: questions.find((one) => one.name === name) ?? { name, columns: [] },
      rows: (async function* () {
        yield {
          rows: [
            { entry: 8, at: "2026-11-22T08:00:00Z", repo: 7, subject: say("pull/12"), actor: "c1", outcome: say("reviewed afterwards") },
          ],
          people: (commitment) => ({ id: 70, login: say("carla"), commitment }),
        };
      })(),
    }),
    ask: async (_repository, name) => ({
      question: questions.find((one) => one.name === name) ?? { number: 1, name, asks: say("what"), missing: say("much") },
      rows: [
        {
          entry: 8,
          at: "2026-11-22T08:00:00Z",
          repo: 7,
          subject: say("pull/12"),
          actor: "c1",
          outcome: say("reviewed afterwards"),
          reason: say("the bridge is on fire"),
          reviewer: "c2",
          hours: 3.5,
        },
        {
          entry: 3,
          at: "2026-11-20T08:00:00Z",
          repo: 7,
          subject: "pull/4",
          actor: null,
          outcome: "review still owed",
          reason: null,
          reviewer: null,
          hours: null,
        },
      ],
      people: (commitment) => ({
        id: commitment === "c1" ? 70 : null,
        login: commitment === "c1" ? say("carla") : null,
        commitment: "f".repeat(64),
      }),
      range: { first: 4, last: 9 },
      below: 4,
    }),
    mayAsk: () => true,
    logHead: async () => ({
      size: 124,
      note: `ledger.example.com/gate\n120\n${Buffer.alloc(32, 7).toString("base64")}\n\n— ledger.example.com/gate ${Buffer.alloc(68, 9).toString("base64")}\n`,
      signedAt: new Date(now - 60_000),
      places: 2,
      failing: 1,
    }),
  };
}

const reasonsOf = (say: Say): Reason[] => [
  { rule: "compile", outcome: "pass", text: say("40 nodes compile") },
  { rule: "lint", outcome: "fail", text: say("2 findings on changed lines"), unblock: say("its author: mend them") },
  {
    rule: say("peer"),
    outcome: "pending",
    text: say("1 approval is missing"),
    unblock: say("one person with write access: approve bbbbbbbbbb"),
    asks: "any",
    parts: [
      { rule: "approvals", outcome: "pending", text: say("nobody approved yet") },
      { rule: "check", outcome: "unknown", text: say("ci did not report") },
    ],
  },
  { rule: "wide", outcome: "fail", text: say("would ask for two"), observed: true },
];

const rowOf = (number: number, at: number, say: Say): ChangeRow => ({
  number,
  state: "open",
  baseRef: say("main"),
  head: fresh,
  standing: (["waiting", "pass", "blocked", "unknown"] as const)[at] ?? "waiting",
  verdict: { outcome: at === 1 ? "pass" : "blocked", reasons: reasonsOf(say) },
  about: { title: say("Shorter pauses between songs"), opener: say("emeka"), openedAt: "2026-11-23T06:00:00Z" },
  decidedAt: new Date(now - 60_000),
});

const shownOf = (say: Say): ChangeShown => ({
  ...rowOf(12, 0, say),
  answers: [
    {
      comment: 1,
      by: say("emeka"),
      command: say("/merge"),
      accepted: false,
      text: say("these rules are in the way"),
      lines: [say("peer: nobody approved")],
    },
  ],
  approvals: [
    {
      who: { id: 71, login: say("bo"), commitment: "c".repeat(64) },
      commit: old,
      became: [
        { seq: 5, at: "2026-11-23T07:00:00.000Z", state: "received", why: null },
        { seq: 7, at: "2026-11-23T08:00:00.000Z", state: "dropped", why: say("the content is another since") },
      ],
    },
  ],
  entries: [
    { seq: 5, kind: "approval-received", at: "2026-11-23T07:00:00.000Z", who: { id: 71, login: say("bo"), commitment: "c".repeat(64) } },
    { seq: 6, kind: "verdict", at: "2026-11-23T07:30:00.000Z", who: null },
    { seq: 7, kind: "approval-dropped", at: "2026-11-23T08:00:00.000Z", who: { id: null, login: null, commitment: "d".repeat(64) } },
  ],
});

const reportOf = (say: Say): ReturnType<typeof report> =>
  report({
    nodes: Array.from({ length: 40 }, (_, at) => ({
      certname: `node${at}.example.com`,
      outcome: at < 12 ? "changed" : at === 12 ? "broken" : "unchanged",
      reason: at === 12 ? say("cannot find the class") : null,
      services: ["playlist"],
      datacentre: "sto",
      cached: false,
    })),
    groups: [
      {
        type: "File",
        title: say("/etc/playlist.conf"),
        attribute: "content",
        change: "changed",
        kind: "system",
        before: say("pause = 3"),
        after: say("pause = 1"),
        nodes: ["node1.example.com", "node2.example.com"],
        source: null,
      },
      {
        type: "Service",
        title: say("playlist"),
        attribute: null,
        change: "removed",
        kind: "system",
        before: null,
        after: null,
        nodes: ["node1.example.com"],
        source: null,
        concerns: ["stops"],
      },
    ],
    radius: {
      nodes: 12,
      share: 0.3,
      services: [say("playlist")],
      datacentres: ["sto"],
      restarts: [],
      capacity: [{ service: say("playlist"), datacentre: say("sto"), nodes: 20, changing: 12, restarting: 4 }],
      size: "large",
    },
  });

const statusOf = (say: Say): RolloutStatus => ({
  now,
  seenAt: now - 20_000,
  paused: null,
  held: [say("a freeze until Monday")],
  advice: [],
  waits: null,
  lanes: [
    {
      lane: "canary",
      environment: "production_canary",
      verified: old,
      behind: [],
      stage: {
        release: fresh,
        changes: [{ sha: fresh, number: 12 }],
        way: "forward",
        phase: "watched",
        since: now - 600_000,
        observedMinutes: 9,
        bakeMinutes: 30,
        unseen: null,
        nodes: [
          { kind: "pass", count: 3, certnames: ["a1.example.com", "b1.example.com"] },
          { kind: "newly-failed", count: 1, certnames: [say("search1.example.com")] },
        ],
        missing: [],
      },
      halt: null,
      manual: false,
      let: null,
    },
    {
      lane: "wide",
      environment: "production_wide",
      verified: old,
      behind: [],
      stage: null,
      halt: { why: { kind: "person", by: { id: 1, name: say("carla") }, reason: say("it smokes") }, at: now - 3_600_000 },
      manual: true,
      let: null,
    },
    {
      lane: "rest",
      environment: "production",
      verified: old,
      behind: [{ sha: fresh, number: 12 }],
      stage: null,
      halt: null,
      manual: false,
      let: null,
    },
  ],
  quarantined: [],
});

function measuredOf(say: Say): { changes: MeasuredChange[]; releases: MeasuredRelease[] } {
  const changes = Array.from({ length: 300 }, (_, at): MeasuredChange => {
    const openedAt = now - (at % 84) * day - (at % 7) * 3_600_000;
    const reviewedAt = openedAt + (10 + ((at * 37) % 400)) * 60_000;
    return {
      number: at + 1,
      openedAt,
      reviewedAt,
      landedAt: reviewedAt + 600_000,
      everywhereAt: at % 9 === 0 ? null : reviewedAt + 7_200_000,
      own: at % 5 !== 0,
      glass: at % 50 === 0,
      outside: at % 60 === 7,
      services: at % 2 === 0 ? [say("playlist"), "search"] : ["search"],
      teams: [at % 2 === 0 ? say("acme/playlist") : "acme/search"],
    };
  });
  const releases = Array.from({ length: 90 }, (_, at): MeasuredRelease => {
    const enteredAt = now - (at % 84) * day;
    const failedAt = at % 15 === 0 ? enteredAt + 600_000 : null;
    return {
      release: `${at}`,
      enteredAt,
      failedAt,
      restoredAt: failedAt === null || at === 0 ? null : failedAt + 1_800_000,
      doneAt: failedAt === null ? enteredAt + 7_200_000 : null,
      revertedAt: null,
      hotfixedAt: null,
      services: ["search"],
      teams: ["acme/search"],
    };
  });
  return { changes, releases };
}

const entriesOf = (say: Say): EntryListed[] => [
  {
    seq: 9,
    entry: {
      v: 1,
      kind: "break-glass",
      at: "2026-11-22T08:00:00.000Z",
      repo: 7,
      subject: say("pull/12"),
      actor: "c".repeat(64),
      evidence: ["1".repeat(64)],
      idempotencyKey: say("7/break-glass"),
    },
    who: { id: 70, login: say("carla"), commitment: "c".repeat(64) },
  },
  {
    seq: 8,
    entry: {
      v: 1,
      kind: "lane-halted",
      at: "2026-11-22T07:00:00.000Z",
      repo: 7,
      subject: "lane/canary",
      actor: null,
      evidence: [],
      idempotencyKey: "7/x",
    },
    who: null,
  },
  {
    seq: 4,
    entry: {
      v: 1,
      kind: "landed",
      at: "2026-11-21T07:00:00.000Z",
      repo: 7,
      subject: "branch/main",
      actor: "d".repeat(64),
      evidence: [],
      idempotencyKey: "7/y",
    },
    who: { id: null, login: null, commitment: "d".repeat(64) },
  },
];
