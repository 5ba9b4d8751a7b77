import { Environment } from "@marcbachmann/cel-js";
import type { ConditionKind } from "./cel.ts";
import { matchesGlob } from "./glob.ts";
import { FindingInput, GroupInput, RestartInput } from "./inputs.ts";

/**
 * The variables of each kind of condition. Their types are checked when a policy is loaded; README and the schema's descriptions name them in
 * the same words. Limits keep a condition small: a policy is trusted, but its author may have had a bad day.
 */
const options = { unlistedVariablesAreDyn: false, limits: { maxAstNodes: 2000, maxDepth: 64, maxListElements: 1000 } };

const trusted = {
  authenticated: "dyn",
  certname: "string",
  hostname: "string",
  domain: "string",
  extensions: "map<string, string>",
  external: "map<string, dyn>",
};

const enc = { classes: "list<string>", parameters: "map<string, dyn>", environment: "string" };

const change = {
  author: "string",
  labels: "list<string>",
  paths: "list<string>",
  base: "string",
  fork: "bool",
  policy: "string",
  links: "list<string>",
};

const radius = {
  nodes: "int",
  share: "double",
  services: "list<string>",
  datacentres: "list<string>",
  restarts: "list<Restart>",
  size: "string",
};

const restart = { type: "string", title: "string", nodes: "int", cause: "string" };
const group = {
  type: "string",
  title: "string",
  attribute: "dyn",
  change: "string",
  kind: "string",
  nodes: "list<string>",
  path: "dyn",
  concerns: "list<string>",
};
const finding = { check: "string", severity: "string", path: "dyn", code: "string", message: "string", onChangedLine: "bool" };

const forLanes = (): Environment =>
  new Environment(options)
    .registerVariable("certname", "string")
    .registerVariable({ name: "trusted", schema: trusted })
    .registerVariable({ name: "enc", schema: enc });

const forNodes = (): Environment => forLanes().registerVariable("classes", "list<string>");

const forChanges = (): Environment =>
  new Environment(options)
    .registerFunction("string.glob(string): bool", (path: string, pattern: string) => matchesGlob(path, pattern))
    .registerType("Restart", { ctor: RestartInput, fields: restart })
    .registerType("Group", { ctor: GroupInput, fields: group })
    .registerType("Finding", { ctor: FindingInput, fields: finding })
    .registerVariable({ name: "change", schema: change })
    .registerVariable({ name: "radius", schema: radius })
    .registerVariable("groups", "list<Group>")
    .registerVariable("findings", "list<Finding>");

const namesOf = (shapes: Record<string, object>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(shapes).map(([name, fields]) => [name, Object.keys(fields)]));
const nodeFields = namesOf({ trusted, enc });

/** A service's `match`: over `certname`, `trusted`, `enc` and `classes`. */
export const matchKind: ConditionKind = { environment: forNodes(), result: "bool", fields: nodeFields };
/** A lane's `match`: over the same, but for `classes`, which facts and the change itself can move. */
export const laneKind: ConditionKind = { environment: forLanes(), result: "bool", fields: nodeFields };
/** `radius.datacentre`: over the same. */
export const datacentreKind: ConditionKind = { environment: forNodes(), result: "string", fields: nodeFields };
/** A rule's `when`, and a condition that it requires: over `change`, `radius`, `groups` and `findings`. */
export const whenKind: ConditionKind = {
  environment: forChanges(),
  result: "bool",
  fields: namesOf({ change, radius, restart, group, finding }),
};
