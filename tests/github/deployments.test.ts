import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Authenticate } from "../../src/github/api.ts";
import { createDeployments, type Deployments } from "../../src/github/deployments.ts";
import type { Event } from "../../src/rollout/effects.ts";
import type { Halt } from "../../src/rollout/state.ts";
import { openStage, type Stage } from "./stage.ts";

/** What GitHub shows of releases on their way, on the stand-in. */
let stage: Stage;
let shas: string[];
let seq = 0;
/** Of every test its own, so that none sees another's deployments. */
let lanes: { lane: string; environment: string }[];
let page: string | null = null;

beforeAll(async () => {
  stage = await openStage();
  const carol = stage.github.as("carol");
  shas = [];
  for (const each of ["one", "two", "three"])
    shas.push(await carol.commit(stage.name, { branch: "main", files: { [`${each}.pp`]: "" }, message: each }));
});
afterAll(() => stage.close());
let test = 0;
beforeEach(() => {
  test += 1;
  lanes = ["canary", "rest"].map((lane) => ({ lane, environment: `${lane}_${test}` }));
  page = null;
});

const sha = (release: number): string => shas[release - 1] ?? "";

class Killed extends Error {}

/** `killAt`: the call to GitHub after which the process dies. */
function placeOf(killAt: number | null = null): Deployments & { calls: () => number } {
  let calls = 0;
  const hooked = new WeakSet<object>();
  const authenticate: Authenticate = async (installation) => {
    const api = await stage.authenticate(installation);
    if (!hooked.has(api))
      api.hook.wrap("request", async (request, options) => {
        calls += 1;
        const answer: unknown = await request(options);
        if (calls === killAt) throw new Killed();
        return answer as Awaited<ReturnType<typeof request>>;
      });
    hooked.add(api);
    return api;
  };
  const place = createDeployments({ authenticate, app: stage.identity, lanesOf: async () => lanes, pageOf: () => page });
  return { ...place, calls: () => calls };
}

/** What GitHub has of an environment: of each deployment its commit and its states, the oldest first. */
const shown = (lane = "canary"): [string, string[]][] =>
  [...stage.repo.deployments.values()]
    .filter(({ environment }) => environment === `${lane}_${test}`)
    .map(({ sha, statuses }) => [`${shas.indexOf(sha) + 1}`, statuses.map(({ state }) => state)]);

const entered = (release: number, lane = "canary"): Event => ({
  kind: "entered",
  lane,
  release: sha(release),
  before: "",
  let: null,
});
const moved = (release: number, lane = "canary"): Event => ({ kind: "moved", lane, release: sha(release) });
const ready = (release: number, lane = "canary"): Event => ({ kind: "ready", lane, release: sha(release), at: 0 });
const passed = (release: number, lane = "canary"): Event => ({
  kind: "passed",
  lane,
  release: sha(release),
  verdict: { kind: "passed", counts: { pass: 3 } },
});
const who = { id: 7, name: "sre" };
const why: Halt["why"] = {
  kind: "verdict",
  verdict: {
    kind: "failed",
    counts: {},
    troubles: [{ kind: "touched-failed", certnames: ["a", "b"], resources: ["Service[nginx]"], tolerated: 0 }],
  },
};
const halted = (release: number): Event => ({ kind: "halted", lane: "canary", release: sha(release), halt: { why, at: 0 } });
const through = (release: number, lane = "canary"): Event[] => [
  entered(release, lane),
  moved(release, lane),
  ready(release, lane),
  passed(release, lane),
];
const returning = (release: number, before: number): Event => ({
  kind: "returning",
  lane: "canary",
  release: sha(release),
  before: sha(before),
  by: who,
  reason: "odd",
});

/** As the queue does: in order, each so often. */
async function tell(place: Deployments, events: readonly Event[], times = 1): Promise<void> {
  for (const event of events) {
    seq += 1;
    for (let told = 0; told < times; told += 1) await place.tell(stage.origin, { seq, event });
  }
}

