import { describe, expect, it } from "vitest";
import { pendingRules, type Proposed } from "../../src/gate/pending.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import { report } from "./world.ts";

/** The outcome of one rule with this `when`, before there is a pull request. */
function outcome(when: string, change: Partial<Proposed> | null): string {
  const loaded = loadPolicy(
    JSON.stringify({ version: 1, rules: [{ name: "r", when, require: { approvals: { count: 2 } } }] }),
    "policy.yml",
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const [reason] = pendingRules(
    loaded.policy,
    change === null ? null : { paths: ["data/common.yaml"], links: [], report: report(), ...change },
  );
  return `${reason?.outcome}: ${reason?.text}`;
}

const waits = "pending: asked for on the pull request: 2 approvals by somebody who did not contribute to the change";
const not = "skipped: does not apply here";

const unseen = [
  ["site/profile/lib/facter/site.rb", "pending"],
  ["site/profile/facts.d/site.sh", "pending"],
  ["modules/x/lib/puppet/type/x.rb", "pending"],
  ["modules/x/lib/puppet/provider/x/y.rb", "pending"],
  ["site/profile/manifests/x.pp", "skipped"],
];

describe("the review rules of a check", () => {
  it.each<[string, Partial<Proposed> | null, string]>([
    ["true", {}, waits],
    ['change.paths.exists(p, p.glob("data/**"))', {}, waits],
    ['change.paths.exists(p, p.glob("**/lib/**"))', {}, not],
    ["change.links.size() > 0", {}, not],
    ["change.links.size() > 0", { links: ["a"] }, waits],
    ["radius.share > 0.9", {}, not],
    ['change.base == "production"', {}, waits],
    ['change.base == "release"', {}, waits],
    ['change.labels.exists(l, l == "x")', {}, waits],
    ['change.author == "ann"', {}, waits],
    ['change.policy == "loosens"', {}, waits],
    ["change.fork", {}, waits],
    ['change.paths.exists(p, p == "x")', { paths: [] }, waits],
    ['change.paths.exists(p, p == "x")', { paths: ['"x\\303"'] }, waits],
    ["radius.share > 0.9", null, waits],
  ])("%s with %j: %s", (when, change, expected) => {
    expect(outcome(when, change)).toBe(expected);
  });

  it.each(unseen)("case 67: Ruby and facts, which no catalog shows, need more than a peer by the default policy: %s", (path, expected) => {
    const reasons = pendingRules(defaultPolicy, { paths: [path], links: [], report: report() });
    expect(reasons.find(({ rule }) => rule === "sensitive")?.outcome).toBe(expected);
  });
});
