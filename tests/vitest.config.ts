import { defineConfig } from "vitest/config";

const common = {
  // Ruby starts and PGlite boots take seconds when both cores are busy; a case that hangs is still ended.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // A condition that is waited for holds within milliseconds, unless the machine is busy.
  expect: { poll: { timeout: 30_000 } },
  maxWorkers: 2,
};

/** Stories of the gate that run on PostgreSQL alone: with them the first tier would take longer than its five minutes. */
const longStories = [
  "bound",
  "comment-place",
  "content",
  "down",
  "events",
  "exact",
  "foreign",
  "forged",
  "halt-killed",
  "killed",
  "landing",
  "leaks",
  "moments",
  "night",
  "operations",
  "orders",
  "promises",
  "remembered",
  "reverts",
  "rollout",
  "rules",
  "server",
  "story",
  "sweep",
  "told",
].map((name) => `tests/engine-gate/${name}.test.ts`);

/** For the same reason: what compiles many small repositories, tries this machine as a whole, or takes long for how seldom it changes. */
const longChecks = [
  "cache/killed",
  "check/again",
  "check/bad-input",
  "check/expectations",
  "check/incremental",
  "check/honesty",
  "check/killed",
  "check/lanes",
  "check/modules",
  "check/night",
  "check/odd-trees",
  "check/outside",
  "check/secrets",
  "check/trace",
  "engine/expect/drafting",
  "git/carry",
  "git/fingerprint",
  "git/looks",
  "git/untouched",
  "github/deployments",
  "github-stand-in/codeowners",
  "github-stand-in/lines",
  "github-stand-in/many",
  "github-stand-in/refusals",
  "github-stand-in/reports",
  "github-stand-in/rules",
  "package",
  "process/disk",
  "puppet/definitions",
  "puppet/trace",
  "puppet/trace-ruby",
  "demo/ending",
  "doctor/command",
  "fleet/compilers-deploy",
  "fleet/scripts-puppet",
  "doctor/isolation",
  "fleet/stored-runs",
  "lanes/command",
  "lanes/doctor",
  "lanes/ended",
  "lanes/init",
  "puppet/hostile",
  "store/rollout-forgetting",
  "store/ledger/bundle",
  "store/ledger/log",
  "store/ledger/places",
  "store/readings",
  "store/ledger/served",
  "store/ledger/signers",
  "store/ledger/tampered",
  "puppet/spares",
  "mutants/planted",
].map((name) => `tests/${name}.test.ts`);

/** `--mode long`: what takes minutes and needs no daemon. */
const longRuns = ["simulation/storms", "simulation/git", "rollout/noise/long", "fuzz/*"].map((name) => `tests/${name}.test.ts`);

/** `--mode services`: what needs a daemon, and the tests of the store and of the gate's stories once more on that. */
export default defineConfig(({ mode }) => {
  if (mode === "long") return { test: { ...common, include: longRuns } };
  return mode === "services"
    ? {
        test: {
          ...common,
          include: ["tests/services/**/*.test.ts", "tests/store/**/*.test.ts", "tests/engine-gate/**/*.test.ts", ...longChecks],
          exclude: ["tests/engine-gate/real.test.ts", "tests/engine-gate/config.test.ts"],
          globalSetup: ["tests/services/setup.ts"],
        },
      }
    : {
        test: {
          ...common,
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/services/**", ...longStories, ...longChecks, ...longRuns],
        },
      };
});
