import { expect, it } from "vitest";
import { changingNodes, reachOf, sharePhrases, sharesOf } from "../../src/gate/reach.ts";
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

it("orders what is the same by name, and what has none last", () => {
  const cell = (service: string | null, datacentre: string | null) => ({ service, datacentre, nodes: 1, changing: 1, restarting: 0 });
  const base = report();
  const capacity = [cell(null, null), cell("b", "sto"), cell("c", "lon"), cell("a", "ash")];
  const { datacentres, rows } = reachOf({ ...base, radius: { ...base.radius, capacity } });
  expect(datacentres).toEqual(["ash", "lon", "sto", null]);
  expect(rows.map(({ service }) => service)).toEqual(["a", "b", "c", null]);
  const all = nodes.map(({ certname }) => certname);
  expect(sharesOf(["web1", "db1", "lost"], { nodes }).map(({ service }) => service)).toEqual(["db", "web", null]);
  expect(sharesOf(all, { nodes }).map(({ service }) => service)).toEqual(["web", "db", null]);
});

it("counts what breaks and what can't be seen in each place", () => {
  const base = report();
  const cell = (service: string | null) => ({ service, datacentre: "lon", nodes: 4, changing: 0, restarting: 0 });
  const with_ = (
    certname: string,
    service: string | null,
    outcome: "broken" | "pre-existing" | "not-analysable" | "fixed" | "changed",
  ) => ({
    ...node(certname, service, "lon"),
    outcome,
  });
  const dark = [
    with_("a", "web", "broken"),
    with_("b", "web", "pre-existing"),
    with_("c", "web", "not-analysable"),
    with_("d", "web", "fixed"),
    with_("e", "web", "changed"),
    with_("f", null, "broken"),
  ];
  const { rows } = reachOf({ ...base, nodes: dark, radius: { ...base.radius, capacity: [cell("web"), cell(null), cell("db")] } });
  const seen = rows.map(({ service, cells: [one] }) => [service, one?.broken, one?.unseen]);
  expect(seen).toEqual([
    ["db", 0, 0],
    ["web", 1, 2],
    [null, 1, 0],
  ]);
});

it("names nodes whose system or secrets change, once and in order", () => {
  const group = (kind: "system" | "secret" | "ordering" | "type-only", ...of: string[]) =>
    ({
      type: "File",
      title: "/a",
      attribute: "content",
      change: "changed",
      kind,
      before: "a",
      after: "b",
      nodes: of,
      source: null,
    }) as const;
  const groups = [group("system", "b", "a"), group("secret", "c", "a"), group("ordering", "d"), group("type-only", "e")];
  expect(changingNodes({ groups: groups.map((one) => ({ ...one, nodes: [...one.nodes] })) })).toEqual(["a", "b", "c"]);
});
