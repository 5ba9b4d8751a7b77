import { describe, expect, it } from "vitest";
import { known } from "../../../src/policy/known.ts";
import type { RolloutStatus, StageStatus } from "../../../src/rollout/status.ts";
import type { RolloutWord, SitePorts } from "../../../src/web/site/ports.ts";
import { hostileTexts } from "../walk.ts";
import { setStage, tokenIn, type Browser, type Stage, type Visit } from "./stage.ts";

const now = Date.parse("2026-11-23T09:00:00Z");
const [old, fresh] = ["a".repeat(40), "b".repeat(40)];

const stage = (more: Partial<StageStatus> = {}): StageStatus => ({
  release: fresh,
  changes: [{ sha: fresh, number: 12 }],
  way: "forward",
  phase: "watched",
  since: now - 600_000,
  observedMinutes: 9.5,
  bakeMinutes: 30,
  unseen: null,
  nodes: [
    { kind: "pass", count: 3, certnames: ["a1", "b1", "c1"] },
    { kind: "newly-failed", count: 1, certnames: ["search1"] },
  ],
  missing: [{ kind: "bake", minutes: 20.5 }],
  ...more,
});

const status = (more: Partial<RolloutStatus> = {}): RolloutStatus => ({
  now,
  seenAt: now - 30_000,
  paused: null,
  held: [],
  advice: [],
  waits: null,
  lanes: [
    { lane: "canary", environment: "production_canary", verified: old, behind: [], stage: stage(), halt: null, manual: false, let: null },
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
  ...more,
});

const read = ({ text }: Visit): string =>
  text
    .slice(text.indexOf("<main"))
    .replaceAll(/<[^>]*>/gu, " ")
    .replaceAll(/\s+/gu, " ");

async function open(ports: Partial<SitePorts>): Promise<Visit> {
  const { browser } = await setStage({ local: true, ...ports });
  return browser().get("/acme/control/rollout");
}

describe("the page of a rollout", () => {
  it("has each lane with its release, how far it was watched, its nodes and what waits", async () => {
    const page = await open({ rollout: async () => status() });
    expect(read(page)).toMatch(
      /canary on its way .*9 of 30 min observed It still takes 21 min more .*Brings #12 .*1 newly failed search1 3 good a1, b1, c1/,
    );
    expect(page.text).toMatch(/<progress max="30" value="9" aria-label="Minutes for which canary was observed">9 of 30 minutes/);
    expect(read(page)).toMatch(/rest good 1 merged change waits to enter, until canary is through\. .* Waiting #12 /);
    expect(read(page)).toContain("Seen just now.");
  });

  it.each<[string, Partial<RolloutStatus>, RegExp]>([
    [
      "what somebody's halt cost others",
      {
        waited: [
          {
            lane: "canary",
            release: fresh,
            over: [{ number: 7, services: ["playlist"] }],
            from: now - 3_900_000,
            to: null,
            changes: [{ number: 12, services: ["search"], minutes: 65, waits: true }],
            minutes: 65,
          },
        ],
      },
      /Waiting that halts caused .* #7 \(playlist\) canary 2026-11-23 07:55 UTC still #12 \(search\) 1 h 5 min 1 h 5 min /,
    ],
    [
      "a pause",
      { paused: { by: { id: 1, name: "greta" }, reason: "a fair", at: now, until: now + 3_600_000 } },
      /Held Paused until 2026-11-23 10:00 UTC by greta: a fair/,
    ],
    ["a freeze", { held: ["the freeze xmas holds until January"] }, /Held Nothing enters a lane: the freeze xmas/],
    [
      "a look that came to nothing",
      { waits: { why: "PuppetDB does not answer", hint: null } },
      /The last look came to nothing: PuppetDB does not answer/,
    ],
    ["quarantine", { quarantined: [{ commit: fresh, number: 12, lane: "canary", at: now }] }, /In quarantine since .*#12/],
  ])("tells of %s", async (_name, more, words) => {
    expect(read(await open({ rollout: async () => status(more) }))).toMatch(words);
  });

  it("tells of a lane that stands still, in words and not by colour alone", async () => {
    const [canary, rest] = status().lanes;
    if (canary === undefined || rest === undefined) throw new Error("the lanes are gone");
    const halt = { why: { kind: "person" as const, by: { id: 1, name: "greta" }, reason: "smoke" }, at: now };
    const page = await open({ rollout: async () => status({ lanes: [{ ...canary, halt }, rest] }) });
    expect(read(page)).toMatch(/canary stands still .*greta stopped it: smoke/);
    expect(page.text).toContain('<li class="lane stands" id="lane-canary">');
  });

  it("says once why a lane stands still, whom it points to, what to say, and what going back would leave", async () => {
    const [canary] = status().lanes;
    if (canary === undefined) throw new Error("the lanes are gone");
    const troubles = [{ kind: "newly-failed" as const, certnames: ["search1"], resources: ["Exec[warm]"], tolerated: 0 }];
    const halt = {
      why: { kind: "verdict" as const, verdict: { kind: "failed" as const, counts: {}, troubles } },
      at: now - 3_600_000,
      suspects: known([{ commit: fresh, number: 12, score: 0.9, why: [] }]),
      stays: known({ items: [{ kind: "ran" as const, nodes: 1, resource: "Exec[warm]", versions: null, attribute: null }], more: 0 }),
    };
    const page = await open({ rollout: async () => status({ lanes: [{ ...canary, halt }] }) });
    const text = read(page);
    expect(text).toMatch(
      /canary stands still for 60 minutes : resources fail that did not before \(search1; Exec\[warm\]\) Suspected: #12 90 % Next: say return canary REASON , or promote canary REASON .*Going back will not undo this Exec\[warm\] on 1 node: it was run /,
    );
    expect(page.text).toContain('<a href="/acme/control/changes/12">#12</a> <b>90 %</b>');
    for (const once of ["stands still", "Exec[warm])", "min observed", "production_canary"]) expect(text.split(once)).toHaveLength(2);
  });

  it("says so where nothing is rolled out, and has nothing to say there", async () => {
    const page = await open({});
    expect(read(page)).toContain("Nothing is rolled out here");
    expect(page.text).not.toContain('<form method="post" action="/acme');
  });

  it.each(Object.entries(hostileTexts))("keeps what people said inert: %s", async (name, text) => {
    const about = (each: string): Promise<Visit> =>
      open({
        rollout: async () => status({ held: [each], paused: { by: { id: 1, name: each }, reason: each, at: now, until: now + 1 } }),
        saidTo: async () => [{ who: each, verb: "pause", text: each, at: "2026-11-23T08:00:00Z", via: each, answer: each }],
      });
    const bones = ({ text: page }: Visit): string[] =>
      [...page.matchAll(/<[^>"]*(?:"[^"]*"[^>"]*)*>/gu)].map(([tag]) => tag.replaceAll(/"[^"]*"/gu, '""'));
    expect(bones(await about(text))).toEqual(bones(await about(name === "blank" ? "" : "harmless")));
  });
});

describe("what is said on it", () => {
  const signedIn = async (permission: "read" | "write"): Promise<{ stage: Stage; alice: Browser; page: Visit; said: RolloutWord[] }> => {
    const said: RolloutWord[] = [];
    const world = await setStage({
      rollout: async () => status(),
      say: async (_origin, word) => {
        said.push(word);
        return word.verb === "promote"
          ? { ok: false, text: "refused: you had a part in this release", lines: ["Ask somebody."] }
          : { ok: true, text: "done", lines: [] };
      },
    });
    world.permissions.set("alice control", { known: true, value: permission });
    const alice = world.browser();
    await alice.signIn("alice");
    return { stage: world, alice, page: await alice.get("/acme/control/rollout"), said };
  };
  const keyIn = ({ text }: Visit): string => /name="key" value="([^"]+)"/u.exec(text)?.[1] ?? "";

  it("is a word of whoever is signed in, the same one however often its form is sent", async () => {
    const { alice, page, said } = await signedIn("write");
    const form = { token: tokenIn(page), key: keyIn(page), verb: "abort", lane: "canary", text: " it\r\nsmokes " };
    const answers = [await alice.post("/acme/control/rollout", form), await alice.post("/acme/control/rollout", form)];
    expect(answers.map(({ status: code }) => code)).toEqual([200, 200]);
    expect(read(answers[0] ?? page)).toContain("Heard done");
    expect(said).toHaveLength(2);
    expect(said[0]).toEqual(said[1]);
    expect(said[0]).toMatchObject({ person: { login: "alice", bot: false }, verb: "abort", text: "canary it smokes" });
    expect(keyIn(answers[0] ?? page)).not.toBe(keyIn(page));
  });

  it("is told why where it is refused", async () => {
    const { alice, page } = await signedIn("write");
    const form = { token: tokenIn(page), key: keyIn(page), verb: "promote", lane: "", text: "good all the same" };
    const refused = await alice.post("/acme/control/rollout", form);
    expect(refused.status).toBe(422);
    expect(read(refused)).toContain("Not done refused: you had a part in this release Ask somebody.");
  });

  it.each<[string, Record<string, string>, number]>([
    ["without the token", { token: "" }, 403],
    ["without the key", { key: "" }, 400],
    ["with a word that is none", { verb: "status" }, 400],
    ["with one of objects", { verb: "toString" }, 400],
  ])("is nothing %s", async (_name, change, code) => {
    const { alice, page, said } = await signedIn("write");
    const form = { token: tokenIn(page), key: keyIn(page), verb: "abort", lane: "canary", text: "smoke", ...change };
    expect((await alice.post("/acme/control/rollout", form)).status).toBe(code);
    expect(said).toEqual([]);
  });

  it("is nobody's who may only read", async () => {
    const { alice, page, said } = await signedIn("read");
    expect(page.text).not.toContain('name="verb"');
    const form = { token: tokenIn(page), key: "0".repeat(36), verb: "abort", lane: "canary", text: "smoke" };
    expect((await alice.post("/acme/control/rollout", form)).status).toBe(403);
    expect(said).toEqual([]);
  });
});
