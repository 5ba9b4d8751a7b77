import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Which test proves which case of a rollout: a file below `tests/`, and words that are in it. */
const proven: ReadonlyArray<readonly [number: number, what: string, file: string, words: string]> = [
  [1, "a lane's branch is moved by hand", "engine-gate/rollout.test.ts", "moves nothing that somebody else moved"],
  [3, "the base branch does not lead to a lane any more", "rollout/crash.test.ts", "off-the-line"],
  [5, "an answer that was lost after the move", "services/rollout-story.test.ts", "the branch was moved, before that is recorded"],
  [7, "one of the compilers is not deployed", "engine/rollout/observe.test.ts", "nothing, one of them"],
  [8, "deployed and not flushed", "services/rollout-story.test.ts", "deployed, before the flush"],
  [10, "half deployed while agents compile", "services/rollout-story.test.ts", "a compiler is half deployed"],
  [12, "a module floats between lanes", "services/rollout-story.test.ts", "does not let a module float"],
  [13, "a tag that was moved", "rollout/module-drift.test.ts", "in which it moves while the release is watched"],
  [14, "g10k's deploy file and r10k's", "fleet/compilers-served.test.ts", "g10k-deploy.json"],
  [23, "an old catalog hides a compile that failed", "services/rollout-story.test.ts", "an old catalog hides"],
  [24, "a fleet that keeps its catalogs", "rollout/node-verdict.test.ts", "24 a fleet that keeps its catalogs"],
  [25, "noop", "rollout/node-verdict.test.ts", "25 noop first, then for good"],
  [27, "back after weeks", "rollout/node-verdict.test.ts", "27 back after weeks, with the newest code"],
  [31, "an agent's clock is wrong", "rollout/node-verdict.test.ts", "31 is as good with a clock that is wrong by years"],
  [32, "a compiler's clock is wrong", "services/puppetdb-runs.test.ts", "a compiler's clock is wrong by"],
  [33, "a report that was held up", "rollout/node-verdict.test.ts", "33 a late report of a run that began before"],
  [34, "the same report twice", "rollout/node-verdict.test.ts", "34 the same report twice"],
  [35, "a run that began before the release was ready", "rollout/node-verdict.test.ts", "35 a run that began a moment after"],
  [36, "failing before, and differently now", "rollout/node-verdict.test.ts", "36 failing before, and differently now"],
  [37, "a resource that flaps", "rollout/node-verdict.test.ts", "37 it fails every other time"],
  [38, "seen from the second run on", "rollout/node-verdict.test.ts", "38 it fails from the second run on"],
  [43, "drift is no effect", "rollout/node-verdict.test.ts", "43 not what changes all the time"],
  [44, "a lane without nodes", "rollout/step.test.ts", "a lane without nodes lets nothing through"],
  [45, "a node falls silent", "services/rollout-story.test.ts", "sees a node that falls silent"],
  [49, "reports of plans", "services/puppetdb-runs.test.ts", "a-plan"],
  [52, "20,000 members, and no request for each", "services/puppetdb-runs.test.ts", "as many requests for twenty nodes as for one"],
  [61, "an empty difference", "services/rollout-story.test.ts", "without a bake, and says so"],
];

it.each(proven)("case %i, %s, is proven by %s", (_, __, file, words) => {
  expect(readFileSync(join(import.meta.dirname, "..", file), "utf8")).toContain(words);
});
