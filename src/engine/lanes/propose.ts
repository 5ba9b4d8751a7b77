import type { RulesetToMake } from "../ports/lanes.ts";

/** The gate's own check run. */
const checkName = "puppet-gate";

/**
 * Rules that leave lanes to the gate: nobody else moves, removes or remakes their branches, GitHub's removal of merged heads included; and people come to
 * the merge branch by the gate alone (docs/github-app.md, step 5).
 */
export function rulesetsFor(branches: { mergeBranch: string; lanes: readonly string[] }, appId: number): RulesetToMake[] {
  const byTheApp = (name: string, names: readonly string[], rules: RulesetToMake["rules"]): RulesetToMake => ({
    name,
    target: "branch",
    enforcement: "active",
    bypass_actors: [{ actor_type: "Integration", actor_id: appId, bypass_mode: "always" }],
    conditions: { ref_name: { include: names.map((branch) => `refs/heads/${branch}`), exclude: [] } },
    rules,
  });
  const held: RulesetToMake["rules"] = [
    { type: "update", parameters: { update_allows_fetch_and_merge: false } },
    { type: "deletion" },
    { type: "non_fast_forward" },
  ];
  const required_status_checks = [{ context: checkName, integration_id: appId }];
  const check: RulesetToMake["rules"][number] = {
    type: "required_status_checks",
    parameters: { strict_required_status_checks_policy: false, required_status_checks },
  };
  return [
    byTheApp("puppet-gate: lanes", branches.lanes, [{ type: "creation" }, ...held]),
    byTheApp("puppet-gate: merge branch", [branches.mergeBranch], [...held, check]),
  ];
}

/** Most nodes that a proposed canary lane has: few enough to mend by hand. */
const mostCanaries = 10;
/** Percent of the fleet, where its nodes are not known. */
const canaryPercent = 5;

/**
 * A first policy for lanes, as text: one lane in front of production. Its nodes are one of each kind that has others, a kind being a certname without its
 * numbers, so that what breaks one of a kind is seen before its siblings have it. `certnames` null: the fleet is not known.
 */
export function lanesBlock(certnames: readonly string[] | null, policyText: string | null): string {
  const canaries = certnames === null ? [] : canariesOf(certnames);
  const members =
    canaries.length === 0 ? `{ percent: ${canaryPercent} }` : `{ certnames: [${canaries.map((name) => JSON.stringify(name)).join(", ")}] }`;
  const lines = ["lanes:", `  - { name: canary, members: ${members} }`, "  - { name: rest }", ""];
  return [...(policyText === null ? ["version: 1"] : []), ...lines].join("\n");
}

export const proposedLane = "canary";

function canariesOf(certnames: readonly string[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const certname of [...certnames].sort()) {
    const kind = certname.replaceAll(/\d+/gu, "#");
    kinds.set(kind, [...(kinds.get(kind) ?? []), certname]);
  }
  const siblings = [...kinds.values()].filter((names) => names.length > 1).sort((a, b) => b.length - a.length);
  return siblings
    .flatMap(([first]) => (first === undefined ? [] : [first]))
    .slice(0, mostCanaries)
    .sort();
}
