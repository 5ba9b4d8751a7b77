import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/policy/known.ts";
import { loadPolicy } from "../../src/policy/load.ts";
import type { Lane, Members } from "../../src/policy/lanes-schema.ts";
import { bucketOf, type Member, seat } from "../../src/rollout/members.ts";

const lane = (name: string, members: Members): Lane => ({ name, environment: name, members, bakeMinutes: 0, runsPerNode: 1, gate: "auto" });

const member = (certname: string, more: { dc?: Member["datacentre"]; role?: string; assumed?: boolean } = {}): Member => ({
  certname,
  trusted: {
    authenticated: "remote",
    certname,
    hostname: certname.split(".")[0] ?? certname,
    domain: "example",
    extensions: more.role === undefined ? {} : { pp_role: more.role },
    external: {},
  },
  enc: null,
  classes: null,
  assumed: more.assumed ?? false,
  datacentre: more.dc ?? known(null),
  services: known([]),
});

const external = (data: Record<string, unknown>): Member => {
  const node = member("a.example");
  return { ...node, trusted: { ...node.trusted, external: data } };
};

const rest = lane("rest", "rest");
const lon = lane("lon", { datacentres: ["lon", "ams"] });
const canary = lane("canary", { certnames: ["canary*.example", "first.example"] });
const databases = lane("databases", { match: 'trusted.extensions.pp_role == "db"' });

const placed = (
  lanes: readonly Lane[],
  nodes: readonly Member[],
  buckets?: ReadonlyMap<string, number>,
): Record<string, readonly string[]> =>
  Object.fromEntries(seat(lanes, nodes, buckets).seated.map(({ lane: { name }, certnames }) => [name, certnames]));
const faultsOf = (lanes: readonly Lane[], nodes: readonly Member[]) => seat(lanes, nodes).faults;

describe("who is in which lane", () => {
  const cases: ReadonlyArray<readonly [what: string, lanes: readonly Lane[], node: Member, in_: string]> = [
    ["a pattern of certnames", [canary, rest], member("canary7.example"), "canary"],
    ["a certname as it is", [canary, rest], member("first.example"), "canary"],
    ["no certname of the patterns", [canary, rest], member("web.example"), "rest"],
    ["its datacentre", [lon, rest], member("web.example", { dc: known("ams") }), "lon"],
    ["another datacentre", [lon, rest], member("web.example", { dc: known("nyc") }), "rest"],
    ["no datacentre", [lon, rest], member("web.example"), "rest"],
    ["a condition that holds", [databases, rest], member("db.example", { role: "db" }), "databases"],
    ["a condition that does not hold", [databases, rest], member("web.example", { role: "web" }), "rest"],
    ["a condition over what the node does not have", [databases, rest], member("web.example"), "rest"],
    [
      "a lane that names it behind a share that would have it",
      [lane("few", { percent: 99.99 }), canary, rest],
      member("first.example"),
      "canary",
    ],
    [
      "its certname, whatever else is not known",
      [lon, databases, canary, rest],
      member("first.example", { dc: unknown("no facts"), assumed: true }),
      "canary",
    ],
  ];
  it.each(cases)("%s", (_, lanes, node, in_) => {
    expect(placed(lanes, [node])[in_]).toEqual([node.certname]);
    expect(faultsOf(lanes, [node]).map(({ lane: empty }) => empty)).toEqual(lanes.map(({ name }) => name).filter((name) => name !== in_));
  });

  it("is sorted, and lanes without nodes are faults", () => {
    const nodes = [member("web2.example"), member("web10.example"), member("web1.example")];
    expect(placed([canary, rest], nodes)).toEqual({ canary: [], rest: ["web1.example", "web10.example", "web2.example"] });
    expect(faultsOf([canary, rest], nodes)).toEqual([
      {
        lane: "canary",
        certname: null,
        text: "the lane canary has no node",
        hint: "Mend its members, or remove it: a release that nobody runs proves nothing.",
      },
    ]);
    expect(faultsOf([canary, rest], [])).toHaveLength(2);
  });

  const faults: ReadonlyArray<readonly [what: string, lanes: readonly Lane[], node: Member, lane: string, text: string, hint: string]> = [
    [
      "two lanes that name it",
      [canary, lon, rest],
      member("first.example", { dc: known("lon") }),
      "lon",
      "the lanes canary and lon both have first.example",
      "Let exactly one of them name it: it can have one environment only.",
    ],
    [
      "a datacentre that is not known",
      [lon, rest],
      member("web.example", { dc: unknown("it has no facts") }),
      "lon",
      "whether web.example is in the lane lon is not known: it has no facts",
      "Give the node facts with their trusted data, or name it by its certname.",
    ],
    [
      "a datacentre that is not known, beside a lane that names others",
      [canary, lon, rest],
      member("web.example", { dc: unknown("it has no facts") }),
      "lon",
      "whether web.example is in the lane lon is not known: it has no facts",
      "Give the node facts with their trusted data, or name it by its certname.",
    ],
    [
      "trusted data that is not known",
      [databases, rest],
      member("web.example", { assumed: true }),
      "databases",
      "whether web.example is in the lane databases is not known: the trusted data of web.example is not known, because its facts are assumed",
      "Give the node facts with their trusted data, or name it by its certname.",
    ],
  ];
  it.each(faults)("is nobody's guess: %s", (_, lanes, node, at, text, hint) => {
    const { seated, faults: found } = seat(lanes, [node]);
    expect(seated.every(({ certnames }) => certnames.length === 0)).toBe(true);
    expect(found[0]).toEqual({ lane: at, certname: node.certname, text, hint });
  });
});

