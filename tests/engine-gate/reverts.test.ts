import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Prediction, RolloutJudge, RolloutSite } from "../../src/engine/ports/rollout.ts";
import { known } from "../../src/policy/known.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import type { Run } from "../../src/rollout/runs.ts";
import { lanesNamed, minute } from "../rollout/world.ts";
import { checked } from "../gate/world.ts";
import { member } from "../engine/rollout/world.ts";
import { createStage, type Stage } from "./stage.ts";

/** From a halt to the pull request that takes its cause back, and through it to the next train: real git, a real server; agents and compiles are tables. */
const lanes = lanesNamed("canary", "rest").map((lane) => ({ ...lane, bakeMinutes: 0 }));
const certnames = ["canary1", "web1"];
const policy = { ...defaultPolicy, lanes, rollout: { ...defaultPolicy.rollout, runMinutes: 5 } };

let stage: Stage;
let runs: Run[] = [];
let ahead = 0;
/** Files whose presence makes a run fail. */
const bad = new Map<string, string>();
let prediction: Prediction;

const tipOf = (branch: string): string => stage.repo.refs.get(branch) ?? "";
const now = (): number => Date.now() + ahead;

const site: RolloutSite = {
  get repository() {
    return stage.name;
  },
  assign: null,
  compilers: {
    deploy: async () => [],
    served: async (environment) => known([{ compiler: "puppet1", commit: tipOf(environment), why: null, modules: [] }]),
  },
  reports: {
    since: async (environment, since) =>
      known({
        runs: runs.filter((run) => run.environment === environment && run.producedAt > since),
        active: new Set(certnames),
        now: now(),
        unread: new Map(),
      }),
  },
};
const judge: RolloutJudge = {
  survey: async () => ({ policy, policyDigest: "digest", members: certnames.map(member) }),
  predict: async () => prediction,
};

beforeAll(async () => {
  stage = await createStage({ rollout: { site, judge } });
});
afterAll(async () => stage.close());
beforeEach(async () => {
  await stage.begin();
  [runs, ahead] = [[], 0];
  bad.clear();
  prediction = {
    classes: [{ name: "class", certnames, touched: ["File[/motd]", "Service[nginx]"] }],
    stayings: { items: [{ kind: "ran", resource: "Exec[migrate]", attribute: null, versions: null, classes: ["class"] }], more: 0 },
  };
  for (const { environment } of lanes) await stage.github.as("carol").moveBranch(stage.name, environment, tipOf("main"));
  run();
  await look();
});

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);

const restart = { type: "Service", title: "nginx", nodes: 1, cause: "File[/motd] changes" };
const draft = "expectations/service-nginx-restart-is-looked-at.yml";
const drafted = (number: number): string[] => stage.comments(number).filter((body) => body.includes(`<summary>\`${draft}\`</summary>`));

/** Every agent runs once, with what its environment has. */
function run(): void {
  for (const certname of certnames) {
    const environment = certname.startsWith("canary") ? "production_canary" : "production";
    const version = tipOf(environment);
    const path = bad.get(version);
    const rest = { cached: "not_used", noop: false, noopPending: false, producer: "puppet1", changed: [], took: 10, environment } as const;
    const failed = path === undefined ? [] : ["Service[nginx]"];
    runs.push({
      ...rest,
      certname,
      id: `${runs.length}`,
      status: path === undefined ? "unchanged" : "failed",
      version,
      producedAt: now(),
      failed,
      ...(path !== undefined && { places: [{ resource: "Service[nginx]", path, line: 1 }] }),
    });
  }
}

/** A restart looks at everything; so each look is one of a server that was ended. */
async function look(): Promise<void> {
  await stage.restart();
  await stage.quiet();
}

/** Two runs of every agent, and a look. */
async function pass(times = 1): Promise<void> {
  for (let passed = 0; passed < times; passed += 1) {
    for (let ran = 0; ran < 2; ran += 1) {
      stage.later(1);
      ahead += minute;
      run();
    }
    await look();
  }
}

/** Alice's change, landed. */
async function land(branch: string): Promise<number> {
  const go = stage.hold();
  const { number, head } = await stage.propose(branch);
  // All of them restart it, as far as their checks tell.
  stage.verdicts.set(head, { radius: { ...checked().report.radius, restarts: [restart] } });
  go();
  await stage.quiet();
  await approve(number, "bob");
  await say(number, "alice");
  expect(stage.repo.pulls.get(number)?.merged).not.toBeNull();
  return number;
}
async function approve(number: number, who: string): Promise<void> {
  stage.tick();
  await as(who).review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
}
async function say(number: number, who: string): Promise<void> {
  stage.tick();
  await as(who).comment(stage.name, number, "/merge");
  await stage.quiet();
}
const ours = (): { number: number; title: string; body: string; head: string }[] =>
  [...stage.repo.pulls.values()]
    .filter(({ head }) => head.ref.startsWith("puppet-gate/"))
    .map(({ number, title, body, head }) => ({ number, title, body: body ?? "", head: head.ref }));

/** Two changes in one release, the second of which breaks what it declares. */
async function halt(): Promise<{ good: number; broken: number; release: string }> {
  const [good, broken] = [await land("good"), await land("broken")];
  const release = tipOf("main");
  bad.set(release, "broken.pp");
  await look();
  expect(tipOf("production_canary")).toBe(release);
  await pass();
  return { good, broken, release };
}

