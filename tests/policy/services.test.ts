import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../src/policy/load.ts";
import { defaultPolicy, type Policy } from "../../src/policy/schema.ts";
import { type NodeToPlace, type Placement, placeNode } from "../../src/policy/services.ts";

const node: NodeToPlace = {
  certname: "web1.ash.example",
  trusted: {
    authenticated: "remote",
    certname: "web1.ash.example",
    hostname: "web1",
    domain: "ash.example",
    extensions: { pp_role: "web", pp_datacenter: "ash" },
    external: { inventory: { rack: 4 } },
  },
  enc: { classes: ["role::web"], parameters: { role: "web", pools: ["blue"], rack: 4 }, environment: "production" },
  classes: ["settings", "role::web::frontend", "profile::nginx"],
  assumed: false,
};

/** A policy with these services, by name and match. */
function policy(services: Record<string, string>, datacentre = "trusted.extensions.pp_datacenter"): Policy {
  const listed = Object.entries(services).map(([name, match]) => ({ name, match }));
  const loaded = loadPolicy(JSON.stringify({ version: 1, services: listed, radius: { datacentre } }), "policy.yml");
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.policy;
}
const place = (services: Record<string, string>, more: Partial<NodeToPlace> = {}): Placement["services"] =>
  placeNode(policy(services), { ...node, ...more }).services;
const datacentre = (condition: string, more: Partial<NodeToPlace> = {}): Placement["datacentre"] =>
  placeNode(policy({}, condition), { ...node, ...more }).datacentre;
const known = <T>(value: T): { known: true; value: T } => ({ known: true, value });

describe("placeNode with services of the policy", () => {
  it.each<[string, string, boolean]>([
    ["certname", 'certname.startsWith("web")', true],
    ["certname", 'certname.endsWith(".lon.example")', false],
    ["a trusted extension", 'trusted.extensions.pp_role == "web"', true],
    ["a trusted extension by index", 'trusted.extensions["pp_role"] == "web"', true],
    ["external data", "trusted.external.inventory.rack == 4.0", true],
    ["domain", 'trusted.domain == "ash.example"', true],
    ["classes", '"profile::nginx" in classes', true],
    ["classes by a macro", 'classes.exists(name, name.startsWith("role::web"))', true],
    ["a parameter of the ENC", 'enc.parameters.role == "web"', true],
    ["what is in one", '"blue" in enc.parameters.pools', true],
    ["a class of the ENC", '"role::web" in enc.classes', true],
    ["the ENC's environment", 'enc.environment == "production"', true],
    ["a parameter that the ENC does not give", 'enc.parameters.tier != "gold"', false],
    ["an extension that the node does not have", 'trusted.extensions.pp_zone == "dmz"', false],
    ["its absence, whatever it is compared with", 'trusted.extensions.pp_zone != "dmz"', false],
    ["its absence, negated", '!(trusted.extensions.pp_zone == "dmz")', false],
    ["its absence beside what decides", 'trusted.extensions.pp_zone == "dmz" || certname.startsWith("web")', true],
    ["whether it has it", "has(trusted.extensions.pp_zone)", false],
    ["whether it has it not", "!has(trusted.extensions.pp_zone)", true],
    ["an extension with the name of a method", 'trusted.extensions.toString == "x"', false],
  ])("by %s: %s", (_, match, expected) => {
    expect(place({ service: match })).toEqual(known(expected ? ["service"] : []));
  });

  it("has all services that match, in the policy's order", () => {
    expect(place({ web: "true", none: "false", all: 'certname != ""' })).toEqual(known(["web", "all"]));
  });

  it("takes a node without a domain for one that has none", () => {
    expect(place({ a: 'trusted.domain != "x"' }, { trusted: { ...node.trusted, domain: null } })).toEqual(known([]));
  });

  it.each<[string, string]>([
    ["an extension", 'trusted.extensions.pp_role == "web"'],
    ["all of trusted's", "has(trusted.extensions.pp_role)"],
    ["an extension beside what would decide", 'certname.startsWith("web") || trusted.extensions.pp_role == "web"'],
    ["an extension by a computed name", 'trusted[certname == "" ? "external" : "extensions"] != null'],
    ["what is called like another part in one by a computed name", 'trusted[certname == "" ? "external" : "extensions"].hostname == "web"'],
    ["external data", "has(trusted.external.inventory)"],
  ])("knows nothing of a node whose facts are assumed, if its match reads %s", (_, match) => {
    expect(place({ web: match }, { assumed: true })).toEqual({
      known: false,
      reason: "whether it carries web is not known: the trusted data of web1.ash.example is not known, because its facts are assumed",
    });
  });

  it("still knows what its name says, and its classes", () => {
    expect(place({ a: 'certname.startsWith("web")', b: '"profile::nginx" in classes' }, { assumed: true })).toEqual(known(["a", "b"]));
  });

  it("knows nothing that an ENC would say where there is none, and an environment that it does not say is absent", () => {
    expect(place({ a: 'enc.parameters.role == "web"' }, { enc: null })).toEqual({
      known: false,
      reason: "whether it carries a is not known: there is no ENC: name its file under `compile.enc`, or give --enc",
    });
    expect(place({ a: 'enc.environment != "x"' }, { enc: { classes: [], parameters: {}, environment: null } })).toEqual(known([]));
    expect(datacentre("enc.parameters.role")).toEqual(known("web"));
  });

  it("knows no classes where base has no catalog", () => {
    expect(place({ a: '"x" in classes' }, { classes: null })).toMatchObject({ known: false });
    expect(place({ a: "true" }, { classes: null })).toEqual(known(["a"]));
  });

  it("is unknown where a condition fails, with the reason", () => {
    expect(place({ a: "int(certname) > 1" })).toEqual({
      known: false,
      reason:
        "whether it carries a is not known: the condition `int(certname) > 1` can't be evaluated: int() type error: cannot convert to int",
    });
    expect(place({ a: "trusted.external.inventory" })).toMatchObject({ known: false });
  });
});

describe("placeNode without services", () => {
  it("names the role classes", () => {
    const services = (...classes: string[]): Placement["services"] => placeNode(defaultPolicy, { ...node, classes }).services;
    expect(services("settings", "role::web::frontend")).toEqual(known(["web::frontend"]));
    expect(services("role::web", "role::db", "role::web")).toEqual(known(["db", "web"]));
    expect(services("role", "profile::role::x")).toEqual(known([]));
    expect(placeNode(defaultPolicy, { ...node, classes: null }).services).toEqual({
      known: false,
      reason: "the classes of web1.ash.example are not known, because base has no catalog of it",
    });
  });
});

describe("a node's datacentre", () => {
  it("is the trusted extension pp_datacenter, none where the node has not got it", () => {
    expect(placeNode(defaultPolicy, node).datacentre).toEqual(known("ash"));
    const without = { ...node, trusted: { ...node.trusted, extensions: {} } };
    expect(placeNode(defaultPolicy, without).datacentre).toEqual(known(null));
    expect(placeNode(defaultPolicy, { ...node, assumed: true }).datacentre).toMatchObject({ known: false });
  });

  it("is what the policy makes of it", () => {
    expect(datacentre('certname.endsWith(".ash.example") ? "ashburn" : "elsewhere"')).toEqual(known("ashburn"));
    expect(datacentre('""')).toEqual(known(null));
    expect(datacentre("trusted.external.inventory.rack")).toMatchObject({ known: false });
  });
});
