import { evaluateCondition } from "./cel.ts";
import { datacentreKind, matchKind } from "./conditions.ts";
import { type Known, known, unknown } from "./known.ts";
import type { Policy } from "./schema.ts";

/** What a node is placed by. Facts are not in it: an agent can invent them. */
export interface NodeToPlace {
  certname: string;
  trusted: {
    authenticated: "remote" | "local" | false;
    certname: string;
    hostname: string;
    domain: string | null;
    extensions: Readonly<Record<string, string>>;
    external: Readonly<Record<string, unknown>>;
  };
  /** What base's ENC says of it; null where there is none. */
  enc: { classes: readonly string[]; parameters: Readonly<Record<string, unknown>>; environment: string | null } | null;
  /** Class names of its catalog on base, in lower case; null where base has no catalog of it. */
  classes: readonly string[] | null;
  /** Whether its facts are the shipped set: then nobody knows its trusted extensions. */
  assumed: boolean;
}

export interface Placement {
  /** In the policy's order; without configured services those of its `role::` classes, sorted. */
  services: Known<string[]>;
  /** Null where the node has none. */
  datacentre: Known<string | null>;
}

/**
 * Which services a node carries and where it stands. A trusted extension that the node does not have is known to be absent: a `match` that reads
 * it is false, whatever it compares it with (`has(trusted.extensions.pp_role)` asks), and a datacentre that reads it is none. So it is with a
 * parameter that the ENC does not give. What is unknown (extensions of a node whose facts are assumed, classes where base has no catalog, an ENC where there is none) makes what reads it unknown.
 */
export function placeNode(policy: Policy, node: NodeToPlace): Placement {
  const inputs = inputsOf(node);
  return { services: servicesOf(policy, node, inputs), datacentre: datacentreOf(policy, inputs) };
}

const inputsOf = (node: NodeToPlace): Map<string, Known<unknown>> => trustedInputs(node).set("classes", classesOf(node));

/** What no agent can invent, by the names that conditions have for it. */
export function trustedInputs({ certname, trusted, enc, assumed }: Omit<NodeToPlace, "classes">): Map<string, Known<unknown>> {
  const reason = `the trusted data of ${certname} is not known, because its facts are assumed`;
  const inputs = new Map<string, Known<unknown>>([
    ["certname", known(certname)],
    ["trusted.authenticated", known(trusted.authenticated)],
    ["trusted.certname", known(trusted.certname)],
    ["trusted.hostname", known(trusted.hostname)],
    ["trusted.extensions", assumed ? unknown(reason) : known(trusted.extensions)],
    ["trusted.external", assumed ? unknown(reason) : known(trusted.external)],
  ]);
  if (enc === null) inputs.set("enc", unknown("there is no ENC: name its file under `compile.enc`, or give --enc"));
  else {
    inputs.set("enc.classes", known(enc.classes));
    inputs.set("enc.parameters", known(enc.parameters));
    if (enc.environment !== null) inputs.set("enc.environment", known(enc.environment));
  }
  // A certname without a dot has no domain: absent, as an extension is.
  if (trusted.domain !== null) inputs.set("trusted.domain", known(trusted.domain));
  return inputs;
}

/** The classes of its catalog on base, as conditions read them. */
export const classesOf = ({ certname, classes }: Pick<NodeToPlace, "certname" | "classes">): Known<readonly string[]> =>
  classes === null ? unknown(`the classes of ${certname} are not known, because base has no catalog of it`) : known(classes);

function servicesOf({ services }: Policy, node: NodeToPlace, inputs: ReadonlyMap<string, Known<unknown>>): Known<string[]> {
  if (services.length === 0) return roleServices(node);
  const matched: string[] = [];
  for (const { name, match } of services) {
    const result = evaluateCondition(match, matchKind, inputs);
    if (result === "missing") continue;
    if (!result.known) return unknown(`whether it carries ${name} is not known: ${result.reason}`);
    if (result.value === true) matched.push(name);
  }
  return known(matched);
}

const rolePrefix = "role::";

function roleServices(node: NodeToPlace): Known<string[]> {
  const classes = classesOf(node);
  if (!classes.known) return classes;
  const roles = classes.value.filter((name) => name.startsWith(rolePrefix)).map((name) => name.slice(rolePrefix.length));
  return known([...new Set(roles)].sort());
}

function datacentreOf({ radius }: Policy, inputs: ReadonlyMap<string, Known<unknown>>): Known<string | null> {
  const result = evaluateCondition(radius.datacentre, datacentreKind, inputs);
  if (result === "missing") return known(null);
  if (!result.known) return result;
  return known(typeof result.value === "string" && result.value !== "" ? result.value : null);
}
