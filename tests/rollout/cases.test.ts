import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/**
 * Which test proves which case of a rollout: a file below `tests/`, and words that are in it. What no test can prove, because nobody can see it, is said to people:
 * a file below the repository, that begins with a slash.
 */
const proven: ReadonlyArray<readonly [number: number, what: string, file: string, words: string]> = [
  [1, "a lane's branch is moved by hand", "engine-gate/rollout.test.ts", "moves nothing that somebody else moved"],
  [2, "two controllers", "engine/rollout/roll.test.ts", "2 another controller"],
  [3, "the base branch does not lead to a lane any more", "rollout/crash.test.ts", "off-the-line"],
  [4, "a lane's branch is deleted", "rollout/crash.test.ts", '["deleted", null]'],
  [5, "an answer that was lost after the move", "services/rollout-story.test.ts", "the branch was moved, before that is recorded"],
  [
    6,
    "words that come twice, or are never heard of again: looks need no webhook",
    "engine-gate/orders-killed.test.ts",
    "What people say is done once",
  ],
  [7, "one of the compilers is not deployed", "engine/rollout/observe.test.ts", "nothing, one of them"],
  [8, "deployed and not flushed", "services/rollout-story.test.ts", "deployed, before the flush"],
  [9, "caches of different ages", "rollout/node-verdict.test.ts", "a stale compiler between"],
  [10, "half deployed while agents compile", "services/rollout-story.test.ts", "a compiler is half deployed"],
  [11, "a module's git is down", "services/deploy-tools.test.ts", "tells of a module that was not to be had, and so deployed half"],
  [12, "a module floats between lanes", "services/rollout-story.test.ts", "does not let a module float"],
  [13, "a tag that was moved", "rollout/module-drift.test.ts", "in which it moves while the release is watched"],
  [14, "g10k's deploy file and r10k's", "fleet/compilers-served.test.ts", "g10k-deploy.json"],
  [15, "a write lock", "services/deploy-tools.test.ts", "that is frozen by its write lock says so"],
  [
    16,
    "a disk is full: the deploy fails, and nothing is believed until one ends well",
    "fleet/compilers-served.test.ts",
    "is not believed after a deploy that %s, until one ends well",
  ],
  [17, "new types, and metadata of them", "/docs/rollout-site.md", "--generate-types"],
  [
    17,
    "types whose metadata can't be made: the command ends with an error, and nothing is believed",
    "fleet/compilers-served.test.ts",
    "is not believed after a deploy that %s, until one ends well",
  ],
  [18, "a branch whose name is another environment's", "policy/lanes.test.ts", "an environment twice, by their names"],
  [19, "config_version fails", "fleet/scripts.test.ts", "unknown-no-deploy-file"],
  [20, "eleven letters of a commit", "rollout/node-verdict.test.ts", "6 only eleven letters of it"],
  [21, "the exit code of a tool is ignored: only what lies there counts", "services/deploy-tools.test.ts", "each of which proves it"],
  [22, "files that are newer than the catalog", "rollout/node-verdict.test.ts", "but of a run while it was deployed"],
  [23, "an old catalog hides a compile that failed", "services/rollout-story.test.ts", "an old catalog hides"],
  [24, "a fleet that keeps its catalogs", "rollout/node-verdict.test.ts", "24 a fleet that keeps its catalogs"],
  [25, "noop", "rollout/node-verdict.test.ts", "25 noop first, then for good"],
  [26, "an agent that is switched off", "rollout/node-verdict.test.ts", "2 it was silent before and the deadline is long over"],
  [27, "back after weeks", "rollout/node-verdict.test.ts", "27 back after weeks, with the newest code"],
  [28, "a node that is gone, or made anew", "rollout/node-verdict.test.ts", "1 it is not active any more"],
  [29, "a new node", "rollout/node-verdict.test.ts", "28 29 not of who is new or was away"],
  [
    30,
    "a node that changes its lane",
    "engine/rollout/observe.test.ts",
    "30 of a node that came to the lane count from its first run there",
  ],
  [31, "an agent's clock is wrong", "rollout/node-verdict.test.ts", "31 is as good with a clock that is wrong by years"],
  [32, "a compiler's clock is wrong", "services/puppetdb-runs.test.ts", "a compiler's clock is wrong by"],
  [33, "a report that was held up", "rollout/node-verdict.test.ts", "33 a late report of a run that began before"],
  [34, "the same report twice", "rollout/node-verdict.test.ts", "34 the same report twice"],
  [35, "a run that began before the release was ready", "rollout/node-verdict.test.ts", "35 a run that began a moment after"],
  [36, "failing before, and differently now", "rollout/node-verdict.test.ts", "36 failing before, and differently now"],
  [37, "a resource that flaps", "rollout/node-verdict.test.ts", "37 it fails every other time"],
  [38, "seen from the second run on", "rollout/node-verdict.test.ts", "38 it fails from the second run on"],
  [39, "what only a restart shows, after the bake", "/docs/limitations.md", "needs a reboot"],
  [39, "what becomes of it", "rollout/late.test.ts", "39 what only a restart shows, after the bake"],
  [40, "runs that are further apart than the bake is long", "rollout/unseen.test.ts", "decide when it is enough"],
  [40, "what becomes of it", "rollout/late.test.ts", "40 machines that run once a week"],
  [41, "runs with tags", "/docs/limitations.md", "A run with `--tags` looks like a whole one"],
  [41, "what becomes of it", "rollout/late.test.ts", "41 a run of some tags, which looks like a whole one"],
  [42, "a run by hand in another environment", "engine/rollout/observe.test.ts", "42 of a node of the lane, by hand, count for nothing"],
  [43, "drift is no effect", "rollout/node-verdict.test.ts", "43 not what changes all the time"],
  [44, "a lane without nodes", "rollout/step.test.ts", "a lane without nodes lets nothing through"],
  [45, "a node falls silent", "services/rollout-story.test.ts", "sees a node that falls silent"],
  [46, "PuppetDB, compilers and the gate's own machine", "/docs/rollout.md", "are in the last lane"],
  [46, "what becomes of it", "rollout/late.test.ts", "46 a change that takes PuppetDB"],
  [
    47,
    "PuppetDB was restored from a backup",
    "engine/rollout/observe.test.ts",
    "47 nobody is silent because a backup does not have what was told",
  ],
  [48, "agents of before", "services/puppetdb-runs.test.ts", "agents before Puppet 5"],
  [49, "reports of plans", "services/puppetdb-runs.test.ts", "a-plan"],
  [50, "an exported resource", "check/lanes.test.ts", "crosses-lanes"],
  [51, "secrets in what happened", "fleet/stored-runs.test.ts", "is kept without messages and values"],
  [52, "20,000 members, and no request for each", "services/puppetdb-runs.test.ts", "as many requests for twenty nodes as for one"],
  [61, "an empty difference", "services/rollout-story.test.ts", "without a bake, and says so"],
];