describe("what people would ask of PuppetDB", () => {
  // The rows of docs/rollout.md: the same words, checked as the policy's door does.
  it.each<[string, string, Member, boolean]>([
    ["a role's beginning", 'trusted.extensions.pp_role.startsWith("search")', member("a.example", { role: "search-index" }), true],
    ["another role", 'trusted.extensions.pp_role.startsWith("search")', member("a.example", { role: "web" }), false],
    ["no role", 'trusted.extensions.pp_role.startsWith("search")', member("a.example"), false],
    ["a pattern of hosts", 'certname.matches("^web[12][.]")', member("web2.lon.example"), true],
    ["another host", 'certname.matches("^web[12][.]")', member("web21.lon.example"), false],
    ["what the compiler learnt elsewhere", "trusted.external.cmdb.ring == 1", external({ cmdb: { ring: 1 } }), true],
    ["something else learnt", "trusted.external.cmdb.ring == 1", external({ cmdb: { ring: 2 } }), false],
    ["nothing learnt", "trusted.external.cmdb.ring == 1", external({}), false],
  ])("%s", (_, match, node, is) => {
    const text = `version: 1\nlanes:\n  - name: few\n    members: {match: '${match}'}\n  - {name: rest}\n`;
    const loaded = loadPolicy(text, "puppet-gate.yml");
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const { seated, faults } = seat(loaded.policy.lanes, [node]);
    expect(seated.find(({ certnames }) => certnames.includes(node.certname))?.lane.name).toBe(is ? "few" : "rest");
    expect(faults.filter(({ certname }) => certname !== null)).toEqual([]);
  });
});

describe("a share of the nodes", () => {
  // printf 'puppet-gate lanes\0NAME' | sha256sum: the first 64 bits, modulo 10,000.
  it.each([
    ["web1.example", 1217],
    ["db1.example", 2927],
    ["a", 2970],
    ["canary-07.lon.example.com", 5670],
  ])("has %s in bucket %d, on every machine and for ever", (certname, bucket) => {
    expect(bucketOf(certname)).toBe(bucket);
  });

  const lanes = [lane("few", { percent: 12.17 }), lane("some", { percent: 17.11 }), rest];
  it.each([
    ["web1.example", 0, "few"],
    ["web1.example", 1216, "few"],
    ["web1.example", 1217, "some"],
    ["web1.example", 2927, "some"],
    ["web1.example", 2928, "rest"],
    ["web1.example", 9999, "rest"],
  ])("%s with the bucket %d kept is in %s of few", (certname, bucket, in_) => {
    expect(placed(lanes, [member(certname)], new Map([[certname, bucket]]))[in_]).toEqual([certname]);
  });

  it("goes by its digest where no bucket is kept", () => {
    expect(placed(lanes, [member("web1.example"), member("db1.example"), member("a")])).toEqual({
      few: [],
      some: ["db1.example", "web1.example"],
      rest: ["a"],
    });
  });

  it("moves nobody when the fleet grows, and is about as large as it says", () => {
    const fleet = Array.from({ length: 2000 }, (_, at) => member(`node${at}.example`));
    const small = placed(lanes, fleet.slice(0, 1000));
    const large = placed(lanes, fleet);
    for (const [name, certnames] of Object.entries(small)) expect(large[name]).toEqual(expect.arrayContaining([...certnames]));
    expect(large.few?.length).toBeGreaterThan(200);
    expect(large.few?.length).toBeLessThan(290);
  });

  it("is not blurred by halves that binary numbers can't hold", () => {
    expect(placed([lane("few", { percent: 1.1 }), rest], [member("a")], new Map([["a", 110]]))).toEqual({ few: [], rest: ["a"] });
  });

  it("needs a last lane that has the rest", () => {
    expect(() => seat([canary], [member("web.example")])).toThrow("lanes without a last one that has the rest came past the policy's door");
  });
});
