import { describe, expect, it } from "vitest";
import { placer } from "../../src/engine/place.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import { loadPolicy } from "../../src/policy/load.ts";

const file = (match: string, datacentre = "trusted.extensions.pp_datacenter"): string =>
  JSON.stringify({ version: 1, services: [{ name: "s", match }], radius: { datacentre } });

describe("whose node it is", () => {
  it.each([
    "facts.os.family",
    'facts["role"]',
    "os.family",
    "values.role",
    "networking.hostname",
    "role",
    "clientcert",
    "server_facts.servername",
  ])("can't be asked of a fact: %s", (fact) => {
    expect(loadPolicy(file(`${fact} == "x"`), "policy.yml").ok).toBe(false);
    expect(loadPolicy(file("true", fact), "policy.yml").ok).toBe(false);
  });

  it("is the same whatever an agent says of itself", () => {
    const loaded = loadPolicy(file('trusted.extensions.pp_role == "web" && "role::web" in classes'), "policy.yml");
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const node = (values: Record<string, unknown>): NodeFacts => ({
      certname: "web01",
      origin: "given",
      values,
      trusted: {
        authenticated: "remote",
        certname: "web01",
        hostname: "web01",
        domain: null,
        extensions: { pp_role: "web", pp_datacenter: "ash" },
        external: {},
      },
    });
    const invented = {
      certname: "db01",
      clientcert: "db01",
      pp_role: "db",
      pp_datacenter: "lon",
      classes: ["role::db"],
      trusted: { certname: "db01", extensions: { pp_role: "db", pp_datacenter: "lon" } },
      extensions: { pp_role: "db" },
    };
    const place = (values: Record<string, unknown>) =>
      placer(loaded.policy, { id: "x", nodes: [node(values)], unreadable: [] })("web01", ["role::web"]);
    expect(place(invented)).toEqual(place({}));
    expect(place(invented)).toEqual({ services: ["s"], datacentre: "ash", unknown: null, holes: [] });
  });

  describe("is told as far as it is known", () => {
    const loaded = loadPolicy(
      file('enc.parameters.role == "web" || "role::web" in classes', "trusted.extensions.pp_datacenter"),
      "policy.yml",
    );
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const node = (more: Partial<NodeFacts>): NodeFacts => ({
      certname: "web01",
      origin: "given",
      values: {},
      trusted: {
        authenticated: "remote",
        certname: "web01",
        hostname: "web01",
        domain: null,
        extensions: { pp_datacenter: "ash" },
        external: {},
      },
      ...more,
    });
    const enc = { classes: { "role::web": {} }, parameters: { role: "web" }, environment: null };
    const noEnc = "whether it carries s is not known: there is no ENC: name its file under `compile.enc`, or give --enc";
    const assumed = "the trusted data of web01 is not known, because its facts are assumed";
    it.each<[string, NodeFacts[], ReturnType<ReturnType<typeof placer>>]>([
      ["with an ENC", [node({ enc })], { services: ["s"], datacentre: "ash", unknown: null, holes: [] }],
      ["without", [node({})], { services: [], datacentre: "ash", unknown: noEnc, holes: ["services"] }],
      [
        "without facts of its own",
        [node({ enc, origin: "assumed" })],
        { services: ["s"], datacentre: null, unknown: assumed, holes: ["datacentre"] },
      ],
      [
        "with neither",
        [node({ origin: "assumed" })],
        { services: [], datacentre: null, unknown: `${noEnc}; ${assumed}`, holes: ["services", "datacentre"] },
      ],
      [
        "by its name alone",
        [node({ certname: "db01", enc })],
        { services: [], datacentre: null, unknown: "nothing is known of web01 but its name", holes: ["services", "datacentre"] },
      ],
    ])("%s", (_, nodes, expected) => {
      expect(placer(loaded.policy, { id: "x", nodes, unreadable: [] })("web01", [])).toEqual(expected);
    });

    it("once, where one thing is the reason for both", () => {
      const same = loadPolicy(file('trusted.extensions.pp_role == "web"'), "policy.yml");
      if (!same.ok) throw new Error(JSON.stringify(same.problems));
      const place = placer(same.policy, { id: "x", nodes: [node({ origin: "assumed" })], unreadable: [] });
      expect(place("web01", []).unknown).toBe(`whether it carries s is not known: ${assumed}; ${assumed}`);
    });
  });
});