/** What is put in, and is wrong: each has a clear state, nothing moved, and a way on. */
const badInput: ReadonlyArray<readonly [what: string, file: string, words: string]> = [
  ["a lane that matches no node", "rollout/members.test.ts", "is sorted, and lanes without nodes are faults"],
  ["a lane that matches no node lets nothing through", "rollout/step.test.ts", "a lane without nodes lets nothing through"],
  ["two lanes that match one node", "rollout/members.test.ts", "the lanes canary and lon both have first.example"],
  ["a lane's branch that is moved by hand", "rollout/crash.test.ts", '["moved by hand", "by hand"]'],
  ["a lane's branch that is deleted", "rollout/crash.test.ts", '["deleted", null]'],
  ["a lane's branch that is forced back", "rollout/crash.test.ts", '["forced back to before the rollout", "c-1"]'],
  ["what to do about it", "rollout/status.test.ts", "put production_canary back at c1, and say `resume canary`"],
  ["PuppetDB that is down", "services/puppetdb-runs.test.ts", "are unknown while it is down, and the same when it is back"],
  ["PuppetDB that is down in the middle", "services/rollout-story.test.ts", "stands still while PuppetDB is stopped"],
  ["PuppetDB that is slow", "fleet/puppetdb.test.ts", "did not answer within 0.5 seconds."],
  ["PuppetDB that is behind", "services/puppetdb-runs.test.ts", "2001 commands wait in the queue"],
  ["PuppetDB that was restored from a backup", "rollout/unseen.test.ts", "PuppetDB was restored from a backup"],
  ["PuppetDB whose clock is wrong", "services/puppetdb-runs.test.ts", "are unknown where its clock and this machine's are apart"],
  ["a compiler whose clock is wrong", "services/puppetdb-runs.test.ts", "are unknown where a compiler's clock is wrong"],
  ["a compiler that does not answer", "fleet/compilers-served.test.ts", "p2 does not answer: `sh` ended with exit code 255"],
  [
    "a compiler that does not answer, and the lane",
    "rollout/unseen.test.ts",
    "compilers that don't answer: nobody is told to deploy again",
  ],
  ["a deploy that fails half-way", "services/deploy-tools.test.ts", "is ended midway leaves files of the release"],
  ["what to do about it", "rollout/status.test.ts", "Not deployed yet, and tried again with every look: p1: deploying is frozen there"],
  ["a time zone that nobody knows", "policy/load.test.ts", "expected a timezone by its IANA name"],
  ["a policy that is changed in the middle", "rollout/changed-policy.test.ts", "58 leaves a stage as it began, and governs the next"],
  ["a lane that the policy has no more", "rollout/changed-policy.test.ts", "nothing goes wider, and it is said"],
];

it.each(badInput)("%s, is proven by %s", (_, file, words) => {
  expect(textOf(file)).toContain(words);
});

it.each(proven)("case %i, %s, is proven by %s", (_, __, file, words) => {
  expect(textOf(file)).toContain(words);
});

it("no case of refs, deploys and health is left out", () => {
  expect(Array.from({ length: 52 }, (_, at) => at + 1).filter((of) => !proven.some(([number]) => number === of))).toEqual([]);
});

function textOf(file: string): string {
  const path = file.startsWith("/") ? join("..", "..", file) : join("..", file);
  // Lines of a page are broken where they are full.
  return readFileSync(join(import.meta.dirname, path), "utf8").replaceAll(/\s+/gu, file.startsWith("/") ? " " : "$&");
}
