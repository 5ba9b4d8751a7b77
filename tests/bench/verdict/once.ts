import type { RolloutSite } from "../../../src/engine/ports/rollout.ts";
import { observe } from "../../../src/engine/rollout/observe.ts";
import { createPuppetDbRuns } from "../../../src/fleet/puppetdb-runs.ts";
import { known } from "../../../src/policy/known.ts";
import { defaultPolicy } from "../../../src/policy/schema.ts";
import { judgeStage } from "../../../src/rollout/stage-verdict.ts";
import type { LaneState } from "../../../src/rollout/state.ts";
import { certnameOf, versionOfAll } from "./fill.ts";

// One lane's verdict in a process of its own, so that its memory is its own: `node once.ts PUPPETDB NODES ENVIRONMENT` prints what each look took as JSON.
const [url = "", count = "", environment = ""] = process.argv.slice(2);
const certnames = Array.from({ length: Number(count) }, (_, number) => certnameOf(number));
const begin = Date.now() - 3_600_000;
const before = { reported: true, noop: false, noopPending: false, failed: [], restless: [] };
const touched = Array.from({ length: 10 }, (_, at) => `File[/etc/service/conf.d/${at}-settings.conf]`);
const terms = { policy: defaultPolicy.rollout, bakeMinutes: 0, runsPerNode: 1 };
const state: LaneState = {
  lane: "rest",
  environment,
  verified: "0".repeat(40),
  halt: null,
  let: null,
  stage: {
    before: "0".repeat(40),
    release: versionOfAll,
    way: "forward",
    phase: "watched",
    policy: "",
    terms,
    intendedAt: begin,
    readyAt: begin,
    observedMinutes: 60,
    observedAt: null,
    baseline: "",
    seenSince: null,
  },
};
const site: RolloutSite = {
  repository: "acme/control",
  assign: null,
  compilers: {
    deploy: async () => [],
    served: async () => known([{ compiler: "puppet1", commit: versionOfAll, why: null, modules: [] }]),
  },
  reports: createPuppetDbRuns({ url, ca: null, cert: null, key: null }),
};
const watched = {
  certnames,
  baseline: Object.fromEntries(certnames.map((certname) => [certname, before])),
  prediction: { classes: [{ name: "all", certnames, touched }] },
};

const looks: number[] = [];
let passed = 0;
for (let look = 0; look < 3; look += 1) {
  const start = performance.now();
  const { fleet } = await observe(site, state, known(versionOfAll), watched, () => undefined);
  if (!fleet.known) throw new Error(fleet.reason);
  const { nodes, classes } = fleet.value;
  const verdict = judgeStage({ nodes, classes, ...terms, observedMinutes: 60, isOverdue: false });
  looks.push(performance.now() - start);
  if (verdict.kind !== "passed") throw new Error(`the lane is ${JSON.stringify(verdict).slice(0, 500)}`);
  passed = verdict.counts.pass ?? 0;
}
process.stdout.write(JSON.stringify({ looks, passed, mib: Math.round(process.resourceUsage().maxRSS / 1024) }));
