import { beforeEach, describe, expect, it } from "vitest";
import { announcePlaces } from "../../../src/engine/rollout/announce.ts";
import type { News, Place, PlaceProgress } from "../../../src/engine/ports/news.ts";
import { known, unknown } from "../../../src/policy/known.ts";
import { loadPolicy } from "../../../src/policy/load.ts";
import type { Announcement, Heard, Receiver } from "../../../src/rollout/announcement.ts";
import type { Event } from "../../../src/rollout/effects.ts";
import type { Member } from "../../../src/rollout/members.ts";
import { slackText } from "../../../src/notify/slack.ts";
import { memoryLog } from "../stand-ins/world.ts";
import { member, origin, rolloutOf, start } from "./world.ts";

/** News that happen to a repository of three commits: c0, which all lanes have, c1 of pull request 12, and c2 of 15. */
const policy = (announce: string): string => `version: 1
lanes: [{ name: canary, members: { certnames: [web1] } }, { name: rest }]
services:
  - { name: web, owners: ["@acme/web"], match: "true" }
  - { name: mail, owners: ["@acme/post"], match: "true" }
announce: [${announce}]
`;

class Channel implements Receiver {
  said: string[] = [];
  answer: Heard = { heard: true };
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async say(announcement: Announcement): Promise<Heard> {
    if (this.answer.heard) this.said.push(slackText(announcement).replace("[acme/control] ", ""));
    return this.answer;
  }
}

let at: Date;
let log: ReturnType<typeof memoryLog>;
let news: News[];
let written: string;
let members: Member[];
let surveys: number;
let organisation: Parameters<typeof announcePlaces>[0]["organisationPolicy"];
let prediction: object | null;
let ownPage: string | null;

beforeEach(() => {
  [at, log, news, surveys] = [start, memoryLog(), [], 0];
  written = policy("{to: ops}");
  members = [
    { ...member("web1"), services: known(["web"]) },
    { ...member("mail1"), services: known(["mail"]) },
  ];
  ownPage = null;
  organisation = async () => known(null);
  prediction = { classes: [{ name: "one", certnames: ["web1"], touched: [] }] };
});

function placesOf(...receivers: Receiver[]): Place[] {
  return announcePlaces({
    receivers,
    store: {
      records: {
        rolloutOf: async () => ({ rollout: rolloutOf(null) }),
        predictionOf: async (_, { before, release }) => (before === "c0" && release === "c2" ? prediction : null),
        stepsOf: async (_, shas) =>
          [
            { sha: "c1", number: 12, solo: false, learntAt: start },
            { sha: "c2", number: 15, solo: false, learntAt: start },
          ].filter(({ sha }) => shas.includes(sha)),
        otherBuckets: async () => new Map(),
        newsAfter: async (_, seq, most) => news.filter((one) => one.seq > seq).slice(0, most),
      },
    },
    judge: {
      survey: async () => {
        surveys += 1;
        const loaded = loadPolicy(written, "puppet-gate.yml");
        if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
        return { policy: loaded.policy, policyDigest: "", members };
      },
    },
    organisationPolicy: (of) => organisation(of),
    openMirror: async () => ({
      close: async () => {},
      heads: async () => ({ defaultBranch: "refs/heads/main", tip: "", tips: new Map() }),
      lineOf: async (_, oldest) => {
        const line = ["c0", "c1", "c2", "c3"].map((sha) => ({ sha, parents: [] }));
        const from = line.findIndex(({ sha }) => sha === oldest);
        return { steps: from < 0 ? null : line.slice(from + 1), tip: "c3" };
      },
    }),
    html: "https://github.com",
    pageOf: () => ownPage,
    now: () => at,
    log: log.log,
  });
}

const happen = (...events: Event[]): void => {
  for (const event of events) news.push({ seq: news.length + 1, repository: 5, at, event });
};
const never = new AbortController().signal;