describe("what takes a suspect back", () => {
  it("is there, checked, within a quarter of an hour; two people land it, and the next train takes it along", async () => {
    const { broken, release } = await halt();
    const [revert, ...more] = ours();
    expect(more).toEqual([]);
    if (revert === undefined) throw new Error("nothing was opened");
    expect(revert).toMatchObject({ title: 'Revert "broken"', head: `puppet-gate/revert-${broken}` });
    expect(revert.body).toContain(`it points to #${broken} (broken)`);
    expect(revert.body).toContain("Service&#91;nginx&#93; fails on 1 node: it wrote line 1 of broken.pp, where it is declared");
    expect(revert.body).toContain("Exec&#91;migrate&#93; on 1 node: it was run");
    expect(revert.body).toMatch(new RegExp(`\\n\\nThis reverts commit ${release}\\.$`, "u"));
    expect(revert.body).toContain(`An expectation that would have caught it is drafted in #${broken}: \`${draft}\`.`);
    const [call] = drafted(broken);
    expect(call).toContain("The lane canary stood still over Service[nginx]");
    const head = tipOf(revert.head);
    expect(stage.checkRun(head)).toMatchObject({ status: "completed", output: { title: "Waiting for review: peer" } });

    // One person alone can't.
    await approve(revert.number, "bob");
    await say(revert.number, "bob");
    expect(stage.repo.pulls.get(revert.number)?.merged).toBeNull();
    await say(revert.number, "alice");
    expect(stage.repo.pulls.get(revert.number)?.merged).not.toBeNull();
    const after = tipOf("main");
    await pass(3);
    expect([tipOf("production_canary"), tipOf("production")]).toEqual([after, after]);
    expect(ours()).toHaveLength(1);
    // What the halt drafted is what the revert would.
    expect(drafted(broken)).toEqual([call]);
  });

  it("is there and checked with the look that finds the failure, and a minute after it landed the next train leaves: the gate's own minutes", async () => {
    const [, broken] = [await land("good"), await land("broken")];
    const release = tipOf("main");
    bad.set(release, "broken.pp");
    await look();
    // Both runs of each agent have failed by now: from here on it is the gate that takes its time.
    for (let ran = 0; ran < 2; ran += 1) {
      ahead += minute;
      stage.later(1);
      run();
    }
    const since = (condition: () => boolean) => async (): Promise<number> => {
      for (let minutes = 1; minutes <= 15; minutes += 1) {
        ahead += minute;
        stage.later(1);
        await look();
        if (condition()) return minutes;
      }
      throw new Error("a quarter of an hour was not enough");
    };
    const isChecked = (): boolean => {
      const [revert] = ours();
      return revert !== undefined && stage.checkRun(tipOf(revert.head))?.status === "completed" && drafted(broken).length === 1;
    };
    const begun = performance.now();
    const checked = await since(isChecked)();
    const seconds = (performance.now() - begun) / 1000;
    const [revert] = ours();
    if (revert === undefined) throw new Error("nothing was opened");
    await approve(revert.number, "bob");
    await say(revert.number, "alice");
    const landed = tipOf("main");
    expect(landed).not.toBe(release);
    const left = await since(() => tipOf("production_canary") === landed)();
    // Looks are a minute apart; the seconds are a restart of the server with its database, a look, git's merge, and a check without a compile.
    expect({ checked, left, isQuick: seconds < 60 }).toEqual({ checked: 1, left: 1, isQuick: true });
  });

  it("is not opened where somebody did", async () => {
    const [, broken] = [await land("good"), await land("broken")];
    bad.set(tipOf("main"), "broken.pp");
    await look();
    const branch = `revert-${broken}-broken`;
    await as("carol").commit(stage.name, { branch, from: "main", files: { "broken.pp": "# nothing\n" }, message: "Revert" });
    await as("carol").openPull(stage.name, { head: branch, title: "Revert broken" });
    await pass();
    expect(ours()).toEqual([]);
  });

  it.each([
    ["opened it", { kind: "error-after", route: "POST /repos/{owner}/{repo}/pulls" }],
    ["took its branch", { kind: "dropped-after", route: "git-receive-pack" }],
  ] as const)("is opened once, where GitHub %s and the answer was lost", async (_, fault) => {
    const [, broken] = [await land("good"), await land("broken")];
    bad.set(tipOf("main"), "broken.pp");
    await look();
    stage.github.faults.next(fault);
    await pass();
    await pass();
    expect(ours().map(({ head }) => head)).toEqual([`puppet-gate/revert-${broken}`]);
  });

  it("is a word in the suspect's own pull request where something was built upon it", async () => {
    const [, broken] = [await land("good"), await land("broken")];
    bad.set(tipOf("main"), "broken.pp");
    await look();
    const files = { "broken.pp": "class broken { notice('more') }\n" };
    await as("carol").commit(stage.name, { branch: "main", files, message: "more" });
    await pass();
    await pass();
    expect(ours()).toEqual([]);
    const said = stage.comments(broken).filter((body) => body.includes("could not be taken back"));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("`broken.pp`");
  });

  it("drafts what would have caught a change that people took back, in its pull request and once", async () => {
    const broken = await land("broken");
    const bad = tipOf("main");
    const files = { "broken.pp": "class fine {}\n" };
    await as("carol").commit(stage.name, { branch: "main", files, message: `Revert "broken"\n\nThis reverts commit ${bad}.` });
    for (let times = 0; times < 2; times += 1) await look();
    const [said, ...more] = drafted(broken);
    expect(more).toEqual([]);
    expect(said).toContain(`\`${tipOf("main").slice(0, 10)}\` took this change back.`);
  });
});
