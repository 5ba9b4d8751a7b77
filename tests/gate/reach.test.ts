import { expect, it } from "vitest";
import { reachOf, sharePhrases } from "../../src/gate/reach.ts";
import { report } from "./world.ts";

const node = (certname: string, service: string | null, datacentre: string | null) => ({
  certname,
  outcome: "changed" as const,
  reason: null,
  services: service === null ? [] : [service],
  datacentre,
  cached: false,
});
const nodes = [
  node("web1", "web", "lon"),
  node("web2", "web", "sto"),
  node("web3", "web", "ash"),
  node("db1", "db", "lon"),
  node("db2", "db", "sto"),
  node("lost", null, null),
];

it.each<[string, string[], string[]]>([
  ["a whole service", ["web1", "web2", "web3"], ["every node of WEB"]],
  ["two whole services", ["web1", "web2", "web3", "db1", "db2"], ["every node of WEB and DB"]],
  ["a part of one", ["web1", "db1", "db2"], ["every node of DB", "1 of 3 WEB nodes"]],
  ["a whole datacentre of several services", ["web1", "db1"], ["every node in LON"]],
  ["two of them", ["web1", "db1", "web2", "db2"], ["every node in LON and STO"]],
  ["one node that is all of its datacentre", ["web3"], ["1 of 3 WEB nodes"]],
  ["a node of no service", ["lost"], []],
  ["everything", nodes.map(({ certname }) => certname), ["every node"]],
  ["none", [], []],
])("says of %s which services they are", (_, certnames, phrases) => {
  expect(sharePhrases(certnames, { nodes }, (name) => name.toUpperCase(), 9)).toEqual(phrases);
});

it("says nothing of services where none is known", () => {
  const strangers = [node("a", null, null), node("b", null, null), node("c", null, null)];
  expect(sharePhrases(["a", "b"], { nodes: strangers }, (name) => name, 9)).toEqual([]);
});

it("says how many services it does not name", () => {
  expect(sharePhrases(["web1", "db2"], { nodes }, (name) => name, 1)).toEqual(["1 of 2 db nodes", "nodes of 1 more service"]);
});

it("puts services by datacentres, those with most changes first", () => {
  const cell = (service: string | null, datacentre: string | null, changing: number) => ({
    service,
    datacentre,
    nodes: 3,
    changing,
    restarting: 0,
  });
  const base = report();
  const radius = { ...base.radius, capacity: [cell("a", "lon", 1), cell("b", "lon", 2), cell("b", "sto", 3), cell(null, null, 3)] };
  const { datacentres, rows } = reachOf({ ...base, radius });
  expect(datacentres).toEqual(["lon", "sto", null]);
  expect(
    rows.map(({ service, changing, nodes, cells }) => [service, changing, nodes, cells.map((each) => each?.changing ?? null)]),
  ).toEqual([
    ["b", 5, 6, [2, 3, null]],
    [null, 3, 3, [null, null, 3]],
    ["a", 1, 3, [1, null, null]],
  ]);
});