describe("a release", () => {
  const good = ["queued", "in_progress", "in_progress", "success"];
  it.each<[string, () => Event[], [string, string[]][]]>([
    ["that is good", () => through(1), [["1", good]]],
    [
      "that another one follows",
      () => [...through(1), ...through(2)],
      [
        ["1", [...good, "inactive"]],
        ["2", good],
      ],
    ],
    ["that stands still", () => [entered(1), moved(1), ready(1), halted(1)], [["1", ["queued", "in_progress", "in_progress", "failure"]]]],
    [
      "that stands still, and that what takes it back follows",
      () => [
        ...through(1),
        entered(2),
        moved(2),
        halted(2),
        { kind: "superseded", lane: "canary", release: sha(2), by: sha(3) },
        ...through(3),
      ],
      [
        ["1", [...good, "inactive"]],
        ["2", ["queued", "in_progress", "failure", "inactive"]],
        ["3", good],
      ],
    ],
    [
      "that goes back to the one before it",
      () => [
        ...through(1),
        entered(2),
        moved(2),
        halted(2),
        returning(1, 2),
        moved(1),
        ready(1),
        { kind: "returned", lane: "canary", release: sha(1), verdict: { kind: "passed", counts: {} } },
      ],
      [
        ["1", [...good, "inactive"]],
        ["2", ["queued", "in_progress", "failure"]],
        ["1", good],
      ],
    ],
    [
      "that goes back while it is watched",
      () => [...through(1), entered(2), moved(2), returning(1, 2)],
      [
        ["1", good],
        ["2", ["queued", "in_progress", "inactive"]],
        ["1", ["queued"]],
      ],
    ],
    [
      "that a person takes for good",
      () => [entered(1), halted(1), { kind: "promoted", lane: "canary", release: sha(1), by: who, reason: "the disk was full" }, passed(1)],
      [["1", ["queued", "failure", "success"]]],
    ],
    [
      "that goes on on a person's word",
      () => [entered(1), halted(1), { kind: "resumed", lane: "canary", by: who }, { kind: "resumed", lane: "canary", by: who }],
      [["1", ["queued", "failure", "in_progress"]]],
    ],
    ["whose entry nobody was told of", () => [moved(1)], [["1", ["in_progress"]]]],
    [
      "of which nothing is shown",
      () => [
        { kind: "paused", by: who, reason: "odd", until: 0 },
        { kind: "resumed", lane: null, by: who },
        { kind: "resumed", lane: "canary", by: who },
        { kind: "done", release: sha(1) },
        { kind: "halted", lane: "canary", release: null, halt: { why, at: 0 } },
        entered(1, "gone"),
      ],
      [],
    ],
  ])("%s is shown so, however often it is told", async (_, events, expected) => {
    await tell(placeOf(), events(), 2);
    expect(shown()).toEqual(expected);
  });

  it("is shown in the environment of each lane, of which the last is production's, with nothing merged in and no check waited for", async () => {
    await tell(placeOf(), [...through(1), ...through(1, "rest")]);
    const all = [...stage.repo.deployments.values()].filter(({ environment }) => environment.endsWith(`_${test}`));
    expect(
      all.map(({ environment, production, transient, task, payload, ref }) => ({ environment, production, transient, task, payload, ref })),
    ).toEqual(
      lanes.map(({ lane, environment }, at) => ({
        environment,
        production: at === 1,
        transient: false,
        task: "deploy:puppet-gate",
        payload: { news: seq - 7 + at * 4, lane },
        ref: shas[0],
      })),
    );
  });

  it.each([null, "https://gate.example.com/acme/control"])("leads to the page %s", async (address) => {
    page = address;
    await tell(placeOf(), [entered(1)]);
    const [one] = [...stage.repo.deployments.values()].slice(-1);
    expect(one?.statuses.map(({ logUrl, environmentUrl }) => [logUrl, environmentUrl])).toEqual([[address ?? "", ""]]);
  });

  it("is not taken for what others deploy in the same environment", async () => {
    const other = stage.github.app({ name: "Other", owner: "acme", webhookSecret: "x", permissions: { deployments: "write" }, events: [] });
    stage.github.install(other, { on: "acme" });
    const [before] = [...stage.repo.deployments.values()];
    if (before === undefined) throw new Error("this test needs one before it");
    for (const [id, payload, task] of [
      [9_000_000_001, { news: seq + 1 }, "deploy:puppet-gate"],
      [9_000_000_002, "not JSON", "deploy"],
      [9_000_000_003, "{", "deploy:puppet-gate"],
    ] as const)
      stage.repo.deployments.set(id, {
        ...before,
        id,
        payload,
        task,
        environment: `canary_${test}`,
        statuses: [],
        creatorId: stage.github.as("alice").account.id,
        appId: id === 9_000_000_001 ? other.id : null,
      });
    await tell(placeOf(), through(1));
    expect(shown().map(([, states]) => states)).toEqual([[], [], [], good]);
  });

  it("whose commit GitHub does not have is shown nowhere", async () => {
    await tell(placeOf(), [{ kind: "entered", lane: "canary", release: "1".repeat(40), before: "", let: null }]);
    expect(shown()).toEqual([]);
  });

  it("can't be shown by an App that may not: that says who has to do what", async () => {
    stage.github.faults.next({ kind: "error-before", status: 403, route: "POST /repos/{owner}/{repo}/deployments" });
    await expect(tell(placeOf(), [entered(1)])).rejects.toMatchObject({
      name: "Problem",
      text: expect.stringMatching(/^GitHub does not let the App show deployments: .+\.$/u) as string,
      hint: 'Accept the permission "Deployments: write" (app.yml) in the settings of the App\'s installation.',
    });
  });

  it("ends the same wherever the process dies", async () => {
    const story = (): Event[] => [
      entered(1),
      passed(1),
      entered(2),
      moved(2),
      returning(1, 2),
      { ...passed(1), kind: "returned" } as Event,
    ];
    const whole = placeOf();
    await tell(whole, story());
    const expected = shown();
    // Where it dies before a call, nothing has happened since the call before.
    for (let call = 1; call <= whole.calls(); call += 1) {
      test += 1;
      lanes = ["canary", "rest"].map((lane) => ({ lane, environment: `${lane}_${test}` }));
      const dying = placeOf(call);
      let deaths = 0;
      for (const event of story()) {
        seq += 1;
        const again = async (): Promise<void> => dying.tell(stage.origin, { seq, event });
        await again().catch(async (error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          deaths += 1;
          await again();
        });
      }
      expect([deaths, shown()], `killed after call ${call}`).toEqual([1, expected]);
    }
  });
});