/** All that is told at a place, as the job of it does, until it waits or fails. */
async function tell(place: Place | undefined, heardUpTo = 0): Promise<{ upTo: number; rest: PlaceProgress["rest"] }> {
  let upTo = heardUpTo;
  for (let left = news.filter(({ seq }) => seq > upTo); left.length > 0; left = news.filter(({ seq }) => seq > upTo)) {
    const [first] = left;
    if (place === undefined || first === undefined) throw new Error("no such place");
    if (place.tellSome === undefined) {
      await place.tell(origin, first, never);
      upTo = first.seq;
      continue;
    }
    const progress = await place.tellSome(origin, left, never);
    upTo = progress.upTo ?? upTo;
    if (progress.rest !== null) return { upTo, rest: progress.rest };
  }
  return { upTo, rest: null };
}

const entered: Event = { kind: "entered", lane: "canary", release: "c2", before: "c0", let: null };
const moved: Event = { kind: "moved", lane: "canary", release: "c2" };
const passed: Event = { kind: "passed", lane: "canary", release: "c2", verdict: { kind: "passed", counts: {} } };
const link = "<https://github.com/acme/control/commit/c2>";
const started = `canary: release c2 of #12, #15 has started ${link}`;

describe("a channel", () => {
  it("hears what happens to a release, with its pull requests and where to read on", async () => {
    const ops = new Channel("ops");
    const by = { id: 1, name: "ann" };
    happen(
      entered,
      moved,
      { kind: "ready", lane: "canary", release: "c2", at: 1 },
      {
        kind: "halted",
        lane: "canary",
        release: "c2",
        halt: {
          at: 1,
          why: {
            kind: "verdict",
            verdict: {
              kind: "failed",
              counts: {},
              troubles: [{ kind: "compile-failed", certnames: ["web1"], resources: [], tolerated: 0 }],
            },
          },
        },
        suspects: [
          {
            commit: "c1",
            number: 12,
            score: 0.9,
            why: [{ how: "line", trouble: "compile-failed", resource: null, nodes: 1, clue: { by: "compile" } as never }],
          },
          {
            commit: "c2",
            number: 15,
            score: 0.1,
            why: [{ how: "release", trouble: "compile-failed", resource: null, nodes: 1, clue: null }],
          },
        ],
      },
      { kind: "returning", lane: "canary", release: "c2", before: "c0", by, reason: "as #12 says" },
      { kind: "moved", lane: "canary", release: "c0" },
    );
    expect(await tell(placesOf(ops).at(-1))).toEqual({ upTo: 6, rest: null });
    expect(ops.said).toEqual([
      started,
      "canary stands still with release c2 of #12, #15: no catalog for 1 node (`web1`); suspect: #12 <https://github.com/acme/control/pull/12>",
      `canary: release c2 of #12, #15 is taken back: \`ann\` says \`as #12 says\` ${link}`,
    ]);
  });

  it("hears of the end of all lanes, or of its own", async () => {
    written = policy("{to: ops, events: [done]}, {to: lane, lanes: [canary], events: [done]}");
    const [ops, lane] = [new Channel("ops"), new Channel("lane")];
    happen(entered, passed, { ...entered, lane: "rest" }, { ...passed, lane: "rest" }, { kind: "done", release: "c2" });
    const [, first, second] = placesOf(ops, lane);
    await tell(first);
    await tell(second);
    expect([ops.said, lane.said]).toEqual([
      [`release c2 of #12, #15 went through all lanes ${link}`],
      [`canary: release c2 of #12, #15 was found good ${link}`],
    ]);
  });

  it.each<[string, string, () => void, boolean]>([
    ["nodes of its service change", "services: [web]", () => {}, true],
    ["its owner's do", "owners: ['@acme/web']", () => {}, true],
    ["others' do", "services: [mail]", () => {}, false],
    [
      "others' do, and nobody knows whose nodes they are",
      "services: [mail]",
      () => (members = [{ ...member("web1"), services: unknown("no facts") }]),
      true,
    ],
    ["what changes was not kept", "services: [mail]", () => (prediction = null), true],
    [
      "nodes of its service change in another lane",
      "services: [mail]",
      () => (prediction = { classes: [{ name: "one", certnames: ["mail1"], touched: [] }] }),
      false,
    ],
  ])("of a service, when %s", async (_, narrowed, change, isHeard) => {
    written = policy(`{to: ops, ${narrowed}}`);
    change();
    const ops = new Channel("ops");
    happen(entered, moved);
    expect(await tell(placesOf(ops).at(-1))).toEqual({ upTo: 2, rest: null });
    expect(ops.said).toEqual(isHeard ? [started] : []);
  });

  it("leads to the page of the rollout where there is one, and nobody is suspected", async () => {
    const ops = new Channel("ops");
    ownPage = "https://gate.example.com/acme/control";
    happen(entered, moved, { kind: "resumed", lane: null, by: null });
    await tell(placesOf(ops).at(-1));
    expect(ops.said.map((line) => line.split(" ").at(-1))).toEqual([
      "<https://gate.example.com/acme/control/rollout>",
      "<https://gate.example.com/acme/control/rollout>",
    ]);
  });

  it("says when it was, of what is told late", async () => {
    const ops = new Channel("ops");
    happen(entered, moved);
    at = new Date(start.getTime() + 16 * 60_000);
    await tell(placesOf(ops).at(-1));
    expect(ops.said).toEqual([started.replace(" <", " (at 2026-11-22 12:00 UTC) <")]);
  });

  it("is not flooded: a few lines, then all others in one, a minute later", async () => {
    const ops = new Channel("ops");
    const [, place] = placesOf(ops);
    happen(entered, ...Array.from({ length: 12 }, () => moved));
    expect(await tell(place)).toEqual({ upTo: 13, rest: null });
    expect(ops.said).toEqual([started, started, started, started, `and 8 more: 8 started ${link}`]);
    happen(moved, moved);
    expect(await tell(place, 13)).toEqual({ upTo: 13, rest: { hasFailed: false, text: "2 wait for their turn", seconds: 60 } });
    at = new Date(start.getTime() + 61_000);
    expect(await tell(place, 13)).toEqual({ upTo: 15, rest: null });
    expect(ops.said.slice(5)).toEqual([`and 2 more: 2 started ${link}`]);
    expect(surveys).toBe(1);
  });

  it("that is down goes on where it stood, with others' news done", async () => {
    const ops = new Channel("ops");
    const [, place] = placesOf(ops);
    happen(entered, moved, passed, moved);
    ops.answer = { heard: false, text: "it is down", hint: "Start it.", afterSeconds: 7 };
    expect(await tell(place)).toEqual({ upTo: 1, rest: { hasFailed: true, text: "it is down. Start it.", seconds: 7 } });
    ops.answer = { heard: true };
    expect(await tell(place, 1)).toEqual({ upTo: 4, rest: null });
    expect(ops.said).toHaveLength(2);
  });

  it("that only the policy knows is told in the log, and others are told all the same", async () => {
    written = policy("{to: ops}, {to: opps, events: [start]}");
    const ops = new Channel("ops");
    happen(entered, moved, passed);
    const [nameless, place] = placesOf(ops);
    await tell(nameless);
    await tell(place);
    expect(ops.said).toEqual([started]);
    expect(log.lines().filter((line) => line.startsWith("warn"))).toEqual([
      "warn: the policy announces to opps, and this site has no channel of that name: nobody is told there. Add it to the file that PUPPET_GATE_ANNOUNCE names, or take it out of `announce`",
    ]);
  });

  it("waits while nobody can tell who hears, and asks again", async () => {
    const ops = new Channel("ops");
    const [, place] = placesOf(ops);
    organisation = async () => unknown("GitHub does not answer");
    happen(entered, moved);
    await expect(tell(place)).rejects.toThrow("Whether the organisation has a policy can't be told now: GitHub does not answer.");
    organisation = async () => known(null);
    await tell(place);
    expect(ops.said).toEqual([started]);
  });
});
