import { afterAll, beforeAll, expect, it } from "vitest";
import type { RolloutJudge, RolloutSite } from "../../src/engine/ports/rollout.ts";
import { known } from "../../src/policy/known.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import type { Run } from "../../src/rollout/runs.ts";
import { member } from "../engine/rollout/world.ts";
import { lanesNamed } from "../rollout/world.ts";
import { createStage, type Stage } from "./stage.ts";

/** What GitHub shows of a release from its landing to its halt, by the server as it is wired: compilers and agents are tables. */
let stage: Stage;
const lanes = lanesNamed("canary", "rest");
const certnames = ["canary1", "web1"];
/** Whether agents fail at what the release changes. */
let isBad = false;
const minute = 60_000;

const runAt = (environment: string, certname: string, producedAt: number, more: Partial<Run> = {}): Run => ({
  certname,
  id: `${certname}@${producedAt}`,
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
  ...more,
});

/** Everybody ran two hours ago and then, once a release is bad, twice with it since. */
const site: RolloutSite = {
  get repository() {
    return stage.name;
  },
  assign: null,
  compilers: {
    deploy: async () => [],
    served: async (environment) =>
      known([{ compiler: "puppet1", commit: stage.repo.refs.get(environment) ?? null, why: null, modules: [] }]),
  },
  reports: {
    since: async (environment, since) => {
      const now = stage.now();
      const version = stage.repo.refs.get(environment) ?? "";
      const failed = ["Service[nginx]"];
      const runs = certnames.flatMap((certname) => [
        runAt(environment, certname, now - 120 * minute),
        ...(isBad ? [20, 10].map((ago) => runAt(environment, certname, now - ago * minute, { version, status: "failed", failed })) : []),
      ]);
      return known({ runs: runs.filter(({ producedAt }) => producedAt > since), active: new Set(certnames), now, unread: new Map() });
    },
  },
};
const services = [{ name: "web", owners: ["@acme/web"], runbook: "docs/web.md", match: "true" }];
const judge: RolloutJudge = {
  survey: async () => ({
    policy: { ...defaultPolicy, services, lanes, rollout: { ...defaultPolicy.rollout, runMinutes: 60 } },
    policyDigest: "digest",
    members: certnames.map((certname) => ({ ...member(certname), services: known(["web"]) })),
  }),
  predict: async () => ({ classes: [{ name: "class", certnames, touched: ["Service[nginx]"] }] }),
};

beforeAll(async () => {
  stage = await createStage({ rollout: { site, judge } });
  const main = stage.repo.refs.get("main") ?? "";
  for (const { environment } of lanes)
    await stage.github.as("carol").request(`POST /repos/${stage.name}/git/refs`, { ref: `refs/heads/${environment}`, sha: main });
});
afterAll(async () => stage.close());

/** A minute goes by, and all that it brings. */
async function look(): Promise<void> {
  stage.later(1);
  for (let times = 0; times < 2; times += 1) {
    await stage.server().look();
    await stage.quiet();
  }
}
async function land(branch: string): Promise<number> {
  const { number } = await stage.propose(branch);
  await stage.quiet();
  stage.tick();
  await stage.github.as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  await stage.github.as("alice").comment(stage.name, number, "/merge");
  await stage.quiet();
  return number;
}
/** Of the lane's deployments, their states. */
const deployments = (environment: string): string[][] =>
  [...stage.repo.deployments.values()]
    .filter((one) => one.environment === environment)
    .map(({ statuses }) => statuses.map(({ state }) => state));
/** Lines of the one comment's table. */
const rows = (number: number): string[] =>
  (stage.comments(number)[0] ?? "").split("\n").filter((line) => /^\| (?:canary|rest) /u.test(line));

it("GitHub shows where a release is, calls author and owner where it stands still, and says who waits over it", async () => {
  await look();
  const bad = await land("motd");
  const release = stage.repo.pulls.get(bad)?.merged?.sha ?? "";
  await look();
  expect(deployments("production_canary")).toEqual([["queued", "in_progress", "in_progress"]]);
  expect(stage.comments(bad)).toHaveLength(1);
  expect(stage.comments(bad)[0]).toContain(`### Landed as ${release}`);
  await look();
  expect(rows(bad)).toEqual(["| canary | observed 0 of 10 minutes |", "| rest | waits for canary |"]);

  stage.later(30);
  isBad = true;
  await look();
  expect(deployments("production_canary")).toEqual([["queued", "in_progress", "in_progress", "failure"]]);
  const [one = "", call = "", ...more] = stage.comments(bad);
  expect(more).toEqual([]);
  expect(one).toContain("**stands still** since");
  expect(call).toMatch(
    /^<!-- puppet-gate: call \d+ -->\n### The lane canary stands still, and this change is suspected\n\n@alice @acme\/web: please look/u,
  );
  expect(call).toContain("Service&#91;nginx&#93; failed on 1 node, and the release changes it: `canary1`");
  expect(call).toMatch(/- web, 1 node: <http.*\/blob\/HEAD\/docs\/web.md>/u);

  const next = await land("other");
  await look();
  expect(rows(next)).toEqual([
    expect.stringMatching(`^\\| canary \\| waits since .* UTC, because the lane stands still over #${bad} \\|$`),
    "| rest | waits for canary |",
  ]);
  await stage.restart();
  await look();
  expect([stage.comments(bad).length, stage.comments(next).length]).toEqual([2, 1]);
});
