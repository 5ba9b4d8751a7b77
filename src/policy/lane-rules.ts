import type { Policy, Rule } from "./schema.ts";

const owner: Rule["require"] = {
  any: [
    { approvals: { count: 1, from: { users: [], teams: [], permission: "write", owners: null, codeowners: "every-path" } } },
    { approvals: { count: 1, from: { users: [], teams: [], permission: "admin", owners: null, codeowners: null } } },
  ],
};

const asks = (name: string): Rule => ({ name, mode: "enforce", when: `findings.exists(f, f.code == "${name}")`, require: owner });

/**
 * Where there are lanes, an owner accepts what no lane holds back: resources and queries that go from node to node whatever their lanes, and nodes that
 * change lanes and get other code at once. A rule of the policy's own with such a name stands in its place.
 */
export function withLaneRules(policy: Policy): Policy {
  if (policy.lanes.length === 0) return policy;
  const taken = new Set(policy.rules.map(({ name }) => name));
  const more = ["crosses-lanes", "lane-moves"].filter((name) => !taken.has(name)).map(asks);
  return { ...policy, rules: [...policy.rules, ...more] };
}
