import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RolloutJudge, RolloutSite } from "../../src/engine/ports/rollout.ts";
import { known } from "../../src/policy/known.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import type { Run } from "../../src/rollout/runs.ts";
import { lanesNamed } from "../rollout/world.ts";
import { member } from "../engine/rollout/world.ts";
import { createStage, type Stage } from "./stage.ts";

/** People speak to a rollout in pull requests and on the gate's own shell: real git, a real database, a real socket; compilers and agents are tables. */
let stage: Stage;
const lanes = lanesNamed("canary", "rest");
const certnames = ["canary1", "web1"];
const deploys: string[] = [];

const site: RolloutSite = {
  get repository() {
    return stage.name;
  },
  assign: null,
  compilers: {
    deploy: async (environment) => {
      deploys.push(environment);
      return [];
    },
    served: async (environment) =>
      known([{ compiler: "puppet1", commit: stage.repo.refs.get(environment) ?? null, why: null, modules: [] }]),
  },
  // Every node ran two hours ago, so that nobody is silent, and never since.
  reports: {
    since: async (environment, since) => {
      const now = Date.now();
      const producedAt = now - 120 * 60_000;
      const run = (certname: string): Run => ({
        certname,
        id: certname,
        environment,
        status: "unchanged",
        version: "",
        cached: "not_used",
        noop: false,
        noopPending: false,
        producer: "puppet1",
        producedAt,
        took: 1_000,
        failed: [],
        changed: [],
      });
      const runs = producedAt > since ? certnames.map(run) : [];
      return known({ runs, active: new Set(certnames), now, unread: new Map() });
    },
  },
};
const judge: RolloutJudge = {
  survey: async () => ({
    policy: { ...defaultPolicy, lanes, rollout: { ...defaultPolicy.rollout, runMinutes: 60 } },
    policyDigest: "digest",
    members: certnames.map(member),
  }),
  predict: async () => ({ classes: [{ name: "class", certnames, touched: ["File[/etc/motd]"] }] }),
};

beforeAll(async () => {
  stage = await createStage({ rollout: { site, judge, places: [] } });
  const main = stage.repo.refs.get("main") ?? "";
  for (const { environment } of lanes)
    await as("carol").request(`POST /repos/${stage.name}/git/refs`, { ref: `refs/heads/${environment}`, sha: main });
});
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const look = async (): Promise<void> => {
  await stage.server().look();
  await stage.quiet();
};
/** Says something in a pull request; gives what the gate answered. */
async function say(login: string, number: number, said: string): Promise<string> {
  stage.tick();
  const { id } = await as(login).comment(stage.name, number, said);
  await stage.quiet();
  expect(stage.reactions(id).at(-1)).toMatch(/rocket|confused|eyes/u);
  const [comment = ""] = stage.comments(number);
  const answer = comment.split("\n\n").find((part) => part.startsWith(`**${login} said`)) ?? "";
  return answer.replaceAll(/[`\\]|&#8203;/gu, "").replaceAll(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)));
}
interface Shell {
  code: number;
  stdout: string;
  stderr: string;
}
/** `puppet-gate rollout …` as a program of its own. */
const shell = (...args: string[]): Promise<Shell> =>
  new Promise((resolve) => {
    const cli = join(import.meta.dirname, "../../src/cli.ts");
    const env = { ...process.env, PUPPET_GATE_DATA: stage.config.dataFolder, SUDO_USER: "anna" };
    execFile(process.execPath, [cli, "rollout", ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
const tips = (): string[] => lanes.map(({ environment }) => stage.repo.refs.get(environment) ?? "");

it("a release is stopped, looked at, let on and taken back by people, each word once, and the ledger knows whose it was", async () => {
  await look();
  const { number } = await stage.propose("motd");
  await stage.quiet();
  stage.tick();
  await as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  await as("alice").comment(stage.name, number, "/merge");
  await stage.quiet();
  const release = stage.repo.pulls.get(number)?.merged?.sha ?? "";
  const before = tips()[0] ?? "";
  await look();
  expect(tips()).toEqual([release, before]);
  const short = release.slice(0, 10);

  const status = await say("carol", number, "/rollout status");
  expect(status).toContain(`canary (production_canary): watches ${short} (#${number})`);
  expect(status).toContain(
    `rest (production): has ${before.slice(0, 10)}. 1 merged change waits to enter (#${number}), until canary is through`,
  );

  expect(await say("alice", number, "/rollout promote canary it is only a message")).toContain(
    "**alice said /rollout promote canary it is only a message:** refused: you had a part in this release",
  );
  expect(await say("carol", number, "/rollout abort odd graphs in lon")).toContain("the lane canary stands still where it is");
  await look();
  expect(await say("carol", number, "/rollout pause for 2h the graphs are odd")).toContain("nothing enters a lane until");
  expect(await say("carol", number, `/rollout promote canary ${before} it was the graph itself`)).toContain(
    `refused: ${before} is no commit of the base branch that a lane does not have yet`,
  );
  expect(await say("carol", number, `/rollout promote canary ${short} it was the graph itself`)).toContain(
    `${short} counts as good in the lane canary`,
  );
  await look();
  expect(tips()).toEqual([release, before]);

  const asked = await shell("status", "--json");
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  const told = JSON.parse(asked.stdout) as { schema: string; outcome: string; status: { paused: object; lanes: { behind: object[] }[] } };
  expect(told).toMatchObject({ schema: "puppet-gate/rollout@1", outcome: "done", status: { paused: { reason: "the graphs are odd" } } });
  expect(told.status.lanes[1]?.behind).toEqual([{ sha: release, number }]);

  expect(await shell("resume")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("Refused: it has to be known who you are on GitHub") as string,
  });
  expect(await shell("resume", "--as", "carol")).toMatchObject({ code: 0, stdout: "The pause is over, and releases go on.\n" });
  await look();
  expect(tips()).toEqual([release, release]);
  expect(await shell("abort", "rest", "wrong", "numbers")).toMatchObject({ code: 0 });
  expect((await store()).lanes[1]?.halt?.why).toMatchObject({ kind: "person", by: { id: null, name: "anna as root (on the server)" } });
  const back = ["return", "rest", `#${number}`, "it broke the numbers"];
  expect((await shell(...back, "--as", "alice")).stdout).toContain("Refused: you had a part in this release.\n");
  expect((await shell(...back, "--as", "nobody-here")).stdout).toContain("Refused: nobody-here is no person on GitHub.\n");
  expect((await shell(...back, "--as", "carol")).stdout).toContain(`Back to ${before.slice(0, 10)}: canary, rest. In quarantine`);
  await look();
  expect(tips()).toEqual([before, before]);

  expect(await shell("jump")).toMatchObject({ code: 1 });
  const stop = await shell("stop", "canary");
  expect(stop).toMatchObject({ code: 1, stderr: expect.stringContaining("Did you mean `abort [LANE] REASON`?") as string });
  expect(await shell()).toMatchObject({ code: 0, stdout: expect.stringContaining("Where each release is.") as string });
  const { mode } = statSync(join(stage.config.dataFolder, "control.sock"));
  expect(mode & 0o777).toBe(0o600);

  // Question 14 of the auditor: who approved each stage; who paused, resumed, skipped, forced?
  const { entries, evidence } = await stage.ledger();
  const own = entries.filter(({ kind }) => kind.startsWith("rollout-") || kind.startsWith("lane-"));
  const of = (kind: string): number => own.filter((entry) => entry.kind === kind).length;
  expect({
    ordered: of("rollout-ordered"),
    refused: of("rollout-refused"),
    promoted: of("lane-promoted"),
    paused: of("rollout-paused"),
    resumed: of("rollout-resumed"),
    halted: of("lane-halted"),
    returning: of("lane-returning"),
    quarantined: of("lane-quarantined"),
  }).toEqual({ ordered: 6, refused: 3, promoted: 1, paused: 1, resumed: 1, halted: 2, returning: 2, quarantined: 1 });
  for (const entry of own) expect(entry.evidence.every((sha) => evidence.has(sha))).toBe(true);
  expect(
    own.filter(({ kind }) => kind === "rollout-ordered" || kind === "rollout-refused").filter(({ actor }) => actor === null),
  ).toHaveLength(1);
});

it("a server that was killed leaves no socket in the way of the next", async () => {
  await stage.restart();
  expect(await shell("status")).toMatchObject({ code: 0 });
  await stage.stopServer();
  const away = await shell("status");
  expect(away.code).toBe(1);
  expect(away.stderr).toContain("No server answers at");
  expect(away.stderr).toContain("While no server runs nothing enters a lane");
  await stage.restart();
});

async function store(): Promise<{ lanes: { halt: { why: object } | null }[] }> {
  const { stdout } = await shell("status", "--json");
  return (JSON.parse(stdout) as { status: { lanes: { halt: { why: object } | null }[] } }).status;
}
